"""An index that has yet to hear of a change: what is hidden now is shown to nobody."""

from __future__ import annotations

from typing import Any

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.assortments import service as assortments
from entrepot.search.reindex import rebuild
from tests.factories import make_buyer, make_offer, make_price_list, make_product, make_seller
from tests.graphql_client import GraphQLClient

SEARCH = """
query ($text: String!, $after: String, $sort: OfferSort! = RELEVANCE, $filter: OfferFilter) {
  searchOffers(query: $text, first: 3, after: $after, sort: $sort, filter: $filter) {
    edges { node { id articleNumber } } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
SUGGEST = """
query ($text: String!) {
  searchSuggestions(query: $text, first: 20) { numbers { id } names { id } }
}
"""
OFFERS = 30


async def test_offers_restricted_a_moment_ago_are_on_no_page(graphql: GraphQLClient) -> None:
    seller = await make_seller()
    offers = [
        await make_offer(seller, await make_product(f"KR-{n:04d}", title="Valve"), price=str(n + 1))
        for n in range(OFFERS)
    ]
    kept = {encode_id("Offer", offers[-1].id), encode_id("Offer", offers[0].id)}
    plain, priced = await make_buyer(), await make_buyer()
    await make_price_list(seller, priced.company_id, {offers[3].id: {"1": "0.5"}})
    await rebuild(graphql.resources.search)
    listed = await assortments.create_assortment(seller.actor, "Secret")
    await assortments.set_offers(seller.actor, listed, add=[one.id for one in offers[1:-1]])

    asked: list[dict[str, Any]] = [
        {"text": ""},
        {"text": "valve"},
        {"text": "KR-0"},
        {"text": "valve", "sort": "NEWEST"},
        {"text": "valve", "sort": "PRICE_ASC", "filter": {"currency": "RUB"}},
        {"text": "", "sort": "PRICE_DESC", "filter": {"currency": "RUB", "priceTo": "99"}},
    ]
    for buyer in (plain, priced):
        for question in asked:
            seen: list[str] = []
            after, pages = None, 0
            while True:
                reply = await graphql.run(SEARCH, actor=buyer, after=after, **question)
                page = reply.data["searchOffers"]
                seen += [edge["node"]["id"] for edge in page["edges"]]
                pages += 1
                if not page["pageInfo"]["hasNextPage"]:
                    break
                after = page["pageInfo"]["endCursor"]
                assert after is not None, question
                assert pages < OFFERS
            assert (sorted(seen), len(seen)) == (sorted(kept), 2), question
        for text in ("KR-0", "val", "KR-0003"):
            told = (await graphql.run(SUGGEST, actor=buyer, text=text)).data["searchSuggestions"]
            assert {one["id"] for kind in told.values() for one in kind} <= kept, text
