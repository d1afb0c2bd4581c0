"""Buyers' own article numbers: taught, replaced, listed, forgotten; nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.aliases.service import learn
from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import fetch, fetch_value
from entrepot.platform.errors import Forbidden
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from tests.factories import make_buyer, make_offer, make_product, make_seller
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

SET = """
mutation ($number: String!, $offer: ID!) {
  setBuyerAlias(input: {number: $number, offerId: $offer}) {
    __typename ... on UserError { code path }
    ... on BuyerAliasPayload { alias { id number learnedBy product { manufacturerNumber }
                                       offer { id } } } } }
"""
REMOVE = """
mutation ($id: ID!) { removeBuyerAlias(input: {aliasId: $id}) {
  __typename ... on UserError { code path } ... on RemoveBuyerAliasPayload { aliasId } } }
"""
LIST = """
query ($first: Int!, $after: String) { buyerAliases(first: $first, after: $after) {
  edges { node { id number product { title } offer { articleNumber } } }
  pageInfo { hasNextPage endCursor } } }
"""
NODE = "query ($id: ID!) { node(id: $id) { ... on BuyerAlias { number } } }"


async def teach(graphql: GraphQLClient, actor: Actor, number: str, offer: Offer) -> Any:
    """Set an alias and return the payload."""
    reply = await graphql.run(SET, actor=actor, number=number, offer=encode_id("Offer", offer.id))
    return reply.data["setBuyerAlias"]


async def numbers(graphql: GraphQLClient, actor: Actor, first: int = 100) -> list[str]:
    """Every number of the actor's company, page by page."""
    found: list[str] = []
    after = None
    while True:
        page = (await graphql.run(LIST, actor=actor, first=first, after=after)).data["buyerAliases"]
        found += [edge["node"]["number"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


async def test_taught_replaced_forgotten(graphql: GraphQLClient) -> None:
    seller, buyer, stranger = await make_seller(), await make_buyer(), await make_buyer()
    one = await make_offer(seller, await make_product("ONE"))
    two = await make_offer(seller, await make_product("TWO"))
    first = await teach(graphql, buyer, "OUR-1", one)
    assert first["alias"]["product"] == {"manufacturerNumber": "ONE"}
    replaced = await teach(graphql, buyer, "our 1", two)
    assert replaced["alias"]["id"] == first["alias"]["id"]
    assert replaced["alias"]["offer"] == {"id": encode_id("Offer", two.id)}
    assert await numbers(graphql, buyer) == ["our 1"]
    theirs = await teach(graphql, stranger, "OUR-1", one)
    assert theirs["alias"]["id"] != first["alias"]["id"]
    assert await numbers(graphql, stranger) == ["OUR-1"]
    key = first["alias"]["id"]
    assert (await graphql.run(NODE, actor=buyer, id=key)).data["node"] == {"number": "our 1"}
    assert (await graphql.run(NODE, actor=stranger, id=key)).data["node"] is None
    refused = (await graphql.run(REMOVE, actor=stranger, id=key)).data["removeBuyerAlias"]
    assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["input", "aliasId"])
    gone = (await graphql.run(REMOVE, actor=buyer, id=key)).data["removeBuyerAlias"]
    assert gone == {"__typename": "RemoveBuyerAliasPayload", "aliasId": key}
    assert await numbers(graphql, buyer) == []
    assert await numbers(graphql, stranger) == ["OUR-1"]


async def test_refused(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    offer = await make_offer(seller)
    hidden = await make_offer(seller, active=False)
    assert (await teach(graphql, buyer, "  ", offer))["path"] == ["input", "number"]
    assert (await teach(graphql, buyer, "A" * 256, offer))["path"] == ["input", "number"]
    assert (await teach(graphql, buyer, "A", hidden))["code"] == "NOT_FOUND"
    assert (await teach(graphql, seller.actor, "A", offer))["code"] == "FORBIDDEN"
    approver = await make_buyer(Role.APPROVER)
    with pytest.raises(Forbidden):
        await learn(approver, [("A", offer.product_id, offer.id)])  # type: ignore[attr-defined]
    assert await fetch_value("SELECT count(*) FROM buyer_alias") == 0


async def test_pages_do_not_cost_more_with_rows(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    offers = [await make_offer(seller) for _ in range(12)]
    for index, offer in enumerate(offers):
        await teach(graphql, buyer, f"OUR-{index:02d}", offer)
    expected = [f"OUR-{index:02d}" for index in range(12)]
    assert await numbers(graphql, buyer, first=5) == expected
    async with counted_sql() as few:
        await graphql.run(LIST, actor=buyer, first=2)
    async with counted_sql() as many:
        await graphql.run(LIST, actor=buyer, first=12)
    assert len(few) == len(many), many


async def test_many_at_once_and_the_last_counts(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    one, two = await make_offer(seller), await make_offer(seller)
    products = {row["id"]: row["product_id"] for row in await fetch("SELECT * FROM offer")}
    taught = [("X-1", products[one.id], one.id), ("x1", products[two.id], two.id)]
    await learn(buyer, [*taught, ("---", products[one.id], one.id)])
    await learn(buyer, [])
    rows = await fetch("SELECT number, number_key, offer_id FROM buyer_alias ORDER BY number")
    assert [(row["number"], row["offer_id"]) for row in rows] == [("---", one.id), ("x1", two.id)]
