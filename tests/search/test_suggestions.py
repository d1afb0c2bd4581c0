"""Suggestions while typing: numbers, names, categories, and what this person looked for before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.actor import Actor
from entrepot.search.reindex import rebuild
from tests.factories import make_buyer, make_offer, make_product, make_seller
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

SUGGEST = """
query ($text: String!, $first: Int! = 5) {
  searchSuggestions(query: $text, first: $first) {
    recent
    numbers { articleNumber }
    names { articleNumber product { title } }
    categories { path }
  }
}
"""
SEARCH = """
query ($text: String!, $filter: OfferFilter) {
  searchOffers(query: $text, filter: $filter) { totalCount }
}
"""
NOTHING: dict[str, list[Any]] = {"recent": [], "numbers": [], "names": [], "categories": []}


@pytest.fixture
async def shop(graphql: GraphQLClient) -> GraphQLClient:
    """Two toners of one family and a valve; a second seller's offer of the first toner."""
    seller, second = await make_seller(), await make_seller()
    toner = await make_product("KR-4410", title="Toner black", path="supplies/toners")
    await make_offer(seller, toner)
    await make_offer(second, toner)
    await make_offer(
        seller, await make_product("KR-4411", title="Toner cyan", path="supplies/toners")
    )
    await make_offer(seller, await make_product("V-9", title="Ball valve", path="flow/valves"))
    await rebuild(graphql.resources.search)
    return graphql


async def suggested(graphql: GraphQLClient, actor: Actor, text: str) -> dict[str, Any]:
    found: dict[str, Any] = (await graphql.run(SUGGEST, actor=actor, text=text)).data[
        "searchSuggestions"
    ]
    return found


async def test_a_number_is_completed_in_either_layout(shop: GraphQLClient) -> None:
    buyer = await make_buyer()
    for typed in ("kr44", "KR-44", "лк-44", "кр 44"):
        found = await suggested(shop, buyer, typed)
        assert {one["articleNumber"] for one in found["numbers"]} == {"KR-4410", "KR-4411"}, typed


async def test_a_name_is_completed_once_for_each_article(shop: GraphQLClient) -> None:
    found = await suggested(shop, await make_buyer(), "ton")
    titles = sorted(one["product"]["title"] for one in found["names"])
    assert titles == ["Toner black", "Toner cyan"]
    found = await suggested(shop, await make_buyer(), "black ton")
    assert [one["product"]["title"] for one in found["names"]] == ["Toner black"]


async def test_a_number_is_suggested_once_for_each_article(shop: GraphQLClient) -> None:
    found = await shop.run(SUGGEST, actor=await make_buyer(), text="kr-44", first=2)
    numbers = [one["articleNumber"] for one in found.data["searchSuggestions"]["numbers"]]
    assert sorted(numbers) == ["KR-4410", "KR-4411"]  # of the first, two sellers have an offer


async def test_a_category_is_completed(shop: GraphQLClient) -> None:
    found = await suggested(shop, await make_buyer(), "val")
    assert [one["path"] for one in found["categories"]] == ["flow/valves"]


async def test_what_is_withdrawn_or_hidden_is_not_suggested(shop: GraphQLClient) -> None:
    buyer = await make_buyer()
    await Offer.filter(article_number="V-9").update(active=False)
    assert (await suggested(shop, buyer, "ball val"))["names"] == []
    rival = await make_seller()
    assert await suggested(shop, rival.actor, "kr44") == NOTHING


async def test_recent_searches_are_those_of_the_person_that_found_something(
    shop: GraphQLClient,
) -> None:
    buyer, other = await make_buyer(), await make_buyer()
    for text in ("toner", "no such thing at all", "  ball   valve ", "toner"):
        await shop.run(SEARCH, actor=buyer, text=text)
    await shop.run(SEARCH, actor=buyer, text="valve", filter={"inStock": True})
    assert (await suggested(shop, buyer, ""))["recent"] == ["toner", "ball valve"]
    assert (await suggested(shop, buyer, "val"))["recent"] == ["ball valve"]
    assert (await suggested(shop, buyer, "xyz"))["recent"] == []
    assert await suggested(shop, other, "") == NOTHING


async def test_recent_searches_can_be_forgotten(shop: GraphQLClient) -> None:
    buyer, other = await make_buyer(), await make_buyer()
    for actor in (buyer, other):
        await shop.run(SEARCH, actor=actor, text="toner")
    clear = "mutation { clearRecentSearches { ... on ClearRecentSearchesPayload { cleared } } }"
    assert (await shop.run(clear, actor=buyer)).data == {"clearRecentSearches": {"cleared": 1}}
    assert await suggested(shop, buyer, "") == NOTHING
    assert (await suggested(shop, other, ""))["recent"] == ["toner"]


async def test_a_pasted_list_is_not_remembered_and_twenty_at_most_for_a_month(
    shop: GraphQLClient,
) -> None:
    buyer = await make_buyer()
    await shop.run(SEARCH, actor=buyer, text="toner " * 40)
    assert await suggested(shop, buyer, "") == NOTHING
    for number in range(22):
        await shop.run(SEARCH, actor=buyer, text=f"toner {'x' * number}")
    redis: Redis = shop.resources.redis
    (key,) = [one async for one in redis.scan_iter("entrepot:searches:*")]
    assert await redis.llen(key) == 20
    assert 0 < await redis.ttl(key) <= timedelta(days=30).total_seconds()


@pytest.mark.parametrize("first", [0, 21, -1])
async def test_how_many_is_checked(shop: GraphQLClient, first: int) -> None:
    reply = await shop.run(SUGGEST, actor=await make_buyer(), text="t", first=first)
    assert reply.codes == ["INVALID_INPUT"]


@pytest.mark.parametrize("text", ["x" * 10_000, "-/.,", "\u202e\u200b\u200d", "🔩" * 50])
async def test_odd_texts_suggest_nothing(shop: GraphQLClient, text: str) -> None:
    assert await suggested(shop, await make_buyer(), text) == NOTHING


async def test_suggestions_take_three_statements(shop: GraphQLClient) -> None:
    buyer = await make_buyer()
    await suggested(shop, buyer, "ton")
    async with counted_sql() as statements:
        await suggested(shop, buyer, "ton")
    assert len(statements) == 3, "company, offers with products, categories"
    async with counted_sql() as statements:
        await suggested(shop, buyer, "kr44")
    assert len(statements) == 2, "there is no category to show"
