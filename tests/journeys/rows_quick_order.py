"""How the fields of quick orders, own numbers and units are called."""

from __future__ import annotations

from datetime import UTC, datetime

from entrepot.graphql.node import encode_id
from entrepot.platform.carts.quick_order import service
from entrepot.platform.catalog.aliases.service import set_alias
from tests.journeys.rows import BUYERS, Row, Victims, row

_CHOICE = {"lineNumber": 1, "offerId": "$offer", "quantity": "2"}

ROWS = {
    "prepareQuickOrder": row(BUYERS, text="OPEN-1 1"),
    "quickOrder": Row({"id": "$quickOrder"}),
    "confirmQuickOrder": row(quickOrderId="$quickOrder", lines=[_CHOICE]),
    "buyerAliases": Row({"first": 50}, may=BUYERS),
    "setBuyerAlias": row(BUYERS, number="MINE-1", offerId="$offer"),
    "removeBuyerAlias": row(aliasId="$alias"),
    "setOfferUnits": row(offerId="$offer", units=[{"unit": "BX", "quantity": "24"}]),
}
VALID = {
    "prepareQuickOrder": {
        "input": {"text": "артикул;кол-во\nA-1;2 шт\n10, B-2", "legalEntityId": "$entity"}
    },
    "confirmQuickOrder": {
        "input": {
            "quickOrderId": "$quickOrder",
            "cartId": "$secretCart",
            "lines": [_CHOICE],
            "acceptProposals": True,
        }
    },
    "setBuyerAlias": {"input": {"number": "MINE-#", "offerId": "$offer"}},
}
UNTOLD = ("quickOrder", "alias")
HIDDEN_NODES = ("quickOrder", "alias")


async def build(victims: Victims) -> dict[str, str]:
    """A quick order that waits for its maker, and a number of the company's own."""
    alias = await set_alias(victims.buyer, "SECRET-OURS", victims.shown.id)
    wanted = service.wanted_of_text("SECRET-OURS 3 шт\nSECRET-77 2")
    made = await service.prepare(victims.buyer, wanted, "paste", now=datetime.now(UTC))
    return {
        "quickOrder": encode_id("QuickOrder", made),
        "alias": encode_id("BuyerAlias", alias),
    }
