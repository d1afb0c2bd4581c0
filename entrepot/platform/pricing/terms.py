"""A seller's terms beside the prices: least order value, delivery charge, days to pay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import fetch

DEFAULT_PAYMENT_DAYS = 14
DEFAULT_DELIVERY_TAX_RATE = Decimal(20)


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
