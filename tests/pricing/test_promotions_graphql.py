"""Promotions through the public API: their owner's business, and what buyers learn of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.pricing.promotions.models import Promotion
from tests.factories import make_buyer, make_offer, make_seller
from tests.graphql_client import GraphQLClient
from tests.pricing.promotion_makers import make_promotion
from tests.sql_counter import counted_sql

TERMS = """terms { kind percent amount { amount currency } items { quantity offerId
  offer { articleNumber } } minQuantity minOrderValue { amount } firstOrderOnly exclusive }"""
BELOW_COST = "... on PromotionBelowCost { offerId price cost currency }"
SHOWN = f"""__typename ... on UserError {{ code message path }}
  ... on PromotionPayload {{ promotion {{ id nameEn nameRu sellerId companyIds regions priority
    maxUses orderCount startsAt endsAt active {TERMS} }} }}"""
INPUTS = {
    "createPromotion": "CreatePromotionInput",
    "updatePromotion": "UpdatePromotionInput",
    "endPromotion": "EndPromotionInput",
}
ACTIVE = f"""query ($first: Int!, $after: String, $seller: ID) {{
  activePromotions(first: $first, after: $after, sellerId: $seller) {{
    pageInfo {{ hasNextPage endCursor }}
    edges {{ node {{ id name sellerId endsAt {TERMS} }} }} }} }}"""
OWN = f"""query ($first: Int!, $after: String) {{ promotions(first: $first, after: $after) {{
    pageInfo {{ hasNextPage endCursor }}
    edges {{ node {{ id nameEn orderCount {TERMS} }} }} }} }}"""
NODE = """query ($id: ID!) { node(id: $id) { __typename id } }"""


async def call(
    graphql: GraphQLClient,
    actor: Actor | None,
    name: str,
    /,
    key: str | None = None,
    **values: Any,
) -> dict[str, Any]:
    shown = SHOWN + (BELOW_COST if name == "createPromotion" else "")
    document = f"mutation ($input: {INPUTS[name]}!) {{ {name}(input: $input) {{ {shown} }} }}"
    reply = await graphql.run(document, actor=actor, idempotency_key=key, input=values)
    result: dict[str, Any] = reply.data[name]
    return result


async def active(
    graphql: GraphQLClient, actor: Actor, first: int = 50, **values: Any
) -> list[dict[str, Any]]:
    reply = await graphql.run(ACTIVE, actor=actor, first=first, **values)
    return [edge["node"] for edge in reply.data["activePromotions"]["edges"]]


async def test_a_seller_promotes_and_the_targeted_buyer_sees_it(graphql: GraphQLClient) -> None:
    seller, buyer, other = await make_seller(), await make_buyer(locale="ru"), await make_buyer()
    rival = await make_seller()
    bolt = await make_offer(seller, price="100")
    given = {
        "nameEn": "Bolts", "nameRu": "Болты", "kind": "AMOUNT", "amount": "7.5", "currency": "RUB",
        "items": [{"offerId": encode_id("Offer", bolt.id)}], "minQuantity": "2", "maxUses": 3,
        "companyIds": [encode_id("Company", buyer.company_id)], "regions": ["RU"],
        "minOrderValue": "150",
    }  # fmt: skip
    made = (await call(graphql, seller.actor, "createPromotion", "k", **given))["promotion"]
    again = (await call(graphql, seller.actor, "createPromotion", "k", **given))["promotion"]
    assert made == again
    assert await Promotion.all().count() == 1
    assert made["terms"] == {
        "kind": "AMOUNT", "percent": None, "amount": {"amount": "7.5", "currency": "RUB"},
        "items": [{"quantity": "1", "offerId": encode_id("Offer", bolt.id),
                   "offer": {"articleNumber": bolt.article_number}}],
        "minQuantity": "2", "minOrderValue": {"amount": "150"}, "firstOrderOnly": False,
        "exclusive": False,
    }  # fmt: skip
    assert (made["sellerId"], made["maxUses"], made["orderCount"], made["active"]) == (
        encode_id("Company", seller.id), 3, 0, True,
    )  # fmt: skip

    (seen,) = await active(graphql, buyer)
    assert (seen["name"], seen["sellerId"], seen["terms"]) == (
        "Болты", made["sellerId"], made["terms"],
    )  # fmt: skip
    for actor in (other, rival.actor, seller.actor):
        assert await active(graphql, actor) == []
        reply = await graphql.run(NODE, actor=actor, id=seen["id"])
        assert reply.body["data"] == {"node": None}
    assert (await graphql.run(NODE, actor=buyer, id=seen["id"])).data["node"]["id"] == seen["id"]
    for actor in (buyer, other, rival.actor):
        reply = await graphql.run(NODE, actor=actor, id=made["id"])
        assert reply.body["data"] == {"node": None}
    own = await graphql.run(NODE, actor=seller.actor, id=made["id"])
    assert own.data["node"] == {"__typename": "Promotion", "id": made["id"]}

    changed = await call(
        graphql, seller.actor, "updatePromotion", promotionId=made["id"], maxUses=None, priority=4,
        startsAt="2030-01-01T00:00:00Z",
    )  # fmt: skip
    assert (changed["promotion"]["maxUses"], changed["promotion"]["priority"]) == (None, 4)
    assert await active(graphql, buyer) == []
    changed = await call(
        graphql, seller.actor, "updatePromotion", promotionId=made["id"], startsAt=None
    )
    assert changed["promotion"]["startsAt"] is None
    assert len(await active(graphql, buyer)) == 1
    ended = await call(graphql, seller.actor, "endPromotion", promotionId=made["id"])
    assert ended["promotion"]["active"] is False
    assert await active(graphql, buyer) == []


async def test_refusals_are_members_of_the_result(graphql: GraphQLClient) -> None:
    seller, rival, buyer = await make_seller(), await make_seller(), await make_buyer()
    bolt = await make_offer(seller, price="100")
    await Offer.filter(id=bolt.id).update(cost_price=Decimal("77.7701"))
    sale = await make_promotion(seller)
    key = encode_id("Promotion", sale.id)
    percent = {"nameEn": "X", "kind": "PERCENT", "percent": "50"}
    cases: list[tuple[Actor | None, str, dict[str, Any], str]] = [
        (None, "createPromotion", percent, "UNAUTHENTICATED"),
        (buyer, "createPromotion", percent, "FORBIDDEN"),
        (seller.actor, "createPromotion", percent, "PROMOTION_BELOW_COST"),
        (seller.actor, "createPromotion", percent | {"amount": "1"}, "INVALID_INPUT"),
        (seller.actor, "createPromotion", percent | {"categoryId": key}, "INVALID_ID"),
        (rival.actor, "createPromotion",
         percent | {"items": [{"offerId": encode_id("Offer", bolt.id)}]}, "NOT_FOUND"),
        (rival.actor, "updatePromotion", {"promotionId": key, "priority": 1}, "NOT_FOUND"),
        (rival.actor, "endPromotion", {"promotionId": key}, "NOT_FOUND"),
        (buyer, "endPromotion", {"promotionId": key}, "FORBIDDEN"),
        (seller.actor, "endPromotion", {"promotionId": "x"}, "INVALID_ID"),
    ]  # fmt: skip
    before = await fetch("SELECT * FROM promotion")
    for actor, name, values, code in cases:
        result = await call(graphql, actor, name, **values)
        assert result["code"] == code, (name, values, result)
        if code == "PROMOTION_BELOW_COST":
            assert (result["price"], result["cost"], result["currency"]) == ("50", "77.7701", "RUB")
    assert await fetch("SELECT * FROM promotion") == before


async def test_nothing_shown_to_buyers_tells_the_cost(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt = await make_offer(seller, price="100")
    await Offer.filter(id=bolt.id).update(cost_price=Decimal("95.4321"))
    await make_promotion(seller, percent="10")  # below cost: it never applies
    seen = await active(graphql, buyer)
    assert "95.4321" not in str(seen)
    assert "cost" not in str(seen).lower()


async def test_hidden_offers_stay_hidden_in_promotions(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    shown, gone = await make_offer(seller), await make_offer(seller, active=False)
    await make_promotion(seller, name_en="both", items={shown.id: "1", gone.id: "1"})
    await make_promotion(seller, name_en="gone", items={gone.id: "1"})
    await make_promotion(
        seller, "bundle", name_en="set", percent="1", items={shown.id: "1", gone.id: "1"}
    )
    (seen,) = await active(graphql, buyer)
    assert seen["name"] == "both"
    assert [item["offerId"] for item in seen["terms"]["items"]] == [encode_id("Offer", shown.id)]


async def test_used_up_and_first_orders_are_not_offered(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    await make_promotion(seller, name_en="gone", max_uses=1, used_count=1)
    await make_promotion(seller, name_en="first", first_order_only=True)
    assert [one["name"] for one in await active(graphql, buyer)] == ["first"]


async def test_lists_come_in_pages_and_take_the_same_sql(graphql: GraphQLClient) -> None:
    seller, other, buyer = await make_seller(), await make_seller(), await make_buyer()
    offers = [await make_offer(seller) for _ in range(3)]
    start = datetime(2026, 6, 1, tzinfo=UTC)
    for number in range(5):
        made = await make_promotion(
            seller, name_en=f"P{number}", items={offer.id: "1" for offer in offers}
        )
        await Promotion.filter(id=made.id).update(created_at=start + timedelta(minutes=number))
    await make_promotion(other, name_en="Other")

    for document, actor, field in (
        (OWN, seller.actor, "promotions"),
        (ACTIVE, buyer, "activePromotions"),
    ):
        values = {"seller": encode_id("Company", seller.id)} if document is ACTIVE else {}
        counts, pages = [], []
        after: str | None = None
        for first in (1, 5):
            async with counted_sql() as statements:
                reply = await graphql.run(document, actor=actor, first=first, **values)
            counts.append(len(statements))
        assert counts[0] == counts[1]
        whole = reply.data[field]["edges"]
        while True:
            page = (await graphql.run(document, actor=actor, first=2, after=after, **values)).data[
                field
            ]
            pages += page["edges"]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert pages == whole
        names = [edge["node"].get("nameEn") or edge["node"]["name"] for edge in whole]
        assert [name for name in names if name in ("P4", "P3", "P2", "P1", "P0")] == names[:5]
    assert len(await active(graphql, buyer)) == 6
    assert (await graphql.run(OWN, actor=buyer, first=5)).codes == ["FORBIDDEN"]
    assert (await graphql.run(OWN, first=5)).codes == ["UNAUTHENTICATED"]


async def test_others_see_their_own_promotions_only(graphql: GraphQLClient) -> None:
    seller, other = await make_seller(), await make_seller()
    await make_promotion(seller)
    reply = await graphql.run(OWN, actor=other.actor, first=5)
    assert reply.data["promotions"]["edges"] == []
