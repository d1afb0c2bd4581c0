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
from tests.journeys.hostile_values import LONG, Attempt, attempts
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
                wrote = await fetch_value("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
                if not wrote:  # comparing all rows takes longer than the call
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
    if len(str(reply.body)) > 20_000 and errors:
        return [f"{where}: an answer of {len(str(reply.body))} characters"]
    if changed and (errors or refused_member((reply.body.get("data") or {}).get(name))):
        return [f"{where}: refused, but rows changed: {str(reply.body)[:200]}"]
    return []


DEEP = 1000  # levels: nearly what the JSON parser allows
DEEP_VALUES = {
    "lists": "[" * DEEP + "]" * DEEP,
    "objects": '{"input":' * DEEP + "1" + "}" * DEEP,
    "roles": '{"email": "x@example.test", "roles": ' + "[" * DEEP + "]" * DEEP + "}",
    "wide": json.dumps({f"k{n}": n for n in range(50_000)}),
    "many": json.dumps({"email": "x@example.test", "roles": ["BUYER"] * 90_000}),
    "wrong many": json.dumps({"email": "x@example.test", "roles": ["NO"] * 90_000}),
    "numbers": '{"email": ' + "9" * LONG + ', "roles": []}',
    "escapes": '{"email": "' + "\\u0001" * (LONG // 6) + '", "roles": []}',
    "surrogate": '{"email": "\\ud800", "roles": []}',
    "infinite": '{"email": 1e400, "roles": []}',
}


@pytest.mark.parametrize("name", DEEP_VALUES)
async def test_deep_and_huge_variables(market: Market, name: str) -> None:
    variables = f'{{"input": {DEEP_VALUES[name]}}}'
    reply, changed = await market.send("inviteMember", variables, market.people["buyer"])
    attempt = Attempt(name, "")
    assert _judged("inviteMember", attempt, reply, changed) == []
    assert reply.codes or refused_member(reply.body["data"]["inviteMember"]) or name == "many"


HEADERS = {
    "idempotency-key": (b"", b" ", b"\xff\xfe", b"x" * 5000, b"\xd1\x8f" * 60, b"\x7f", b"a\tb"),
    "authorization": (b"Bearer", b"Bearer ", b"Bearer \xff\xfe", b"Bearer ek_", b"Bearer ek_a_b",
                      b"Bearer " + b"x" * 9000, b"Basic \xff", b"\x7f", b"Bearer ek_" + b"_" * 99),
    "cookie": (b"entrepot_session=", b"entrepot_session=\xff", b"=;=;", b"a" * 9000),
    "accept-language": (b"", b"\xff", b",,,;q=1", b"ru;q=" + b"9" * 400, b"x" * 9000),
    "accept": (b"", b"\xff", b"*/*;q=x", b";;;,", b"application/json;q=1e400"),
    "origin": (b"null", b"http://[", b"\xff", b"http://x:99999999"),
    "content-type": (b"", b"application/json;charset=\xff", b"application/json; charset=utf-7"),
    "traceparent": (b"\xff", b"00-zz", b"x" * 500),
    "x-request-id": (b"\xff", b"", b"x" * 9000, b"a b"),
    "content-length": (b"-1", b"x", b"9" * 40),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
async def test_headers_that_nobody_means(market: Market, name: str) -> None:
    actor = market.people["buyer"]
    variables = json.dumps({"input": {"poNumber": "1"}})
    body = f'{{"query": {json.dumps(_document("placeOrder"))}, "variables": {variables}}}'
    for value in HEADERS[name]:
        headers = {key.encode(): text.encode() for key, text in market.api.headers(actor).items()}
        headers |= {b"content-type": b"application/json", name.encode(): value}
        if name == "origin":
            headers[b"cookie"] = b"entrepot_session=x"
            del headers[b"authorization"]
        response = await market.api.http.post(
            "/graphql", content=body.encode(), headers=list(headers.items())
        )
        assert response.status_code < 500, (value, response.text)
        assert "INTERNAL" not in response.text, (value, response.text)


PATHS = (
    "/uploads/{}", "/files/{}", "/graphql?query={}", "/graphql?documentId={}&variables={}",
    "/graphql?documentId=x&extensions={}", "/confirm-email?token={}", "/graphiql/static/{}", "/{}",
)  # fmt: skip
IN_PATHS = ("%00", "%FF%FE", "%ED%A0%80", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/", "a" * 5000,
            "%7B%7D", "%5B", "1e400", "{}", "%E2%80%AE", "'--", "%C2%B2", ".")  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_addresses_that_lead_nowhere(market: Market, path: str) -> None:
    for value in IN_PATHS:
        address = path.replace("{}", value)
        for method in ("GET", "PUT", "POST", "DELETE", "BREW"):
            response = await market.api.http.request(method, address, content=b"x")
            assert response.status_code < 500, (method, address, response.text)
            assert "INTERNAL" not in response.text, (method, address, response.text)
            assert "root:" not in response.text
    assert await _digest() == market.before
