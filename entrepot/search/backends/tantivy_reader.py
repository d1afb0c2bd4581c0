"""Reading a tantivy index: an open index that knows when it has become old, and one search."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from uuid import UUID

import tantivy

from entrepot.search.backends.index_folders import HeldFolder
from entrepot.search.backends.tantivy_query import QueryBuilder, reason_of
from entrepot.search.backends.tantivy_schema import open_index
from entrepot.search.document import VISIBLE_TO_ALL, VISIBLE_TO_OPERATORS
from entrepot.search.engine import BRANDS_MAX, CATEGORIES_MAX, FacetCount, Found, Hit
from entrepot.search.query import ENOUGH, AnalysedQuery

_FACETS: dict[str, Any] = {
    "brands": {"terms": {"field": "brand", "size": BRANDS_MAX}},
    "categories": {"terms": {"field": "category", "size": CATEGORIES_MAX}},
}


class Reader:
    """An open index that knows when it has become old."""

    def __init__(self, held: HeldFolder, pointer_stamp: tuple[int, int]) -> None:
        self.held = held
        self.pointer_stamp = pointer_stamp
        self._meta = held.path / "meta.json"
        self._meta_stamp = stamp(self._meta)
        self._index = open_index(held.path)
        self.schema = self._index.schema
        self.searcher = self._index.searcher()

    def refresh(self) -> None:
        """Reload if a commit has happened since."""
        latest = stamp(self._meta)
        if latest != self._meta_stamp:
            self._index.reload()
            self.searcher = self._index.searcher()
            self._meta_stamp = latest


def stamp(path: Path) -> tuple[int, int]:
    """Changes whenever the file is replaced; zeros where there is none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return 0, 0
    return found.st_ino, found.st_mtime_ns


def search(reader: Reader, query: AnalysedQuery, offset: int, limit: int, facets: bool) -> Found:
    """Find one page; runs in the calling thread and releases the interpreter's lock."""
    searcher = reader.searcher
    builder: QueryBuilder

    def count(wanted: tantivy.Query) -> int:
        # The stub of `SearchResult` omits `count`, which `count=True` sets.
        found: int = searcher.search(wanted, limit=1, count=True).count  # type: ignore[attr-defined]
        return found

    def frequency(stem: str) -> int:
        found = searcher.doc_freq("title", stem) + searcher.doc_freq("other", stem)
        if found < ENOUGH or not _some_hidden(searcher, query):
            return found
        # Whether a word may be mistyped must not tell that hidden offers hold it.
        return sum(count(holding) for holding in builder.holding(query, stem))

    builder = QueryBuilder(reader.schema, frequency)
    wanted = builder.build(query, lambda wanted: count(wanted) >= ENOUGH)
    result = searcher.search(wanted, limit=max(limit, 1), offset=offset, count=True)
    hits = [
        Hit(UUID(hex=searcher.doc(address)["offer"][0]), reason_of(score))
        for score, address in result.hits[: max(limit, 0)]
    ]
    total: int = result.count  # type: ignore[attr-defined]  # as above
    if not facets:
        return Found(tuple(hits), total)
    counted = searcher.aggregate(wanted, _FACETS)
    brands = _counts(counted["brands"])
    categories = tuple(
        FacetCount(str(UUID(hex=facet.value)), facet.count)
        for facet in _counts(counted["categories"])
    )
    return Found(tuple(hits), total, brands, categories)


def _some_hidden(searcher: tantivy.Searcher, query: AnalysedQuery) -> bool:
    """Whether the index may hold offers that the actor does not see."""
    if VISIBLE_TO_OPERATORS in query.visible_to:
        return False
    sees_public = VISIBLE_TO_ALL in query.visible_to
    return not sees_public or searcher.doc_freq("visible_to", VISIBLE_TO_OPERATORS) > 0


def _counts(aggregation: dict[str, Any]) -> tuple[FacetCount, ...]:
    counts = [FacetCount(each["key"], each["doc_count"]) for each in aggregation["buckets"]]
    return tuple(sorted(counts, key=lambda facet: (-facet.count, facet.value)))
