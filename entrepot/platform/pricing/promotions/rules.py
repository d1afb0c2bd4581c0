"""What promotions take off an order: pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AppliedPromotion:
    """What a promotion took off a line (in the terms of its price) or off the delivery (net)."""

    id: UUID
    name_en: str
    name_ru: str
    amount: Decimal
