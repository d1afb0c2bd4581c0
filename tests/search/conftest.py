"""Engines for the contract: tantivy in a folder, Meilisearch over HTTP."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.platform.ids import new_id
from entrepot.search.backends.meilisearch import MeilisearchEngine
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.engine import SearchEngine
from tests.search.meilisearch_loopback import Loopback, serving

LOOPBACK_KEY = "loopback-key"


@pytest.fixture(scope="session")
async def meilisearch() -> AsyncIterator[tuple[str, str | None]]:
    """Address and key: of the server at ENTREPOT_TEST_MEILI_URL, else of the loopback one."""
    if given := os.environ.get("ENTREPOT_TEST_MEILI_URL"):
        yield given, os.environ.get("ENTREPOT_TEST_MEILI_KEY")
        return
    async with serving(Loopback(LOOPBACK_KEY)) as url:
        yield url, LOOPBACK_KEY


@pytest.fixture
async def tantivy_engine(tmp_path: Path) -> AsyncIterator[TantivyEngine]:
    """An embedded engine with an empty folder."""
    engine = TantivyEngine(tmp_path / "search", wait_seconds=0.2)
    yield engine
    await engine.close()


@pytest.fixture(params=["tantivy", "meilisearch"])
async def engine(
    request: pytest.FixtureRequest, tmp_path: Path, meilisearch: tuple[str, str | None]
) -> AsyncIterator[SearchEngine]:
    """Each engine in turn, empty."""
    made: SearchEngine
    if request.param == "tantivy":
        made = TantivyEngine(tmp_path / "search", wait_seconds=0.2)
    else:
        made = MeilisearchEngine(*meilisearch, index=f"test_{new_id().hex}")
    yield made
    await made.close()


BLANK = SearchRow(
    offer_id=UUID(int=0),
    product_id=UUID(int=0),
    seller_id=UUID(int=900),
    listed=True,
    article_number="",
    manufacturer_number="",
    gtins=(),
    cross_references=(),
    brand="Acme",
    title_en="",
    title_ru="",
    description="",
    attributes=(),
    category_ids=(),
    category_names=(),
    list_price=Decimal("10.0000"),
    currency="EUR",
    in_stock=True,
)


@pytest.fixture(scope="session")
def make_row() -> Callable[..., SearchRow]:
    """Makes a row by number of the offer and whatever matters to the test."""

    def make(number: int, **changes: object) -> SearchRow:
        identity = {"offer_id": UUID(int=number), "product_id": UUID(int=number)}
        return replace(BLANK, **{**identity, **changes})  # type: ignore[arg-type]

    return make
