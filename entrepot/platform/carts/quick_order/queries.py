"""Reads of quick orders. A quick order is its maker's, while they work for its company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from entrepot.platform.carts.quick_order.outcomes import GOOD, MatchedBy, MatchedLine, Outcome
from entrepot.platform.database import Row, fetch, fetch_one
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission

MOST_LINES = 1000
_QUICK_ORDER = """
SELECT q.id, q.legal_entity_id, q.source, q.file_name, q.created_at, q.confirmed_at, q.cart_id
  FROM quick_order q JOIN legal_entity e ON e.id = q.legal_entity_id
 WHERE q.id = $1 AND q.created_by_id = $2 AND e.company_id = $3
"""
_LINE = """
SELECT line_number, text, number, quantity, unit, outcome, matched_by, offer_id,
       proposed_quantity, details, taken
  FROM quick_order_line WHERE quick_order_id = $1
"""
_COUNTS = """
SELECT quick_order_id, outcome, count(*) FILTER (WHERE NOT details ? 'merged_into') AS lines,
       count(*) FILTER (WHERE details ? 'merged_into') AS merged, count(*) FILTER (WHERE taken)
           AS taken
  FROM quick_order_line WHERE quick_order_id = ANY($1::uuid[]) GROUP BY quick_order_id, outcome
"""


@dataclass(frozen=True, slots=True)
class QuickOrderRow:
    """A quick order without its lines; `cart_id` once it is confirmed."""

    id: UUID
    legal_entity_id: UUID
    source: str
    file_name: str | None
    created_at: datetime
    confirmed_at: datetime | None
    cart_id: UUID | None


@dataclass(frozen=True, slots=True)
class QuickOrderLineRow:
    """A line as it was matched, and whether it went into the cart."""

    line: MatchedLine
    taken: bool


@dataclass(frozen=True, slots=True)
class QuickOrderCounts:
    """How many lines have each outcome, those counted in other lines left out, and how many."""

    by_outcome: Mapping[Outcome, int]
    merged: int
    taken: int


async def quick_order_of(
    actor: Actor, quick_order_id: UUID, *, lock: bool = False
) -> QuickOrderRow:
    """Return the actor's quick order; `lock` holds its row. Needs `cart.manage`.

    Raises `NotFound`.
    """
    actor.require(Permission.CART_MANAGE)
    row = await fetch_one(
        _QUICK_ORDER + (" FOR UPDATE OF q" if lock else ""),
        quick_order_id,
        actor.user_id,
        actor.company_id,
    )
    if row is None:
        raise NotFound("quick order").at("quickOrderId")
    return QuickOrderRow(**row)


def _line(row: Row) -> QuickOrderLineRow:
    values = dict(row)
    taken: bool = values.pop("taken")
    values["details"] = orjson.loads(values["details"])
    values["outcome"] = Outcome(values["outcome"])
    values["matched_by"] = MatchedBy(values["matched_by"]) if values["matched_by"] else None
    return QuickOrderLineRow(MatchedLine(**values), taken)


async def lines_page(
    quick_order_id: UUID, *, after: int, limit: int, outcomes: Sequence[str] | None = None
) -> list[QuickOrderLineRow]:
    """Return lines after the line number `after`; `outcomes` narrows them.

    The caller has checked that the quick order may be seen.
    """
    rows = await fetch(
        f"{_LINE} AND line_number > $2 AND ($3::text[] IS NULL OR outcome = ANY($3))"
        " ORDER BY line_number LIMIT $4",
        quick_order_id,
        after,
        None if outcomes is None else list(outcomes),
        limit,
    )
    return [_line(row) for row in rows]


async def all_lines(quick_order_id: UUID) -> list[QuickOrderLineRow]:
    """Return every line in order; the caller has checked that they may be seen."""
    return [_line(row) for row in await fetch(f"{_LINE} ORDER BY line_number", quick_order_id)]


async def remaining_lines(quick_order_id: UUID, *, confirmed: bool) -> list[MatchedLine]:
    """Return the lines that were not taken; before the confirmation, those that need a choice.

    Lines counted in another one are left out.
    """
    return [
        row.line
        for row in await all_lines(quick_order_id)
        if row.line.merged_into is None
        and not (row.taken if confirmed else row.line.outcome in GOOD)
    ]


async def counts_of(ids: Iterable[UUID]) -> dict[UUID, QuickOrderCounts]:
    """Return the counts of each quick order, in one statement."""
    wanted = list(ids)
    rows = await fetch(_COUNTS, wanted)
    found: dict[UUID, QuickOrderCounts] = {}
    for one in wanted:
        own = [row for row in rows if row["quick_order_id"] == one]
        counted = {Outcome(row["outcome"]): row["lines"] for row in own if row["lines"]}
        found[one] = QuickOrderCounts(
            {outcome: counted[outcome] for outcome in Outcome if outcome in counted},
            sum(row["merged"] for row in own),
            sum(row["taken"] for row in own),
        )
    return found
