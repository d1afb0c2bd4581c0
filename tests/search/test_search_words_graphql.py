"""The marketplace's words in `searchOffers`: a saved entry is known to the very next search."""

from __future__ import annotations

from typing import Any

from entrepot.platform.catalog.vocabulary import service
from entrepot.platform.catalog.vocabulary.rules import SearchWordKind
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from entrepot.search.reindex import rebuild
from tests.factories import (
    make_actor,
    make_buyer,
    make_company,
    make_offer,
    make_product,
    make_seller,
)
from tests.graphql_client import GraphQLClient

SEARCH = """
query ($text: String!, $first: Int = 10, $after: String) {
  searchOffers(query: $text, first: $first, after: $after) {
    edges { cursor node { articleNumber } } totalCount } }
"""


async def search(graphql: GraphQLClient, buyer: Actor, text: str, **more: Any) -> Any:
    return (await graphql.run(SEARCH, actor=buyer, text=text, **more)).data["searchOffers"]


async def numbers(graphql: GraphQLClient, buyer: Actor, text: str) -> list[str]:
    found = await search(graphql, buyer, text)
    return [edge["node"]["articleNumber"] for edge in found["edges"]]


async def test_words_act_on_the_next_search_without_indexing(graphql: GraphQLClient) -> None:
    operator = await make_actor(*await make_company(operator=True), Role.OPERATOR)
    buyer, seller = await make_buyer(), await make_seller()
    for number, title in (("G-1", "Angle grinder"), ("G-2", "Flex machine"), ("L-3", "Lamp 8 mm")):
        await make_offer(seller, await make_product(number, title=title))
    await rebuild(graphql.resources.search)
    assert await numbers(graphql, buyer, "flex") == ["G-2"]
    made = await service.save(
        operator, None, SearchWordKind.SYNONYM, ["flex machine", "angle grinder"]
    )
    assert sorted(await numbers(graphql, buyer, "angle grinder")) == ["G-1", "G-2"]
    await service.save(operator, made, SearchWordKind.REPLACEMENT, ["zorb"], ["angle grinder"])
    assert await numbers(graphql, buyer, "zorb") == ["G-1"]
    assert await numbers(graphql, buyer, "angle grinder") == ["G-1"]
    await service.delete(operator, made)
    assert await numbers(graphql, buyer, "zorb") == []
    await service.save(operator, None, SearchWordKind.UNIT, ["emem"], ["MMT"])
    assert await numbers(graphql, buyer, "8 emem") == ["L-3"]
    await service.save(operator, None, SearchWordKind.STOP_WORD, ["quickly"])
    assert await numbers(graphql, buyer, "quickly flex") == ["G-2"]


async def test_a_cursor_outlives_a_new_synonym(graphql: GraphQLClient) -> None:
    operator = await make_actor(*await make_company(operator=True), Role.OPERATOR)
    buyer, seller = await make_buyer(), await make_seller()
    for number in range(3):
        await make_offer(seller, await make_product(f"G-{number}", title="Angle grinder"))
    await rebuild(graphql.resources.search)
    first = await search(graphql, buyer, "grinder", first=2)
    await service.save(operator, None, SearchWordKind.SYNONYM, ["grinder", "sander"])
    rest = await search(graphql, buyer, "grinder", first=2, after=first["edges"][-1]["cursor"])
    assert len(rest["edges"]) == 1
