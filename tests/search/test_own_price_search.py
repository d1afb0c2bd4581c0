"""Price filters, counts and order go by what the asking company pays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.actor import Actor
from entrepot.search.asking import understand
from entrepot.search.own_prices import PriceBasis, with_own_prices
from entrepot.search.query import SearchFilters, SearchQuery, Sort
from entrepot.search.reindex import rebuild
from tests.factories import (
    Seller,
    make_buyer,
    make_offer,
    make_price_list,
    make_product,
    make_seller,
)
from tests.graphql_client import GraphQLClient

SEARCH = """
query ($filter: OfferFilter, $sort: OfferSort! = RELEVANCE, $first: Int! = 20, $after: String) {
  searchOffers(query: "valve", filter: $filter, sort: $sort, first: $first, after: $after) {
    edges { matchedBy node { id } price { unitPrice { amount } } }
    facets { brands { value count } inStock }
    totalCount priceBasis pageInfo { hasNextPage endCursor }
  }
}
"""


@pytest.fixture
async def shop(graphql: GraphQLClient) -> tuple[GraphQLClient, list[Offer], Actor, Actor, Actor]:
    """Five valves for 100 to 500; the first buyer has two contract prices, the second one."""
    seller, other = await make_seller(), await make_seller()
    sellers: list[Seller] = [seller, seller, seller, other, other]
    offers = [
        await make_offer(
            of,
            await make_product(f"V-{place}", brand=f"Brand{place}", title="Valve"),
            price=str(100 * place),
        )
        for place, of in enumerate(sellers, 1)
    ]
    first, second, plain = [await make_buyer() for _ in range(3)]
    tiers = {offers[0].id: {"1": "450"}, offers[2].id: {"1": "50", "100": "1"}}
    await make_price_list(seller, first.company_id, tiers)
    await make_price_list(other, second.company_id, {offers[4].id: {"1": "10"}})
    await rebuild(graphql.resources.search)
    return graphql, offers, first, second, plain


async def ask(graphql: GraphQLClient, actor: Actor, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await graphql.run(SEARCH, actor=actor, **asked)).data["searchOffers"]
    return found


def places(offers: list[Offer], page: dict[str, Any]) -> list[int]:
    known = {encode_id("Offer", offer.id): place for place, offer in enumerate(offers, 1)}
    return [known[edge["node"]["id"]] for edge in page["edges"]]


@pytest.mark.parametrize(("buyer", "expected"), [(2, [1, 2, 3]), (0, [2, 3]), (1, [1, 2, 3, 5])])
async def test_a_range_holds_what_the_buyer_pays(
    shop: tuple[GraphQLClient, list[Offer], Actor, Actor, Actor], buyer: int, expected: list[int]
) -> None:
    graphql, offers, *buyers = shop
    page = await ask(graphql, buyers[buyer], filter={"currency": "RUB", "priceTo": "300"})
    assert sorted(places(offers, page)) == expected
    assert page["totalCount"] == page["facets"]["inStock"] == len(expected)
    assert sorted(one["value"] for one in page["facets"]["brands"]) == [
        f"Brand{place}" for place in expected
    ]
    assert page["priceBasis"] == "OWN"
    assert all(Decimal(one["price"]["unitPrice"]["amount"]) <= 300 for one in page["edges"])


async def test_both_bounds_are_inclusive_for_own_prices(
    shop: tuple[GraphQLClient, list[Offer], Actor, Actor, Actor],
) -> None:
    graphql, offers, first, *_ = shop
    exactly = {"currency": "RUB", "priceFrom": "450", "priceTo": "450"}
    assert places(offers, await ask(graphql, first, filter=exactly)) == [1]
    below = {"currency": "RUB", "priceFrom": "100", "priceTo": "449.9999"}
    assert sorted(places(offers, await ask(graphql, first, filter=below))) == [2, 4]


@pytest.mark.parametrize(
    ("buyer", "rising"), [(2, [1, 2, 3, 4, 5]), (0, [3, 2, 4, 1, 5]), (1, [5, 1, 2, 3, 4])]
)
async def test_the_order_by_price_is_the_buyers_over_all_pages(
    shop: tuple[GraphQLClient, list[Offer], Actor, Actor, Actor], buyer: int, rising: list[int]
) -> None:
    graphql, offers, *buyers = shop
    for sort, expected in (("PRICE_ASC", rising), ("PRICE_DESC", rising[::-1])):
        seen: list[int] = []
        after = None
        while True:
            page = await ask(
                graphql, buyers[buyer], filter={"currency": "RUB"}, sort=sort, first=2, after=after
            )
            assert page["totalCount"] == 5
            assert {edge["matchedBy"] for edge in page["edges"]} == {"TEXT"}
            seen += places(offers, page)
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        assert seen == expected


async def test_a_cursor_of_one_order_is_refused_in_another(
    shop: tuple[GraphQLClient, list[Offer], Actor, Actor, Actor],
) -> None:
    graphql, _, first, *_ = shop
    page = await ask(graphql, first, filter={"currency": "RUB"}, sort="PRICE_ASC", first=2)
    reply = await graphql.run(
        SEARCH,
        actor=first,
        filter={"currency": "RUB"},
        sort="PRICE_DESC",
        after=page["pageInfo"]["endCursor"],
    )
    assert reply.codes == ["INVALID_CURSOR"]


async def test_too_many_offers_to_compare_go_by_the_list_price_and_say_so(
    shop: tuple[GraphQLClient, list[Offer], Actor, Actor, Actor],
) -> None:
    graphql, _, first, _, plain = shop
    resources = graphql.resources
    filters = SearchFilters(currency="RUB", price_to=Decimal(300))
    for actor, basis in ((first, PriceBasis.LIST), (plain, PriceBasis.OWN)):
        for sort in (Sort.RELEVANCE, Sort.PRICE_ASC):
            query = await understand(actor, SearchQuery("valve", filters, sort))
            priced = await with_own_prices(
                resources.search, actor, query, resources.clock.now(), most=2
            )
            assert priced.basis is basis
            assert (priced.query, priced.order) == (query, None)


async def test_prices_without_a_currency_are_refused(
    shop: tuple[GraphQLClient, list[Offer], Actor, Actor, Actor],
) -> None:
    graphql, _, first, *_ = shop
    for asked in ({"sort": "PRICE_ASC"}, {"filter": {"priceTo": "5"}}):
        reply = await graphql.run(SEARCH, actor=first, **asked)
        assert reply.codes == ["INVALID_INPUT"]
        assert reply.body["errors"][0]["extensions"]["inputPath"] == ["filter", "currency"]


@pytest.mark.parametrize("price", ["NaN", "Infinity", "-1", "sNaN"])
async def test_no_price_is_a_typed_refusal(
    shop: tuple[GraphQLClient, list[Offer], Actor, Actor, Actor], price: str
) -> None:
    graphql, _, first, *_ = shop
    reply = await graphql.run(SEARCH, actor=first, filter={"currency": "RUB", "priceFrom": price})
    assert reply.codes in (["INVALID_INPUT"], ["BAD_USER_INPUT"])
    assert reply.body.get("data") is None


async def test_a_price_that_leaves_little_finds_nothing_else(
    graphql: GraphQLClient,
) -> None:
    """Neither offers with some of the words nor near numbers, by whatever price."""
    seller = await make_seller()
    exact = [
        await make_offer(seller, await make_product(f"B-{n}", title="Hex bolt"), price="900")
        for n in range(12)
    ]
    dear = await make_offer(seller, await make_product("H-1", title="Hex key"), price="10")
    cheap = await make_offer(seller, await make_product("H-2", title="Hex pin"), price="800")
    numbered = await make_offer(seller, await make_product("QRZ-445577", title="A"), price="900")
    near = await make_offer(seller, await make_product("QRZ-445599", title="B"), price="10")
    buyer = await make_buyer()
    tiers = {dear.id: {"1": "700"}, cheap.id: {"1": "20"}, near.id: {"1": "700"}}
    await make_price_list(seller, buyer.company_id, tiers)
    await rebuild(graphql.resources.search)
    document = SEARCH.replace('query: "valve"', "query: $text").replace(
        "query (", "query ($text: String!, "
    )
    assert len({one.id for one in (*exact, numbered)}) == 13
    for sort in ("RELEVANCE", "PRICE_ASC"):
        given = {"currency": "RUB", "priceTo": "100"}
        page = (
            await graphql.run(document, actor=buyer, text="hex bolt", filter=given, sort=sort)
        ).data["searchOffers"]
        assert [one["price"]["unitPrice"]["amount"] for one in page["edges"]] == ["20"]
        assert page["totalCount"] == 1
        page = (
            await graphql.run(document, actor=buyer, text="QRZ-445577", filter=given, sort=sort)
        ).data["searchOffers"]
        assert (page["edges"], page["totalCount"]) == ([], 0)
