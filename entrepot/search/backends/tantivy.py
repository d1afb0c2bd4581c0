"""The embedded engine: tantivy, in process, on local disk.

Any number of processes read; one at a time writes. A reader looks at two files before each
search (about 2 µs) and so sees a commit or a swapped index at once. A write opens the writer,
replaces, commits and closes it again (12 ms measured on 19,406 offers), so that no process
owns the index and a killed one leaves it as of the last commit.

Searches release the interpreter's lock (measured: others run within 1 ms beside a search of
70 ms). They run inline while the index is small, where they take 0.2 to 2 ms, and in a
thread from `_INLINE_MAX` offers on.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from uuid import UUID

from entrepot.search.backends import tantivy_checksums as checksums
from entrepot.search.backends.index_folders import IndexFolders
from entrepot.search.backends.tantivy_document import to_tantivy
from entrepot.search.backends.tantivy_facets import count_facets
from entrepot.search.backends.tantivy_reader import Reader, Snapshot, stamp
from entrepot.search.backends.tantivy_schema import create_index, open_index
from entrepot.search.backends.tantivy_search import Search
from entrepot.search.backends.tantivy_suggest import Suggesting
from entrepot.search.document import OfferDocument
from entrepot.search.engine import (
    DEPTH_MAX,
    NOTHING,
    EngineUnavailable,
    Found,
    ListedHit,
    Suggested,
)
from entrepot.search.query import AnalysedQuery, Prefix

T = TypeVar("T")

_INLINE_MAX = 50_000
#: A writer's buffer; tantivy takes no less than 15 MB a thread.
_UPDATE_HEAP = 15_000_000
_REBUILD_HEAP = 100_000_000


@contextmanager
def _readable(root: Path) -> Iterator[None]:
    """Turn what tantivy and the disk say into our error: damaged, of another version, full."""
    try:
        yield
    except OSError as error:
        raise EngineUnavailable(f"the index in {root} cannot be reached: {error}") from error
    except ValueError as error:
        raise EngineUnavailable(
            f"the index in {root} cannot be used: {error}; run `entrepot search rebuild`"
        ) from error


class TantivyEngine:
    """An index of offers under ``root``. Safe to use from several threads.

    `update` and `rebuild` wait up to `wait_seconds` for another writer, then raise `IndexBusy`.
    """

    def __init__(self, root: Path, *, wait_seconds: float = 10.0) -> None:
        self.folders = IndexFolders(root)
        self._wait_seconds = wait_seconds
        self._lock = threading.Lock()
        self._reader: Reader | None = None

    def _fresh_reader(self) -> Reader | None:
        """The reader of the index in use as of its last commit; `None` before the first."""
        with self._lock, _readable(self.folders.root):
            latest = stamp(self.folders.pointer)
            if self._reader is None or self._reader.pointer_stamp != latest:
                self._move_on(latest)
            if self._reader is not None:
                self._reader.refresh()
            return self._reader

    def _move_on(self, pointer_stamp: tuple[int, int]) -> None:
        """Open the index now in use, and delete the former one if nobody else reads it."""
        held = self.folders.hold_current()
        former, self._reader = self._reader, None
        if held is not None:
            try:
                self._reader = Reader(held, pointer_stamp)
            except ValueError:
                held.release()
                raise
        if former is not None:
            former.held.release()
            self.folders.remove_if_free(former.held.path)

    async def search(self, query: AnalysedQuery, *, offset: int, limit: int, facets: bool) -> Found:
        """Find offers from rank `offset` on; see `SearchEngine.search`."""
        limit = min(limit, DEPTH_MAX - offset)
        if query.is_empty or (limit <= 0 and not facets):
            return NOTHING

        def find(snapshot: Snapshot) -> Found:
            search = Search(snapshot, query)
            hits = tuple(search.page(offset, limit))
            total = search.total
            if not facets:
                return Found(hits, total)
            return Found(hits, total, count_facets(snapshot.searcher, search.everything, total))

        return await self._ask(find, NOTHING)

    async def listed(self, query: AnalysedQuery, *, limit: int) -> Sequence[ListedHit]:
        """Offers found with their list prices; see `SearchEngine.listed`."""
        if query.is_empty or limit <= 0:
            return ()
        return await self._ask(lambda snapshot: Search(snapshot, query).listed(limit), [])

    async def suggest(self, prefix: Prefix, *, limit: int) -> Suggested:
        """Complete an unfinished question; see `SearchEngine.suggest`."""
        if limit <= 0:
            return Suggested()
        return await self._ask(
            lambda snapshot: Suggesting(snapshot, prefix).suggested(limit), Suggested()
        )

    async def checksums(
        self, offer_ids: Sequence[UUID] | None = None
    ) -> AsyncIterator[Sequence[tuple[UUID, int]]]:
        """Offers with the checksums of their documents; see `SearchEngine.checksums`."""
        reader = self._fresh_reader()
        if reader is None:
            return
        snapshot = reader.snapshot
        with _readable(self.folders.root):
            if offer_ids is not None:
                if offer_ids:
                    yield await asyncio.to_thread(checksums.of_offers, snapshot, offer_ids)
                return
            for part in checksums.parts(snapshot):
                if batch := await asyncio.to_thread(checksums.of_part, snapshot, part):
                    yield batch

    async def _ask(self, ask: Callable[[Snapshot], T], otherwise: T) -> T:
        """Ask the latest state of the index; `otherwise` before there is any."""
        reader = self._fresh_reader()
        if reader is None:
            return otherwise
        snapshot = reader.snapshot
        with _readable(self.folders.root):
            if snapshot.searcher.num_docs <= _INLINE_MAX:
                return ask(snapshot)
            return await asyncio.to_thread(ask, snapshot)

    async def update(
        self, documents: Sequence[OfferDocument], removed: Sequence[UUID] = ()
    ) -> None:
        """Replace and drop documents in one commit; see `SearchEngine.update`."""
        if documents or removed:
            await asyncio.to_thread(self._update, documents, removed)

    def _update(self, documents: Sequence[OfferDocument], removed: Sequence[UUID]) -> None:
        with _readable(self.folders.root), self.folders.writing(self._wait_seconds):
            path = self.folders.current()
            if path is None or not (path / "meta.json").exists():
                path = self.folders.create()
                index = create_index(path)
                self.folders.point_to(path)
            else:
                index = open_index(path)
            writer = index.writer(heap_size=_UPDATE_HEAP, num_threads=1)
            for offer_id in (*removed, *(document.offer_id for document in documents)):
                writer.delete_documents_by_term("offer", offer_id.hex)
            for document in documents:
                writer.add_document(to_tantivy(document, index.schema))
            writer.commit()
            writer.wait_merging_threads()

    def rebuild(self) -> TantivyRebuild:
        """A new index in a folder of its own; see `SearchEngine.rebuild`."""
        return TantivyRebuild(self.folders, self._wait_seconds)

    async def indexed_count(self) -> int:
        """How many offers the index holds."""
        reader = self._fresh_reader()
        return 0 if reader is None else reader.snapshot.searcher.num_docs

    async def close(self) -> None:
        """Let go of the index's folder."""
        with self._lock:
            if self._reader is not None:
                self._reader.held.release()
                self._reader = None


