"""What search must not give away by the work it does, and what it keeps of those who ask."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.aliases.service import set_alias
from entrepot.platform.catalog.assortments import service as assortments
from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import fetch
from entrepot.platform.identity.actor import Actor
from entrepot.search.asking import understand
from entrepot.search.find import search_offers
from entrepot.search.query import SearchQuery
from entrepot.search.reindex import rebuild
from tests.factories import Seller, make_buyer, make_offer, make_product, make_seller
from tests.graphql_client import GraphQLClient
from tests.search.counting_engine import CountingEngine
from tests.sql_counter import counted_sql

SEARCH = """
query ($text: String!, $filter: OfferFilter, $sort: OfferSort! = RELEVANCE) {
  searchOffers(query: $text, filter: $filter, sort: $sort) {
    edges {
      matchedBy timesBought node { id }
      highlights {
        articleNumber { text matched } title { text matched } brand { text matched }
      }
    }
    facets { inStock brands { value count } attributes { code } }
    totalCount
    understood { quantity { quantity unit written } measures { least greatest unit } }
  }
}
"""
SUGGEST = """
query ($text: String!, $first: Int! = 5) {
  searchSuggestions(query: $text, first: $first) {
    numbers { id } names { product { title } }
  }
}
"""


@pytest.fixture
async def market(graphql: GraphQLClient) -> tuple[GraphQLClient, Seller, Offer, Offer]:
    """An open bearing, and a hidden one whose number nobody else has."""
    seller = await make_seller()
    shown = await make_offer(
        seller, await make_product("KR-4410", brand="Acme", title="Ball bearing", path="flow/parts")
    )
    secret = await make_offer(
        seller, await make_product("QZ-7788", brand="Secretive", title="Clandestine flange")
    )
    made = await assortments.create_assortment(seller.actor, "Secret")
    await assortments.set_offers(seller.actor, made, add=[secret.id])
    await rebuild(graphql.resources.search)
    return graphql, seller, shown, secret


async def found(graphql: GraphQLClient, actor: Actor, text: str, **asked: Any) -> dict[str, Any]:
    page: dict[str, Any] = (await graphql.run(SEARCH, actor=actor, text=text, **asked)).data[
        "searchOffers"
    ]
    return page


@pytest.mark.parametrize(
    ("hidden", "absent"),
    [
        ("QZ-7788", "QZ-1122"),
        ("qz7788", "qz1122"),
        ("QZ-77", "QZ-11"),
        ("QZ-7789", "QZ-1129"),
        ("clandestine", "clamdastene"),
        ("clandestin flange", "clamdasten flonge"),
    ],
)
async def test_a_hidden_thing_costs_the_work_of_an_absent_one(
    market: tuple[GraphQLClient, Seller, Offer, Offer], hidden: str, absent: str
) -> None:
    graphql, *_ = market
    buyer = await make_buyer()
    engine = CountingEngine(graphql.resources.search)
    now = graphql.resources.clock.now()
    await found(graphql, buyer, "bearing")  # reads the market's words, which are then kept
    work: list[tuple[list[str], list[str], list[str]]] = []
    for text in (absent, hidden, absent):
        engine.calls.clear()
        async with counted_sql() as by_api:
            page = await found(graphql, buyer, text)
        assert (page["edges"], page["totalCount"]) == ([], 0)
        assert page["facets"] == {"inStock": 0, "brands": [], "attributes": []}
        async with counted_sql() as by_hand:
            query = await understand(buyer, SearchQuery(text))
            await search_offers(engine, buyer, query, first=20, now=now)
        work.append((list(by_api), list(by_hand), list(engine.calls)))
    assert work[0] == work[1] == work[2]


async def test_suggestions_hold_nothing_hidden(
    market: tuple[GraphQLClient, Seller, Offer, Offer],
) -> None:
    graphql, seller, shown, secret = market
    buyer = await make_buyer()
    for text in ("QZ", "qz-77", "clan", "clandestine fl", "secret"):
        told = (await graphql.run(SUGGEST, actor=buyer, text=text)).data["searchSuggestions"]
        assert (told["numbers"], told["names"]) == ([], []), text
    own = (await graphql.run(SUGGEST, actor=seller.actor, text="qz-77")).data["searchSuggestions"]
    assert own["numbers"] == [{"id": encode_id("Offer", secret.id)}]
    open_ = (await graphql.run(SUGGEST, actor=buyer, text="kr-4")).data["searchSuggestions"]
    assert open_["numbers"] == [{"id": encode_id("Offer", shown.id)}]
    named = (await graphql.run(SUGGEST, actor=buyer, text="ball bea")).data["searchSuggestions"]
    assert named["names"] == [{"product": {"title": "Ball bearing"}}]


async def test_only_a_bare_question_that_found_nothing_is_kept(
    market: tuple[GraphQLClient, Seller, Offer, Offer],
) -> None:
    graphql, *_ = market
    buyer = await make_buyer()
    await found(graphql, buyer, "Titanium unobtainium")
    await found(graphql, buyer, "QZ-7788")
    await found(graphql, buyer, "KR-4410")
    await found(graphql, buyer, "Wolfram", filter={"inStock": True})
    await found(graphql, buyer, " \u200b ")
    rows = await fetch("SELECT text, company_id, searches FROM unmet_query ORDER BY text")
    assert [(row["text"], row["company_id"], row["searches"]) for row in rows] == [
        ("QZ-7788", buyer.company_id, 1),
        ("Titanium unobtainium", buyer.company_id, 1),
    ]


async def test_a_companys_own_number_finds_first_and_nobody_else_anything(
    market: tuple[GraphQLClient, Seller, Offer, Offer],
) -> None:
    graphql, _, shown, _ = market
    buyer, other = await make_buyer(), await make_buyer()
    await set_alias(buyer, "OUR-55/1", shown.id)
    page = await found(graphql, buyer, "our 55-1")
    assert [(edge["matchedBy"], edge["node"]["id"]) for edge in page["edges"]] == [
        ("BUYER_ALIAS", encode_id("Offer", shown.id))
    ]
    assert (await found(graphql, other, "our 55-1"))["edges"] == []


async def test_what_matches_is_shown_and_what_is_meant_is_proposed(
    market: tuple[GraphQLClient, Seller, Offer, Offer],
) -> None:
    graphql, *_ = market
    buyer = await make_buyer()
    page = await found(graphql, buyer, "bearings acme 100 pcs 10–16 mm")
    marks = page["edges"][0]["highlights"]
    assert marks["title"] == [
        {"text": "Ball ", "matched": False},
        {"text": "bearing", "matched": True},
    ]
    assert marks["brand"] == [{"text": "Acme", "matched": True}]
    assert marks["articleNumber"] == [{"text": "KR-4410", "matched": False}]
    assert page["understood"] == {
        "quantity": {"quantity": "100", "unit": "PCE", "written": "100 pcs"},
        "measures": [{"least": "10", "greatest": "16", "unit": "MMT"}],
    }
    exact = (await found(graphql, buyer, "kr 4410"))["edges"][0]["highlights"]
    assert exact["articleNumber"] == [{"text": "KR-4410", "matched": True}]
