"""The web process as the server starts it: opens its parts, serves, logs, closes everything."""

from __future__ import annotations

import json

import httpx
import pytest
from tortoise.exceptions import ConfigurationError

from entrepot.asgi import create_app
from entrepot.platform.config import InvalidSettings, Settings
from entrepot.platform.database import fetch_value


async def test_opens_serves_and_closes(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    app = create_app(settings.model_copy(update={"log_format": "json"}))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://t") as http:
            assert (await http.get("/health/ready")).status_code == 200
            headers = {"authorization": "Bearer secret-token-1", "x-request-id": "request-77"}
            response = await http.post(
                "/graphql", json={"query": "query V { apiVersion }"}, headers=headers
            )
            assert response.json()["data"] == {"apiVersion": "0.2.0"}
    with pytest.raises(ConfigurationError):
        await fetch_value("SELECT 1")
    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines()]
    access = [line for line in lines if line["event"] == "request"]
    assert [(line["operation"], line["request_id"]) for line in access] == [("V", "request-77")]
    assert "secret-token-1" not in written


@pytest.mark.parametrize("missing", ["database_url", "redis_url"])
async def test_says_which_settings_are_missing(settings: Settings, missing: str) -> None:
    app = create_app(settings.model_copy(update={missing: None}))
    with pytest.raises(InvalidSettings, match=f"ENTREPOT_{missing.upper()}"):
        async with app.router.lifespan_context(app):
            pytest.fail("it must not start")
