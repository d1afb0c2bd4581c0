"""Stock through the public API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entrepot.graphql.node import encode_id
from entrepot.platform.database import fetch, transaction
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.inventory import service
from tests.factories import make_actor, make_buyer, make_offer, make_seller
from tests.graphql_client import GraphQLClient

CREATE = """mutation ($code: String!) { createWarehouse(input: {code: $code, name: "Second"}) {
  __typename ... on UserError { code }
  ... on CreateWarehousePayload { warehouse { id code } } } }"""
SET = """mutation ($input: SetStockInput!) { setStock(input: $input) {
  __typename ... on UserError { code message } ... on StockBelowReserved { reserved onHand }
  ... on SetStockPayload { offer { availability { available }
    stock { warehouse { code } onHand incoming } } } } }"""


async def state() -> list[object]:
    return [
        [tuple(row.values()) for row in await fetch(f"SELECT * FROM {table} ORDER BY id")]
        for table in ("warehouse", "stock_item", "outbox_event")
    ]


async def test_a_seller_states_stock(graphql: GraphQLClient) -> None:
    seller = await make_seller()
    keeper = await make_actor(seller.company, seller.entity, Role.WAREHOUSE)
    offer = await make_offer(seller, stock="10")
    made = (await graphql.run(CREATE, actor=keeper, code="B")).data["createWarehouse"]
    again = (await graphql.run(CREATE, actor=keeper, code="B")).data["createWarehouse"]
    assert (made["warehouse"]["code"], again["code"]) == ("B", "WAREHOUSE_CODE_TAKEN")
    values = {
        "offerId": encode_id("Offer", offer.id),
        "warehouseId": made["warehouse"]["id"],
        "onHand": "2.5",
        "incoming": "7",
    }
    done = (await graphql.run(SET, actor=keeper, input=values)).data["setStock"]["offer"]
    assert done["availability"] == {"available": "12.5"}
    assert done["stock"] == [
        {"warehouse": {"code": "B"}, "onHand": "2.5", "incoming": "7"},
        {"warehouse": {"code": "MAIN"}, "onHand": "10", "incoming": "0"},
    ]
    listed = await graphql.run("{ warehouses { code } }", actor=keeper)
    assert listed.data["warehouses"] == [{"code": "B"}, {"code": "MAIN"}]


async def test_refusals_change_nothing(graphql: GraphQLClient) -> None:
    seller, other, buyer = await make_seller(), await make_seller(), await make_buyer()
    offer = await make_offer(seller, stock="10")
    async with transaction():
        await service.reserve([(new_id(), offer.id, Decimal(4))])
    values = {
        "offerId": encode_id("Offer", offer.id),
        "warehouseId": encode_id("Warehouse", seller.warehouse.id),
        "onHand": "3",
    }
    before = await state()

    async def attempt(actor: Actor | None, **changes: str) -> dict[str, Any]:
        reply = await graphql.run(SET, actor=actor, input=values | changes)
        result: dict[str, Any] = reply.data["setStock"]
        return result

    below = await attempt(seller.actor)
    assert (below["code"], below["onHand"], below["reserved"]) == ("STOCK_BELOW_RESERVED", "3", "4")
    for actor, changes, code in (
        (None, {}, "UNAUTHENTICATED"),
        (buyer, {}, "FORBIDDEN"),
        (other.actor, {}, "NOT_FOUND"),
        (other.actor, {"offerId": encode_id("Offer", new_id())}, "NOT_FOUND"),
        (seller.actor, {"onHand": "-1"}, "INVALID_INPUT"),
        (seller.actor, {"offerId": values["warehouseId"]}, "INVALID_ID"),
        (seller.actor, {"warehouseId": encode_id("Warehouse", new_id())}, "NOT_FOUND"),
    ):
        assert (await attempt(actor, **changes))["code"] == code, (actor, changes)
    for actor, code in ((buyer, "FORBIDDEN"), (None, "UNAUTHENTICATED")):
        assert (await graphql.run("{ warehouses { code } }", actor=actor)).codes == [code]
        made = (await graphql.run(CREATE, actor=actor, code="B")).data["createWarehouse"]
        assert made["code"] == code
    assert await state() == before
