"""A Meilisearch server that fails in the middle: whatever it says, one typed error."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from entrepot.search.backends.meilisearch import MeilisearchEngine
from entrepot.search.document import to_document
from entrepot.search.engine import EngineUnavailable
from entrepot.search.query import Prefix
from tests.search.engine_asking import MakeRow
from tests.search.meilisearch_loopback import Loopback, serving
from tests.search.test_meilisearch_refusals import LAMP, every_way

ANSWERS: dict[str, tuple[int, bytes]] = {
    "an error without words": (500, b""),
    "an error page": (502, b"<html>Bad gateway</html>"),
    "an error of another kind": (500, b'{"message": 5}'),
    "an error that is a list": (503, b"[1]"),
    "a list": (200, b"[]"),
    "nothing": (200, b""),
    "null": (200, b"null"),
    "an empty object": (200, b"{}"),
    "no results": (200, b'{"results": []}'),
    "results without hits": (200, b'{"results": [{}, {}, {}, {}], "facetHits": [{}]}'),
    "results of another kind": (
        200,
        b'{"results": [1, null], "facetHits": [3], "total": "x", "taskUid": []}',
    ),
    "an offer without a number": (
        200,
        b'{"results": [{"hits": [{"offer": "x"}], "estimatedTotalHits": 1}],'
        b' "facetHits": [], "taskUid": "x"}',
    ),
    "a cut answer": (200, b'{"results": [{"hits": [{"offer'),
}


@pytest.mark.parametrize("answer", ANSWERS)
async def test_odd_answers_are_unavailable(make_row: MakeRow, answer: str) -> None:
    status, body = ANSWERS[answer]

    async def told(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    class Odd(Loopback):
        def app(self) -> Any:
            return told

    async with serving(Odd("key")) as url:
        engine = MeilisearchEngine(url, "key")
        for use in (
            lambda: engine.search(LAMP, offset=0, limit=1, facets=True),
            lambda: engine.listed(LAMP, limit=1),
            lambda: engine.suggest(Prefix(("kr",), (), ("lam",)), limit=1),
            lambda: engine.update([to_document(make_row(1))]),
            lambda: engine.update([], [make_row(1).offer_id]),
            engine.indexed_count,
            lambda: _rebuilt(engine),
        ):
            with pytest.raises(EngineUnavailable):
                await use()
        # No documents is what an empty index has; anything else is no answer.
        with suppress(EngineUnavailable):
            assert [batch async for batch in engine.checksums()] == []
        await engine.close()


async def _rebuilt(engine: MeilisearchEngine) -> None:
    async with engine.rebuild() as fresh:
        await fresh.publish()


async def test_a_slow_server_is_given_up(make_row: MakeRow) -> None:
    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await asyncio.sleep(3)

    class Slow(Loopback):
        def app(self) -> Any:
            return slow

    async with serving(Slow("key")) as url:
        engine = MeilisearchEngine(url, "key", timeout_seconds=1)
        async with asyncio.timeout(25):
            assert len(await every_way(engine, make_row(1))) == 8
        await engine.close()