class TantivyRebuild:
    """The folder of a new index while it is filled; holds the writer's lock throughout."""

    def __init__(self, folders: IndexFolders, wait_seconds: float) -> None:
        self._folders = folders
        self._wait_seconds = wait_seconds
        self._stack = ExitStack()

    async def __aenter__(self) -> Self:
        with ExitStack() as undone:
            # Whatever fails before the block is entered must keep neither lock nor folder.
            undone.enter_context(_readable(self._folders.root))
            undone.push(self._stack)
            writing = self._folders.writing(self._wait_seconds)
            await asyncio.to_thread(self._stack.enter_context, writing)
            undone.callback(self._folders.sweep)
            self._path = self._folders.create()
            self._index = create_index(self._path)
            self._writer = self._index.writer(heap_size=_REBUILD_HEAP, num_threads=1)
            undone.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._stack:
            del self._writer
            await asyncio.to_thread(self._folders.sweep)

    async def add(self, documents: Sequence[OfferDocument]) -> None:
        """Add documents of offers not added before."""
        await asyncio.to_thread(self._add, documents)

    def _add(self, documents: Sequence[OfferDocument]) -> None:
        with _readable(self._folders.root):
            for document in documents:
                self._writer.add_document(to_tantivy(document, self._index.schema))

    async def publish(self) -> None:
        """Commit and swap the pointer."""
        await asyncio.to_thread(self._publish)

    def _publish(self) -> None:
        with _readable(self._folders.root):
            self._writer.commit()
            self._writer.wait_merging_threads()
            self._folders.point_to(self._path)
