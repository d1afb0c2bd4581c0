"""`searchOffers` over the real application: prices, reasons, facets, pages, refusals, SQL."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.permissions import Role
from entrepot.search.reindex import rebuild
from tests.factories import (
    Seller,
    make_buyer,
    make_category,
    make_offer,
    make_price_list,
    make_product,
    make_seller,
)
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

SEARCH = """
query Search($text: String!, $filter: OfferFilter, $first: Int! = 20, $after: String) {
  searchOffers(query: $text, filter: $filter, first: $first, after: $after) {
    edges {
      cursor matchedBy
      price { unitPrice { amount currency } source }
      node { id articleNumber product { title } seller { name } }
    }
    facets { brands { value count } categories { count category { path } } }
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


async def market(graphql: GraphQLClient) -> tuple[Seller, list[Offer]]:
    """Two valves and a pump of one seller, indexed."""
    seller = await make_seller()
    offers = [
        await make_offer(
            seller, await make_product("KR-4410", brand="Kvant", path="flow/valves"), price="100"
        ),
        await make_offer(
            seller, await make_product("KR44-10", brand="Zeta", path="flow/valves"), price="200"
        ),
        await make_offer(
            seller, await make_product("P-1", title="Pump for KR-4410", path="flow/pumps")
        ),
    ]
    await rebuild(graphql.resources.search)
    return seller, offers


def ids(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]


async def test_a_buyer_finds_offers_with_reasons_facets_and_their_own_price(
    graphql: GraphQLClient,
) -> None:
    seller, offers = await market(graphql)
    favoured, other = await make_buyer(), await make_buyer()
    await make_price_list(seller, favoured.company_id, {offers[0].id: {"1": "77.5"}})
    page = (await graphql.run(SEARCH, actor=favoured, text="kr-4410")).data["searchOffers"]
    assert [edge["matchedBy"] for edge in page["edges"]] == ["EXACT_NUMBER", "NORMALIZED", "TEXT"]
    assert ids(page) == [encode_id("Offer", offer.id) for offer in offers]
    price = page["edges"][0]["price"]
    assert price == {
        "unitPrice": {"amount": "77.5", "currency": "RUB"},
        "source": "COMPANY_LIST",
    }
    assert page["totalCount"] == 3
    assert page["facets"]["brands"] == [
        {"value": "Bosch", "count": 1},
        {"value": "Kvant", "count": 1},
        {"value": "Zeta", "count": 1},
    ]
    assert {(one["category"]["path"], one["count"]) for one in page["facets"]["categories"]} == {
        ("flow", 3),
        ("flow/valves", 2),
        ("flow/pumps", 1),
    }
    seen = (await graphql.run(SEARCH, actor=other, text="kr-4410")).data["searchOffers"]
    assert seen["edges"][0]["price"] == {
        "unitPrice": {"amount": "100", "currency": "RUB"},
        "source": "LIST",
    }
    assert "77.5" not in str(seen)


async def test_pages_go_on_after_a_cursor_of_the_same_question_only(
    graphql: GraphQLClient,
) -> None:
    await market(graphql)
    buyer = await make_buyer()
    whole = (await graphql.run(SEARCH, actor=buyer, text="kr-4410")).data["searchOffers"]
    first = (await graphql.run(SEARCH, actor=buyer, text="kr-4410", first=2)).data["searchOffers"]
    assert first["pageInfo"]["hasNextPage"]
    cursor = first["pageInfo"]["endCursor"]
    rest = await graphql.run(SEARCH, actor=buyer, text="kr-4410", first=2, after=cursor)
    assert ids(first) + ids(rest.data["searchOffers"]) == ids(whole)
    assert rest.data["searchOffers"]["pageInfo"]["hasNextPage"] is False
    assert rest.data["searchOffers"]["pageInfo"]["hasPreviousPage"] is True
    other = await graphql.run(SEARCH, actor=buyer, text="pump", after=cursor)
    assert other.codes == ["INVALID_CURSOR"]


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({"brands": ["Zeta"]}, [1]),
        ({"inStock": True}, [0, 1, 2]),
        ({"currency": "RUB", "priceFrom": "150"}, [1]),
        ({"currency": "EUR"}, []),
    ],
)
async def test_filters(graphql: GraphQLClient, filter: dict[str, Any], expected: list[int]) -> None:
    _, offers = await market(graphql)
    reply = await graphql.run(SEARCH, actor=await make_buyer(), text="kr-4410", filter=filter)
    wanted = [encode_id("Offer", offers[place].id) for place in expected]
    assert ids(reply.data["searchOffers"]) == wanted


