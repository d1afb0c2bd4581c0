"""What happens to orders."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.outbox import Event, event


@event
@dataclass(frozen=True)
class OrderPlaced(Event):
    """A buyer ordered; each seller order has its part.

    `placed_by` did it: for `on_behalf_of` where that is somebody else, a representative's or
    operator's customer.
    """

    order_id: UUID
    seller_order_ids: tuple[UUID, ...]
    placed_by: UUID | None = None
    on_behalf_of: UUID | None = None


@event
@dataclass(frozen=True)
class OrderConfirmed(Event):
    """A seller took a seller order on."""

    seller_order_id: UUID


@event
@dataclass(frozen=True)
class OrderCancelled(Event):
    """A seller order was called off: stock and ledger are undone.

    `by` is "buyer", "seller", or "marketplace" where the money did not come in time.
    """

    seller_order_id: UUID
    by: str


@event
@dataclass(frozen=True)
class SellerOrderPaid(Event):
    """The money for a seller order is complete; paid in `advance`, the seller may begin now."""

    seller_order_id: UUID
    advance: bool
