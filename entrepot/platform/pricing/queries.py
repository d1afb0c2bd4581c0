"""Reads of prices: every batch is one round trip, whatever the number of offers.

These reads do not decide who may see an offer: ask for offers that the catalogue showed the actor.
The buyer is a legal entity. Its prices are its own: only lists given to it, to its company or to a
customer group of its company take part, and of these only those for its country.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import fetch
from entrepot.platform.pricing.buyer_lists import TIER_COLUMNS, candidate_of, lists_of, tiers_of
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

_CANDIDATES = f"""
WITH RECURSIVE {lists_of("$2")}
SELECT o.id AS offer_id, o.list_price, o.currency, o.min_order_quantity, o.tax_included, o.tax_rate,
       {TIER_COLUMNS}
  FROM offer o {tiers_of("o")}
 WHERE o.id = ANY($1::uuid[])
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
    rows = await fetch(_CANDIDATES, list(set(offer_ids)), legal_entity_id)
    found: dict[UUID, PriceSheet] = {}
    for row in rows:
        sheet = found.get(row["offer_id"])
        if sheet is None:
            tax = row["tax_rate"] if row["tax_included"] else Decimal(0)
            price = ListedPrice(row["list_price"], row["currency"], tax)
            sheet = found[row["offer_id"]] = PriceSheet(price, row["min_order_quantity"], [])
        if row["price_list_id"] is not None:
            sheet.candidates.append(candidate_of(row))
    return found


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
