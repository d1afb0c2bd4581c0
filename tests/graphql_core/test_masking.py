"""Unexpected exceptions: masked for the caller, logged once with the request id and traceback."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import strawberry
from graphql import GraphQLError
from structlog.testing import capture_logs

from entrepot.asgi import create_app
from entrepot.graphql.context import RequestContext
from entrepot.graphql.execution import Engine, GraphQLRequest
from entrepot.graphql.fields import field
from entrepot.platform.config import load_settings
from entrepot.platform.identity.actor import Actor
from tests.graphql_client import offline_resources

SECRET = "select password from users"


@strawberry.type
class Query:
    @field("Fails.")
    def fails(self) -> int | None:
        raise RuntimeError(SECRET)

    @field("Fails where null may not be.")
    async def fails_hard(self) -> int:
        raise RuntimeError(SECRET)

    @field("Raises graphql-core's own error.")
    def fails_in_graphql(self) -> int | None:
        raise GraphQLError(SECRET)

    @field("Answers null where it may not.")
    def nothing(self) -> int:
        return None  # type: ignore[return-value]


ENGINE = Engine(strawberry.Schema(query=Query), load_settings())


@pytest.mark.parametrize("name", ["fails", "failsHard", "failsInGraphql", "nothing"])
async def test_masked_and_logged_once(name: str) -> None:
    resources = offline_resources(Path("/nonexistent"))
    context = RequestContext(resources, None, "en", "request-1", "127.0.0.1")
    with capture_logs() as logs:
        outcome = await ENGINE.run(GraphQLRequest(query=f"{{ {name} }}"), context)
    [error] = outcome.body["errors"]
    assert error == {
        "message": "Internal error",
        "extensions": {"code": "INTERNAL", "requestId": "request-1"},
        "locations": [{"line": 1, "column": 3}],
        "path": [name],
    }
    assert outcome.executed
    [entry] = logs
    assert (entry["log_level"], entry["path"], entry["request_id"]) == ("error", name, "request-1")
    assert isinstance(entry["exc_info"], Exception)


async def test_failure_before_the_resolvers_is_masked_too(tmp_path: Path) -> None:
    async def broken(_token: str) -> Actor | None:
        raise ConnectionError(SECRET)

    app = create_app(resources=replace(offline_resources(tmp_path), authenticate=broken))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as http:
        headers = {
            "authorization": "Bearer x",
            "x-request-id": "request-2",
            "accept-language": "ru",
        }
        with capture_logs() as logs:
            response = await http.post(
                "/graphql", json={"query": "{ apiVersion }"}, headers=headers
            )
    assert response.status_code == 500
    assert response.json() == {
        "errors": [
            {
                "message": "Внутренняя ошибка",
                "extensions": {"code": "INTERNAL", "requestId": "request-2"},
            }
        ]
    }
    assert [entry["event"] for entry in logs] == ["unexpected error outside a resolver", "request"]
    assert logs[0]["request_id"] == "request-2"
