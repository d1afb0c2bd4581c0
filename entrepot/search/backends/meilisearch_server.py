"""A Meilisearch server as the engine needs it: requests, tasks and batches of a fitting size.

Searches are sent by hand: the client library sends every parameter it knows, and servers refuse
those that are newer than they are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from httpx2 import HTTPError, Response
from meilisearch_python_sdk import AsyncClient
from meilisearch_python_sdk.errors import MeilisearchApiError, MeilisearchError

from entrepot.search.backends.meilisearch_document import index_settings, plain, to_meilisearch
from entrepot.search.document import OfferDocument
from entrepot.search.engine import EngineUnavailable

#: A server takes 100 MB a request unless told otherwise; smaller ones are retried sooner.
BATCH_BYTES: Final = 10_000_000
_TASK_MILLISECONDS: Final = 600_000
_INTERVAL_MILLISECONDS: Final = 20
_JSON: Final = {"Content-Type": "application/json"}
_TOO_LARGE: Final = "payload_too_large"

Row = dict[str, Any]


@asynccontextmanager
async def answering() -> AsyncIterator[None]:
    """Turn everything the client raises into `EngineUnavailable`.

    An answer of another shape than Meilisearch's (a proxy's, say) fails where it is read.
    """
    try:
        yield
    except (MeilisearchError, HTTPError) as error:
        raise EngineUnavailable(f"Meilisearch: {error}") from error
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise EngineUnavailable(f"no answer of Meilisearch: {error!r}") from error


@dataclass(frozen=True, slots=True)
class Answer:
    """What one search found: rows in order, how many in all, and counts where asked for."""

    rows: Sequence[Row]
    total: int
    counts: Mapping[str, Mapping[str, int]]
    stats: Mapping[str, Mapping[str, float]]


def asked(
    conditions: Sequence[str],
    *,
    offset: int = 0,
    limit: int = 0,
    fields: Sequence[str] = ("offer",),
    facets: Sequence[str] = (),
    sort: Sequence[str] = (),
) -> Row:
    """One search: all of the conditions."""
    found: Row = {
        "filter": list(conditions),
        "offset": offset,
        "limit": limit,
        "attributesToRetrieve": list(fields),
    }
    if facets:
        found["facets"] = list(facets)
    if sort:
        found["sort"] = list(sort)
    return found


class Server:
    """One server. `timeout_seconds` bounds a request, not a task."""

    def __init__(self, url: str, key: str | None, timeout_seconds: int) -> None:
        self.client = AsyncClient(url, key, timeout=timeout_seconds)

    async def post(self, path: str, content: bytes) -> Any:
        """Send JSON; raises `MeilisearchApiError` with what the server says."""
        response: Response = await self.client.http_client.post(
            path, content=content, headers=_JSON
        )
        if response.is_success:
            return orjson.loads(response.content)
        raise MeilisearchApiError(f"HTTP {response.status_code}", response)

    async def finish(self, task_uid: int) -> None:
        """Wait for a task; a failed or canceled one raises what the server says of it."""
        result = await self.client.wait_for_task(
            task_uid, timeout_in_ms=_TASK_MILLISECONDS, interval_in_ms=_INTERVAL_MILLISECONDS
        )
        if result.status != "succeeded":
            raise EngineUnavailable(f"Meilisearch: task {task_uid} {result.status}: {result.error}")

    async def indexes(self) -> list[str]:
        """The names of all indexes."""
        return [info.uid for info in await self.client.get_raw_indexes(limit=1_000) or []]

    async def create(self, uid: str) -> None:
        """Make an index with our settings where there is none."""
        if uid in await self.indexes():
            return
        await self.client.create_index(uid, "offer")
        settings = await self.client.index(uid).update_settings(index_settings())
        await self.finish(settings.task_uid)

    async def drop(self, uid: str) -> None:
        """Delete an index if it exists."""
        await self.client.index(uid).delete_if_exists()

    async def swap(self, left: str, right: str) -> None:
        """Exchange the names of two indexes at once."""
        task = await self.client.swap_indexes([(left, right)])
        await self.finish(task.task_uid)

    async def size(self, uid: str) -> int:
        """How many documents an index holds."""
        return (await self.client.index(uid).get_stats()).number_of_documents

    async def delete(self, uid: str, offer_ids: Sequence[UUID]) -> int:
        """Ask for documents to be deleted; return the task."""
        ids = [str(offer_id) for offer_id in offer_ids]
        return (await self.client.index(uid).delete_documents(ids)).task_uid

    async def send(self, uid: str, documents: Sequence[OfferDocument]) -> list[int]:
        """Hand over documents in batches that the server takes; return the tasks."""
        tasks: list[int] = []
        batch: list[bytes] = []
        size = 0
        for document in documents:
            row = orjson.dumps(to_meilisearch(document))
            if batch and size + len(row) > BATCH_BYTES:
                tasks += await self._send(uid, batch)
                batch, size = [], 0
            batch.append(row)
            size += len(row) + 1
        return tasks + (await self._send(uid, batch) if batch else [])

    async def _send(self, uid: str, rows: Sequence[bytes]) -> list[int]:
        """Send rows, in halves where the server finds them too many."""
        try:
            task = await self.post(f"indexes/{uid}/documents", b"[" + b",".join(rows) + b"]")
        except MeilisearchApiError as error:
            if error.code != _TOO_LARGE or len(rows) == 1:
                raise
            middle = len(rows) // 2
            return await self._send(uid, rows[:middle]) + await self._send(uid, rows[middle:])
        return [int(task["taskUid"])]

    async def search(self, uid: str, searches: Sequence[Row]) -> list[Answer]:
        """Ask several searches of one index in one request."""
        if not searches:
            return []
        queries = [{"indexUid": uid, "q": "", **search} for search in searches]
        answer = await self.post("multi-search", orjson.dumps({"queries": queries}))
        return [
            Answer(
                result["hits"],
                result.get("estimatedTotalHits") or 0,
                result.get("facetDistribution") or {},
                result.get("facetStats") or {},
            )
            for result in answer["results"]
        ]

    async def values(
        self, uid: str, field: str, text: str, conditions: Sequence[str]
    ) -> dict[str, int]:
        """Values of a field that begin so, or nearly so, with how many offers pass and hold each.

        At most `VALUES_RETURNED`, the most frequent ones. Counts only what passes the conditions.
        """
        body = {"facetName": field, "facetQuery": plain(text), "filter": list(conditions)}
        answer = await self.post(f"indexes/{uid}/facet-search", orjson.dumps(body))
        return {hit["value"]: hit["count"] for hit in answer["facetHits"]}

    async def fetch(self, uid: str, body: Row) -> list[Row]:
        """Documents as they are stored."""
        answer = await self.post(f"indexes/{uid}/documents/fetch", orjson.dumps(body))
        rows: list[Row] = answer["results"]
        return rows
