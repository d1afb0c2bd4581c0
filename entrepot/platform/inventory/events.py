"""What happened to stock."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.outbox import Event, event


@event
@dataclass(frozen=True)
class StockChanged(Event):
    """The quantities of these offers changed: set, reserved or released."""

    offer_ids: tuple[UUID, ...]
