"""What happens to approvals. No event holds a link's token: letters derive it from `link_ids`."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.outbox import Event, event


@event
@dataclass(frozen=True)
class ApprovalRequested(Event):
    """People are asked to decide a step; each has a link of their own."""

    approval_id: UUID
    step: int
    link_ids: tuple[UUID, ...]


@event
@dataclass(frozen=True)
class ApprovalDecided(Event):
    """The last step agreed, or some step refused; refused carts are open again."""

    approval_id: UUID
    approved: bool


@event
@dataclass(frozen=True)
class ApprovalExpired(Event):
    """Nobody decided in time; the cart is open again."""

    approval_id: UUID


@event
@dataclass(frozen=True)
class ApprovalWithdrawn(Event):
    """The requester or an administrator took the request back; the cart is open again."""

    approval_id: UUID
    withdrawn_by_id: UUID