async def test_filters_by_category_and_seller(graphql: GraphQLClient) -> None:
    seller, offers = await market(graphql)
    buyer = await make_buyer()
    pumps = await make_category("flow/pumps")

    async def found(**conditions: Any) -> list[str]:
        reply = await graphql.run(SEARCH, actor=buyer, text="", filter=conditions)
        return sorted(ids(reply.data["searchOffers"]))

    assert await found(categoryId=encode_id("Category", pumps.id)) == [
        encode_id("Offer", offers[2].id)
    ]
    assert len(await found(sellerIds=encode_id("Company", seller.id))) == 3
    assert await found(sellerIds=encode_id("Company", uuid4())) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"first": 0}, "INVALID_INPUT"),
        ({"first": 101}, "INVALID_INPUT"),
        ({"after": "nonsense"}, "INVALID_CURSOR"),
        ({"filter": {"categoryId": "nonsense"}}, "INVALID_ID"),
        ({"filter": {"categoryId": encode_id("Offer", uuid4())}}, "INVALID_ID"),
        ({"filter": {"sellerIds": [encode_id("Category", uuid4())]}}, "INVALID_ID"),
        ({"filter": {"priceFrom": "1"}}, "INVALID_INPUT"),
        ({"filter": {"brands": ["x"] * 51}}, "INVALID_INPUT"),
    ],
)
async def test_bad_arguments_are_typed_refusals(
    graphql: GraphQLClient, arguments: dict[str, Any], code: str
) -> None:
    document = (
        "query ($text: String!, $filter: OfferFilter, $first: Int! = 20, $after: String) {"
        " searchOffers(query: $text, filter: $filter, first: $first, after: $after) {"
        " totalCount } }"
    )
    reply = await graphql.run(document, actor=await make_buyer(), text="toner", **arguments)
    assert reply.codes == [code]
    assert reply.body.get("data") is None


@pytest.mark.parametrize(
    "filter", [{"priceFrom": "NaN", "currency": "RUB"}, {"colour": "red"}, {"brands": [3]}]
)
async def test_values_of_other_types_are_refused(
    graphql: GraphQLClient, filter: dict[str, Any]
) -> None:
    reply = await graphql.run(SEARCH, actor=await make_buyer(), text="toner", filter=filter)
    assert len(reply.codes) == 1
    assert reply.status == 400
    assert "INTERNAL" not in reply.codes[0]


@pytest.mark.parametrize("text", ["x" * 10_240, "?!" * 99, "\u200b\u202e", '\\"*'])
async def test_any_text_is_answered(graphql: GraphQLClient, text: str) -> None:
    await market(graphql)
    reply = await graphql.run(SEARCH, actor=await make_buyer(), text=text)
    assert reply.data["searchOffers"]["edges"] == []


async def test_nobody_finds_without_the_right(graphql: GraphQLClient) -> None:
    await market(graphql)
    assert (await graphql.run(SEARCH, text="kr-4410")).codes == ["UNAUTHENTICATED"]
    accountant = await make_buyer(Role.ACCOUNTANT)
    refused = await graphql.run(SEARCH, actor=accountant, text="kr-4410")
    assert refused.codes == ["FORBIDDEN"]
    assert "KR-4410" not in str(refused.body)


async def test_a_rival_seller_learns_nothing(graphql: GraphQLClient) -> None:
    await market(graphql)
    rival = await make_seller()
    page = (await graphql.run(SEARCH, actor=rival.actor, text="")).data["searchOffers"]
    assert page["edges"] == []
    assert page["totalCount"] == 0
    assert page["facets"] == {"brands": [], "categories": []}


async def test_an_engine_that_is_away_is_a_typed_error(graphql: GraphQLClient) -> None:
    await market(graphql)
    root = graphql.resources.settings.home / "search"
    (root / (root / "current").read_text() / "meta.json").write_text("{")
    reply = await graphql.run(SEARCH, actor=await make_buyer(locale="ru"), text="kr-4410")
    assert reply.codes == ["SEARCH_UNAVAILABLE"]
    assert "Поиск" in reply.body["errors"][0]["message"]
    assert str(root) not in str(reply.body)


async def test_a_page_costs_the_same_number_of_statements_whatever_its_size(
    graphql: GraphQLClient,
) -> None:
    seller = await make_seller()
    for number in range(12):
        await make_offer(seller, await make_product(f"KR-44{number:02d}", title="Valve"))
    await rebuild(graphql.resources.search)
    buyer = await make_buyer()
    counts: list[int] = []
    for first in (1, 10):
        async with counted_sql() as statements:
            page = (await graphql.run(SEARCH, actor=buyer, text="valve", first=first)).data
        assert len(page["searchOffers"]["edges"]) == first
        counts.append(len(statements))
    assert counts[0] == counts[1] == 4, "company, purchases, the page, categories of the facets"


async def test_a_document_of_many_searches_is_refused_before_any_is_made(
    graphql: GraphQLClient,
) -> None:
    buyer = await make_buyer()

    def asking(count: int, body: str) -> str:
        return "{" + " ".join(f"a{n}: {body}" for n in range(count)) + "}"

    for body, most in (
        ('searchOffers(query: "x") { totalCount }', 98),
        ('searchOffers(query: "x") { facets { inStock } }', 49),
        ('searchSuggestions(query: "x") { recent }', 98),
    ):
        async with counted_sql() as statements:
            reply = await graphql.run(asking(most + 3, body), actor=buyer)
        assert reply.codes == ["COST_EXCEEDED"], body
        assert not any("offer" in statement.lower() for statement in statements)
    one = await graphql.run('{ searchOffers(query: "x", first: 10) { totalCount } }', actor=buyer)
    assert one.body["extensions"]["cost"]["requested"] == 51
