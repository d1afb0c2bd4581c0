"""What happened to prices."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.outbox import Event, event

OFFERS_PER_EVENT = 1000


@event
@dataclass(frozen=True)
class PricesChanged(Event):
    """Some company may now pay another price for these offers of the seller (≤ 1000 an event)."""

    seller_id: UUID
    offer_ids: tuple[UUID, ...]
