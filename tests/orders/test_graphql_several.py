"""Several carts through the public API: what each side reads, and how refusals name the place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.carts import service as carts
from entrepot.platform.carts.budgets.models import Budget
from entrepot.platform.database import fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import DeliveryAddress
from tests.factories import make_offer, make_seller
from tests.graphql_client import GraphQLClient
from tests.orders.test_several_carts import CLOCK, cart, terms, two_entities

PLACE = """
mutation P($input: PlaceOrderInput) { placeOrder(input: $input) { __typename
  ... on PlaceOrderPayload {
    order { number }
    orders { number legalEntityName note placedBy onBehalfOf cartIds approvalIds
      sellerOrders { sellerName net { amount } deliveryNet { amount } gross { amount }
        payment paymentDueOn paid { amount } } }
    warnings { name budget { amount currency } spent { amount } wanted { amount } sentence } }
  ... on UserError { code path lineIndex message }
  ... on TotalChanged { expected total currency }
  ... on CartAlreadyOrdered { number }
  ... on BelowMinimumOrderValue { seller value minimum }
  ... on BudgetExceeded { name } } }
"""
SALES = """
{ sellerOrders(first: 5) { edges { node { buyerName placedBy onBehalfOf lines {
    note costCenter wantedOn quantity discount { amount } deliveries { address quantity } } } } } }
