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
