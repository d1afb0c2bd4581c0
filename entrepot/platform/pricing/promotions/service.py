"""Everything that writes promotions, in one place to import from."""

from __future__ import annotations

from entrepot.platform.pricing.promotions.uses import PromotionClaim, claim, give_back

__all__ = ["PromotionClaim", "claim", "give_back"]
