"""What happens to orders."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.outbox import Event, event


@event
@dataclass(frozen=True)
class OrderPlaced(Event):
    """A buyer ordered; each seller order has its part."""

    order_id: UUID
    seller_order_ids: tuple[UUID, ...]


@event
@dataclass(frozen=True)
class OrderConfirmed(Event):
    """A seller took a seller order on."""

    seller_order_id: UUID


@event
@dataclass(frozen=True)
class OrderCancelled(Event):
    """A seller order was called off by `by` ("buyer" or "seller"): stock and ledger are undone."""

    seller_order_id: UUID
    by: str
