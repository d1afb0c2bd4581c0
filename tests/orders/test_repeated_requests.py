"""`Idempotency-Key` on writes: what is sent again is not done again, what failed may be."""

from __future__ import annotations

import asyncio
from typing import Any

from entrepot.graphql.node import encode_id
from entrepot.platform.database import execute, fetch, fetch_value
from entrepot.platform.identity.actor import Actor
from tests.factories import make_buyer, make_offer, make_seller
from tests.graphql_client import GraphQLClient

ADD = """
mutation ($offerId: ID!, $quantity: Quantity!) {
  addToCart(input: {offerId: $offerId, quantity: $quantity}) { ...Added }
}
fragment Added on AddToCartResult {
  __typename
  ... on CartPayload { cart { id lines { quantity } } }
  ... on UserError { code path }
}
"""
TWICE = ADD.replace(
    "mutation ($offerId: ID!, $quantity: Quantity!) {",
    """mutation ($offerId: ID!, $quantity: Quantity!) {
  first: addToCart(input: {offerId: $offerId, quantity: $quantity}) { ...Added }""",
)
CANCEL = """
mutation ($id: ID!) { cancelSellerOrder(input: {sellerOrderId: $id}) {
  ... on SellerOrderPayload { sellerOrder { status } } ... on UserError { code } } }
"""
WAREHOUSE = """
mutation ($code: String!) { createWarehouse(input: {code: $code, name: "North"}) {
  ... on CreateWarehousePayload { warehouse { id code name } } ... on UserError { code path } } }
"""
PRICE_LIST = """
mutation { createPriceList(input: {name: "Spring", currency: "RUB"}) {
  ... on PriceListPayload { priceList { id } } ... on UserError { code path } } }
"""
PLACE = "mutation { placeOrder { ... on PlaceOrderPayload { order { sellerOrders { id } } } } }"


async def quantities() -> list[int]:
    return [int(row["quantity"]) for row in await fetch("SELECT quantity FROM cart_line")]


async def add(api: GraphQLClient, actor: Actor, offer: Any, key: str | None, n: str = "2") -> Any:
    offer_id = encode_id("Offer", offer.id)
    reply = await api.run(ADD, actor=actor, idempotency_key=key, offerId=offer_id, quantity=n)
    return reply.data["addToCart"]


async def test_an_addition_sent_again_adds_once(graphql: GraphQLClient) -> None:
    buyer, offer = await make_buyer(), await make_offer(await make_seller())
    first = await add(graphql, buyer, offer, "k1")
    assert first["cart"]["lines"] == [{"quantity": "2"}]
    assert await add(graphql, buyer, offer, "k1") == first
    both = await asyncio.gather(*(add(graphql, buyer, offer, "k2") for _ in range(2)))
    assert [one["cart"]["lines"] for one in both] == [[{"quantity": "4"}]] * 2
    assert (await add(graphql, buyer, offer, "k1", "3"))["code"] == "IDEMPOTENCY_CONFLICT"
    await add(graphql, buyer, offer, None)
    await add(graphql, await make_buyer(), offer, "k1")  # a key belongs to who sent it
    assert sorted(await quantities()) == [2, 6]


async def test_two_additions_of_one_request_are_two(graphql: GraphQLClient) -> None:
    buyer, offer = await make_buyer(), await make_offer(await make_seller())
    for _ in range(2):
        await graphql.run(
            TWICE, actor=buyer, idempotency_key="k", offerId=encode_id("Offer", offer.id),
            quantity="1",
        )  # fmt: skip
    assert await quantities() == [2]


async def test_what_failed_may_be_sent_again(graphql: GraphQLClient) -> None:
    buyer, offer = await make_buyer(), await make_offer(await make_seller(), active=False)
    refused = await add(graphql, buyer, offer, "k")
    assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["input", "offerId"])
    await execute("UPDATE offer SET active = true")
    assert (await add(graphql, buyer, offer, "k"))["cart"]["lines"] == [{"quantity": "2"}]
    assert await quantities() == [2]


async def test_other_writes_answer_again_too(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    for document, table in ((PRICE_LIST, "price_list"), (WAREHOUSE, "warehouse")):
        before = await fetch_value(f"SELECT count(*) FROM {table}")
        sent = {"code": "N"} if document is WAREHOUSE else {}
        one, two = [
            await graphql.run(document, actor=seller.actor, idempotency_key="k", **sent)
            for _ in range(2)
        ]
        assert one.data == two.data
        assert "code" not in next(iter(one.data.values())), one.data
        assert await fetch_value(f"SELECT count(*) FROM {table}") == before + 1
    await add(graphql, buyer, await make_offer(seller), None)
    placed = (await graphql.run(PLACE, actor=buyer)).data["placeOrder"]["order"]
    part = placed["sellerOrders"][0]["id"]
    for key, expected in (
        ("k", {"sellerOrder": {"status": "CANCELLED"}}),
        ("k", {"sellerOrder": {"status": "CANCELLED"}}),
        ("other", {"code": "ORDER_NOT_CANCELLABLE"}),
    ):
        reply = await graphql.run(CANCEL, actor=buyer, idempotency_key=key, id=part)
        assert reply.data["cancelSellerOrder"] == expected
