"""What happened to promotions."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.outbox import Event, event


@event
@dataclass(frozen=True)
class PromotionChanged(Event):
    """A promotion was made, changed or ended: orders of its buyers may cost something else.

    `seller_id` is whose offers it is on; empty: every seller's.
    """

    promotion_id: UUID
    seller_id: UUID | None
