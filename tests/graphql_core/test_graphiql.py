"""GraphiQL as a person meets it: served by ourselves, without the internet."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from graphql import OperationDefinitionNode, parse

from entrepot.graphql.execution import core_schema
from entrepot.graphql.graphiql import EXAMPLES, PAGE, assets_folder
from entrepot.graphql.query_documents import Documents
from entrepot.graphql.schema import schema

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_page_for_browsers_only(web_address: str) -> None:
    async with httpx.AsyncClient(base_url=web_address) as http:
        page = await http.get("/graphql", headers=HTML)
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        client = await http.get("/graphql", params={"query": "{ __typename }"}, headers=HTML)
        assert client.json()["data"] == {"__typename": "Query"}


async def test_every_asset_comes_from_here(web_address: str) -> None:
    addresses = re.findall(r'(?:src|href)="([^"]+)"', PAGE)
    local = [address for address in addresses if not address.startswith("data:")]
    assert len(local) == 6
    assert "http" not in "".join(local)
    async with httpx.AsyncClient(base_url=web_address) as http:
        for address in local:
            response = await http.get(address)
            assert response.status_code == 200
            assert len(response.content) > 500
        for outside in ("/graphiql/static/../views.py", "/graphiql/static/%2e%2e/%2e%2e/views.py"):
            assert (await http.get(outside)).status_code == 404
    assert (assets_folder() / "graphiql.min.js").is_file()


def test_the_examples_are_valid() -> None:
    """Every operation that the page offers runs, once its "…" are filled in."""
    documents = Documents(core_schema(schema), max_cost=5000, max_depth=15, introspection=True)
    operations = [d for d in parse(EXAMPLES).definitions if isinstance(d, OperationDefinitionNode)]
    assert len(operations) >= 5
    for operation in operations:
        assert operation.name is not None
        documents.prepare(EXAMPLES, operation.name.value, {})


def browser() -> str:
    """Return a browser's path; skips where there is none."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    pytest.skip(f"looking at GraphiQL needs a browser on PATH: {', '.join(BROWSERS)}")


async def test_it_draws_itself(web_address: str, tmp_path: Path) -> None:
    """The page's own script ran, the editor stands, and the schema arrived by introspection."""
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=8000"]
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    done = await asyncio.to_thread(
        subprocess.run,
        [browser(), *options, profile, "--dump-dom", f"{web_address}/graphql"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert 'class="graphiql-container' in done.stdout
    assert "Ctrl-Enter runs" in done.stdout
    assert "searchOffers" in done.stdout
    assert 'aria-label="Execute query (Ctrl-Enter)"' in done.stdout
