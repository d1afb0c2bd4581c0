"""Everything that writes promotions, in one place to import from."""

from __future__ import annotations

from entrepot.platform.pricing.promotions.definitions import NewItem, NewPromotion
from entrepot.platform.pricing.promotions.terms import PromotionKind
from entrepot.platform.pricing.promotions.uses import PromotionClaim, claim, give_back
from entrepot.platform.pricing.promotions.writes import (
    Clearable,
    PromotionChanges,
    create_promotion,
    end_promotion,
    update_promotion,
)

__all__ = [
    "Clearable",
    "NewItem",
    "NewPromotion",
    "PromotionChanges",
    "PromotionClaim",
    "PromotionKind",
    "claim",
    "create_promotion",
    "end_promotion",
    "give_back",
    "update_promotion",
]
