"""Everything wrong that can be sent: a clear typed error, never a fault, nothing half-written.

The schema says what the API takes. Every argument and every field of every input gets every wrong
value of its type while the rest of the operation is valid, from people who may do everything.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import get_named_type, is_leaf_type
from redis.asyncio import Redis

from entrepot.platform.config import Settings
from entrepot.platform.database import Database, execute, fetch, fetch_value, transaction
from entrepot.platform.identity.actor import Actor
from tests.graphql_client import GraphQLClient, Reply
from tests.journeys.hostile_values import Attempt, attempts
from tests.journeys.isolation_world import World, build_world
from tests.journeys.test_isolation import ROWS, filled, roots
from tests.journeys.valid_calls import VALID, prepare_world


@dataclass(frozen=True)
class Market:
    """The API, the world behind it, and people of its buyer and seller who may do everything."""

    api: GraphQLClient
    redis: Redis
    world: World
    people: dict[str, Actor]

    async def send(self, name: str, variables: str, actor: Actor) -> tuple[Reply, bool]:
        """Call a root field; return the reply and whether rows changed. All is undone."""
        await self.redis.flushdb()  # no attempt may hide behind a throttle
        body = f'{{"query": {json.dumps(_document(name))}, "variables": {variables}}}'
        headers = self.api.headers(actor) | {"content-type": "application/json"}
        try:
            async with transaction():
                response = await self.api.http.post(
                    "/graphql", content=body.encode(), headers=headers
                )
                reply = Reply(response.status_code, response.json(), response.headers)
                if "data" not in reply.body or "INTERNAL" in reply.codes:  # nothing ran, or broke
                    raise _Undone(reply, changed=False)
                await execute("SET CONSTRAINTS ALL IMMEDIATE")
                raise _Undone(reply, await _digest() != self.before)
        except _Undone as undone:
            return undone.reply, undone.changed

    @property
    def before(self) -> str:
        """The digest of all rows before any call."""
        return self.world.ids["digest"]


class _Undone(Exception):
    """Rolls a call back, and carries what it did."""

    def __init__(self, reply: Reply, changed: bool) -> None:
        super().__init__()
        self.reply, self.changed = reply, changed


def _document(name: str) -> str:
    """The operation that calls a root field with all its arguments."""
    kind, found = roots()[name]
    variables = ", ".join(f"${key}: {argument.type}" for key, argument in found.args.items())
    passed = ", ".join(f"{key}: ${key}" for key in found.args)
    body = "" if is_leaf_type(get_named_type(found.type)) else "{ __typename }"
    if kind == "mutation":
        body = "{ __typename ... on UserError { code message path lineIndex } }"
    head = f"{kind} ({variables})" if variables else kind
    return f"{head} {{ {name}{f'({passed})' if passed else ''} {body} }}"


async def _digest() -> str:
    """One text that differs when any row of any table does."""
    tables = await fetch(
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    )
    parts = (
        f"(SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{table['name']}\" t)"
        for table in tables
    )
    found: str = await fetch_value(f"SELECT concat_ws(' ', {', '.join(parts)})")
    return found


@pytest.fixture
async def market(settings: Settings, database: Database, redis: Redis) -> AsyncIterator[Market]:
    """The world of the isolation matrix, prepared so that nearly every operation succeeds."""
    api = GraphQLClient(settings, database, redis)
    world = await build_world()
    people = await prepare_world(api, world)
    world.ids["digest"] = await _digest()
    yield Market(api, redis, world, people)
    await api.close()


def _failed(reply: Reply, name: str) -> bool:
    return "errors" in reply.body or refused_member(reply.body["data"][name])


def refused_member(answer: Any) -> bool:
    """Whether an answer is an error of the result union."""
    return answer is None or (isinstance(answer, dict) and "code" in answer)


@pytest.fixture
def calls(market: Market) -> dict[str, dict[str, Any]]:
    """A valid call of every root field."""
    return {
        name: filled(VALID.get(name, row.arguments), market.world) for name, row in ROWS.items()
    }


async def _who_may(market: Market, name: str, call: dict[str, Any]) -> Actor | None:
    """The one of our people for whom the valid call succeeds."""
    for actor in market.people.values():
        reply, _ = await market.send(name, json.dumps(call).replace("#", "0"), actor)
        if not _failed(reply, name):
            return actor
    return None


async def test_every_wrong_value_in_every_input(
    market: Market, calls: dict[str, dict[str, Any]]
) -> None:
    problems: list[str] = []
    never: dict[str, Any] = {}
    tried = 0
    for name, call in calls.items():
        actor = await _who_may(market, name, call)
        if actor is None:
            actor = market.people["buyer"]
            never[name] = (await market.send(name, json.dumps(call), actor))[0].body
        arguments = {
            key: (argument.type, call.get(key)) for key, argument in roots()[name][1].args.items()
        }
        for attempt in attempts(arguments):
            tried += 1
            reply, changed = await market.send(name, attempt.variables, actor)
            problems += _judged(name, attempt, reply, changed)
    assert never == {}
    assert problems == []
    assert tried > 5000


def _judged(name: str, attempt: Attempt, reply: Reply, changed: bool) -> list[str]:
    where = f"{name}: {attempt.where!r}"
    if reply.status >= 500 or "INTERNAL" in reply.codes:
        return [f"{where}: a fault, {reply.status} {str(reply.body)[:200]}"]
    errors = reply.body.get("errors", [])
    if any(not error["extensions"]["code"] or not error["message"] for error in errors):
        return [f"{where}: an error without code or message: {errors}"]
    if len(str(reply.body)) > 5000 and errors:
        return [f"{where}: an answer of {len(str(reply.body))} characters"]
    if changed and (errors or refused_member((reply.body.get("data") or {}).get(name))):
        return [f"{where}: refused, but rows changed: {str(reply.body)[:200]}"]
    return []
