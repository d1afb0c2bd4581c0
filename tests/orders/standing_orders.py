"""Standing orders for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from entrepot.platform.catalog.models import Offer
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import LegalEntity
from entrepot.platform.orders.standing import service
from entrepot.platform.orders.standing.calendar import Calendar
from entrepot.platform.orders.standing.service import StandingLine, StandingTerms

MONTHLY = Calendar("monthly_by_date", date(2026, 1, 31), day_of_month=31)


def at(day: str, hour: str = "05:00") -> FixedClock:
    """Return a clock that stands at that hour of the day, UTC."""
    return FixedClock(datetime.fromisoformat(f"{day}T{hour}:00+00:00").astimezone(UTC))


@dataclass(frozen=True)
class Run:
    """A row of the log."""

    due_on: str
    outcome: str
    code: str | None


async def runs(standing_order_id: UUID) -> list[Run]:
    """Return the log of a standing order by date."""
    rows = await fetch(
        "SELECT due_on, outcome, reason->>'code' AS code FROM standing_order_run"
        " WHERE standing_order_id = $1 ORDER BY due_on",
        standing_order_id,
    )
    return [Run(row["due_on"].isoformat(), row["outcome"], row["code"]) for row in rows]


def terms(offer: Offer, quantity: str = "10", **values: Any) -> StandingTerms:
    """Return monthly terms for one offer; `line_…` values go to its line."""
    line = {name.removeprefix("line_"): values.pop(name) for name in list(values) if
            name.startswith("line_")}  # fmt: skip
    defaults = {"name": "Paper", "calendar": MONTHLY}
    return StandingTerms(
        **(defaults | values), lines=(StandingLine(offer.id, Decimal(quantity), **line),)
    )


async def make_standing(actor: Actor, given: StandingTerms, day: str = "2026-01-05") -> UUID:
    """Create a standing order on a day."""
    return await service.create(actor, given, clock=at(day))


async def in_moscow(actor: Actor) -> Actor:
    """Put the actor's legal entity into Moscow's time zone."""
    await LegalEntity.filter(id=actor.legal_entity_id).update(time_zone="Europe/Moscow")
    return actor