"""


def ids(*cart_ids: UUID) -> list[str]:
    return [encode_id("Cart", one) for one in cart_ids]


async def place(graphql: GraphQLClient, actor: Actor, **given: Any) -> Any:
    return (await graphql.run(PLACE, actor=actor, input=given)).data["placeOrder"]


async def test_two_entities_in_one_call(graphql: GraphQLClient) -> None:
    north, south = await two_entities()
    one, two = await make_seller("One"), await make_seller("Two")
    bolt, nut = await make_offer(one, price="10", stock="50"), await make_offer(two, price="2")
    await terms(one, delivery_charge="15", delivery_tax_rate="20")
    await Budget.create(
        legal_entity_id=north.legal_entity_id, name="plan", currency="RUB", amount=Decimal(20),
        period="month", starts_on=date(2026, 1, 1), mode="warn",
    )  # fmt: skip
    hall = await DeliveryAddress.create(
        legal_entity_id=north.legal_entity_id, name="Hall", country="RU", city="Piter", street="H 1"
    )
    first = await carts.create(north, "first", clock=CLOCK)
    await carts.add_lines(
        north,
        first,
        [
            carts.NewCartLine(bolt.id, Decimal(3), "K1", "mind the paint"),
            carts.NewCartLine(nut.id, Decimal(1), note="SECRET of Two"),
        ],
        clock=CLOCK,
    )
    await carts.update(
        north, first, carts.CartTerms(delivery_address_id=hall.id, note="ours"), clock=CLOCK
    )
    second = await cart(south, (bolt, "1"))

    wrong = await place(
        graphql, north, cartIds=ids(first, second),
        expectedTotals=[{"currency": "RUB", "gross": "86.39"}],
    )  # fmt: skip
    assert (wrong["code"], wrong["path"], wrong["total"]) == (
        "TOTAL_CHANGED", ["input", "expectedTotals"], "86.4"
    )  # fmt: skip
    placed = await place(
        graphql, north, cartIds=ids(first, second), idempotencyKey="k",
        expectedTotals=[{"currency": "RUB", "gross": "86.4"}],
    )  # fmt: skip
    ours, theirs = placed["orders"]
    assert placed["order"] == {"number": "PO-2026-000001"}
    assert (ours["note"], ours["onBehalfOf"], ours["approvalIds"]) == ("ours", None, [])
    assert (ours["cartIds"], theirs["cartIds"]) == (ids(first), ids(second))
    assert theirs["legalEntityName"] == "Kauf Süd"
    part = ours["sellerOrders"][0]
    assert (part["net"], part["deliveryNet"], part["gross"], part["paid"]) == (
        {"amount": "45"}, {"amount": "15"}, {"amount": "54"}, {"amount": "0"}
    )  # fmt: skip
    assert part["payment"] == "INVOICE"
    assert placed["warnings"] == [
        {
            "name": "plan", "budget": {"amount": "20", "currency": "RUB"},
            "spent": {"amount": "0"}, "wanted": {"amount": "47"},
            "sentence": "Budget “plan”: 20 RUB left, 47 RUB needed",
        }
    ]  # fmt: skip

    sold = (await graphql.run(SALES, actor=one.actor)).data["sellerOrders"]["edges"]
    lines = [line for edge in sold for line in edge["node"]["lines"]]
    assert {
        "note": "mind the paint", "costCenter": "K1", "wantedOn": None, "quantity": "3",
        "discount": {"amount": "0"},
        "deliveries": [{"address": "Hall\nH 1\nPiter\nRU", "quantity": "3"}],
    } in lines  # fmt: skip
    assert "SECRET" not in str(sold)  # the other seller's part

    again = await place(graphql, north, cartIds=ids(second))
    assert (again["code"], again["number"], again["path"]) == (
        "CART_ALREADY_ORDERED", "PO-2026-000001", ["input", "cartIds", "0"]
    )  # fmt: skip


async def test_refusals_name_the_place(graphql: GraphQLClient) -> None:
    north, south = await two_entities()
    seller = await make_seller("One")
    bolt, scarce = await make_offer(seller, price="10"), await make_offer(seller, stock="1")
    first, second = await cart(north, (bolt, "1")), await cart(south, (bolt, "1"), (scarce, "2"))
    short = await place(graphql, north, cartIds=ids(first, second))
    assert (short["code"], short["path"], short["lineIndex"]) == (
        "OUT_OF_STOCK", ["input", "cartIds", "1", "lines", "1", "quantity"], 1
    )  # fmt: skip
    await terms(seller, min_order_value="100")
    small = await place(graphql, north, cartIds=ids(first))
    assert (small["code"], small["seller"], small["value"], small["minimum"]) == (
        "BELOW_MINIMUM_ORDER_VALUE", "One", "10", "100"
    )  # fmt: skip
    twice = [{"currency": "RUB", "gross": "1"}, {"currency": "RUB", "gross": "2"}]
    assert (await place(graphql, north, expectedTotals=twice))["path"] == [
        "input", "expectedTotals", "1", "currency"
    ]  # fmt: skip
    assert (await place(graphql, north, cartIds=[]))["code"] == "INVALID_INPUT"
    assert (await place(graphql, north, cartIds=["x"]))["code"] == "INVALID_ID"
    stranger, _ = await two_entities()
    assert (await place(graphql, stranger, cartIds=ids(first)))["code"] == "NOT_FOUND"
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 0


@pytest.mark.parametrize("gross", ["NaN", "-NaN", "Infinity", "1e400", "1e-400", "-1", "x", ""])
@pytest.mark.parametrize("currency", ["RUB", "", "\x00", "х" * 5000])
async def test_sums_that_are_none(graphql: GraphQLClient, gross: str, currency: str) -> None:
    north, _ = await two_entities()
    wanted = ids(await cart(north, (await make_offer(await make_seller()), "1")))
    given = {"cartIds": wanted, "expectedTotals": [{"currency": currency, "gross": gross}]}
    reply = await graphql.run(PLACE, actor=north, input=given)
    assert reply.status < 500
    assert "INTERNAL" not in reply.codes
    assert reply.codes or reply.data["placeOrder"]["code"] in ("TOTAL_CHANGED", "INVALID_INPUT")
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 0


async def test_a_blocking_budget(graphql: GraphQLClient) -> None:
    north, _ = await two_entities()
    bolt = await make_offer(await make_seller(), price="10")
    await Budget.create(
        legal_entity_id=north.legal_entity_id, name="plan", currency="RUB", amount=Decimal(5),
        period="month", starts_on=date(2026, 1, 1), mode="block",
    )  # fmt: skip
    refused = await place(graphql, north, cartIds=ids(await cart(north, (bolt, "1"))))
    assert (refused["__typename"], refused["name"]) == ("BudgetExceeded", "plan")
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 0
    assert await fetch_value("SELECT sum(reserved) FROM stock_item") == 0
