"""A seller's promotions from the API to the order's papers, and back when it is cancelled."""

from __future__ import annotations

from typing import Any

from entrepot.graphql.node import encode_id
from entrepot.platform.identity.actor import Actor
from tests.factories import make_buyer, make_offer, make_seller
from tests.graphql_client import GraphQLClient

PROMOTE = """mutation ($input: CreatePromotionInput!) { createPromotion(input: $input) {
  __typename ... on PromotionPayload { promotion { id } } } }"""
TERMS = """mutation { setSellerTerms(input: { currency: "RUB", minOrderValue: "200",
  deliveryCharge: "50", deliveryTaxRate: "20", paymentDays: 10 }) { __typename } }"""
ADD = """mutation ($input: AddToCartInput!) { addToCart(input: $input) { __typename } }"""
CART = """{ cart { lines { quantity costCenter discount { amount }
    promotions { name amount { amount } } net { amount } }
  totals { net { amount } tax { amount } delivery { net { amount } } total { gross { amount } }
    freeDelivery { name amount { amount } } minOrderValue { amount } missingToMinimum { amount }
    paymentDays } } }"""
PLACE = """mutation { placeOrder { __typename ... on PlaceOrderPayload { order { sellerOrders { id
  gross { amount } deliveryNet { amount } lines { quantity discount { amount }
    promotions { name amount { amount } } net { amount } tax { amount } } } } }
  ... on UserError { code message } } }"""
CANCEL = """mutation ($id: ID!) { cancelSellerOrder(input: { sellerOrderId: $id }) {
  __typename } }"""
COUNTS = "{ promotions { edges { node { nameEn orderCount } } } }"


async def promote(graphql: GraphQLClient, actor: Actor, **values: Any) -> None:
    reply = await graphql.run(PROMOTE, actor=actor, input=values)
    assert reply.data["createPromotion"]["__typename"] == "PromotionPayload"


def amounts(lines: list[dict[str, Any]], name: str) -> list[str]:
    return [line[name]["amount"] for line in lines]


async def counts(graphql: GraphQLClient, actor: Actor) -> dict[str, int]:
    edges = (await graphql.run(COUNTS, actor=actor)).data["promotions"]["edges"]
    return {edge["node"]["nameEn"]: edge["node"]["orderCount"] for edge in edges}


async def test_promotions_from_the_seller_to_the_papers(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    bolt = await make_offer(seller, price="30", stock="100")
    nut = await make_offer(seller, price="9.99", stock="100")
    await graphql.run(TERMS, actor=seller.actor)
    await promote(
        graphql, seller.actor, nameEn="Three for two", kind="BUY_N_GET_M", buyQuantity="2",
        freeQuantity="1", items=[{"offerId": encode_id("Offer", bolt.id)}], priority=1,
        maxUses=1,
    )  # fmt: skip
    await promote(graphql, seller.actor, nameEn="Five", kind="PERCENT", percent="5")
    await promote(graphql, seller.actor, nameEn="We pay", kind="FREE_SHIPPING",
                  minOrderValue="200", currency="RUB")  # fmt: skip
    await promote(graphql, seller.actor, nameEn="Alone", kind="PERCENT", percent="25",
                  exclusive=True)  # fmt: skip
    for offer, quantity, center in ((bolt, "4", "A"), (bolt, "3", "B"), (nut, "3", "A")):
        given = {"offerId": encode_id("Offer", offer.id), "quantity": quantity}
        await graphql.run(ADD, actor=buyer, input=given | {"costCenter": center})

    # Bolts: 7 × 30 = 210; of every 3 one is free: 2 of 7 = 60, shared 120 : 90 = 34.29 and 25.71.
    # 5 % of 85.71 = 4.2855, of 64.29 = 3.2145, of 29.97 = 1.4985.
    # Goods 81.42 + 61.08 + 28.47 = 170.97; tax 16.28 + 12.22 + 5.69 = 34.19. Delivery is free.
    # Alone: 25 % of 120, 90 and 29.97 leaves 179.98 and 60 of delivery with its tax: dearer.
    cart = (await graphql.run(CART, actor=buyer)).data["cart"]
    by_line = {(line["quantity"], line["costCenter"]): line for line in cart["lines"]}
    lines = [by_line[key] for key in (("4", "A"), ("3", "B"), ("3", "A"))]
    assert amounts(lines, "discount") == ["38.58", "28.92", "1.5"]
    assert amounts(lines, "net") == ["81.42", "61.08", "28.47"]
    assert lines[0]["promotions"] == [
        {"name": "Three for two", "amount": {"amount": "34.29"}},
        {"name": "Five", "amount": {"amount": "4.29"}},
    ]
    (total,) = cart["totals"]
    assert total == {
        "net": {"amount": "170.97"}, "tax": {"amount": "34.19"},
        "delivery": {"net": {"amount": "0"}}, "total": {"gross": {"amount": "205.16"}},
        "freeDelivery": {"name": "We pay", "amount": {"amount": "50"}},
        "minOrderValue": {"amount": "200"}, "missingToMinimum": {"amount": "0"},
        "paymentDays": 10,
    }  # fmt: skip

    placed = (await graphql.run(PLACE, actor=buyer)).data["placeOrder"]
    assert placed["__typename"] == "PlaceOrderPayload", placed
    (part,) = placed["order"]["sellerOrders"]
    assert (part["gross"]["amount"], part["deliveryNet"]["amount"]) == ("205.16", "0")
    assert sorted(amounts(part["lines"], "discount")) == ["1.5", "28.92", "38.58"]
    assert await counts(graphql, seller.actor) == {
        "Three for two": 1, "Five": 1, "We pay": 1, "Alone": 0,
    }  # fmt: skip
    await graphql.run(ADD, actor=buyer, input={
        "offerId": encode_id("Offer", bolt.id), "quantity": "7"})  # fmt: skip
    cart = (await graphql.run(CART, actor=buyer)).data["cart"]
    # "Three for two" is used up: 25 % alone (52.50 off, 60 of delivery: 249.00) against 5 % and
    # free delivery (10.50 off: 239.40)
    assert amounts(cart["lines"], "discount") == ["10.5"]

    await graphql.run(CANCEL, actor=buyer, id=part["id"])
    assert set((await counts(graphql, seller.actor)).values()) == {0}
    cart = (await graphql.run(CART, actor=buyer)).data["cart"]
    assert amounts(cart["lines"], "discount") == ["67.5"]  # 60, then 5 % of 150
