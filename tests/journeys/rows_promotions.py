"""Calls of promotions and of sellers' terms."""

from __future__ import annotations

from entrepot.graphql.node import encode_id
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.promotions.models import Promotion, PromotionTarget
from tests.journeys.isolation_world import NOW
from tests.journeys.rows import MEMBERS, SELLERS, Row, Victims, row

ROWS = {
    "promotions": Row({"first": 50}, may=SELLERS),
    "activePromotions": Row({"first": 50}, may=MEMBERS),
    "createPromotion": row(
        nameEn="R", kind="PERCENT", percent="5", items=[{"offerId": "$offer"}], regions=["RU"]
    ),
    "updatePromotion": row(promotionId="$promotion", nameEn="Taken", maxUses=5),
    "endPromotion": row(promotionId="$promotion"),
    "sellerTerms": Row({"sellerId": "$company"}, may=MEMBERS),
    "setSellerTerms": row(
        SELLERS, currency="RUB", minOrderValue="10", deliveryCharge="5", freeDeliveryFrom="100"
    ),
}
UNTOLD = HIDDEN_NODES = ("promotion", "activePromotion")


async def build(victims: Victims) -> dict[str, str]:
    """A promotion for the victims' buyer alone, which changes no price."""
    made = await Promotion.create(
        id=new_id(), owner=victims.seller.company, seller=victims.seller.company,
        kind="free_shipping", name_en="SECRET promotion", name_ru="SECRET promotion",
        created_at=NOW,
    )  # fmt: skip
    await PromotionTarget.create(promotion=made, company_id=victims.buyer.company_id)
    return {
        "promotion": encode_id("Promotion", made.id),
        "activePromotion": encode_id("ActivePromotion", made.id),
    }
