"""Why a cart could not be changed."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from entrepot.platform.errors import DomainError


class CartFull(DomainError):
    """The cart holds as many lines as it may."""

    code = "CART_FULL"
    en = "The cart holds {limit} lines, the most it may. Order these first."
    ru = "В корзине {limit} строк — это предел. Сначала оформите их."
    limit: int


class QuantityNotOrderable(DomainError):
    """The seller does not sell that quantity; `proposed` is the nearest one that would do.

    `outcome` is BELOW_MINIMUM or PACK_ROUNDED, as in every bulk interface.
    """

    code = "QUANTITY_NOT_ORDERABLE"
    en = "{reason}. Order {proposed}."
    ru = "{reason_ru}. Закажите {proposed}."
    offer_id: UUID
    requested: Decimal
    proposed: Decimal
    outcome: str
    reason: str
    reason_ru: str


class CartTooLarge(DomainError):
    """A line's quantity would pass what the marketplace can hold."""

    code = "CART_TOO_LARGE"
    en = "The line would hold {quantity}; at most {limit} can be ordered at once."
    ru = "В строке стало бы {quantity}; за один раз можно заказать не более {limit}."
    quantity: Decimal
    limit: Decimal


class CartSubmitted(DomainError):
    """The cart waits for an approval: it must not change meanwhile."""

    code = "CART_SUBMITTED"
    en = "The cart waits for approval. Withdraw the request to change it."
    ru = "Корзина ждёт согласования. Чтобы изменить её, отзовите запрос."


class CartAlreadyOrdered(DomainError):
    """The cart became an order, by the actor or a colleague; `number` is the order's."""

    code = "CART_ALREADY_ORDERED"
    en = "The cart was ordered already: order {number}."
    ru = "Корзина уже оформлена: заказ {number}."
    number: str


class CartClosed(DomainError):
    """The cart was merged into another one or deleted; `status` says which."""

    code = "CART_CLOSED"
    en = "The cart was merged into another one."
    ru = "Корзина объединена с другой."
    status: str

    def message(self, locale: str) -> str:
        """Return the sentence about what became of the cart."""
        if self.status == "deleted":
            return "Корзина удалена." if locale == "ru" else "The cart was deleted."
        return super().message(locale)


class DeliveriesExceedLine(DomainError):
    """More of a line goes to named addresses than the line holds."""

    code = "DELIVERIES_EXCEED_LINE"
    en = "{assigned} go to named addresses, but the line holds {quantity}."
    ru = "По адресам распределено {assigned}, а в строке {quantity}."
    assigned: Decimal
    quantity: Decimal


class CartNotYours(DomainError):
    """Only who made a cart may take it back from others."""

    code = "CART_NOT_YOURS"
    en = "Only who made the cart may take it back from colleagues."
    ru = "Закрыть корзину для коллег может только тот, кто её создал."


class CartsOfDifferentEntities(DomainError):
    """Carts of several legal entities have different prices and invoices: they cannot be one."""

    code = "CARTS_OF_DIFFERENT_ENTITIES"
    en = "The carts belong to different legal entities. Order them together instead."
    ru = "Корзины принадлежат разным юридическим лицам. Оформите их вместе одним заказом."
