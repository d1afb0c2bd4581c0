"""Persisted documents: what ships is valid, ids are the hash of the text, GET changes nothing."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
import strawberry

from entrepot.graphql.context import RequestContext
from entrepot.graphql.execution import Engine, GraphQLRequest, core_schema
from entrepot.graphql.fields import field, mutation
from entrepot.graphql.query_documents import (
    CACHED_DOCUMENTS,
    Documents,
    UnknownDocument,
    document_id,
    load_persisted,
)
from entrepot.graphql.schema import schema
from entrepot.platform.config import load_settings
from tests.graphql_client import offline_resources

RAISE = "mutation Raise { increase }"
BOTH = "query Read { level } mutation Raise { increase }"
levels = [0]


@strawberry.type
class Query:
    @field("Level.")
    def level(self) -> int:
        return levels[0]


@strawberry.type
class Mutation:
    @mutation("Raise.")
    def increase(self) -> int:
        levels[0] += 1
        return levels[0]


SCHEMA = strawberry.Schema(query=Query, mutation=Mutation)


async def run(request: GraphQLRequest, *, by_get: bool) -> tuple[object, list[str]]:
    settings = load_settings()
    engine = Engine(SCHEMA, settings)
    engine.documents = Documents(
        core_schema(SCHEMA),
        max_cost=99,
        max_depth=9,
        introspection=True,
        persisted={document_id(text): text for text in (RAISE, BOTH)},
    )
    context = RequestContext(offline_resources(Path("/nonexistent")), None, "en", "r", "a")
    body = (await engine.run(request, context, by_get=by_get)).body
    return body.get("data"), [error["extensions"]["code"] for error in body.get("errors", [])]


def test_shipped_documents_are_valid() -> None:
    documents = Documents(core_schema(schema), max_cost=5000, max_depth=15, introspection=True)
    assert len(documents.persisted) >= 2
    for text in documents.persisted.values():
        prepared, operation, cost = documents.prepare(text, None, {})
        assert prepared.text == text
        assert operation.operation.value == "query"
        assert cost.requested <= 5000


def test_ids_are_hashes_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_text("{ level }\n", "utf-8")
    expected = "sha256:" + sha256(b"{ level }").hexdigest()
    assert load_persisted(tmp_path) == {expected: "{ level }"}


@pytest.mark.parametrize(
    "request_",
    [
        GraphQLRequest(document_id=document_id(RAISE)),
        GraphQLRequest(query=RAISE),
        GraphQLRequest(query=BOTH, operation_name="Raise"),
    ],
)
async def test_get_never_mutates(request_: GraphQLRequest) -> None:
    before = levels[0]
    assert await run(request_, by_get=True) == (None, ["MUTATION_BY_GET"])
    assert levels[0] == before
    data, codes = await run(request_, by_get=False)
    assert (data, codes) == ({"increase": before + 1}, [])


async def test_get_reads() -> None:
    request = GraphQLRequest(query=BOTH, operation_name="Read")
    assert await run(request, by_get=True) == ({"level": levels[0]}, [])


async def test_unknown_documents() -> None:
    unknown = GraphQLRequest(document_id="sha256:0")
    assert await run(unknown, by_get=False) == (None, ["PERSISTED_DOCUMENT_NOT_FOUND"])
    documents = Documents(
        core_schema(SCHEMA), max_cost=9, max_depth=9, introspection=True, persisted={}
    )
    with pytest.raises(UnknownDocument):
        documents.text_of("x" * 1000)


def test_the_cache_is_bounded() -> None:
    documents = Documents(
        core_schema(SCHEMA), max_cost=9, max_depth=9, introspection=True, persisted={}
    )
    first = documents.prepare("{ level }", None, {})[0]
    for number in range(CACHED_DOCUMENTS - 1):
        documents.prepare(f"{{ a{number}: level }}", None, {})
    assert documents.prepare("{ level }", None, {})[0] is first
    documents.prepare("{ one: level }", None, {})  # drops a0, the least recently used
    assert documents.prepare("{ level }", None, {})[0] is first
    for number in range(CACHED_DOCUMENTS):
        documents.prepare(f"{{ b{number}: level }}", None, {})
    assert documents.prepare("{ level }", None, {})[0] is not first


def test_large_documents_push_others_out() -> None:
    documents = Documents(
        core_schema(SCHEMA), max_cost=9, max_depth=9, introspection=True, persisted={}
    )
    first = documents.prepare("{ level }", None, {})[0]
    for number in range(25):
        documents.prepare(f"{{ a{number}: level }} #" + "x" * 90_000, None, {})
    assert documents.prepare("{ level }", None, {})[0] is not first
