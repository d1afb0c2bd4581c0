"""Calls of payments in advance, and of orders on a buyer's behalf."""

from __future__ import annotations

from entrepot.graphql.node import encode_id
from entrepot.platform.orders.behalf.models import BuyingMandate
from tests.journeys.isolation_world import NOW
from tests.journeys.rows import MEMBERS, Row, Victims, row

ROWS = {
    "openSellerOrders": Row({"first": 50, "number": "SO-2026-000001"}),
    "recordPayment": row(
        sellerOrderId="$sellerOrder",
        amount="1",
        currency="RUB",
        reference="STOLEN-#",
        receivedOn="2025-01-01",
    ),
    "setPaysInAdvance": row(companyId="$company", value=False),
    "buyingMandates": Row({"first": 50}, may=MEMBERS),
    "heldBuyingMandates": Row({"first": 50}),
    "grantBuyingMandate": row(companyId="$company"),
    "revokeBuyingMandate": row(mandateId="$mandate"),
    "placeOrderOnBehalf": row(
        legalEntityId="$entity",
        personId="$user",
        lines=[{"offerId": "$offer", "quantity": "1"}],
        poNumber="4711",
        note="x",
    ),
}
VALID = {"grantBuyingMandate": {"input": {"companyId": "$sellerCompany"}}}
UNTOLD = HIDDEN_NODES = ("mandate",)


async def build(victims: Victims) -> dict[str, str]:
    """A mandate of the victims' seller for the victims' buyer."""
    mandate = await BuyingMandate.create(
        legal_entity_id=victims.buyer.legal_entity_id,
        company=victims.seller.company,
        granted_by_id=victims.buyer.user_id,
        granted_at=NOW,
    )
    return {
        "mandate": encode_id("BuyingMandate", mandate.id),
        "sellerCompany": encode_id("Company", victims.seller.id),
    }
