"""Cart and orders through the public API."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.database import execute, fetch_value
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from tests.factories import make_buyer, make_offer, make_price_list, make_seller
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

CART = """
fragment CartFields on Cart {
  id
  lines {
    id quantity sellerName priceChanged short offered available
    unitPrice { amount currency } priceReason gross { amount } offer { articleNumber }
  }
  totals { sellerName net { amount } tax { amount } gross { amount currency } }
}
"""
ADD = (
    CART
    + """
mutation Add($offerId: ID!, $quantity: Quantity!) {
  addToCart(input: {offerId: $offerId, quantity: $quantity}) {
    __typename
    ... on CartPayload { cart { ...CartFields } }
    ... on UserError { code message path }
    ... on QuantityNotOrderable { proposed outcome }
  }
}
"""
)
ORDER = """
fragment OrderFields on Order {
  id number poNumber
  sellerOrders {
    id number status sellerName buyerName net { amount } gross { amount currency }
    lines { lineNumber quantity title unitPrice { amount } priceSource offer { articleNumber } }
  }
}
"""
PLACE = (
    ORDER
    + """
mutation Place($input: PlaceOrderInput) {
  placeOrder(input: $input) {
    __typename
    ... on PlaceOrderPayload { order { ...OrderFields } }
    ... on UserError { code message lineIndex path }
    ... on OutOfStock { offerId requested available }
    ... on PriceChanged { seenPrice price }
  }
}
"""
)
ORDERS = (
    ORDER
    + """
