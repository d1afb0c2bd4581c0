"""Reads of prices: every batch is one round trip, whatever the number of offers.

These reads do not decide who may see an offer: ask for offers that the catalogue showed the actor.
A company's prices are its own: only lists assigned to `company_id` take part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import Row, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.money import Money
from entrepot.platform.pricing.rules import (
    PriceStep,
    Resolution,
    TierCandidate,
    price_steps,
    resolve,
)

ResolvedPrice = Resolution
"""The winning price of an offer for a company and quantity, with its source and reason."""

_CANDIDATES = """
SELECT o.id AS offer_id, o.list_price, o.currency, o.min_order_quantity,
       l.id AS price_list_id, l.priority, l.currency AS list_currency, l.valid_from,
       l.valid_until, l.min_quantity, l.unit_price
  FROM offer o
  LEFT JOIN LATERAL (
       SELECT pl.id, pl.priority, pl.currency, pl.valid_from, pl.valid_until,
              t.min_quantity, t.unit_price
         FROM price_tier t
         JOIN price_list pl ON pl.id = t.price_list_id
         JOIN price_list_assignment a ON a.price_list_id = pl.id AND a.company_id = $2
        WHERE t.offer_id = o.id AND pl.active AND pl.seller_id = o.seller_id
       ) l ON true
 WHERE o.id = ANY($1::uuid[])
"""


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """All that decides an offer's price for one company: the list price and its lists' tiers."""

    list_price: Money
    smallest: Decimal
    candidates: list[TierCandidate]

    def price(self, quantity: Decimal, now: datetime) -> ResolvedPrice:
        """Return the price of one unit when `quantity` units are ordered at `now`."""
        return resolve(self.list_price, self.candidates, quantity, now)

    def steps(self, now: datetime) -> list[PriceStep]:
        """Return the schedule of prices from the least orderable quantity on."""
        return price_steps(self.list_price, self.candidates, self.smallest, now)


async def price_sheets(
    company_id: UUID | None, offer_ids: Iterable[UUID]
) -> dict[UUID, PriceSheet]:
    """Return the price sheets of the offers that exist, for a buying company (None: no lists)."""
    rows = await fetch(_CANDIDATES, list(set(offer_ids)), company_id)
    found: dict[UUID, PriceSheet] = {}
    for row in rows:
        sheet = found.get(row["offer_id"])
        if sheet is None:
            price = Money(row["list_price"], row["currency"])
            sheet = found[row["offer_id"]] = PriceSheet(price, row["min_order_quantity"], [])
        if row["price_list_id"] is not None:
            sheet.candidates.append(_candidate(row))
    return found


def _candidate(row: Row) -> TierCandidate:
    return TierCandidate(
        price_list_id=row["price_list_id"],
        priority=row["priority"],
        currency=row["list_currency"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        min_quantity=row["min_quantity"],
        unit_price=row["unit_price"],
    )


async def price_many(
    company_id: UUID | None, wanted: Sequence[tuple[UUID, Decimal]], now: datetime
) -> dict[tuple[UUID, Decimal], ResolvedPrice]:
    """Return the price for each (offer, quantity); offers that do not exist are left out.

    `company_id` is the buying company, or None for the list prices. The same offer may be asked
    for with several quantities.
    """
    sheets = await price_sheets(company_id, (offer_id for offer_id, _ in wanted))
    return {
        (offer_id, quantity): sheet.price(quantity, now)
        for offer_id, quantity in wanted
        if (sheet := sheets.get(offer_id)) is not None
    }


async def prices_for(
    company_id: UUID | None, wanted: Sequence[tuple[UUID, Decimal]], now: datetime
) -> dict[UUID, ResolvedPrice]:
    """Return the price of each offer at its quantity; offers that do not exist are left out.

    Name each offer once: of two quantities for one offer the last is answered.
    """
    found = await price_many(company_id, wanted, now)
    return {offer_id: price for (offer_id, _), price in found.items()}


async def tiers_for(
    company_id: UUID | None, offer_ids: Iterable[UUID], now: datetime
) -> dict[UUID, list[PriceStep]]:
    """Return each offer's schedule of prices for the company, from its minimum quantity on."""
    sheets = await price_sheets(company_id, offer_ids)
    return {offer_id: sheet.steps(now) for offer_id, sheet in sheets.items()}


@dataclass(frozen=True, slots=True)
class PriceListRow:
    """A seller's price list with how much is in it and to how many companies it is given."""

    id: UUID
    seller_id: UUID
    name: str
    currency: str
    priority: int
    valid_from: datetime | None
    valid_until: datetime | None
    active: bool
    offer_count: int
    company_ids: tuple[UUID, ...]


_LISTS = """
SELECT pl.id, pl.seller_id, pl.name, pl.currency, pl.priority, pl.valid_from, pl.valid_until,
       pl.active,
       (SELECT count(DISTINCT t.offer_id) FROM price_tier t WHERE t.price_list_id = pl.id)
           AS offer_count,
       ARRAY(SELECT a.company_id FROM price_list_assignment a
              WHERE a.price_list_id = pl.id ORDER BY a.id) AS company_ids
  FROM price_list pl
"""


def _list(row: Row) -> PriceListRow:
    values = dict(row)
    values["company_ids"] = tuple(values["company_ids"])
    return PriceListRow(**values)


async def price_lists_by_ids(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, PriceListRow]:
    """Return those of the lists that belong to the actor's company, by id."""
    rows = await fetch(
        f"{_LISTS} WHERE pl.id = ANY($1::uuid[]) AND pl.seller_id = $2",
        list(ids),
        actor.company_id,
    )
    return {row["id"]: _list(row) for row in rows}


async def own_price_lists(
    actor: Actor, *, after: tuple[str, UUID] | None, limit: int
) -> list[PriceListRow]:
    """Return the actor's company's lists by (name, id), after that pair of the last one seen."""
    name, last = after or ("", UUID(int=0))
    rows = await fetch(
        f"{_LISTS} WHERE pl.seller_id = $1 AND (pl.name, pl.id) > ($2, $3)"
        " ORDER BY pl.name, pl.id LIMIT $4",
        actor.company_id,
        name,
        last,
        limit,
    )
    return [_list(row) for row in rows]


@dataclass(frozen=True, slots=True)
class TierRow:
    """A tier as the seller set it."""

    offer_id: UUID
    min_quantity: Decimal
    unit_price: Decimal


async def tiers_of_lists(
    price_list_ids: Iterable[UUID], *, after: tuple[UUID, Decimal] | None, limit: int
) -> dict[UUID, list[TierRow]]:
    """Return up to `limit` tiers of each list by (offer, minimum quantity), after that pair.

    Every list asked for is a key. Check first that the actor owns the lists.
    """
    found: dict[UUID, list[TierRow]] = {list_id: [] for list_id in price_list_ids}
    offer_id, minimum = after or (UUID(int=0), Decimal(0))
    rows = await fetch(
        "SELECT l.id AS price_list_id, t.offer_id, t.min_quantity, t.unit_price"
        "  FROM unnest($1::uuid[]) AS l(id), LATERAL ("
        "       SELECT offer_id, min_quantity, unit_price FROM price_tier"
        "        WHERE price_list_id = l.id AND (offer_id, min_quantity) > ($2, $3)"
        "        ORDER BY offer_id, min_quantity LIMIT $4) t"
        " ORDER BY l.id, t.offer_id, t.min_quantity",
        list(found),
        offer_id,
        minimum,
        limit,
    )
    for row in rows:
        found[row["price_list_id"]].append(
            TierRow(row["offer_id"], row["min_quantity"], row["unit_price"])
        )
    return found
