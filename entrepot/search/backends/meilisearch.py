"""The engine for catalogues that one machine cannot hold: a Meilisearch server over HTTP.

The index has the name given and is swapped whole on a rebuild. Meilisearch runs its tasks in
order and one at a time, so writers need no lock here; who may rebuild while others update is
settled by `reindex`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Final, Self
from uuid import UUID

from meilisearch_python_sdk.errors import MeilisearchApiError

from entrepot.platform.ids import new_id
from entrepot.search.backends.meilisearch_facets import count_facets
from entrepot.search.backends.meilisearch_filters import among
from entrepot.search.backends.meilisearch_search import Search
from entrepot.search.backends.meilisearch_server import Server, answering
from entrepot.search.backends.meilisearch_suggest import Suggesting
from entrepot.search.document import OfferDocument
from entrepot.search.engine import (
    DEPTH_MAX,
    NOTHING,
    EngineUnavailable,
    Facets,
    Found,
    ListedHit,
    Suggested,
)
from entrepot.search.query import AnalysedQuery, Prefix

_BUILDING: Final = "_building_"
_NOT_FOUND: Final = "index_not_found"
#: Documents of which checksums are read at once.
_CHECKSUMS: Final = 1_000
#: Batches that a rebuild hands over before it waits: the server joins those that wait.
_AHEAD: Final = 4


class MeilisearchEngine:
    """An index of offers on a server. `timeout_seconds` bounds one request, not a task."""

    def __init__(
        self, url: str, key: str | None, *, index: str = "offers", timeout_seconds: int = 10
    ) -> None:
        self._server = Server(url, key, timeout_seconds)
        self._index = index
        self._exists = False

    async def search(self, query: AnalysedQuery, *, offset: int, limit: int, facets: bool) -> Found:
        """Find offers from rank `offset` on; see `SearchEngine.search`."""
        limit = max(min(limit, DEPTH_MAX - offset), 0)
        if query.is_empty or (limit == 0 and not facets):
            return NOTHING
        async with answering():
            search = await self._prepared(query)
            if search is None:
                return NOTHING
            hits = tuple(await search.page(offset, limit))
            counted = Facets()
            if facets:
                counted = await count_facets(
                    self._server, self._index, search.everything, search.total
                )
        return Found(hits, search.total, counted)

    async def listed(self, query: AnalysedQuery, *, limit: int) -> Sequence[ListedHit]:
        """Offers found with their list prices; see `SearchEngine.listed`."""
        if query.is_empty or limit <= 0:
            return ()
        async with answering():
            search = await self._prepared(query)
            return () if search is None or not search.total else await search.listed(limit)

    async def _prepared(self, query: AnalysedQuery) -> Search | None:
        """The search of a question; `None` before there is an index."""
        search = Search(self._server, self._index, query)
        try:
            await search.prepare()
        except MeilisearchApiError as error:
            if error.code == _NOT_FOUND:
                return None
            raise
        return search

    async def suggest(self, prefix: Prefix, *, limit: int) -> Suggested:
        """Complete an unfinished question; see `SearchEngine.suggest`."""
        if limit <= 0:
            return Suggested()
        async with answering():
            try:
                return await Suggesting(self._server, self._index, prefix).suggested(limit)
            except MeilisearchApiError as error:
                if error.code == _NOT_FOUND:
                    return Suggested()
                raise

    async def checksums(
        self, offer_ids: Sequence[UUID] | None = None
    ) -> AsyncIterator[Sequence[tuple[UUID, int]]]:
        """Offers with the checksums of their documents; see `SearchEngine.checksums`.

        All are read by rank in the server's own order: what is indexed meanwhile may be missed.
        """
        body = {"fields": ["offer", "checksum"], "limit": _CHECKSUMS}
        offset = 0
        while True:
            part: dict[str, object] = {"offset": offset}
            if offer_ids is not None:
                ids = offer_ids[offset : offset + _CHECKSUMS]
                if not ids:
                    return
                part = {"filter": among("offer", map(str, ids))}
            async with answering():
                try:
                    rows = await self._server.fetch(self._index, {**body, **part})
                except MeilisearchApiError as error:
                    if error.code == _NOT_FOUND:
                        return
                    raise
                found = [(UUID(row["offer"]), int(row["checksum"])) for row in rows]
            if found:
                yield found
            if offer_ids is None and not found:
                return
            offset += _CHECKSUMS

    async def update(
        self, documents: Sequence[OfferDocument], removed: Sequence[UUID] = ()
    ) -> None:
        """Replace and drop documents; see `SearchEngine.update`.

        More than a server takes at once go in several batches; where one fails, those before it
        have been indexed, and the same update again is right.
        """
        if not documents and not removed:
            return
        async with answering():
            if not self._exists:
                await self._server.create(self._index)
                self._exists = True
            try:
                tasks = await self._server.send(self._index, documents)
                if removed:
                    tasks.append(await self._server.delete(self._index, removed))
                for task in tasks:
                    await self._server.finish(task)
            except EngineUnavailable:
                # Somebody may have deleted the index: the next update looks.
                self._exists = False
                raise

    def rebuild(self) -> MeilisearchRebuild:
        """A new index under another name; see `SearchEngine.rebuild`."""
        return MeilisearchRebuild(self._server, self._index)

    async def indexed_count(self) -> int:
        """How many offers the index holds."""
        async with answering():
            try:
                return await self._server.size(self._index)
            except MeilisearchApiError as error:
                if error.code == _NOT_FOUND:
                    return 0
                raise

    async def close(self) -> None:
        """Close the connections."""
        await self._server.client.aclose()


class MeilisearchRebuild:
    """A new index while it is filled, swapped with the one in use."""

    def __init__(self, server: Server, index: str) -> None:
        self._server = server
        self._index = index
        self._uid = f"{index}{_BUILDING}{new_id().hex}"
        self._tasks: list[int] = []

    async def __aenter__(self) -> Self:
        async with answering():
            for uid in await self._server.indexes():
                if uid.startswith(f"{self._index}{_BUILDING}"):
                    await self._server.drop(uid)
            await self._server.create(self._uid)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        async with answering():
            await self._server.drop(self._uid)

    async def add(self, documents: Sequence[OfferDocument]) -> None:
        """Add documents of offers not added before."""
        async with answering():
            self._tasks += await self._server.send(self._uid, documents)
            while len(self._tasks) > _AHEAD:
                await self._server.finish(self._tasks.pop(0))

    async def publish(self) -> None:
        """Swap the names of the two indexes, which the server does atomically."""
        async with answering():
            while self._tasks:
                await self._server.finish(self._tasks.pop(0))
            await self._server.create(self._index)
            await self._server.swap(self._index, self._uid)
