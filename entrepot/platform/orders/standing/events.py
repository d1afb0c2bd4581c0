"""What happens to standing orders."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.outbox import Event, event


@event
@dataclass(frozen=True)
class StandingOrderHeld(Event):
    """A date was not ordered; its cart waits for a person."""

    run_id: UUID


@event
@dataclass(frozen=True)
class StandingOrderAsks(Event):
    """A standing order needs somebody's agreement before its dates are ordered by themselves."""

    standing_order_id: UUID
