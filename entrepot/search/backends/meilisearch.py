"""The engine for catalogues that one machine cannot hold: a Meilisearch server over HTTP.

The index has the name given and is swapped whole on a rebuild. Meilisearch runs its tasks in
order and one at a time, so writers need no lock here; who may rebuild while others update is
settled by `reindex`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Literal, Self
from uuid import UUID

from httpx2 import HTTPError
from meilisearch_python_sdk import AsyncClient
from meilisearch_python_sdk.errors import MeilisearchApiError, MeilisearchError
from meilisearch_python_sdk.models.search import SearchParams, SearchResultsWithUID

from entrepot.platform.ids import new_id
from entrepot.search.backends.meilisearch_query import (
    Condition,
    conditions,
    index_settings,
    number_searches,
    to_meilisearch,
)
from entrepot.search.document import OfferDocument
from entrepot.search.engine import (
    BRANDS_MAX,
    CATEGORIES_MAX,
    DEPTH_MAX,
    NOTHING,
    EngineUnavailable,
    FacetCount,
    Found,
    Hit,
)
from entrepot.search.query import ENOUGH, AnalysedQuery, MatchReason

_TASK_MILLISECONDS = 600_000
_BUILDING = "_building_"
_Strategy = Literal["all", "last", "frequency"]


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    """Turn everything the client raises into `EngineUnavailable`."""
    try:
        yield
    except (MeilisearchError, HTTPError) as error:
        raise EngineUnavailable(f"Meilisearch: {error}") from error


class MeilisearchEngine:
    """An index of offers on a server. `timeout_seconds` bounds one request, not a task."""

    def __init__(
        self, url: str, key: str | None, *, index: str = "offers", timeout_seconds: int = 10
    ) -> None:
        self._client = AsyncClient(url, key, timeout=timeout_seconds)
        self._index = index
        self._exists = False

    async def finish(self, task_uid: int) -> None:
        """Wait for a task; a failed one raises what the server says of it."""
        result = await self._client.wait_for_task(
            task_uid, timeout_in_ms=_TASK_MILLISECONDS, interval_in_ms=20
        )
        if result.status != "succeeded":
            raise EngineUnavailable(f"Meilisearch: task {task_uid} {result.status}: {result.error}")

    async def create(self, uid: str) -> None:
        """Make an index with our settings; an existing one gets the settings again."""
        known = await self._client.get_raw_indexes(limit=1_000) or []
        if all(info.uid != uid for info in known):
            await self._client.create_index(uid, "offer")
        settings = await self._client.index(uid).update_settings(index_settings())
        await self.finish(settings.task_uid)

    async def add(self, uid: str, documents: Sequence[OfferDocument]) -> None:
        """Add or replace documents in an index and wait until they are found."""
        rows = [to_meilisearch(document) for document in documents]
        task = await self._client.index(uid).add_documents(rows)
        await self.finish(task.task_uid)

    async def search(self, query: AnalysedQuery, *, offset: int, limit: int, facets: bool) -> Found:
        """Find offers from rank `offset` on; see `SearchEngine.search`.

        Brands in filters are compared without case, as the server does.
        """
        limit = max(min(limit, DEPTH_MAX - offset), 0)
        if query.is_empty or (limit == 0 and not facets):
            return NOTHING
        async with _answering():
            try:
                return await self._search(query, offset, limit, facets)
            except MeilisearchApiError as error:
                if error.code == "index_not_found":
                    return NOTHING
                raise

    async def _search(self, query: AnalysedQuery, offset: int, limit: int, facets: bool) -> Found:
        """Numbers first, then words for what is left of the page: two requests at most."""
        searches, left = number_searches(query)
        text = " ".join(term.text for term in query.words)
        asked = [
            self._params(search.condition, "", 0, offset + limit, facets) for search in searches
        ]
        if text:
            asked.append(self._params(conditions(query), text, 0, 1, False))
        results = await self._multi_search(asked)
        numbers = results[: len(searches)]
        hits = [
            Hit(UUID(row["offer"]), search.reason)
            for search, result in zip(searches, numbers, strict=True)
            for row in result.hits
        ]
        before = sum(_total(result) for result in numbers)
        page = hits[offset : offset + limit]
        counted = list(numbers)
        if text or query.browse:
            strategy: _Strategy = "all"
            if text and _total(results[-1]) < ENOUGH:
                strategy = "frequency"
            skip = max(offset - before, 0)
            rest = self._params(left, text, skip, limit - len(page), facets, strategy)
            (words,) = await self._multi_search([rest])
            page += [Hit(UUID(row["offer"]), MatchReason.TEXT) for row in words.hits]
            counted.append(words)
        total = sum(_total(result) for result in counted)
        return Found(
            tuple(page),
            total,
            _counts((result.facet_distribution for result in counted), "brand", BRANDS_MAX),
            _counts((result.facet_distribution for result in counted), "category", CATEGORIES_MAX),
        )

    def _params(
        self,
        condition: Condition,
        text: str,
        offset: int,
        limit: int,
        facets: bool,
        strategy: _Strategy = "all",
    ) -> SearchParams:
        return SearchParams(
            index_uid=self._index,
            q=text,
            filter=condition,
            offset=offset,
            limit=limit,
            facets=["brand", "category"] if facets else None,
            attributes_to_retrieve=["offer"],
            matching_strategy=strategy,
        )

    async def _multi_search(self, asked: list[SearchParams]) -> list[SearchResultsWithUID[Any]]:
        if not asked:
            return []
        results = await self._client.multi_search(asked)
        assert isinstance(results, list)
        return results

    async def update(
        self, documents: Sequence[OfferDocument], removed: Sequence[UUID] = ()
    ) -> None:
        """Replace and drop documents; see `SearchEngine.update`."""
        if not documents and not removed:
            return
        async with _answering():
            if not self._exists:
                await self.create(self._index)
                self._exists = True
            if removed:
                ids = [str(offer_id) for offer_id in removed]
                task = await self._client.index(self._index).delete_documents(ids)
                await self.finish(task.task_uid)
            if documents:
                await self.add(self._index, documents)

    def rebuild(self) -> MeilisearchRebuild:
        """A new index under another name; see `SearchEngine.rebuild`."""
        return MeilisearchRebuild(self, self._client, self._index)

    async def indexed_count(self) -> int:
        """How many offers the index holds."""
        async with _answering():
            try:
                stats = await self._client.index(self._index).get_stats()
            except MeilisearchApiError as error:
                if error.code == "index_not_found":
                    return 0
                raise
        return stats.number_of_documents

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


class MeilisearchRebuild:
    """A new index while it is filled, swapped with the one in use."""

    def __init__(self, engine: MeilisearchEngine, client: AsyncClient, index: str) -> None:
        self._engine = engine
        self._client = client
        self._index = index
        self._uid = f"{index}{_BUILDING}{new_id().hex}"

    async def __aenter__(self) -> Self:
        async with _answering():
            await self._drop_abandoned()
            await self._engine.create(self._uid)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        async with _answering():
            await self._client.index(self._uid).delete_if_exists()

    async def _drop_abandoned(self) -> None:
        for info in await self._client.get_raw_indexes(limit=1_000) or []:
            if info.uid.startswith(f"{self._index}{_BUILDING}"):
                await self._client.index(info.uid).delete_if_exists()

    async def add(self, documents: Sequence[OfferDocument]) -> None:
        """Add documents of offers not added before."""
        async with _answering():
            await self._engine.add(self._uid, documents)

    async def publish(self) -> None:
        """Swap the names of the two indexes, which the server does atomically."""
        async with _answering():
            await self._engine.create(self._index)
            task = await self._client.swap_indexes([(self._index, self._uid)])
            await self._engine.finish(task.task_uid)


def _total(result: SearchResultsWithUID[Any]) -> int:
    return result.estimated_total_hits or 0


def _counts(
    distributions: Iterable[Mapping[str, Mapping[str, int]] | None], field: str, most: int
) -> tuple[FacetCount, ...]:
    """The counts of several searches for different offers, added up."""
    counter: Counter[str] = Counter()
    for distribution in distributions:
        counter.update((distribution or {}).get(field, {}))
    counts = [FacetCount(value, count) for value, count in counter.items() if count]
    return tuple(sorted(counts, key=lambda facet: (-facet.count, facet.value))[:most])
