"""Calls of assortments."""

from __future__ import annotations

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.assortments import service
from tests.factories import make_offer, make_product
from tests.journeys.rows import SELLERS, Row, Victims, row

ROWS = {
    "assortments": Row({"first": 50}, may=SELLERS),
    "createAssortment": row(SELLERS, name="Mine"),
    "updateAssortment": row(assortmentId="$assortment", name="Stolen", shownToAll=True),
    "deleteAssortment": row(assortmentId="$assortment"),
    "setAssortmentOffers": row(assortmentId="$assortment", removeOfferIds=["$restricted"]),
    "setAssortmentAudience": row(assortmentId="$assortment", companyIds=[]),
}
VALID = {
    "createAssortment": {"input": {"name": "Mine #", "shownToAll": True}},
    "updateAssortment": {"input": {"assortmentId": "$assortment", "name": "New #"}},
    "setAssortmentOffers": {
        "input": {"assortmentId": "$assortment", "addOfferIds": ["$restricted", "$offer"]}
    },
    "setAssortmentAudience": {
        "input": {"assortmentId": "$assortment", "companyIds": ["$company"], "groupIds": ["$group"]}
    },
}
UNTOLD = HIDDEN_NODES = ("assortment", "restricted", "restrictedProduct")


async def build(victims: Victims) -> dict[str, str]:
    """An offer that only the victims' buyer sees."""
    seller = victims.seller
    offer = await make_offer(seller, await make_product("SECRET-88", title="SECRET valve"))
    made = await service.create_assortment(seller.actor, "SECRET assortment")
    await service.set_offers(seller.actor, made, add=[offer.id])
    await service.set_audience(seller.actor, made, company_ids=[victims.buyer.company_id])
    return {
        "assortment": encode_id("Assortment", made),
        "restricted": encode_id("Offer", offer.id),
        "restrictedProduct": encode_id("Product", offer.product_id),  # type: ignore[attr-defined]
    }
