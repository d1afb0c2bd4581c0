"""Standing orders as they are stored: rows, lines, dates that differ, runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from entrepot.platform.database import Row, fetch
from entrepot.platform.orders.standing.calendar import Calendar
from entrepot.platform.orders.standing.terms import StandingLine, StandingTerms

COLUMNS = """
SELECT s.id, s.legal_entity_id, e.company_id, e.time_zone, s.created_by_id, s.name, s.frequency,
       s.interval, s.weekdays, s.day_of_month, s.week_of_month, s.starts_on, s.ends_on,
       s.holiday_country, s.on_holiday, s.po_number, s.cost_center, s.delivery_address_id,
       s.max_total, s.currency, s.approved_by_id, s.approved_at, s.status, s.next_due_on,
       s.created_at
  FROM standing_order s JOIN legal_entity e ON e.id = s.legal_entity_id
"""
_CALENDAR = (
    "frequency", "starts_on", "interval", "day_of_month", "week_of_month", "ends_on",
    "holiday_country", "on_holiday",
)  # fmt: skip
_OWN = (
    "id", "legal_entity_id", "company_id", "time_zone", "created_by_id", "name", "po_number",
    "cost_center", "delivery_address_id", "max_total", "currency", "approved_by_id",
    "approved_at", "status", "next_due_on", "created_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A standing order without its lines; `time_zone` is the legal entity's."""

    id: UUID
    legal_entity_id: UUID
    company_id: UUID
    time_zone: str
    created_by_id: UUID
    name: str
    po_number: str | None
    cost_center: str
    delivery_address_id: UUID | None
    max_total: Decimal | None
    currency: str
    approved_by_id: UUID | None
    approved_at: datetime | None
    status: str
    next_due_on: date | None
    created_at: datetime
    calendar: Calendar

    def today(self, now: datetime) -> date:
        """Return the legal entity's date."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()


def standing_row(row: Row) -> StandingRow:
    """Return the standing order in a row that has these columns."""
    calendar = Calendar(weekdays=tuple(row["weekdays"]), **{name: row[name] for name in _CALENDAR})
    return StandingRow(calendar=calendar, **{name: row[name] for name in _OWN})


async def lines_of(ids: Iterable[UUID]) -> dict[UUID, list[StandingLine]]:
    """Return the lines of each standing order in their order; every id is a key."""
    found: dict[UUID, list[StandingLine]] = {one: [] for one in ids}
    rows = await fetch(
        "SELECT standing_order_id, offer_id, quantity, max_quantity, max_unit_price"
        "  FROM standing_order_line WHERE standing_order_id = ANY($1::uuid[]) ORDER BY id",
        list(found),
    )
    for row in rows:
        found[row["standing_order_id"]].append(
            StandingLine(
                row["offer_id"], row["quantity"], row["max_quantity"], row["max_unit_price"]
            )
        )
    return found


async def terms_of(row: StandingRow) -> StandingTerms:
    """Return what a standing order says."""
    return whole_terms(row, (await lines_of([row.id]))[row.id])


def whole_terms(row: StandingRow, lines: Sequence[StandingLine]) -> StandingTerms:
    """Return what a standing order with these lines says."""
    return StandingTerms(
        name=row.name,
        calendar=row.calendar,
        lines=tuple(lines),
        max_total=row.max_total,
        po_number=row.po_number,
        cost_center=row.cost_center,
        delivery_address_id=row.delivery_address_id,
    )


@dataclass(frozen=True, slots=True)
class ChangedDate:
    """A date that is skipped, or ordered with other quantities by offer."""

    skipped: bool
    quantities: Mapping[UUID, Decimal]


async def changed_dates(ids: Iterable[UUID]) -> dict[UUID, dict[date, ChangedDate]]:
    """Return the dates of each standing order that differ; every id is a key."""
    found: dict[UUID, dict[date, ChangedDate]] = {one: {} for one in ids}
    rows = await fetch(
        "SELECT standing_order_id, due_on, skipped, quantities FROM standing_order_exception"
        " WHERE standing_order_id = ANY($1::uuid[])",
        list(found),
    )
    for row in rows:
        texts = orjson.loads(row["quantities"])
        quantities = {UUID(key): Decimal(value) for key, value in texts.items()}
        found[row["standing_order_id"]][row["due_on"]] = ChangedDate(row["skipped"], quantities)
    return found
