"""The marketplace's search words: saved, listed and deleted by the operator, seen at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.vocabulary import queries, service
from entrepot.platform.catalog.vocabulary.rules import SearchWordKind
from entrepot.platform.database import execute, fetch, fetch_value
from entrepot.platform.errors import Forbidden
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from tests.factories import make_actor, make_buyer, make_company, make_seller
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

SAVE = """
mutation ($input: SaveSearchWordInput!) { saveSearchWord(input: $input) {
  __typename ... on UserError { code path message }
  ... on SearchWordContradiction { word wordIndex }
  ... on SearchWordPayload { searchWord { id kind words means } } } }
"""
DELETE = """
mutation ($id: ID!) { deleteSearchWord(input: {searchWordId: $id}) {
  __typename ... on UserError { code path } ... on DeleteSearchWordPayload { searchWordId } } }
"""
LIST = """
query ($first: Int!, $after: String, $kind: SearchWordKind) {
  searchWords(first: $first, after: $after, kind: $kind) {
    edges { node { id words } } pageInfo { hasNextPage endCursor } } }
"""
NODE = "query ($id: ID!) { node(id: $id) { ... on SearchWord { words } } }"


async def make_operator() -> Actor:
    return await make_actor(*await make_company(operator=True), Role.OPERATOR)


async def save(graphql: GraphQLClient, actor: Actor, kind: str, *words: str, **more: Any) -> Any:
    given = {"kind": kind, "words": list(words), **more}
    return (await graphql.run(SAVE, actor=actor, input=given)).data["saveSearchWord"]


async def test_saved_replaced_deleted(graphql: GraphQLClient) -> None:
    operator = await make_operator()
    made = (await save(graphql, operator, "SYNONYM", " УШМ", "болгарка"))["searchWord"]
    assert (made["kind"], made["words"], made["means"]) == ("SYNONYM", ["УШМ", "болгарка"], [])
    again = await save(
        graphql, operator, "REPLACEMENT", "УШМ", means=["болгарка"], searchWordId=made["id"]
    )
    assert again["searchWord"]["id"] == made["id"]
    assert again["searchWord"]["means"] == ["болгарка"]
    rows = await fetch("SELECT kind, words, means FROM search_word")
    assert [tuple(row.values()) for row in rows] == [("replacement", ["УШМ"], ["болгарка"])]
    gone = (await graphql.run(DELETE, actor=operator, id=made["id"])).data["deleteSearchWord"]
    assert gone == {"__typename": "DeleteSearchWordPayload", "searchWordId": made["id"]}
    twice = (await graphql.run(DELETE, actor=operator, id=made["id"])).data["deleteSearchWord"]
    assert twice["code"] == "NOT_FOUND"
    assert await fetch_value("SELECT count(*) FROM search_word") == 0


async def test_refusals_name_the_word_and_change_nothing(graphql: GraphQLClient) -> None:
    operator = await make_operator()
    await save(graphql, operator, "STOP_WORD", "купить")
    bad = await save(graphql, operator, "SYNONYM", "ушм", "")
    assert (bad["code"], bad["path"]) == ("INVALID_INPUT", ["input", "words", "1"])
    refused = await save(graphql, operator, "SYNONYM", "взять", "Купить")
    assert refused["code"] == "SEARCH_WORD_CONTRADICTION"
    assert (refused["path"], refused["wordIndex"]) == (["input", "words", "1"], 1)
    assert refused["message"] == "“Купить” is a stop word already. Change that entry first."
    absent = encode_id("SearchWord", operator.user_id)
    missing = await save(graphql, operator, "STOP_WORD", "x", searchWordId=absent)
    assert (missing["code"], missing["path"]) == ("NOT_FOUND", ["input", "searchWordId"])
    assert await fetch_value("SELECT array_agg(words) FROM search_word") == [["купить"]]


async def test_only_so_many(graphql: GraphQLClient) -> None:
    operator = await make_operator()
    await execute(
        "INSERT INTO search_word (id, kind, words, means, updated_at)"
        " SELECT gen_random_uuid(), 'stop_word', ARRAY['w' || n], '{}', now()"
        "   FROM generate_series(1, 2000) n"
    )
    refused = await save(graphql, operator, "STOP_WORD", "one")
    assert refused["code"] == "TOO_MANY_SEARCH_WORDS"
    assert await fetch_value("SELECT count(*) FROM search_word") == 2000
    one = await fetch_value("SELECT id FROM search_word LIMIT 1")
    replaced = await save(
        graphql, operator, "STOP_WORD", "one", searchWordId=encode_id("SearchWord", one)
    )
    assert replaced["searchWord"]["words"] == ["one"]


async def test_only_the_operator(graphql: GraphQLClient) -> None:
    operator = await make_operator()
    made = (await save(graphql, operator, "STOP_WORD", "secret"))["searchWord"]
    seller = (await make_seller()).actor
    for actor in (await make_buyer(), seller, await make_buyer(Role.ADMINISTRATOR)):
        assert (await save(graphql, actor, "STOP_WORD", "mine"))["code"] == "FORBIDDEN"
        reply = await graphql.run(DELETE, actor=actor, id=made["id"])
        assert reply.data["deleteSearchWord"]["code"] == "FORBIDDEN"
        assert (await graphql.run(LIST, actor=actor, first=5)).codes == ["FORBIDDEN"]
        assert (await graphql.run(NODE, actor=actor, id=made["id"])).data == {"node": None}
        with pytest.raises(Forbidden):
            await queries.search_words(actor, None, after=None, limit=1)
    assert await fetch_value("SELECT array_agg(words) FROM search_word") == [["secret"]]


async def test_listed_by_first_word_in_pages(graphql: GraphQLClient) -> None:
    operator = await make_operator()
    for word in ("delta", "alpha", "charlie", "bravo"):
        await save(graphql, operator, "STOP_WORD", word)
    await save(graphql, operator, "SYNONYM", "alpha2", "beta2")
    found, after = [], None
    while True:
        async with counted_sql() as statements:
            reply = await graphql.run(LIST, actor=operator, first=2, after=after, kind="STOP_WORD")
        assert len([one for one in statements if "search_word" in one]) == 1
        page = reply.data["searchWords"]
        found += [edge["node"]["words"][0] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == ["alpha", "bravo", "charlie", "delta"]


async def test_a_change_is_seen_by_the_next_search(graphql: GraphQLClient) -> None:
    operator = await make_operator()
    before = await queries.vocabulary()
    assert before.synonyms == ()
    made = await service.save(operator, None, SearchWordKind.SYNONYM, ["УШМ", "болгарка"])
    first = await queries.vocabulary()
    assert first.synonyms == (("ушм", "болгарка"),)
    assert await queries.vocabulary() is first
    async with counted_sql() as statements:
        assert await queries.vocabulary(first.version) is first
    assert statements == []
    await service.save(operator, made, SearchWordKind.SYNONYM, ["УШМ", "машинка"])
    assert (await queries.vocabulary()).synonyms == (("ушм", "машинка"),)
    await service.delete(operator, made)
    assert (await queries.vocabulary()).synonyms == ()


async def test_every_write_makes_another_version(graphql: GraphQLClient) -> None:
    operator = await make_operator()
    seen = {(await queries.vocabulary()).version}

    async def one(number: int) -> None:
        made = await service.save(operator, None, SearchWordKind.STOP_WORD, [f"w{number}"])
        await service.save(operator, made, SearchWordKind.STOP_WORD, [f"x{number}"])

    await asyncio.gather(*(one(number) for number in range(8)))
    moments = await fetch("SELECT DISTINCT updated_at FROM search_word")
    assert len(moments) == 8
    for row in await fetch("SELECT id FROM search_word"):
        await service.delete(operator, row["id"])
        version = (await queries.vocabulary()).version
        if await fetch_value("SELECT count(*) FROM search_word"):
            assert version not in seen
        seen.add(version)
