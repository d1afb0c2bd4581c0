"""The price of a whole order: resolved prices, promotions, taxes and each seller's terms.

Carts, approvals, sourcing and placing all ask here, so that they say the same. What an order
costs depends only on who buys, what and when: not on the order of the lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import fetch
from entrepot.platform.pricing.order_parts import goods_values, line_values, order_prices
from entrepot.platform.pricing.order_rows import (
    LinePrice,
    OfferFacts,
    OrderPrices,
    PlacedAlong,
    SellerPart,
    WantedLine,
)
from entrepot.platform.pricing.promotions.live import live_promotions
from entrepot.platform.pricing.promotions.rules import AppliedPromotion
from entrepot.platform.pricing.queries import PriceSheet, price_sheets
from entrepot.platform.pricing.rules import Resolution
from entrepot.platform.pricing.terms import terms_of

__all__ = [
    "AppliedPromotion",
    "LinePrice",
    "OrderPrices",
    "PlacedAlong",
    "SellerPart",
    "WantedLine",
    "price_order",
]

_FACTS = """
SELECT o.id, o.seller_id, o.currency, o.tax_included, o.tax_rate, o.cost_price,
       coalesce(c.path, '') AS category_path, s.country AS seller_country,
       b.country AS buyer_country
  FROM offer o
  JOIN legal_entity b ON b.id = $1
  JOIN product p ON p.id = o.product_id
  LEFT JOIN category c ON c.id = p.category_id
  LEFT JOIN LATERAL (
       SELECT e.country FROM legal_entity e
        WHERE e.company_id = o.seller_id AND e.active ORDER BY e.created_at, e.id LIMIT 1) s ON true
 WHERE o.id = ANY($2::uuid[])
"""


async def price_order(
    legal_entity_id: UUID,
    lines: Sequence[WantedLine],
    now: datetime,
    *,
    along: PlacedAlong | None = None,
) -> OrderPrices:
    """Return what an order of these lines costs the legal entity at `now`.

    `along` are the company's orders that are being placed along with it, before it.

    Tiers go by an offer's total quantity over all lines; the order value that price lists ask for
    is the net value of the seller's lines at the prices that need none. Lines of offers that do
    not exist are left out; who may see or order an offer is the caller's to check, so leave such
    lines away. A fixed number of statements, whatever the number of lines.
    """
    facts, country = await _facts(legal_entity_id, lines)
    if country is None:
        return OrderPrices({}, ())
    known = [line for line in lines if line.offer_id in facts]
    sheets = await price_sheets(legal_entity_id, facts)
    prices = _resolved(facts, sheets, known, country, now)
    sellers = {fact.seller_id for fact in facts.values()}
    terms = await terms_of(sellers)
    promotions = await live_promotions(legal_entity_id, sellers, facts, now)
    if along is not None:
        promotions = [along.leaves(promotion) for promotion in promotions]
    return order_prices(known, facts, prices, terms, promotions, country)


async def _facts(
    legal_entity_id: UUID, lines: Sequence[WantedLine]
) -> tuple[dict[UUID, OfferFacts], str | None]:
    rows = await fetch(_FACTS, legal_entity_id, list({line.offer_id for line in lines}))
    facts = {
        row["id"]: OfferFacts(
            seller_id=row["seller_id"],
            currency=row["currency"],
            tax_included=row["tax_included"],
            tax_rate=row["tax_rate"],
            cost_price=row["cost_price"],
            category_path=row["category_path"],
            seller_country=row["seller_country"] or "",
        )
        for row in rows
    }
    return facts, rows[0]["buyer_country"] if rows else None


def _resolved(
    facts: Mapping[UUID, OfferFacts],
    sheets: Mapping[UUID, PriceSheet],
    lines: Sequence[WantedLine],
    country: str,
    now: datetime,
) -> dict[UUID, Resolution]:
    totals: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in lines:
        totals[line.offer_id] += line.quantity
    nothing = Decimal(0)
    prices = {
        key: sheets[key].price(total, now, order_value=nothing) for key, total in totals.items()
    }
    values = goods_values(line_values(lines, facts, prices, country), facts)
    return {
        key: sheets[key].price(total, now, order_value=values[facts[key].part])
        for key, total in totals.items()
    }
