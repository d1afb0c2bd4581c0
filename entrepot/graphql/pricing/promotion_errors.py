"""Refusals of promotions in GraphQL."""

from entrepot.graphql.errors import UserError, as_id, error_type
from entrepot.platform.pricing.promotions import errors


@error_type(
    errors.PromotionUsedUp,
    promotion_id=as_id("ActivePromotion", "The promotion."),
    name="Its name.",
)
class PromotionUsedUp(UserError):
    """Others took the last use of a promotion that the total counted on."""


@error_type(
    errors.PromotionBelowCost,
    offer_id=as_id("Offer", "The offer that would sell below cost."),
    article_number="Its number.",
    price="What a unit would bring, without tax.",
    cost="What it cost you; only the offer's seller is told.",
    currency="ISO 4217 code of both.",
)
class PromotionBelowCost(UserError):
    """The promotion would sell an offer below what its seller paid for it."""
