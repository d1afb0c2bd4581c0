"""Calls of price lists that came after the first ones, and of explanations."""

from __future__ import annotations

from entrepot.graphql.node import encode_id
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.models import PriceList
from tests.journeys.isolation_world import NOW
from tests.journeys.rows import BUYERS, Row, Victims, row

ROWS = {
    "explainPrice": Row({"offerId": "$offer", "quantity": "2"}, may=BUYERS),
    "updatePriceList": row(priceListId="$ruleList", name="Taken", rule={"percent": "-5"}),
}
VALID = {
    "updatePriceList": {"input": {"priceListId": "$ruleList", "rule": {"percent": "-5"}}},
}
UNTOLD = HIDDEN_NODES = ("ruleList",)


async def build(victims: Victims) -> dict[str, str]:
    """A list that is computed by a rule."""
    made = await PriceList.create(
        id=new_id(), seller=victims.seller.company, name="SECRET rule", currency="RUB",
        kind="rule", percent=-3, created_at=NOW,
    )  # fmt: skip
    return {"ruleList": encode_id("PriceList", made.id)}
