"""What Meilisearch refuses becomes one typed error, and the loopback server is as strict."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.platform.ids import new_id
from entrepot.search.backends.meilisearch import MeilisearchEngine
from entrepot.search.document import to_document
from entrepot.search.engine import EngineUnavailable
from entrepot.search.query import SearchQuery, analyse


async def test_a_wrong_key_is_refused(
    meilisearch: tuple[str, str | None], make_row: Callable[..., SearchRow]
) -> None:
    url, key = meilisearch
    if key is None:
        pytest.skip("the server at ENTREPOT_TEST_MEILI_URL has no key")
    engine = MeilisearchEngine(url, "wrong", index="refused")
    with pytest.raises(EngineUnavailable, match="invalid_api_key"):
        await engine.update([to_document(make_row(1))])
    with pytest.raises(EngineUnavailable, match="invalid_api_key"):
        await engine.search(analyse(SearchQuery("toner")), offset=0, limit=1, facets=False)
    await engine.close()


async def test_an_absent_server_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        engine = MeilisearchEngine(f"http://127.0.0.1:{taken.getsockname()[1]}", None)
        with pytest.raises(EngineUnavailable):
            await engine.indexed_count()
        await engine.close()


async def test_unknown_attributes_are_refused(
    meilisearch: tuple[str, str | None], make_row: Callable[..., SearchRow]
) -> None:
    url, key = meilisearch
    index = f"test_{new_id().hex}"
    engine = MeilisearchEngine(url, key, index=index)
    await engine.update([to_document(make_row(1))])
    query = {"indexUid": index, "q": "", "filter": ['buyer_price IN ["1"]'], "offset": 0}
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(base_url=url, headers=headers) as client:
        answer = await client.post("/multi-search", json={"queries": [{**query, "limit": 1}]})
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_search_filter"
    await engine.close()


async def test_an_oversize_batch_is_refused_and_changes_nothing(
    meilisearch: tuple[str, str | None], make_row: Callable[..., SearchRow]
) -> None:
    url, key = meilisearch
    if "127.0.0.1" not in url:
        pytest.skip("a real server's payload limit is its own")
    engine = MeilisearchEngine(url, key, index=f"test_{new_id().hex}")
    await engine.update([to_document(make_row(1))])
    huge = replace(to_document(make_row(2)), other_terms=("x" * 5_000_000,))
    with pytest.raises(EngineUnavailable, match="payload_too_large"):
        await engine.update([huge])
    assert await engine.indexed_count() == 1
    await engine.close()