query Orders($first: Int!) { orders(first: $first) { edges { node { ...OrderFields } } } }
"""
)
CANCEL = """
mutation Cancel($id: ID!) {
  cancelSellerOrder(input: {sellerOrderId: $id}) {
    __typename
    ... on SellerOrderPayload { sellerOrder { status } }
    ... on UserError { code message }
  }
}
"""
CONFIRM = CANCEL.replace("cancelSellerOrder", "confirmSellerOrder")


async def add(graphql: GraphQLClient, actor: Any, offer: Any, quantity: str = "1") -> Any:
    reply = await graphql.run(
        ADD, actor=actor, offerId=encode_id("Offer", offer.id), quantity=quantity
    )
    return reply.data["addToCart"]


async def test_from_cart_to_orders_of_two_sellers(graphql: GraphQLClient) -> None:
    one, two = await make_seller("One"), await make_seller("Two")
    bolt = await make_offer(one, price="10", stock="50")
    nut = await make_offer(two, price="2.5", stock="50")
    buyer = await make_buyer()
    await make_price_list(one, buyer.company_id, {bolt.id: {"1": "9"}})

    await add(graphql, buyer, bolt, "3")
    cart = (await add(graphql, buyer, nut, "4"))["cart"]
    assert [(line["unitPrice"]["amount"], line["quantity"]) for line in cart["lines"]] == [
        ("9", "3"),
        ("2.5", "4"),
    ]
    assert cart["lines"][0]["priceReason"] == "Your company's price with this seller, from 1 on."
    assert [total["gross"]["amount"] for total in cart["totals"]] == ["32.4", "12"]

    reply = await graphql.run(PLACE, actor=buyer, input={"poNumber": "7", "idempotencyKey": "a"})
    order = reply.data["placeOrder"]["order"]
    assert order["poNumber"] == "7"
    assert [part["sellerName"] for part in order["sellerOrders"]] == ["One", "Two"]
    assert order["sellerOrders"][0]["lines"][0]["priceSource"] == "company_list"

    again = await graphql.run(PLACE, actor=buyer, input={"poNumber": "7", "idempotencyKey": "a"})
    assert again.data["placeOrder"]["order"]["id"] == order["id"]
    header = await graphql.run(PLACE, actor=buyer, idempotency_key="b")
    assert header.data["placeOrder"]["code"] == "CART_EMPTY"
    listed = await graphql.run(ORDERS, actor=buyer, first=5)
    assert [edge["node"] for edge in listed.data["orders"]["edges"]] == [order]
    node = await graphql.run(
        "query ($id: ID!) { node(id: $id) { ... on Order { number } } }",
        actor=buyer,
        id=order["id"],
    )
    assert node.data["node"] == {"number": order["number"]}


async def test_the_seller_confirms_and_the_buyer_cancels(graphql: GraphQLClient) -> None:
    seller = await make_seller()
    buyer = await make_buyer()
    await add(graphql, buyer, await make_offer(seller))
    placed = (await graphql.run(PLACE, actor=buyer)).data["placeOrder"]["order"]
    part = placed["sellerOrders"][0]["id"]

    listed = await graphql.run(
        "{ sellerOrders { edges { node { id buyerName lines { quantity } } } } }",
        actor=seller.actor,
    )
    assert [edge["node"]["id"] for edge in listed.data["sellerOrders"]["edges"]] == [part]
    confirmed = await graphql.run(CONFIRM, actor=seller.actor, id=part)
    assert confirmed.data["confirmSellerOrder"]["sellerOrder"] == {"status": "CONFIRMED"}
    cancelled = await graphql.run(CANCEL, actor=buyer, id=part)
    assert cancelled.data["cancelSellerOrder"]["sellerOrder"] == {"status": "CANCELLED"}
    refused = await graphql.run(CONFIRM, actor=seller.actor, locale="ru", id=part)
    assert refused.data["confirmSellerOrder"]["code"] == "ORDER_NOT_CONFIRMABLE"


async def test_refusals_say_which_line_and_how_to_mend(graphql: GraphQLClient) -> None:
    seller = await make_seller()
    scarce = await make_offer(seller, stock="1")
    packed = await make_offer(seller, pack="10", minimum="10", step="10")
    buyer = await make_buyer(locale="ru")
    assert await add(graphql, buyer, packed, "24") == {
        "__typename": "QuantityNotOrderable",
        "code": "QUANTITY_NOT_ORDERABLE",
        "message": "24 → 30: кратно 10. Закажите 30.",
        "path": [],
        "proposed": "30",
        "outcome": "PACK_ROUNDED",
    }
    await add(graphql, buyer, scarce, "2")
    reply = await graphql.run(PLACE, actor=buyer)
    assert reply.data["placeOrder"] == {
        "__typename": "OutOfStock",
        "code": "OUT_OF_STOCK",
        "message": "В наличии только 1, запрошено 2. Уменьшите количество.",
        "lineIndex": 0,
        "path": ["lines", "0", "quantity"],
        "offerId": encode_id("Offer", scarce.id),
        "requested": "2",
        "available": "1",
    }
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 0


@pytest.mark.parametrize("quantity", ["0", "-1", "1e400", "NaN", "Infinity", "1.0001", "x", ""])
async def test_quantities_that_are_none(graphql: GraphQLClient, quantity: str) -> None:
    buyer = await make_buyer()
    reply = await graphql.run(
        ADD,
        actor=buyer,
        offerId=encode_id("Offer", (await make_offer(await make_seller())).id),
        quantity=quantity,
    )
    assert reply.status < 500
    assert reply.codes == ["BAD_USER_INPUT"] or reply.body["errors"]
    assert await fetch_value("SELECT count(*) FROM cart") == 0


async def test_ids_of_other_things(graphql: GraphQLClient) -> None:
    buyer = await make_buyer()
    for wrong in ("", "nonsense", encode_id("Order", new_id()), encode_id("Offer", new_id())):
        reply = await graphql.run(ADD, actor=buyer, offerId=wrong, quantity="1")
        found = reply.codes or [reply.data["addToCart"]["code"]]
        expected = "NOT_FOUND" if wrong == encode_id("Offer", new_id()) else None
        assert found[0] in ("INVALID_ID", "NOT_FOUND", expected)
    assert await fetch_value("SELECT count(*) FROM cart_line") == 0


async def test_orders_cost_the_same_statements_for_one_and_for_many(
    graphql: GraphQLClient,
) -> None:
    offers = [await make_offer(await make_seller()) for _ in range(3)]
    buyer = await make_buyer()
    counts = []
    for _ in range(2):
        for offer in offers:
            await add(graphql, buyer, offer)
        await graphql.run(PLACE, actor=buyer)
        async with counted_sql() as statements:
            reply = await graphql.run(ORDERS, actor=buyer, first=5)
        counts.append((len(reply.data["orders"]["edges"]), len(statements)))
    assert [orders for orders, _ in counts] == [1, 2]
    assert counts[0][1] == counts[1][1] <= 5


async def test_balances_are_the_legal_entitys_own(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    await add(graphql, buyer, await make_offer(seller, price="100"))
    await graphql.run(PLACE, actor=buyer)
    query = "{ accountBalances { account balance { amount currency } } }"
    mine = await graphql.run(query, actor=buyer)
    assert mine.data["accountBalances"] == [
        {"account": "receivable", "balance": {"amount": "120", "currency": "RUB"}}
    ]
    theirs = await graphql.run(query, actor=seller.actor)
    assert [row["balance"]["amount"] for row in theirs.data["accountBalances"]] == ["-100", "-20"]
    assert (await graphql.run(query, actor=await make_buyer())).data["accountBalances"] == []
    assert (await graphql.run(query, actor=await make_buyer(Role.APPROVER))).codes == ["FORBIDDEN"]


async def test_a_hidden_offer_leaves_the_cart_readable(graphql: GraphQLClient) -> None:
    buyer = await make_buyer()
    offer = await make_offer(await make_seller())
    await add(graphql, buyer, offer)
    await execute("UPDATE offer SET active = false")
    reply = await graphql.run(CART + "{ cart { ...CartFields } }", actor=buyer)
    line = reply.data["cart"]["lines"][0]
    assert (line["offered"], line["offer"]) == (False, None)
    placed = await graphql.run(PLACE, actor=buyer)
    assert placed.data["placeOrder"]["code"] == "OFFER_UNAVAILABLE"
