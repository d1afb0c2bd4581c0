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
import os
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import tantivy

from entrepot.search.backends.index_folders import HeldFolder, IndexFolders
from entrepot.search.backends.tantivy_query import QueryBuilder, reason_of
from entrepot.search.backends.tantivy_schema import (
    create_index,
    open_index,
    to_tantivy,
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
from entrepot.search.query import ENOUGH, AnalysedQuery

_INLINE_MAX = 50_000
#: A writer's buffer; tantivy takes no less than 15 MB a thread.
_UPDATE_HEAP = 15_000_000
_REBUILD_HEAP = 100_000_000
_FACETS: dict[str, Any] = {
    "brands": {"terms": {"field": "brand", "size": BRANDS_MAX}},
    "categories": {"terms": {"field": "category", "size": CATEGORIES_MAX}},
}


class _Reader:
    """An open index that knows when it has become old."""

    def __init__(self, held: HeldFolder, pointer_stamp: tuple[int, int]) -> None:
        self.held = held
        self.pointer_stamp = pointer_stamp
        self._meta = held.path / "meta.json"
        self._meta_stamp = _stamp(self._meta)
        self._index = open_index(held.path)
        self.schema = self._index.schema
        self.searcher = self._index.searcher()

    def refresh(self) -> None:
        stamp = _stamp(self._meta)
        if stamp != self._meta_stamp:
            self._index.reload()
            self.searcher = self._index.searcher()
            self._meta_stamp = stamp


def _stamp(path: Path) -> tuple[int, int]:
    """Changes whenever the file is replaced; zeros where there is none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return 0, 0
    return found.st_ino, found.st_mtime_ns


class TantivyEngine:
    """An index of offers under ``root``. Safe to use from several threads.

    `update` and `rebuild` wait up to `wait_seconds` for another writer, then raise `IndexBusy`.
    """

    def __init__(self, root: Path, *, wait_seconds: float = 10.0) -> None:
        self.folders = IndexFolders(root)
        self._wait_seconds = wait_seconds
        self._lock = threading.Lock()
        self._reader: _Reader | None = None

    def _fresh_reader(self) -> _Reader | None:
        """The reader of the index in use as of its last commit; `None` before the first."""
        with self._lock:
            stamp = _stamp(self.folders.pointer)
            if self._reader is None or self._reader.pointer_stamp != stamp:
                self._move_on(stamp)
            if self._reader is not None:
                self._reader.refresh()
            return self._reader

    def _move_on(self, stamp: tuple[int, int]) -> None:
        """Open the index now in use, and delete the former one if nobody else reads it."""
        former, self._reader = self._reader, None
        held = self.folders.hold_current()
        if held is not None:
            try:
                self._reader = _Reader(held, stamp)
            except ValueError as error:
                held.release()
                raise EngineUnavailable(
                    f"the index in {held.path} cannot be read: {error}"
                ) from error
        if former is not None:
            former.held.release()
            self.folders.remove_if_free(former.held.path)

    async def search(self, query: AnalysedQuery, *, offset: int, limit: int, facets: bool) -> Found:
        """Find offers from rank `offset` on; see `SearchEngine.search`."""
        limit = min(limit, DEPTH_MAX - offset)
        if query.is_empty or (limit <= 0 and not facets):
            return NOTHING
        reader = self._fresh_reader()
        if reader is None:
            return NOTHING
        if reader.searcher.num_docs <= _INLINE_MAX:
            return _search(reader, query, offset, limit, facets)
        return await asyncio.to_thread(_search, reader, query, offset, limit, facets)

    async def update(
        self, documents: Sequence[OfferDocument], removed: Sequence[UUID] = ()
    ) -> None:
        """Replace and drop documents in one commit; see `SearchEngine.update`."""
        if documents or removed:
            await asyncio.to_thread(self._update, documents, removed)

    def _update(self, documents: Sequence[OfferDocument], removed: Sequence[UUID]) -> None:
        with self.folders.writing(self._wait_seconds):
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
        return 0 if reader is None else reader.searcher.num_docs

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
        self._published = False

    async def __aenter__(self) -> Self:
        writing = self._folders.writing(self._wait_seconds)
        await asyncio.to_thread(self._stack.enter_context, writing)
        self._path = self._folders.create()
        self._index = create_index(self._path)
        self._writer = self._index.writer(heap_size=_REBUILD_HEAP, num_threads=1)
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
        for document in documents:
            self._writer.add_document(to_tantivy(document, self._index.schema))

    async def publish(self) -> None:
        """Commit and swap the pointer."""
        await asyncio.to_thread(self._publish)

    def _publish(self) -> None:
        self._writer.commit()
        self._writer.wait_merging_threads()
        self._folders.point_to(self._path)


def _search(reader: _Reader, query: AnalysedQuery, offset: int, limit: int, facets: bool) -> Found:
    searcher = reader.searcher

    def frequency(stem: str) -> int:
        return searcher.doc_freq("title", stem) + searcher.doc_freq("other", stem)

    def all_suffice(wanted: tantivy.Query) -> bool:
        # The stub of `SearchResult` omits `count`, which `count=True` sets.
        return bool(searcher.search(wanted, limit=1, count=True).count >= ENOUGH)  # type: ignore[attr-defined]

    wanted = QueryBuilder(reader.schema, frequency).build(query, all_suffice)
    result = searcher.search(wanted, limit=max(limit, 1), offset=offset, count=True)
    hits = [
        Hit(UUID(hex=searcher.doc(address)["offer"][0]), reason_of(score))
        for score, address in result.hits[: max(limit, 0)]
    ]
    total: int = result.count  # type: ignore[attr-defined]  # see above
    if not facets:
        return Found(tuple(hits), total)
    counted = searcher.aggregate(wanted, _FACETS)
    brands = _counts(counted["brands"])
    categories = tuple(
        FacetCount(str(UUID(hex=facet.value)), facet.count)
        for facet in _counts(counted["categories"])
    )
    return Found(tuple(hits), total, brands, categories)


def _counts(aggregation: dict[str, Any]) -> tuple[FacetCount, ...]:
    counts = [FacetCount(each["key"], each["doc_count"]) for each in aggregation["buckets"]]
    return tuple(sorted(counts, key=lambda facet: (-facet.count, facet.value)))
