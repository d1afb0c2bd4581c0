"""An open tantivy index that knows when it has become old."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

import tantivy

from entrepot.search.backends.index_folders import HeldFolder
from entrepot.search.backends.tantivy_schema import OFFER_ID, PRODUCT_ID, open_index
from entrepot.search.backends.tantivy_sight import Sight
from entrepot.search.engine import Hit
from entrepot.search.query import MatchReason

#: Views of actors kept for one state of the index; counting what each sees takes a moment.
_SIGHTS_MAX: Final = 1_000


class Snapshot:
    """One state of the index: what a search, its counts and its facets all look at."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema) -> None:
        self.searcher = searcher
        self.schema = schema
        self._sights: dict[tuple[str, ...], Sight] = {}

    def sight(self, visible_to: tuple[str, ...]) -> Sight:
        """What an actor with these tokens sees."""
        found = self._sights.get(visible_to)
        if found is None:
            if len(self._sights) >= _SIGHTS_MAX:
                self._sights = {}
            found = self._sights[visible_to] = Sight(self.searcher, self.schema, visible_to)
        return found

    def hits(self, found: Sequence[tuple[tantivy.DocAddress, MatchReason, float]]) -> list[Hit]:
        """Hits of what was found at these places, why, and with which score."""
        places = [place for place, _, _ in found]
        return [
            Hit(offer, reason, product, score, price, bool(stocked))
            for offer, (_, reason, score), product, price, stocked in zip(
                self.ids(OFFER_ID, places),
                found,
                self.ids(PRODUCT_ID, places),
                self.column("list_price", places),
                self.column("in_stock", places),
                strict=True,
            )
        ]

    def ids(self, halves: Sequence[str], addresses: list[tantivy.DocAddress]) -> list[UUID]:
        """The identifiers at these places, of which the columns hold two halves."""
        high, low = (self.column(name, addresses) for name in halves)
        return [UUID(int=(first << 64) | last) for first, last in zip(high, low, strict=True)]

    def column(self, name: str, addresses: list[tantivy.DocAddress]) -> list[int]:
        """The whole numbers (or truths) of a column at these places."""
        return [int(value or 0) for value in self.searcher.fast_field_values(name, addresses)]

    def fractions(self, name: str, addresses: list[tantivy.DocAddress]) -> list[float]:
        """The fractions of a column at these places."""
        return [float(value or 0) for value in self.searcher.fast_field_values(name, addresses)]


class Reader:
    """An open index; `snapshot` is its latest state as of `refresh`."""

    def __init__(self, held: HeldFolder, pointer_stamp: tuple[int, int]) -> None:
        self.held = held
        self.pointer_stamp = pointer_stamp
        self._meta = held.path / "meta.json"
        self._meta_stamp = stamp(self._meta)
        self._index = open_index(held.path)
        self.snapshot = Snapshot(self._index.searcher(), self._index.schema)

    def refresh(self) -> None:
        """Reload if a commit has happened since."""
        latest = stamp(self._meta)
        if latest != self._meta_stamp:
            self._index.reload()
            self.snapshot = Snapshot(self._index.searcher(), self._index.schema)
            self._meta_stamp = latest


def stamp(path: Path) -> tuple[int, int]:
    """Changes whenever the file is replaced; zeros where there is none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return 0, 0
    return found.st_ino, found.st_mtime_ns
