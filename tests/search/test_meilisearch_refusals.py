"""What Meilisearch refuses becomes one typed error and leaves nothing half done.

The same requests go to a real server where one is given; what only a server of our own can be
made to do (a small limit for payloads, an index that somebody deletes) goes to the loopback one.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import httpx
import pytest

from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.platform.ids import new_id
from entrepot.search.backends import meilisearch_server
from entrepot.search.backends.meilisearch import MeilisearchEngine
from entrepot.search.backends.meilisearch_document import to_meilisearch
from entrepot.search.document import to_document
from entrepot.search.engine import EngineUnavailable
from entrepot.search.query import AnalysedQuery, Prefix, SearchQuery, analyse
from tests.search.meilisearch_loopback import Loopback, serving

MakeRow = Callable[..., SearchRow]
KEY = "a-key"
LAMP = analyse(SearchQuery("lamp"))


@pytest.fixture
async def small() -> AsyncIterator[tuple[Loopback, MeilisearchEngine]]:
    """A loopback server that takes 20,000 bytes a request, and an engine that speaks to it."""
    loopback = Loopback(KEY, payload_max=20_000)
    async with serving(loopback) as url:
        engine = MeilisearchEngine(url, KEY)
        yield loopback, engine
        await engine.close()


async def found(engine: MeilisearchEngine, query: AnalysedQuery = LAMP) -> list[int]:
    answer = await engine.search(query, offset=0, limit=10, facets=False)
    return [hit.offer_id.int for hit in answer.hits]


async def every_way(engine: MeilisearchEngine, row: SearchRow) -> list[str]:
    """What each use of the engine says that cannot reach its server."""
    said = []

    async def checksums() -> None:
        async for _ in engine.checksums():
            pass

    async def rebuild() -> None:
        async with engine.rebuild() as fresh:
            await fresh.publish()

    for use in (
        lambda: engine.search(LAMP, offset=0, limit=1, facets=True),
        lambda: engine.listed(LAMP, limit=1),
        lambda: engine.suggest(Prefix(("kr",), (), ()), limit=1),
        lambda: engine.update([to_document(row)]),
        lambda: engine.update([], [row.offer_id]),
        engine.indexed_count,
        checksums,
        rebuild,
    ):
        with pytest.raises(EngineUnavailable) as refused:
            await use()
        said.append(str(refused.value))
    return said


async def test_a_wrong_key_is_refused_whatever_is_asked(
    meilisearch: tuple[str, str | None], make_row: MakeRow
) -> None:
    url, key = meilisearch
    if key is None:
        pytest.skip("the server at ENTREPOT_TEST_MEILI_URL has no key")
    engine = MeilisearchEngine(url, "wrong", index=f"test_{new_id().hex}")
    assert all("invalid_api_key" in said for said in await every_way(engine, make_row(1)))
    await engine.close()


async def test_a_missing_key_is_refused_whatever_is_asked(
    meilisearch: tuple[str, str | None], make_row: MakeRow
) -> None:
    url, key = meilisearch
    if key is None:
        pytest.skip("the server at ENTREPOT_TEST_MEILI_URL has no key")
    engine = MeilisearchEngine(url, None, index=f"test_{new_id().hex}")
    said = await every_way(engine, make_row(1))
    assert all("missing_authorization_header" in one for one in said)
    await engine.close()


async def test_an_absent_server_is_unavailable_whatever_is_asked(make_row: MakeRow) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        engine = MeilisearchEngine(f"http://127.0.0.1:{taken.getsockname()[1]}", None)
        assert len(await every_way(engine, make_row(1))) == 8
        await engine.close()


async def test_a_server_that_is_no_meilisearch_is_unavailable(make_row: MakeRow) -> None:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        headers = [(b"content-type", b"text/html"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"hi"})

    class Other(Loopback):
        def app(self) -> Any:
            return answer

    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving(Other(KEY)))
        engine = MeilisearchEngine(url, KEY)
        assert len(await every_way(engine, make_row(1))) == 8
        await engine.close()


@pytest.mark.parametrize("name", ["no spaces", "öffers", "offers/1", "x" * 600])
async def test_a_name_that_no_index_can_have_is_refused(
    meilisearch: tuple[str, str | None], make_row: MakeRow, name: str
) -> None:
    engine = MeilisearchEngine(*meilisearch, index=name)
    with pytest.raises(EngineUnavailable):
        await engine.update([to_document(make_row(1))])
    await engine.close()


async def test_an_index_made_by_another_version_is_refused_until_it_is_rebuilt(
    meilisearch: tuple[str, str | None], make_row: MakeRow
) -> None:
    url, key = meilisearch
    uid = f"test_{new_id().hex}"
    other = meilisearch_server.Server(url, key, 10)
    made = await other.client.create_index(uid, "offer")
    assert made.uid == uid
    engine = MeilisearchEngine(url, key, index=uid)
    with pytest.raises(EngineUnavailable, match="invalid_search_filter"):
        await found(engine)
    async with engine.rebuild() as fresh:
        await fresh.add([to_document(make_row(1, title_en="lamp"))])
        await fresh.publish()
    assert await found(engine) == [1]
    await other.client.aclose()
    await engine.close()


async def test_an_index_that_somebody_deleted_is_empty_and_made_again(
    small: tuple[Loopback, MeilisearchEngine], make_row: MakeRow
) -> None:
    loopback, engine = small
    lamp = to_document(make_row(1, title_en="lamp"))
    await engine.update([lamp])
    del loopback.indexes["offers"]
    assert await found(engine) == []
    assert await engine.indexed_count() == 0
    assert [batch async for batch in engine.checksums()] == []
    with pytest.raises(EngineUnavailable, match="index_primary_key_no_candidate_found"):
        await engine.update([lamp])
    del loopback.indexes["offers"]
    await engine.update([lamp])
    assert await found(engine) == [1]


async def test_a_batch_too_large_for_the_server_goes_in_parts(
    small: tuple[Loopback, MeilisearchEngine], make_row: MakeRow
) -> None:
    loopback, engine = small
    rows = [make_row(n, title_en="lamp", description="bulb " * 50) for n in range(1, 101)]
    await engine.update([to_document(row) for row in rows])
    assert await engine.indexed_count() == 100
    kinds = [task["type"] for task in loopback.tasks]
    assert kinds.count("documentAdditionOrUpdate") >= 4
    assert loopback.refused >= 3


async def test_batches_stay_below_ten_million_bytes(make_row: MakeRow) -> None:
    loopback = Loopback(KEY, payload_max=meilisearch_server.BATCH_BYTES + 2)
    async with serving(loopback) as url:
        engine = MeilisearchEngine(url, KEY, timeout_seconds=60)
        lamp = to_document(make_row(1, title_en="lamp"))
        big = [
            replace(lamp, offer_id=make_row(n).offer_id, sound_terms=("x" * 4_000_000,))
            for n in range(1, 6)
        ]
        await engine.update(big)
        assert await engine.indexed_count() == 5
        assert loopback.refused == 0
        await engine.close()


async def test_one_document_too_large_is_refused_and_changes_nothing(
    small: tuple[Loopback, MeilisearchEngine], make_row: MakeRow
) -> None:
    loopback, engine = small
    await engine.update([to_document(make_row(1, title_en="lamp"))])
    tasks = len(loopback.tasks)
    huge = replace(to_document(make_row(2, title_en="lamp")), other_terms=("x" * 30_000,))
    with pytest.raises(EngineUnavailable, match="payload_too_large"):
        await engine.update([huge], [make_row(1).offer_id])
    assert len(loopback.tasks) == tasks
    assert await found(engine) == [1]


async def test_a_rebuild_that_the_server_refuses_leaves_the_index_as_it_was(
    small: tuple[Loopback, MeilisearchEngine], make_row: MakeRow
) -> None:
    loopback, engine = small
    await engine.update([to_document(make_row(1, title_en="lamp"))])
    huge = replace(to_document(make_row(2)), other_terms=("x" * 30_000,))
    with pytest.raises(EngineUnavailable, match="payload_too_large"):
        async with engine.rebuild() as fresh:
            await fresh.add([to_document(make_row(3, title_en="lamp")), huge])
    assert list(loopback.indexes) == ["offers"]
    assert await found(engine) == [1]


async def test_a_failed_task_fails_the_rebuild_before_the_swap(
    small: tuple[Loopback, MeilisearchEngine], make_row: MakeRow
) -> None:
    loopback, engine = small
    await engine.update([to_document(make_row(1, title_en="lamp"))])
    with pytest.raises(EngineUnavailable, match="missing_document_id"):
        async with engine.rebuild() as fresh:
            (building,) = (uid for uid in loopback.indexes if uid != "offers")
            loopback.indexes[building].primary_key = "article"
            await fresh.add([to_document(make_row(2, title_en="lamp"))])
            await fresh.publish()
    assert await found(engine) == [1]
    assert "indexSwap" not in {task["type"] for task in loopback.tasks}


async def test_what_a_killed_rebuild_left_is_dropped_by_the_next(
    small: tuple[Loopback, MeilisearchEngine], make_row: MakeRow
) -> None:
    loopback, engine = small
    abandoned = engine.rebuild()
    await abandoned.__aenter__()
    assert len(loopback.indexes) == 1
    async with engine.rebuild() as fresh:
        await fresh.add([to_document(make_row(1, title_en="lamp"))])
        await fresh.publish()
    assert list(loopback.indexes) == ["offers"]
    assert await found(engine) == [1]


async def test_tasks_are_taken_at_once_and_done_later_in_order(
    small: tuple[Loopback, MeilisearchEngine], make_row: MakeRow
) -> None:
    loopback, engine = small
    await engine.update([to_document(make_row(1))], [make_row(2).offer_id])
    done = [uid for uid, status in loopback.journal if status == "succeeded"]
    assert done == sorted(done) == list(range(len(loopback.tasks)))
    for uid in done:
        statuses = [status for of, status in loopback.journal if of == uid]
        assert statuses == ["enqueued", "processing", "succeeded"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("multi-search", {"filter": 'buyer_price = "1"'}, 400, "invalid_search_filter"),
        ("multi-search", {"filter": "in_stock < 3"}, 400, "invalid_search_filter"),
        ("multi-search", {"filter": "in_stock = "}, 400, "invalid_search_filter"),
        ("multi-search", {"filter": "in_stock"}, 400, "invalid_search_filter"),
        ("multi-search", {"filter": '(offer = "1"'}, 400, "invalid_search_filter"),
        ("multi-search", {"filter": 'offer = "1" offer = "2"'}, 400, "invalid_search_filter"),
        ("multi-search", {"filter": 'offer IN "1"'}, 400, "invalid_search_filter"),
        ("multi-search", {"filter": "list_price > NaN"}, 400, "invalid_search_filter"),
        ("multi-search", {"filter": "list_price > inf"}, 400, "invalid_search_filter"),
        ("multi-search", {"filter": True}, 400, "invalid_search_filter"),
        ("multi-search", {"sort": ["brand:asc"]}, 400, "invalid_search_sort"),
        ("multi-search", {"sort": ["list_price"]}, 400, "invalid_search_sort"),
        ("multi-search", {"facets": ["buyer_price"]}, 400, "invalid_search_facets"),
        ("multi-search", {"limit": "ten"}, 400, "invalid_search_limit"),
        ("multi-search", {"offset": -1}, 400, "invalid_search_offset"),
        ("multi-search", {"q": ["lamp"]}, 400, "invalid_search_q"),
        ("multi-search", {"marin": "lamp"}, 400, "bad_request"),
        (
            "multi-search",
            {"attributesToSearchOn": ["offer"]},
            400,
            "invalid_search_attributes_to_search_on",
        ),
        ("multi-search", {"indexUid": "nowhere"}, 404, "index_not_found"),
        ("facet-search", {"facetQuery": "a"}, 400, "missing_facet_search_facet_name"),
        ("facet-search", {"facetName": "brand"}, 400, "invalid_facet_search_facet_name"),
        ("facet-search", {"facetName": "term", "filter": "x = 1"}, 400, "invalid_search_filter"),
        ("documents/fetch", {"limit": "ten"}, 400, "invalid_document_limit"),
        ("documents/fetch", {"offset": "ten"}, 400, "invalid_document_offset"),
        ("settings", {"rankingRules": ["best"]}, 400, "invalid_settings_ranking_rules"),
        (
            "settings",
            {"filterableAttributes": "offer"},
            400,
            "invalid_settings_filterable_attributes",
        ),
        ("settings", {"typoTolerance": {"letters": 1}}, 400, "invalid_settings_typo_tolerance"),
        ("settings", {"faceting": {"maxValuesPerFacet": -1}}, 400, "invalid_settings_faceting"),
        ("settings", {"pagination": {"maxTotalHits": "all"}}, 400, "invalid_settings_pagination"),
        ("settings", {"prefixSearch": "always"}, 400, "invalid_settings_prefix_search"),
        ("settings", {"colour": "red"}, 400, "bad_request"),
    ],
)
async def test_the_server_is_strict(
    meilisearch: tuple[str, str | None],
    make_row: MakeRow,
    path: str,
    body: dict[str, Any],
    status: int,
    code: str,
) -> None:
    """What we never send: the loopback server refuses it as a real one does."""
    url, key = meilisearch
    uid = f"test_{new_id().hex}"
    engine = MeilisearchEngine(url, key, index=uid)
    await engine.update([to_document(make_row(1))])
    await engine.close()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(base_url=url, headers=headers) as client:
        if path == "multi-search":
            queries = {"queries": [{"indexUid": uid, **body}]}
            answer = await client.post("/multi-search", json=queries)
        elif path == "settings":
            answer = await client.patch(f"/indexes/{uid}/settings", json=body)
        else:
            answer = await client.post(f"/indexes/{uid}/{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed_payload"),
        (b"", "application/json", 400, "missing_payload"),
        (b"[]", "text/plain", 415, "invalid_content_type"),
    ],
)
async def test_documents_must_be_json(
    meilisearch: tuple[str, str | None], content: bytes, kind: str, status: int, code: str
) -> None:
    url, key = meilisearch
    headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {key}"} if key else {})
    async with httpx.AsyncClient(base_url=url, headers=headers) as client:
        answer = await client.post(f"/indexes/test_{new_id().hex}/documents", content=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_values_that_filters_would_read_as_syntax_are_escaped(make_row: MakeRow) -> None:
    row = to_meilisearch(to_document(make_row(1, brand='O"B\\x 5%', article_number="A'1\"")))
    assert row["brand"].startswith("O%22B%5cx 5%25~")
    assert row["number"] == ["a%271%22"]
