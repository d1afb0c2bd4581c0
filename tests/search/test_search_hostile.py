"""Arguments that mean harm, and services that are away: a typed answer, and search goes on."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from redis.asyncio import Redis

from entrepot.graphql.paging import encode_cursor
from entrepot.platform.config import Settings
from entrepot.platform.database import Database
from entrepot.search.reindex import rebuild
from tests.factories import make_buyer, make_offer, make_product, make_seller
from tests.graphql_client import GraphQLClient

SEARCH = """
query ($text: String! = "bolt", $filter: OfferFilter, $sort: OfferSort! = RELEVANCE,
       $first: Int! = 20, $after: String) {
  searchOffers(query: $text, filter: $filter, sort: $sort, first: $first, after: $after) {
    edges { cursor node { id } } totalCount facets { inStock } pageInfo { hasNextPage }
  }
}
"""
SUGGEST = (
    "query ($text: String!, $first: Int! = 5) { searchSuggestions(query: $text, first: $first)"
    " { recent numbers { id } names { id } categories { id } } }"
)
CLEAR = "mutation { clearRecentSearches { __typename } }"
LONG = "bolt" * 2500
TEXTS = (
    LONG, "\ufeffbolt", "\u202ebolt\u202c", "\u200b" * 500, "%_\\'\";--",
    "\U0001f529", "\uffff", "е\u0301" * 200, "(" * 500, "*" * 300, "-", "1" * 300, "1e400",
    "ﷺ" * 250, "ß" * 250, "İ" * 250, "½" * 200, "\t\n\r", "a\u0300" * 120, "./" * 128,
)  # fmt: skip


@pytest.fixture
async def shop(graphql: GraphQLClient) -> GraphQLClient:
    """Three bolts."""
    seller = await make_seller()
    for number in range(3):
        await make_offer(seller, await make_product(f"B-{number}", title="Bolt"))
    await rebuild(graphql.resources.search)
    return graphql


async def test_any_text_is_answered(shop: GraphQLClient) -> None:
    buyer = await make_buyer()
    for text in TEXTS:
        for document in (SEARCH, SUGGEST):
            reply = await shop.run(document, actor=buyer, text=text)
            assert reply.status == 200
            assert reply.codes == [], (document[:10], text[:20], reply.body)
    assert (await shop.run(SEARCH, actor=buyer)).data["searchOffers"]["totalCount"] == 3


@pytest.mark.parametrize(
    "filter",
    [
        {"brands": [LONG]}, {"currency": LONG},
        {"currency": ""}, {"brands": []}, {"sellerIds": []}, {"attributes": []},
        {"brands": [""]}, {"currency": "RUB", "priceTo": "1e400"}, {"deliveryDaysMax": 2**31 - 1},
        {"currency": "RUB", "priceFrom": "1e-400"}, {"currency": "RUB", "priceFrom": "1e400"},
        {"currency": "RUB", "priceTo": "0." + "0" * 5000 + "1"},
    ],
)  # fmt: skip
async def test_any_filter_is_answered(shop: GraphQLClient, filter: dict[str, Any]) -> None:
    buyer = await make_buyer()
    for sort in ("RELEVANCE", "NEWEST", *(["PRICE_ASC"] if "currency" in filter else [])):
        reply = await shop.run(SEARCH, actor=buyer, filter=filter, sort=sort)
        assert reply.status in (200, 400)
        assert set(reply.codes) <= {"INVALID_INPUT", "BAD_USER_INPUT"}, reply.body


@pytest.mark.parametrize(
    "filter",
    [
        {"attributes": [{"code": LONG}]},
        {"attributes": [{"code": ""}]}, {"attributes": [{"code": "no.such", "from": "NaN"}]},
        {"sellerIds": [LONG]}, {"sellerIds": [""]},
        {"deliveryDaysMax": -1}, {"priceTo": "5"}, {"currency": "RUB", "priceFrom": "NaN"},
        {"currency": "RUB", "priceFrom": "Infinity"}, {"currency": "RUB", "priceTo": "-1e400"},
        {"deliveryDaysMax": 2**31},
    ],
)  # fmt: skip
async def test_a_filter_that_means_nothing_is_refused(
    shop: GraphQLClient, filter: dict[str, Any]
) -> None:
    reply = await shop.run(SEARCH, actor=await make_buyer(), filter=filter)
    assert set(reply.codes) & {"INVALID_INPUT", "BAD_USER_INPUT", "INVALID_ID"}, reply.body
    assert reply.body.get("data") is None


@pytest.mark.parametrize("first", [0, 101, -1, 2**31 - 1, -(2**31)])
async def test_pages_of_impossible_size(shop: GraphQLClient, first: int) -> None:
    buyer = await make_buyer()
    reply = await shop.run(SEARCH, actor=buyer, first=first)
    assert set(reply.codes) <= {"INVALID_INPUT", "COST_EXCEEDED"}
    assert reply.codes
    reply = await shop.run(SUGGEST, actor=buyer, text="b", first=first)
    assert set(reply.codes) <= {"INVALID_INPUT", "COST_EXCEEDED"}
    assert reply.codes


async def test_cursors_that_nobody_gave(shop: GraphQLClient) -> None:
    buyer = await make_buyer()
    page = (await shop.run(SEARCH, actor=buyer, first=1)).data["searchOffers"]
    cursor = page["edges"][0]["cursor"]
    body = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    order = json.loads(body[body.index(b"[") :])[0]
    for forged in (cursor[:-3], cursor + "AA", "", LONG, "!!!", cursor[::-1]):
        reply = await shop.run(SEARCH, actor=buyer, after=forged)
        assert reply.codes == ["INVALID_CURSOR"], (forged[:20], reply.body)
    for rank in ("1", 1.5, None, True, [1]):
        reply = await shop.run(SEARCH, actor=buyer, after=encode_cursor(order, (rank,)))
        assert reply.codes == ["INVALID_CURSOR"], (rank, reply.body)
    for rank in (-5, 0, 3, 9_999, 10_000, 10_001, 2**62):
        reply = await shop.run(SEARCH, actor=buyer, after=encode_cursor(order, (rank,)))
        found = reply.data["searchOffers"]
        assert (found["totalCount"], len(found["edges"])) == (3, 3 if rank <= 0 else 0), rank
        assert found["pageInfo"] == {"hasNextPage": False}


async def test_without_redis_search_and_suggestions_go_on(
    shop: GraphQLClient, settings: Settings, database: Database
) -> None:
    buyer = await make_buyer()
    away = GraphQLClient(settings, database, Redis.from_url("redis://127.0.0.1:1/0"))
    page = (await away.run(SEARCH, actor=buyer)).data["searchOffers"]
    assert page["totalCount"] == 3
    found = (await away.run(SUGGEST, actor=buyer, text="bol")).data["searchSuggestions"]
    assert found["recent"] == []
    assert len(found["names"]) == 3
    assert (await away.run(SUGGEST, actor=buyer, text="")).data["searchSuggestions"]["names"] == []
    assert (await away.run(SEARCH, actor=buyer, text="nothing-99")).data["searchOffers"][
        "totalCount"
    ] == 0
    assert (await away.run(CLEAR, actor=buyer)).codes == ["SEARCH_UNAVAILABLE"]
