"""What changed in that which orders tell the ranking of search."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.outbox import Event, event

OFFERS_PER_EVENT = 1000


@event
@dataclass(frozen=True)
class SignalsChanged(Event):
    """The popularity of these offers, or the rating of their sellers, changed (≤ 1000 an event)."""

    offer_ids: tuple[UUID, ...]
