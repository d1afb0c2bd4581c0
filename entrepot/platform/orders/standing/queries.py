"""Reads of standing orders: those of the legal entities of the actor's company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson

from entrepot.platform.database import Row, fetch
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.orders.standing.calendar import DueDate, next_dates
from entrepot.platform.orders.standing.rows import (
    COLUMNS,
    ChangedDate,
    StandingRow,
    changed_dates,
    lines_of,
    standing_row,
    whole_terms,
)

__all__ = [
    "ChangedDate",
    "NextDate",
    "RunRow",
    "StandingRow",
    "by_ids",
    "changed_dates",
    "dates_of",
    "latest_runs",
    "lines_of",
    "newest",
    "person_names",
    "runs_of",
    "whole_terms",
]


async def by_ids(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, StandingRow]:
    """Return those of the standing orders that the actor may see. Needs `order.view`."""
    actor.require(Permission.ORDER_VIEW)
    rows = await fetch(
        f"{COLUMNS} WHERE s.id = ANY($1::uuid[]) AND e.company_id = $2", list(ids), actor.company_id
    )
    return {row["id"]: standing_row(row) for row in rows}


async def newest(
    actor: Actor, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[StandingRow]:
    """Return standing orders of the actor's company, newest first. Needs `order.view`.

    `after` is the pair of creation time and id of the last row seen: keyset paging.
    """
    actor.require(Permission.ORDER_VIEW)
    moment, key = after or (None, None)
    rows = await fetch(
        f"{COLUMNS} WHERE e.company_id = $1"
        " AND ($2::timestamptz IS NULL OR (s.created_at, s.id) < ($2, $3::uuid))"
        " ORDER BY s.created_at DESC, s.id DESC LIMIT $4",
        actor.company_id,
        moment,
        key,
        limit,
    )
    return [standing_row(row) for row in rows]


@dataclass(frozen=True, slots=True)
class NextDate:
    """A date to come, the planned dates behind it, and how it differs from others."""

    due: DueDate
    changed: ChangedDate | None


def dates_of(
    row: StandingRow, changed: Mapping[date, ChangedDate], count: int, now: datetime
) -> list[NextDate]:
    """Return the next dates of a standing order that is not ended, skipped ones too."""
    if row.status == "ended":
        return []
    first = row.today(now)
    if row.status == "active" and row.next_due_on is not None:
        first = row.next_due_on
    dates = next_dates(row.calendar, first, count)
    return [NextDate(due, changed.get(due.due_on)) for due in dates]


@dataclass(frozen=True, slots=True)
class RunRow:
    """What became of a date; `code` and the sentences say why nothing was ordered."""

    id: UUID
    standing_order_id: UUID
    due_on: date
    outcome: str
    order_id: UUID | None
    cart_id: UUID | None
    ran_at: datetime
    code: str | None
    reason_en: str
    reason_ru: str


_RUNS = """
SELECT id, standing_order_id, due_on, outcome, order_id, cart_id, ran_at, reason
  FROM standing_order_run
"""


def _run(row: Row) -> RunRow:
    values = dict(row)
    reason = orjson.loads(values.pop("reason"))
    return RunRow(
        **values,
        code=reason.get("code"),
        reason_en=reason.get("en", ""),
        reason_ru=reason.get("ru", ""),
    )


async def runs_of(
    actor: Actor, standing_order_id: UUID, *, after: tuple[date, UUID] | None, limit: int
) -> list[RunRow]:
    """Return what became of the dates of a standing order, latest first. Needs `order.view`.

    `after` is the pair of date and id of the last row seen. Raises `NotFound`.
    """
    if standing_order_id not in await by_ids(actor, [standing_order_id]):
        raise NotFound("standing order").at("standingOrderId")
    day, key = after or (None, None)
    rows = await fetch(
        f"{_RUNS} WHERE standing_order_id = $1"
        "   AND ($2::date IS NULL OR (due_on, id) < ($2, $3::uuid))"
        " ORDER BY due_on DESC, id DESC LIMIT $4",
        standing_order_id,
        day,
        key,
        limit,
    )
    return [_run(row) for row in rows]


async def latest_runs(ids: Iterable[UUID], count: int) -> dict[UUID, list[RunRow]]:
    """Return the latest runs of each standing order that was shown; every id is a key."""
    found: dict[UUID, list[RunRow]] = {one: [] for one in ids}
    rows = await fetch(
        "SELECT r.* FROM unnest($1::uuid[]) AS wanted(id) CROSS JOIN LATERAL ("
        f"{_RUNS} WHERE standing_order_id = wanted.id ORDER BY due_on DESC LIMIT $2) r",
        list(found),
        count,
    )
    for row in rows:
        found[row["standing_order_id"]].append(_run(row))
    return found


async def person_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return names of people behind standing orders that were shown."""
    rows = await fetch("SELECT id, name FROM user_account WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: row["name"] for row in rows}
