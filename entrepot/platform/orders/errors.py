"""Why an order was refused."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from entrepot.platform.errors import DomainError


class CartEmpty(DomainError):
    """There is nothing to order."""

    code = "CART_EMPTY"
    en = "The cart is empty. Add a line before you place the order."
    ru = "Корзина пуста. Добавьте позицию, прежде чем оформить заказ."


class OfferUnavailable(DomainError):
    """A line's offer can no longer be bought."""

    code = "OFFER_UNAVAILABLE"
    en = "{article_number} is no longer offered. Remove the line or choose another offer."
    ru = "{article_number} больше не продаётся. Удалите строку или выберите другое предложение."
    offer_id: UUID
    article_number: str


class PriceChanged(DomainError):
    """A line costs more than the buyer saw; nothing was ordered.

    The unit price rose, or less comes off the line than when it was seen (`discount`, of the whole
    line).
    """

    code = "PRICE_CHANGED"
    en = (
        "{article_number} now costs {price} instead of {seen_price}."
        " Look at the cart and place the order with acceptPriceChanges."
    )
    ru = (
        "{article_number} теперь стоит {price} вместо {seen_price}."
        " Проверьте корзину и оформите заказ с acceptPriceChanges."
    )
    offer_id: UUID
    article_number: str
    seen_price: Decimal
    price: Decimal
    seen_discount: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)

    def message(self, locale: str) -> str:
        """Return the sentence about the price, or about the discount where only that changed."""
        if self.price > self.seen_price:
            return super().message(locale)
        if locale == "ru":
            return (
                f"Скидка на {self.article_number} теперь {self.discount} вместо"
                f" {self.seen_discount}. Проверьте корзину и оформите заказ с acceptPriceChanges."
            )
        return (
            f"The discount on {self.article_number} is now {self.discount} instead of"
            f" {self.seen_discount}. Look at the cart and place the order with acceptPriceChanges."
        )


class TotalChanged(DomainError):
    """It would come to another sum than was expected; nothing was ordered or agreed to.

    Sums are gross for orders and net for approvals, as they are shown.
    """

    code = "TOTAL_CHANGED"
    en = "The total is {total} {currency}, not {expected} {currency}. Look at it again."
    ru = "Итог {total} {currency}, а не {expected} {currency}. Проверьте ещё раз."
    currency: str
    expected: Decimal
    total: Decimal


class BelowMinimumOrderValue(DomainError):
    """A seller takes no order as small as this; values are net, without delivery."""

    code = "BELOW_MINIMUM_ORDER_VALUE"
    en = "{seller} takes orders from {minimum} {currency} on; this one is {value} {currency}."
    ru = "«{seller}» принимает заказы от {minimum} {currency}; в этом {value} {currency}."
    seller: str
    currency: str
    value: Decimal
    minimum: Decimal


class OrderNotCancellable(DomainError):
    """The seller's part has gone too far to be cancelled."""

    code = "ORDER_NOT_CANCELLABLE"
    en = "Order {number} is {status} and can no longer be cancelled."
    ru = "Заказ {number} в состоянии «{status}», отменить его уже нельзя."
    number: str
    status: str


class OrderNotConfirmable(DomainError):
    """Only a freshly placed order can be confirmed."""

    code = "ORDER_NOT_CONFIRMABLE"
    en = "Order {number} is {status}; only a placed order can be confirmed."
    ru = "Заказ {number} в состоянии «{status}»; подтвердить можно только новый заказ."
    number: str
    status: str


class OrderNotPaid(DomainError):
    """The buyer pays in advance and has not yet paid all; the seller must not begin."""

    code = "ORDER_NOT_PAID"
    en = "Order {number} is to be paid in advance; {open_amount} {currency} are still open."
    ru = "Заказ {number} по предоплате; не поступило ещё {open_amount} {currency}."
    number: str
    open_amount: Decimal
    currency: str
