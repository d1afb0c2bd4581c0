"""Reads of price lists as their seller sees them: batched, one round trip each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import Row, fetch
from entrepot.platform.identity.actor import Actor


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
              WHERE a.price_list_id = pl.id AND a.company_id IS NOT NULL ORDER BY a.id)
           AS company_ids
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
