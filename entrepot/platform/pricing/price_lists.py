"""Reads of price lists as their seller sees them: batched, one round trip each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import Row, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.pricing.list_rules import MAX_CHAIN


@dataclass(frozen=True, slots=True)
class PriceListRow:
    """A seller's price list, how many offers have a price in it, and to whom it is given.

    A rule list (`kind` is `rule`) has `percent` or `amount` and perhaps a base; its offers are
    those of the fixed list at the end of its chain, or all of the seller's in its currency.
    """

    id: UUID
    seller_id: UUID
    name: str
    currency: str
    kind: str
    base_list_id: UUID | None
    percent: Decimal | None
    amount: Decimal | None
    rounding: str
    priority: int
    regions: tuple[str, ...]
    min_order_value: Decimal | None
    valid_from: datetime | None
    valid_until: datetime | None
    active: bool
    offer_count: int
    company_ids: tuple[UUID, ...]
    legal_entity_ids: tuple[UUID, ...]
    group_ids: tuple[UUID, ...]


_LISTS = f"""
WITH RECURSIVE page AS MATERIALIZED ({{page}}),
above AS (
    SELECT id AS list_id, id, base_list_id, kind, seller_id, currency, 1 AS length FROM page
     UNION ALL
    SELECT a.list_id, b.id, b.base_list_id, b.kind, b.seller_id, b.currency, a.length + 1
      FROM above a JOIN price_list b ON b.id = a.base_list_id WHERE a.length < {MAX_CHAIN}),
root AS MATERIALIZED (SELECT * FROM above WHERE base_list_id IS NULL),
priced AS MATERIALIZED (
    SELECT one.id, (SELECT count(DISTINCT t.offer_id) FROM price_tier t
                     WHERE t.price_list_id = one.id) AS offer_count
      FROM (SELECT DISTINCT id FROM root WHERE kind = 'fixed') one),
listed AS MATERIALIZED (
    SELECT one.seller_id, one.currency,
           (SELECT count(*) FROM offer o
             WHERE o.seller_id = one.seller_id AND o.currency = one.currency) AS offer_count
      FROM (SELECT DISTINCT seller_id, currency FROM root WHERE kind = 'rule') one)
SELECT pl.*, coalesce(priced.offer_count, listed.offer_count) AS offer_count, given.*
  FROM page pl
  JOIN root ON root.list_id = pl.id
  LEFT JOIN priced ON priced.id = root.id
  LEFT JOIN listed ON root.kind = 'rule' AND listed.seller_id = root.seller_id
                  AND listed.currency = root.currency
 CROSS JOIN LATERAL (
       SELECT array_agg(a.company_id ORDER BY a.id) FILTER (WHERE a.company_id IS NOT NULL)
                  AS company_ids,
              array_agg(a.legal_entity_id ORDER BY a.id)
                  FILTER (WHERE a.legal_entity_id IS NOT NULL) AS legal_entity_ids,
              array_agg(a.group_id ORDER BY a.id) FILTER (WHERE a.group_id IS NOT NULL)
                  AS group_ids
         FROM price_list_assignment a WHERE a.price_list_id = pl.id) given
 ORDER BY pl.name, pl.id
"""
"""The lists of a page with what they price: a master list is counted once for all on it."""

_PAGE = """
SELECT pl.id, pl.seller_id, pl.name, pl.currency, pl.kind, pl.base_list_id, pl.percent, pl.amount,
       pl.rounding, pl.priority, pl.regions, pl.min_order_value, pl.valid_from, pl.valid_until,
       pl.active
  FROM price_list pl
"""


def _list(row: Row) -> PriceListRow:
    values = dict(row)
    for name in ("regions", "company_ids", "legal_entity_ids", "group_ids"):
        values[name] = tuple(values[name] or ())
    return PriceListRow(**values)


async def price_lists_by_ids(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, PriceListRow]:
    """Return those of the lists that belong to the actor's company, by id."""
    rows = await fetch(
        _LISTS.format(page=f"{_PAGE} WHERE pl.id = ANY($1::uuid[]) AND pl.seller_id = $2"),
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
        _LISTS.format(
            page=f"{_PAGE} WHERE pl.seller_id = $1 AND (pl.name, pl.id) > ($2, $3)"
            " ORDER BY pl.name, pl.id LIMIT $4"
        ),
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
