"""A seller's terms beside the prices: least order value, delivery charge, days to pay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform.catalog.errors import NotSelling
from entrepot.platform.catalog.queries import is_selling
from entrepot.platform.database import execute, fetch
from entrepot.platform.errors import InvalidInput
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.money import MINOR_DIGITS, round_minor
from entrepot.platform.pricing.definition_checks import check_currency
from entrepot.platform.quantities import MAX_UNIT_PRICE

DEFAULT_PAYMENT_DAYS = 14
DEFAULT_DELIVERY_TAX_RATE = Decimal(20)
MAX_PAYMENT_DAYS = 365


@dataclass(frozen=True, slots=True)
class Terms:
    """What a seller asks of each order in one currency; every amount is net.

    `min_order_value` and `free_delivery_from` are compared with the goods' net value at the
    resolved prices, before promotions and without delivery.
    """

    seller_id: UUID
    currency: str
    min_order_value: Decimal = Decimal(0)
    delivery_charge: Decimal = Decimal(0)
    free_delivery_from: Decimal | None = None
    delivery_tax_rate: Decimal = DEFAULT_DELIVERY_TAX_RATE
    payment_days: int = DEFAULT_PAYMENT_DAYS

    def charge_for(self, goods: Decimal) -> Decimal:
        """Return the net delivery charge of an order with goods of this net value."""
        free = self.free_delivery_from is not None and goods >= self.free_delivery_from
        return Decimal(0) if free else self.delivery_charge

    def missing(self, goods: Decimal) -> Decimal:
        """Return how much net value the goods lack to the least order value; 0: enough."""
        return max(self.min_order_value - goods, Decimal(0))


_TERMS = """
SELECT seller_id, currency, min_order_value, delivery_charge, free_delivery_from,
       delivery_tax_rate, payment_days
  FROM seller_terms WHERE seller_id = ANY($1::uuid[]) ORDER BY seller_id, currency
"""


async def terms_of(seller_ids: Iterable[UUID]) -> dict[tuple[UUID, str], Terms]:
    """Return the terms that these sellers have set, by (seller, currency): one statement.

    Where a pair is absent, `Terms(seller_id, currency)` holds: no minimum, no charge, 14 days.
    They are public: a seller's terms are the same for every buyer.
    """
    rows = await fetch(_TERMS, list(set(seller_ids)))
    return {(row["seller_id"], row["currency"]): Terms(**row) for row in rows}


_SHOWN = """
SELECT t.seller_id, t.currency, t.min_order_value, t.delivery_charge, t.free_delivery_from,
       t.delivery_tax_rate, t.payment_days
  FROM seller_terms t
  JOIN company s ON s.id = t.seller_id
 WHERE t.seller_id = $1
   AND (t.seller_id = $2 OR s.active AND s.is_seller AND EXISTS (
        SELECT 1 FROM company me WHERE me.id = $2 AND me.active
                                   AND (me.is_buyer OR me.is_operator)))
 ORDER BY t.currency
"""
_SET = """
INSERT INTO seller_terms (id, seller_id, currency, min_order_value, delivery_charge,
                          free_delivery_from, delivery_tax_rate, payment_days)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (seller_id, currency) DO UPDATE
   SET min_order_value = EXCLUDED.min_order_value, delivery_charge = EXCLUDED.delivery_charge,
       free_delivery_from = EXCLUDED.free_delivery_from,
       delivery_tax_rate = EXCLUDED.delivery_tax_rate, payment_days = EXCLUDED.payment_days
"""


async def shown_terms(actor: Actor, seller_id: UUID) -> list[Terms]:
    """Return the terms that a seller has set, by currency, for those who may buy there.

    The seller's own people and every active buyer and operator see them; a company that only sells
    sees nothing of another's. Needs `catalog.view`.
    """
    actor.require(Permission.CATALOG_VIEW)
    return [Terms(**row) for row in await fetch(_SHOWN, seller_id, actor.company_id)]


async def set_terms(actor: Actor, terms: Terms) -> None:
    """Set the terms of the actor's company in one currency, in place of those it had.

    Needs `prices.manage`. Orders placed keep theirs. Raises `Forbidden`, `NotSelling`,
    `InvalidInput`.
    """
    actor.require(Permission.PRICES_MANAGE)
    check_currency(terms.currency)
    _check_amount("minOrderValue", terms.min_order_value, terms.currency)
    _check_amount("deliveryCharge", terms.delivery_charge, terms.currency)
    if terms.free_delivery_from is not None:
        _check_amount("freeDeliveryFrom", terms.free_delivery_from, terms.currency, zero=False)
    rate = terms.delivery_tax_rate
    if not rate.is_finite() or not 0 <= rate < 100 or rate != round(rate, 2):
        raise InvalidInput(
            "deliveryTaxRate",
            "must be from 0 to 99.99, with 2 decimal places",
            "от 0 до 99,99, до 2 знаков после запятой",
        )
    if not 0 <= terms.payment_days <= MAX_PAYMENT_DAYS:
        raise InvalidInput(
            "paymentDays", f"must be from 0 to {MAX_PAYMENT_DAYS}", f"от 0 до {MAX_PAYMENT_DAYS}"
        )
    if not await is_selling(actor.company_id):
        raise NotSelling()
    await execute(
        _SET,
        new_id(),
        actor.company_id,
        terms.currency,
        terms.min_order_value,
        terms.delivery_charge,
        terms.free_delivery_from,
        rate,
        terms.payment_days,
    )


def _check_amount(field: str, value: Decimal, currency: str, *, zero: bool = True) -> None:
    places = MINOR_DIGITS[currency]
    fits = value.is_finite() and 0 <= value <= MAX_UNIT_PRICE and (zero or value > 0)
    if not fits or value != round_minor(value, currency):
        raise InvalidInput(
            field,
            f"must be {'0 or more' if zero else 'above 0'}, with {places} decimal places",
            f"должно быть {'не меньше 0' if zero else 'больше 0'}, знаков после запятой: {places}",
        )
