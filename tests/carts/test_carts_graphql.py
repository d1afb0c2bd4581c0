"""Carts through the API: old clients, everything of a line, reports, isolation, statements."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from redis.asyncio import Redis

from entrepot.graphql.node import encode_id
from entrepot.platform.config import Settings
from entrepot.platform.database import Database, execute
from entrepot.platform.identity.actor import Actor
from entrepot.platform.pricing.models import SellerTerms
from tests.carts.cart_people import CLOCK, everything, make_buyers
from tests.factories import make_buyer, make_offer, make_product, make_seller
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

OLD_ADD = """mutation ($offer: ID!) { addToCart(input: {offerId: $offer, quantity: "10"}) {
  ... on CartPayload { cart { id totals { sellerName gross { amount currency } } } } } }"""
OLD_CART = """{ cart { id lines { id quantity sellerName unitPrice { amount } priceReason
  seenUnitPrice { amount } priceChanged offered available short net { amount } gross { amount }
  offer { id } } totals { sellerName net { amount } tax { amount } gross { amount } } } }"""
CREATE = """mutation ($input: CreateCartInput!) { createCart(input: $input) { __typename
  ... on CartPayload { cart { id name status isDefault sharedWithAll legalEntity { id }
    createdBy { name } } } ... on UserError { code path } } }"""
ADD = """mutation ($input: AddToCartInput!) { addToCart(input: $input) { __typename
  ... on CartPayload { cart { id } } ... on UserError { code message path }
  ... on CartAlreadyOrdered { number } } }"""
UPDATE_LINE = """mutation ($input: UpdateCartLineInput!) { updateCartLine(input: $input) {
  __typename ... on CartPayload { cart { id } } ... on UserError { code path }
  ... on DeliveriesExceedLine { assigned quantity } } }"""
UPDATE = """mutation ($input: UpdateCartInput!) { updateCart(input: $input) { __typename
  ... on CartPayload { cart { name poNumber costCenter wantedOn note deliveryAddress { name } } }
  ... on UserError { code path } } }"""
ADDRESS = """mutation { createDeliveryAddress(input: {name: "Gate", country: "RU", city: "Tula",
  street: "Lenina 1"}) { ... on DeliveryAddressPayload { address { id } } } }"""
CART = """query ($id: ID) { cart(id: $id) { id name changed
  lines { id quantity costCenter note wantedOn deliveries { quantity address { name } }
    discount { amount } promotions { name } changes { kind old new currency reason } }
  totals { sellerName gross { amount } delivery { gross { amount } } total { gross { amount } }
    minOrderValue { amount } missingToMinimum { amount } paymentDays freeDelivery { name } }
  sums { net { amount currency } gross { amount } } } }"""
CARTS = """query ($entity: ID, $first: Int, $after: String) {
  carts(legalEntityId: $entity, first: $first, after: $after) {
    edges { node { id name } } pageInfo { hasNextPage endCursor } } }"""
ACCEPT = """mutation ($id: ID) { acceptCartChanges(input: {cartId: $id}) {
  ... on CartPayload { cart { changed } } ... on UserError { code } } }"""
SHARE = """mutation ($id: ID!, $users: [ID!]!) {
  shareCart(input: {cartId: $id, userIds: $users}) { __typename
    ... on CartPayload { cart { sharedWith { id } mayBeSharedWith { id name } } }
    ... on UserError { code path } } }"""
UNSHARE = """mutation ($id: ID!, $users: [ID!]!) {
  unshareCart(input: {cartId: $id, userIds: $users}) { __typename
    ... on CartPayload { cart { sharedWith { id } } } ... on UserError { code } } }"""
COPY = """mutation ($id: ID!) { copyCart(input: {cartId: $id, name: "Copy"}) { __typename
  ... on CopyCartPayload { cart { id name } notOffered { quantity offered offer { id } } }
  ... on UserError { code } } }"""
MERGE = """mutation ($ids: [ID!]!, $into: ID!) { mergeCarts(input: {cartIds: $ids, intoId: $into}) {
  __typename ... on MergeCartsPayload { cart { lines { id quantity } }
    mergedLines { cartName quantity lineId offer { articleNumber } } }
  ... on UserError { code path message } } }"""
DELETE = """mutation ($id: ID!) { deleteCart(input: {cartId: $id}) { __typename
  ... on DeleteCartPayload { cartId } ... on UserError { code message } } }"""
NODE = "query ($id: ID!) { node(id: $id) { ... on Cart { name } } cart(id: $id) { name } }"


@pytest.fixture
async def api(settings: Settings, database: Database, redis: Redis) -> AsyncIterator[GraphQLClient]:
    """The API on the day of the other tests of carts."""
    client = GraphQLClient(settings, database, redis, CLOCK)
    yield client
    await client.close()


async def run(api: GraphQLClient, actor: Actor | None, query: str, **variables: Any) -> Any:
    """Run an operation without errors and return the answer of its one field."""
    data = (await api.run(query, actor=actor, **variables)).data
    return next(iter(data.values())) if len(data) == 1 else data


async def test_clients_that_know_one_cart_only(api: GraphQLClient) -> None:
    buyer, seller = await make_buyer(), await make_seller("Bolts & Co")
    offer = await make_offer(seller, price="100", stock="6")
    assert await run(api, buyer, OLD_CART) is None
    key = encode_id("Offer", offer.id)
    added = await run(api, buyer, OLD_ADD, offer=key)
    assert added["cart"]["totals"] == [
        {"sellerName": "Bolts & Co", "gross": {"amount": "1200", "currency": "RUB"}}
    ]
    cart = await run(api, buyer, OLD_CART)
    line = cart["lines"][0]
    assert cart == {
        "id": added["cart"]["id"],
        "lines": [
            {
                "id": line["id"], "quantity": "10", "sellerName": "Bolts & Co",
                "unitPrice": {"amount": "100"}, "priceReason": line["priceReason"],
                "seenUnitPrice": {"amount": "100"}, "priceChanged": False, "offered": True,
                "available": "6", "short": True, "net": {"amount": "1000"},
                "gross": {"amount": "1200"}, "offer": {"id": key},
            }
        ],
        "totals": [
            {"sellerName": "Bolts & Co", "net": {"amount": "1000"}, "tax": {"amount": "200"},
             "gross": {"amount": "1200"}}
        ],
    }  # fmt: skip


async def test_a_named_cart_with_everything(api: GraphQLClient) -> None:
    people, seller = await make_buyers(), await make_seller("Bolts & Co")
    offer = await make_offer(seller, await make_product("BOLT"), price="100", stock="50")
    await SellerTerms.create(
        seller=seller.company, currency="RUB", min_order_value=500, delivery_charge=50,
        payment_days=30,
    )  # fmt: skip
    anna = people.anna
    made = await run(api, anna, CREATE, input={"name": "Tools"})
    cart = made["cart"]["id"]
    assert made["cart"] == {
        "id": cart, "name": "Tools", "status": "OPEN", "isDefault": False, "sharedWithAll": False,
        "legalEntity": {"id": encode_id("LegalEntity", people.entity.id)},
        "createdBy": {"name": made["cart"]["createdBy"]["name"]},
    }  # fmt: skip
    gate = (await run(api, anna, ADDRESS))["address"]["id"]
    changed = await run(
        api, anna, UPDATE,
        input={"cartId": cart, "poNumber": "47", "costCenter": "K", "wantedOn": "2026-12-24",
               "note": "n", "deliveryAddressId": gate},
    )  # fmt: skip
    assert changed["cart"] == {
        "name": "Tools", "poNumber": "47", "costCenter": "K", "wantedOn": "2026-12-24",
        "note": "n", "deliveryAddress": {"name": "Gate"},
    }  # fmt: skip
    cleared = await run(
        api, anna, UPDATE,
        input={"cartId": cart, "wantedOn": None, "deliveryAddressId": None, "poNumber": ""},
    )  # fmt: skip
    assert (cleared["cart"]["wantedOn"], cleared["cart"]["deliveryAddress"]) == (None, None)
    assert (cleared["cart"]["poNumber"], cleared["cart"]["costCenter"]) == (None, "K")
    line = {"offerId": encode_id("Offer", offer.id), "quantity": "4", "cartId": cart}
    terms = {"costCenter": "L", "note": "red", "wantedOn": "2026-12-31"}
    assert (await run(api, anna, ADD, input={**line, **terms}))["cart"]["id"] == cart
    shown = (await run(api, anna, CART, id=cart))["lines"][0]
    parts = [{"addressId": gate, "quantity": "5"}]
    over = await run(api, anna, UPDATE_LINE, input={"lineId": shown["id"], "deliveries": parts})
    assert over == {
        "__typename": "DeliveriesExceedLine", "code": "DELIVERIES_EXCEED_LINE",
        "path": ["input", "deliveries"], "assigned": "5", "quantity": "4",
    }  # fmt: skip
    fitting = {"lineId": shown["id"], "deliveries": [{"addressId": gate, "quantity": "1.5"}]}
    await run(api, anna, UPDATE_LINE, input={**fitting, "wantedOn": None})
    await execute("UPDATE offer SET list_price = 110")
    assert await run(api, replace(anna, locale="ru"), CART, id=cart) == {
        "id": cart, "name": "Tools", "changed": True,
        "lines": [
            {
                "id": shown["id"], "quantity": "4", "costCenter": "L", "note": "red",
                "wantedOn": None,
                "deliveries": [{"quantity": "1.5", "address": {"name": "Gate"}}],
                "discount": {"amount": "0"}, "promotions": [],
                "changes": [
                    {"kind": "PRICE_UP", "old": "100", "new": "110", "currency": "RUB",
                     "reason": "Цена за единицу выросла с 100 до 110 RUB."}
                ],
            }
        ],
        "totals": [
            {
                "sellerName": "Bolts & Co", "gross": {"amount": "528"},
                "delivery": {"gross": {"amount": "60"}}, "total": {"gross": {"amount": "588"}},
                "minOrderValue": {"amount": "500"}, "missingToMinimum": {"amount": "60"},
                "paymentDays": 30, "freeDelivery": None,
            }
        ],
        "sums": [{"net": {"amount": "490", "currency": "RUB"}, "gross": {"amount": "588"}}],
    }  # fmt: skip
    assert (await run(api, anna, ACCEPT, id=cart))["cart"]["changed"] is False
    assert await run(api, anna, OLD_CART) is None, "the default cart is untouched"


async def test_lists_sharing_and_isolation(api: GraphQLClient) -> None:
    people, stranger = await make_buyers(), await make_buyer()
    anna, boris = people.anna, people.boris
    entity = encode_id("LegalEntity", people.second.id)
    keys = []
    for number in range(3):
        values = {"name": f"Cart {number}", "legalEntityId": entity if number == 1 else None}
        keys.append((await run(api, anna, CREATE, input=values))["cart"]["id"])
    page = await run(api, anna, CARTS, first=2)
    assert [edge["node"]["name"] for edge in page["edges"]] == ["Cart 2", "Cart 1"]
    rest = await run(api, anna, CARTS, first=2, after=page["pageInfo"]["endCursor"])
    assert [edge["node"]["name"] for edge in rest["edges"]] == ["Cart 0"]
    second = await run(api, anna, CARTS, entity=entity)
    assert [edge["node"]["id"] for edge in second["edges"]] == [keys[1]]
    for actor in (boris, stranger):
        hidden = (await api.run(NODE, actor=actor, id=keys[0])).data
        assert hidden == {"node": None, "cart": None}
        assert (await run(api, actor, CARTS, first=9))["edges"] == []
    before = await everything()
    for query, variables in (
        (ADD, {"input": {"offerId": keys[0], "quantity": "1", "cartId": keys[0]}}),
        (UPDATE, {"input": {"cartId": keys[0], "name": "Mine"}}),
        (SHARE, {"id": keys[0], "users": [encode_id("User", boris.user_id)]}),
        (UNSHARE, {"id": keys[0], "users": [encode_id("User", boris.user_id)]}),
        (COPY, {"id": keys[0]}), (MERGE, {"ids": [keys[0]], "into": keys[2]}),
        (DELETE, {"id": keys[0]}), (ACCEPT, {"id": keys[0]}),
    ):  # fmt: skip
        for actor in (boris, stranger):
            answer = await run(api, actor, query, **variables)
            assert answer["code"] in ("NOT_FOUND", "INVALID_ID"), (query, answer)
    assert await everything() == before
    shared = await run(api, anna, SHARE, id=keys[0], users=[encode_id("User", boris.user_id)])
    assert shared["cart"]["sharedWith"] == [{"id": encode_id("User", boris.user_id)}]
    may = {one["id"] for one in shared["cart"]["mayBeSharedWith"]}
    assert may == {encode_id("User", one.user_id) for one in (anna, boris, people.vera)}
    assert (await api.run(NODE, actor=boris, id=keys[0])).data["cart"] == {"name": "Cart 0"}
    foreign = await run(api, anna, SHARE, id=keys[0], users=[encode_id("User", stranger.user_id)])
    assert (foreign["code"], foreign["path"]) == ("NOT_FOUND", ["input", "userIds", "0"])
    kept = await run(api, boris, UNSHARE, id=keys[0], users=[encode_id("User", anna.user_id)])
    assert kept["code"] == "CART_NOT_YOURS"
    taken = await run(api, anna, UNSHARE, id=keys[0], users=[encode_id("User", boris.user_id)])
    assert taken["cart"]["sharedWith"] == []
    assert (await api.run(NODE, actor=boris, id=keys[0])).data["cart"] is None


async def test_copies_merges_and_deletions_are_reported_once(api: GraphQLClient) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"))
    gone = await make_offer(seller, await make_product("GONE"))
    anna = people.anna
    cart = (await run(api, anna, CREATE, input={"name": "One"}))["cart"]["id"]
    for offer in (bolt, gone):
        line = {"offerId": encode_id("Offer", offer.id), "quantity": "2", "cartId": cart}
        await run(api, anna, ADD, input=line)
    await execute("UPDATE offer SET active = false WHERE id = $1", gone.id)
    copies = [
        (await api.run(COPY, actor=anna, idempotency_key="copy", id=cart)).data["copyCart"]
        for _ in range(2)
    ]
    assert copies[0] == copies[1]
    copy = copies[0]["cart"]["id"]
    assert copies[0]["notOffered"] == [{"quantity": "2", "offered": False, "offer": None}]
    merges = [
        (await api.run(MERGE, actor=anna, idempotency_key="merge", ids=[copy], into=cart)).data[
            "mergeCarts"
        ]
        for _ in range(2)
    ]
    assert merges[0] == merges[1]
    lines = merges[0]["cart"]["lines"]
    assert [line["quantity"] for line in lines] == ["4", "4"]
    assert merges[0]["mergedLines"] == [
        {"cartName": "Copy", "quantity": "2", "lineId": lines[0]["id"],
         "offer": {"articleNumber": "BOLT"}},
        {"cartName": "Copy", "quantity": "2", "lineId": lines[1]["id"], "offer": None},
    ]  # fmt: skip
    closed = await run(api, anna, MERGE, ids=[copy], into=cart)
    assert closed["code"] == "CART_CLOSED"
    for _ in range(2):
        reply = await api.run(DELETE, actor=anna, idempotency_key="delete", id=cart)
        assert reply.data["deleteCart"] == {"__typename": "DeleteCartPayload", "cartId": cart}
    deleted = await run(api, replace(anna, locale="ru"), DELETE, id=cart)
    assert deleted == {
        "__typename": "CartClosed", "code": "CART_CLOSED", "message": "Корзина удалена."
    }  # fmt: skip


async def test_statements_do_not_grow(api: GraphQLClient) -> None:
    people, seller = await make_buyers(), await make_seller()
    anna, counts = people.anna, []
    for size in (2, 6):
        for number in range(size):
            cart = (await run(api, anna, CREATE, input={"name": f"{number}"}))["cart"]["id"]
        for _ in range(size):
            offer = await make_offer(seller)
            line = {"offerId": encode_id("Offer", offer.id), "quantity": "1", "cartId": cart}
            await run(api, anna, ADD, input=line)
        async with counted_sql() as reading:
            await run(api, anna, CART, id=cart)
        async with counted_sql() as listing:
            await run(api, anna, CARTS, first=50)
        counts.append((len(reading), len(listing)))
    assert counts[0] == counts[1]
    assert counts[0][1] == 1
