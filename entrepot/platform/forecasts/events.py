"""What is asked of forecasts."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.outbox import Event, event


@event
@dataclass(frozen=True)
class ForecastRequested(Event):
    """A seller's offers are to be forecast, unless the newest run covers the same weeks."""

    seller_id: UUID
