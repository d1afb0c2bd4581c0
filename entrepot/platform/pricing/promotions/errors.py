"""Refusals of promotions."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from entrepot.platform.errors import DomainError


class PromotionUsedUp(DomainError):
    """Others took the last use of a promotion, so the order would cost more than was shown."""

    code = "PROMOTION_USED_UP"
    en = "“{name}” has just been used up. Look at the new total and order again."
    ru = "Акция «{name_ru}» только что исчерпана. Проверьте новую сумму и закажите снова."
    promotion_id: UUID
    name: str
    name_ru: str


class PromotionBelowCost(DomainError):
    """The promotion would sell an offer below what its seller paid for it.

    `price` is what a unit would bring, `cost` what it cost, both net. The cost is the seller's
    secret: it is empty where somebody else makes the promotion.
    """

    code = "PROMOTION_BELOW_COST"
    en = (
        "{article_number} would sell at {price} {currency}, below its cost."
        " Take less off, leave it out, or allow selling below cost."
    )
    ru = (
        "{article_number} продавался бы по {price} {currency}, ниже себестоимости."
        " Уменьшите скидку, исключите товар или разрешите продажу ниже себестоимости."
    )
    offer_id: UUID
    article_number: str
    price: Decimal
    cost: Decimal | None
    currency: str
