"""Bringing the index in step with the database: a few offers, or all of them anew.

Both hold one advisory lock of the database from before they read until the index has what they
read. So of two writers the later one also read later: an older state never overwrites a newer
one. And no update falls into an index that a rebuild is about to replace: while one runs, updates
are refused with `IndexBusy`, stay in the outbox and are done on the new index.

A writer whose session breaks meanwhile fails at the end of its transaction even if the engine took
what it had read; its deliveries are still open, so the same offers are read and written again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from entrepot.platform.catalog import search_rows
from entrepot.platform.database import execute, fetch_value, transaction
from entrepot.search.analysis import Analyst, Inline, listed_documents
from entrepot.search.document import OfferDocument
from entrepot.search.engine import IndexBusy, SearchEngine

#: Any constant: one writer of the index at a time, on however many hosts.
_WRITER_LOCK: Final = 0x73656172
#: How long a writer waits for another: longer than an update takes, shorter than a rebuild.
WAIT_SECONDS: Final = 1.0
_PAGE: Final = 1_000
#: Pages given to the second process before the oldest is taken back, so that neither ever waits.
_PAGES_AHEAD: Final = 2
#: A second process takes a second to start, and pays from some ten thousand offers on.
ALONE_UP_TO: Final = 20_000

Progress = Callable[[int, int], None]
"""Told after each page how many offers were read and how many there are."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How many offers the index holds and how many it should."""

    indexed: int
    listed: int

    @property
    def difference(self) -> int:
        """Offers too many (positive) or too few (negative)."""
        return self.indexed - self.listed


@asynccontextmanager
async def only_writer() -> AsyncIterator[None]:
    """Hold the lock in a transaction.

    Raises `IndexBusy` where another holds it for longer than `WAIT_SECONDS`.
    """
    async with transaction():
        await execute(f"SET LOCAL lock_timeout = {int(WAIT_SECONDS * 1000)}")
        try:
            await execute("SELECT pg_advisory_xact_lock($1)", _WRITER_LOCK)
        except asyncpg.LockNotAvailableError as error:
            raise IndexBusy("another process writes the search index") from error
        yield


async def update_offers(engine: SearchEngine, offer_ids: Iterable[UUID]) -> int:
    """Index these offers as the database has them now; return how many are listed.

    Offers that are gone or not listed leave the index. Idempotent, and right in any order of
    calls. Raises `IndexBusy` and `EngineUnavailable`; then nothing is certain and the call is to
    be repeated.
    """
    wanted = set(offer_ids)
    if not wanted:
        return 0
    async with only_writer():
        rows = await search_rows.by_offer_ids(wanted)
        documents = await asyncio.to_thread(listed_documents, rows)
        listed = {document.offer_id for document in documents}
        await engine.update(documents, sorted(wanted - listed))
    return len(documents)


async def rebuild(
    engine: SearchEngine,
    progress: Progress = lambda done, total: None,
    *,
    alone_up_to: int = ALONE_UP_TO,
) -> int:
    """Build a new index of all listed offers beside the one in use and swap; return how many.

    Searches go on meanwhile on the old index. Reads in pages of 1,000, so memory stays bounded.
    A second process analyses the pages where there are more than `alone_up_to` offers, while this
    one reads the next and fills the index. Raises `IndexBusy` when another rebuild or update is
    under way, and `AnalystFailed`.
    """
    async with only_writer():
        total = await search_rows.count_listed()
        done = 0
        async with engine.rebuild() as fresh, Analyst() if total > alone_up_to else Inline() as by:
            async for documents in _analysed(by):
                if documents:
                    await fresh.add(documents)
                done += len(documents)
                progress(done, max(total, done))
            # Fails where the session broke and with it the lock: others may have written since.
            await fetch_value("SELECT 1")
            await fresh.publish()
    return done


async def _analysed(by: Analyst | Inline) -> AsyncIterator[list[OfferDocument]]:
    """The documents of all offers, a page at a time, some pages ahead of the one that is taken."""
    last_id = UUID(int=0)
    while rows := await search_rows.after(last_id, _PAGE):
        last_id = rows[-1].offer_id
        await by.give(rows)
        while by.waiting > _PAGES_AHEAD:
            yield await by.take()
    while by.waiting:
        yield await by.take()


async def drift(engine: SearchEngine) -> Drift:
    """Compare the sizes of index and database, for `doctor` and the metric."""
    return Drift(await engine.indexed_count(), await search_rows.count_listed())
