"""What happens to imports of prices: both ask a worker for the long part of the work."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.outbox import Event, event


@event
@dataclass(frozen=True)
class PriceImportStarted(Event):
    """A file of prices waits to be read into a preview."""

    import_id: UUID


@event
@dataclass(frozen=True)
class PriceImportConfirmed(Event):
    """A preview was confirmed: its good lines wait to be taken over."""

    import_id: UUID
