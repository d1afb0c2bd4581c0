"""Unmet demand from a buyer's search to the operator's list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from entrepot.platform.catalog.unmet_demand.service import keep
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from entrepot.platform.retention import delete_unmet_demand
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
from tests.sql_counter import counted_sql

LIST = """
query List($first: Int! = 20, $after: String) {
  unmetDemand(first: $first, after: $after) {
    edges { node {
      query companies searches firstAt lastAt nowFound askedBy { name searches }
    } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
DISMISS = """
mutation Dismiss($query: String!, $verdict: UnmetDemandVerdict!) {
  dismissUnmetDemand(input: {query: $query, verdict: $verdict}) {
    __typename
    ... on DismissUnmetDemandPayload { query }
    ... on UserError { code path }
  }
}
"""
SEARCH = """
query Search($text: String!, $filter: OfferFilter) {
  searchOffers(query: $text, filter: $filter) { totalCount }
}
"""


async def make_operator() -> Actor:
    return await make_actor(*await make_company(operator=True), Role.OPERATOR)


async def listed(graphql: GraphQLClient, actor: Actor, **page: Any) -> list[dict[str, Any]]:
    data = (await graphql.run(LIST, actor=actor, **page)).data["unmetDemand"]
    return [edge["node"] for edge in data["edges"]]


def counts(rows: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return [(row["query"], row["companies"], row["searches"]) for row in rows]


async def test_from_a_search_to_the_list_and_off_it(graphql: GraphQLClient) -> None:
    await rebuild(graphql.resources.search)
    operator, one, two = await make_operator(), await make_buyer(), await make_buyer()
    seller = await make_seller()
    for buyer, text in ((one, "Kr-4410 "), (one, "kr 4410"), (two, "КR4410"), (one, "насос"),
                        (seller.actor, "X-9"), (operator, "X-9"), (one, " - ")):  # fmt: skip
        await graphql.run(SEARCH, actor=buyer, text=text)
    await graphql.run(SEARCH, actor=one, text="filtered", filter={"inStock": True})
    rows = await listed(graphql, operator)
    assert counts(rows) == [("КR4410", 2, 3), ("насос", 1, 1)]
    assert [row["nowFound"] for row in rows] == [0, 0]
    names = [(one["name"], one["searches"]) for one in rows[0]["askedBy"]]
    assert [count for _, count in names] == [2, 1]

    await make_offer(seller, await make_product("KR-4410"))
    await rebuild(graphql.resources.search)
    assert [row["nowFound"] for row in await listed(graphql, operator)] == [1, 0]

    gone = await graphql.run(DISMISS, actor=operator, query="KR/4410", verdict="DONE")
    assert gone.data["dismissUnmetDemand"] == {
        "__typename": "DismissUnmetDemandPayload",
        "query": "KR/4410",
    }
    await graphql.run(DISMISS, actor=operator, query="Насос", verdict="SPAM")
    assert await listed(graphql, operator) == []
    later = FixedClock(datetime.now(UTC) + timedelta(days=9))
    for text in ("kr4410", "насос"):
        await keep(two, text, clock=later)
    assert counts(await listed(graphql, operator)) == [("kr4410", 1, 1)]


async def test_what_nobody_asked_cannot_be_dismissed(graphql: GraphQLClient) -> None:
    operator = await make_operator()
    for text in ("KR-1", "", "...", "x" * 10_000, "\u200b\u202e"):
        answer = await graphql.run(DISMISS, actor=operator, query=text, verdict="DONE")
        assert answer.data["dismissUnmetDemand"]["code"] == "NOT_FOUND"
    assert await fetch_value("SELECT count(*) FROM unmet_dismissal") == 0


async def test_nobody_else_learns_or_dismisses_it(graphql: GraphQLClient) -> None:
    buyer, seller = await make_buyer(), (await make_seller()).actor
    await keep(buyer, "SECRET-1", clock=FixedClock(datetime.now(UTC)))
    for actor in (buyer, await make_buyer(), seller):
        answer = await graphql.run(LIST, actor=actor)
        assert answer.codes == ["FORBIDDEN"]
        assert "SECRET" not in str(answer.body)
        answer = await graphql.run(DISMISS, actor=actor, query="SECRET-1", verdict="SPAM")
        assert answer.data["dismissUnmetDemand"]["code"] == "FORBIDDEN"
    assert (await graphql.run(LIST)).codes == ["UNAUTHENTICATED"]
    assert await fetch_value("SELECT count(*) FROM unmet_dismissal") == 0


async def test_pages_hold_each_question_once_at_the_same_cost(graphql: GraphQLClient) -> None:
    await rebuild(graphql.resources.search)
    operator = await make_operator()
    clock = FixedClock(datetime.now(UTC))
    for position, buyer in enumerate([await make_buyer() for _ in range(4)]):
        for number in range(12 - position * 3):
            await keep(buyer, f"KR-{number:04d}", clock=clock)
    seen: list[str] = []
    after = None
    while True:
        page = (await graphql.run(LIST, actor=operator, first=5, after=after)).data["unmetDemand"]
        seen += [edge["node"]["query"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [f"KR-{number:04d}" for number in range(12)]
    costs = []
    for first in (2, 12):
        async with counted_sql() as statements:
            await listed(graphql, operator, first=first)
        costs.append(len(statements))
    assert costs[0] == costs[1]


async def test_it_is_kept_for_thirteen_months(graphql: GraphQLClient) -> None:
    buyer, now = await make_buyer(), datetime.now(UTC)
    for days in (0, 395, 397):
        await keep(buyer, f"KR-{days:04d}", clock=FixedClock(now - timedelta(days=days)))
    assert await delete_unmet_demand(now) == 1
    assert await delete_unmet_demand(now) == 0
    assert await fetch_value("SELECT array_agg(key ORDER BY key) FROM unmet_query") == [
        "kr0000",
        "kr0395",
    ]
