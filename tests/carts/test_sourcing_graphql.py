"""Sourcing over GraphQL: the same with few and with many lines, and in the caller's language."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.models import Product
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from entrepot.platform.pricing.models import SellerTerms
from tests.factories import Seller, make_buyer, make_offer, make_product, make_seller
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

PROPOSE = """
mutation Propose($input: ProposeSourcingInput!) {
  proposeSourcing(input: $input) {
    ... on ProposeSourcingPayload {
      plan {
        total { amount currency }
        shortLines leadTimeDays gap optimal reason
        lines {
          productId product { manufacturerNumber } wanted missing excess lack
          parts { offerId offer { id } sellerName quantity unitPrice { amount } net { amount } }
        }
        sellers { sellerName goods { amount } delivery { amount } leadTimeDays }
      }
      oneSellerFewer { sellers possible costsMore { amount currency } reason plan { reason } }
    }
    ... on UserError { code message path lineIndex }
  }
}
"""
ADD = """
mutation Add($offer: ID!) {
  addToCart(input: {offerId: $offer, quantity: "10"}) {
    ... on CartPayload { cart { id } }
  }
}
"""
APPLY = """
mutation Apply($cart: ID!, $splits: [SourcingSplitInput!]!) {
  applySourcing(input: {cartId: $cart, splits: $splits}) {
    ... on CartPayload { cart { lines { quantity sellerName } } }
    ... on UserError { code path lineIndex }
  }
}
"""


class Market:
    """Two sellers of the same products; the second is cheaper and charges for delivery."""

    def __init__(self, buyer: Actor, first: Seller, second: Seller) -> None:
        self.buyer, self.first, self.second = buyer, first, second

    async def product(self) -> Product:
        """Put one more product on sale, at 10 and at 9."""
        product = await make_product()
        await make_offer(self.first, product, price="10", stock="100")
        await make_offer(self.second, product, price="9", stock="6")
        return product


@pytest.fixture
async def market(graphql: GraphQLClient) -> Market:
    """The market, without products."""
    found = Market(
        await make_buyer(locale="ru"), await make_seller("First"), await make_seller("Second")
    )
    await SellerTerms.create(
        seller=found.second.company, currency="RUB", delivery_charge=Decimal(4)
    )
    return found


def wants(*products: Product) -> dict[str, Any]:
    """Return the input for ten of each product."""
    lines = [{"productId": encode_id("Product", one.id), "quantity": "10"} for one in products]
    return {"lines": lines}


async def test_a_proposal_and_its_cart(graphql: GraphQLClient, market: Market) -> None:
    product = await market.product()
    reply = await graphql.run(PROPOSE, actor=market.buyer, input=wants(product))
    found = reply.data["proposeSourcing"]
    plan = found["plan"]
    assert plan["total"] == {"amount": "98", "currency": "RUB"}  # 6 × 9 + 4 × 10 + 4
    assert plan["reason"] == (
        "Строк полностью: 1 из 1, продавцов: 2; более дешёвого распределения с той же полнотой нет."
    )
    assert (plan["optimal"], plan["gap"], plan["shortLines"]) == (True, "0", 0)
    parts = {part["sellerName"]: part["quantity"] for part in plan["lines"][0]["parts"]}
    assert parts == {"First": "4", "Second": "6"}
    assert found["oneSellerFewer"] == {
        "sellers": 1,
        "possible": True,
        "costsMore": {"amount": "2", "currency": "RUB"},
        "reason": "При числе продавцов 1 всё то же дороже на 2.00 RUB.",
        "plan": {
            "reason": "Строк полностью: 1 из 1, продавцов: 1; более дешёвого распределения"
            " с той же полнотой нет."
        },
    }

    first = next(p["offerId"] for p in plan["lines"][0]["parts"] if p["sellerName"] == "First")
    added = await graphql.run(ADD, actor=market.buyer, offer=first)
    cart = added.data["addToCart"]["cart"]["id"]
    splits = [
        {"offerId": p["offerId"], "quantity": p["quantity"]} for p in plan["lines"][0]["parts"]
    ]
    applied = await graphql.run(APPLY, actor=market.buyer, cart=cart, splits=splits)
    lines = applied.data["applySourcing"]["cart"]["lines"]
    assert sorted((line["sellerName"], line["quantity"]) for line in lines) == [
        ("First", "4"),
        ("Second", "6"),
    ]


async def test_what_is_refused_names_the_line(graphql: GraphQLClient, market: Market) -> None:
    product = await market.product()
    both = {"lines": [*wants(product)["lines"], {"quantity": "1"}]}
    reply = await graphql.run(PROPOSE, actor=market.buyer, input=both)
    refused = reply.data["proposeSourcing"]
    assert (refused["code"], refused["lineIndex"]) == ("INVALID_INPUT", 1)
    approver = await make_buyer(Role.APPROVER)
    reply = await graphql.run(PROPOSE, actor=approver, input=wants(product))
    assert reply.data["proposeSourcing"]["code"] == "FORBIDDEN"


async def test_many_lines_take_as_many_statements_as_one(
    graphql: GraphQLClient, market: Market
) -> None:
    products = [await market.product() for _ in range(8)]
    await graphql.run(PROPOSE, actor=market.buyer, input=wants(products[0]))
    async with counted_sql() as one:
        await graphql.run(PROPOSE, actor=market.buyer, input=wants(products[0]))
    async with counted_sql() as many:
        await graphql.run(PROPOSE, actor=market.buyer, input=wants(*products))
    assert len(one) == len(many)
