"""What operators see of a web application: health, metrics, request ids, access lines."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from entrepot.asgi import create_app
from entrepot.observability.metrics import Metrics
from entrepot.observability.middleware import accepted_request_id, method_label
from entrepot.platform.database import Database, execute
from tests.factories import make_buyer
from tests.graphql_client import GraphQLClient, offline_resources


def offline(home: Path) -> httpx.AsyncClient:
    """A client of an application none of whose parts answers."""
    transport = httpx.ASGITransport(create_app(resources=offline_resources(home)))
    return httpx.AsyncClient(transport=transport, base_url="http://entrepot.test")


async def test_all_parts_ready(graphql: GraphQLClient) -> None:
    response = await graphql.http.get("/health/ready")
    parts = {"database": "ok", "migrations": "ok", "redis": "ok", "search": "ok"}
    assert response.json() == {"status": "ok", "parts": parts}
    assert response.status_code == 200


async def test_missing_migration_is_not_ready(graphql: GraphQLClient) -> None:
    await execute(
        "DELETE FROM tortoise_migrations WHERE id = (SELECT max(id) FROM tortoise_migrations)"
    )
    response = await graphql.http.get("/health/ready")
    assert response.status_code == 503
    body = response.json()
    assert body["status"] == "unavailable"
    assert body["parts"] == {
        "database": "ok",
        "migrations": "unavailable",
        "redis": "ok",
        "search": "ok",
    }


async def test_alive_though_nothing_else_is(tmp_path: Path) -> None:
    async with offline(tmp_path) as http:
        assert (await http.get("/health/live")).json() == {"status": "ok"}
        with capture_logs() as logs:
            ready = await http.get("/health/ready")
        assert ready.status_code == 503
        assert ready.json()["parts"]["redis"] == "unavailable"
        assert "127.0.0.1" not in ready.text  # addresses go to the log only
        assert {"redis", "database", "migrations"} <= {entry.get("part") for entry in logs}
        metrics = await http.get("/metrics")
        assert metrics.status_code == 200


async def test_metrics_count_requests_operations_and_errors(graphql: GraphQLClient) -> None:
    await graphql.run("{ __typename }")
    await graphql.run("query SomebodysName { apiVersion }")
    await graphql.run("{ nope }")
    await graphql.http.get("/somewhere/else")
    text = (await graphql.http.get("/metrics")).text
    for line in (
        'entrepot_http_requests_total{method="POST",route="/graphql",status="200"} 2.0',
        'entrepot_http_requests_total{method="POST",route="/graphql",status="400"} 1.0',
        'entrepot_http_requests_total{method="GET",route="other",status="404"} 1.0',
        'entrepot_http_request_seconds_count{route="/graphql"} 3.0',
        'entrepot_graphql_operations_total{operation="anonymous",type="query"} 1.0',
        'entrepot_graphql_operations_total{operation="other",type="query"} 1.0',
        'entrepot_graphql_errors_total{code="GRAPHQL_VALIDATION_FAILED"} 1.0',
        "entrepot_graphql_cost_sum 2.0",
        "entrepot_outbox_waiting 0.0",
        "entrepot_outbox_dead 0.0",
    ):
        assert line in text.splitlines(), line


async def test_a_failing_reading_keeps_the_page() -> None:
    metrics = Metrics()
    values = iter([3.0])

    async def read() -> dict[str, float]:
        try:
            return {"depth": next(values)}
        except StopIteration:
            raise RuntimeError("away") from None

    metrics.add_gauges({"depth": "How deep."}, read)
    assert b"\ndepth 3.0\n" in await metrics.render()
    with capture_logs() as logs:
        assert b"\ndepth 3.0\n" in await metrics.render()
    assert [entry["event"] for entry in logs] == ["figures cannot be read"]


async def test_access_line(graphql: GraphQLClient, database: Database) -> None:
    buyer = await make_buyer()
    with capture_logs() as logs:
        await graphql.run("query Version { apiVersion }", actor=buyer)
    [line] = [entry for entry in logs if entry["event"] == "request"]
    assert line.pop("ms") > 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "operation": "Version",
        "cost": 1,
        "actor": str(buyer.user_id),
    }


async def test_quiet_routes_leave_no_access_line(tmp_path: Path) -> None:
    async with offline(tmp_path) as http:
        with capture_logs() as logs:
            await http.get("/health/live")
            await http.get("/graphiql/static/style.css")
    assert [entry for entry in logs if entry["event"] == "request"] == []


@pytest.mark.parametrize("given", ["abcdefgh", "01a209c7-5226", "trace_1.2-3"])
async def test_sane_request_ids_are_kept(tmp_path: Path, given: str) -> None:
    async with offline(tmp_path) as http:
        response = await http.get("/health/live", headers={"x-request-id": given})
    assert response.headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given", [None, "", "short", "x" * 101, 'evil"quote', "a b c d e f", "яяяя"]
)
def test_other_request_ids_are_replaced(given: str | None) -> None:
    made = accepted_request_id(given)
    assert made != given
    assert len(made) == 32
    assert accepted_request_id(given) != made


async def test_the_bare_address_leads_to_graphiql(tmp_path: Path) -> None:
    async with offline(tmp_path) as http:
        reply = await http.get("/")
        assert (reply.status_code, reply.headers["location"]) == (307, "/graphql")


async def test_security_headers_on_everything(tmp_path: Path) -> None:
    async with offline(tmp_path) as http:
        for path in ("/health/live", "/graphql", "/nowhere", "/graphiql/static/style.css"):
            headers = (await http.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "same-origin"
            assert "access-control-allow-origin" not in headers


def test_labels_have_few_values() -> None:
    assert method_label("POST") == "POST"
    assert method_label("EVIL1") == "other"
    metrics = Metrics(frozenset({"Known"}))
    names = [metrics.operation_label(name) for name in (None, "Known", "Evil")]
    assert names == ["anonymous", "Known", "other"]
