"""Reads of prices: every batch is one round trip, whatever the number of offers.

These reads do not decide who may see an offer: ask for offers that the catalogue showed the actor.
The buyer is a legal entity. Its prices are its own: only lists given to it, to its company or to a
customer group of its company take part, and of these only those for its country.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import Row, fetch
from entrepot.platform.pricing.buyer_lists import BuyerList, lists_of
from entrepot.platform.pricing.rules import (
    ListedPrice,
    PriceStep,
    Resolution,
    TierCandidate,
    price_steps,
    resolve,
)

ResolvedPrice = Resolution
"""The winning price of an offer for a buyer and quantity, with its source and reason."""

_SHEETS = f"""
WITH RECURSIVE {lists_of("$2")}
SELECT l.id AS price_list_id, l.seller_id, l.priority, l.currency AS list_currency, l.valid_from,
       l.valid_until, l.by_group, l.min_order_value, l.root_id, l.percents, l.amounts, l.roundings,
       NULL AS offer_id, NULL AS list_price, NULL AS currency, NULL AS included_tax,
       NULL AS min_order_quantity, NULL AS root_ids, NULL AS minimums, NULL AS prices
  FROM buyer_list l
 UNION ALL
SELECT NULL, o.seller_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       o.id, o.list_price, o.currency, CASE WHEN o.tax_included THEN o.tax_rate ELSE 0 END,
       o.min_order_quantity, t.root_ids, t.minimums, t.prices
  FROM offer o
 CROSS JOIN LATERAL (
       SELECT array_agg(price_list_id) AS root_ids, array_agg(min_quantity) AS minimums,
              array_agg(unit_price) AS prices
         FROM price_tier
        WHERE offer_id = o.id AND price_list_id = ANY(ARRAY(SELECT root_id FROM buyer_list))) t
 WHERE o.id = ANY($1::uuid[])
"""
"""The buyer's lists $2, a row each, and the offers $1 with their tiers in these, a row each.

In one round trip; the aggregate keeps the read of tiers a loop over the offers, each one search of
the index however many lists. Pages, which are one statement too, repeat a list with every tier.
"""


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """All that decides an offer's price for one buyer: the list price and its lists' tiers."""

    list_price: ListedPrice
    smallest: Decimal
    candidates: list[TierCandidate]

    def price(
        self, quantity: Decimal, now: datetime, *, order_value: Decimal | None = None
    ) -> ResolvedPrice:
        """Return the price of one unit when `quantity` units are ordered at `now`.

        `order_value` is the net value of this seller's lines in the order at the prices that hold
        without lists that ask for a least value, which are those for `order_value=Decimal(0)`;
        left out, it is the value of this line alone.
        """
        return resolve(self.list_price, self.candidates, quantity, now, order_value=order_value)

    def steps(self, now: datetime) -> list[PriceStep]:
        """Return the schedule of prices from the least orderable quantity on."""
        return price_steps(self.list_price, self.candidates, self.smallest, now)


async def price_sheets(
    legal_entity_id: UUID | None, offer_ids: Iterable[UUID]
) -> dict[UUID, PriceSheet]:
    """Return the price sheets of the offers that exist, for a legal entity (None: no lists)."""
    rows = await fetch(_SHEETS, list(set(offer_ids)), legal_entity_id)
    by_root: dict[UUID, list[BuyerList]] = {}
    on_list_prices: defaultdict[UUID, list[BuyerList]] = defaultdict(list)
    for row in rows:
        if row["price_list_id"] is not None:
            one = BuyerList.of(row)
            if one.root_id is None:
                on_list_prices[one.seller_id].append(one)
            else:
                by_root.setdefault(one.root_id, []).append(one)
    return {
        row["offer_id"]: _sheet(row, by_root, on_list_prices[row["seller_id"]])
        for row in rows
        if row["offer_id"] is not None
    }


def _sheet(
    row: Row, by_root: Mapping[UUID, list[BuyerList]], on_list_price: Iterable[BuyerList]
) -> PriceSheet:
    listed: Decimal = row["list_price"]
    candidates = [one.on_list_price(listed) for one in on_list_price]
    seller_id = row["seller_id"]
    if row["root_ids"] is not None:
        tiers = zip(row["root_ids"], row["minimums"], row["prices"], strict=True)
        candidates += (
            one.tier(minimum, price)
            for root_id, minimum, price in tiers
            for one in by_root[root_id]
            if one.seller_id == seller_id
        )
    price = ListedPrice(listed, row["currency"], row["included_tax"])
    return PriceSheet(price, row["min_order_quantity"], candidates)


async def price_many(
    legal_entity_id: UUID | None, wanted: Sequence[tuple[UUID, Decimal]], now: datetime
) -> dict[tuple[UUID, Decimal], ResolvedPrice]:
    """Return the price for each (offer, quantity); offers that do not exist are left out.

    `legal_entity_id` is the buyer, or None for the list prices. The same offer may be asked
    for with several quantities.
    """
    sheets = await price_sheets(legal_entity_id, (offer_id for offer_id, _ in wanted))
    return {
        (offer_id, quantity): sheet.price(quantity, now)
        for offer_id, quantity in wanted
        if (sheet := sheets.get(offer_id)) is not None
    }


async def prices_for(
    legal_entity_id: UUID | None, wanted: Sequence[tuple[UUID, Decimal]], now: datetime
) -> dict[UUID, ResolvedPrice]:
    """Return the price of each offer at its quantity; offers that do not exist are left out.

    Name each offer once: of two quantities for one offer the last is answered.
    """
    found = await price_many(legal_entity_id, wanted, now)
    return {offer_id: price for (offer_id, _), price in found.items()}


async def tiers_for(
    legal_entity_id: UUID | None, offer_ids: Iterable[UUID], now: datetime
) -> dict[UUID, list[PriceStep]]:
    """Return each offer's schedule of prices for the buyer, from its minimum quantity on."""
    sheets = await price_sheets(legal_entity_id, offer_ids)
    return {offer_id: sheet.steps(now) for offer_id, sheet in sheets.items()}
