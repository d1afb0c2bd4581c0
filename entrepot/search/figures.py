"""Figures of the index for Prometheus: how many offers, how many there should be, how far behind.

Read at every scrape, so none may cost what the catalogue costs. The engine knows its count, and
what waits stands in partial indexes of the outbox. Listed offers must be counted by reading the
whole table, so that figure is counted anew every five minutes only: compare the two over hours.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from entrepot.platform.catalog.search_rows import count_listed
from entrepot.search.changes import waiting_changes
from entrepot.search.engine import SearchEngine

COUNT_SECONDS: Final = 300.0

INDEX: Final = {
    "entrepot_search_indexed_offers": "Offers in the search index.",
    "entrepot_search_listed_offers": "Offers that should be; counted every five minutes.",
}
CHANGES: Final = {
    "entrepot_search_oldest_change_seconds": "Age of the oldest change that is not searchable.",
    "entrepot_search_dead_changes": "Changes that the index will not follow until retried.",
}


async def changes() -> Mapping[str, float]:
    """Read how far the index is behind the database; 0 s where nothing waits."""
    waiting = await waiting_changes()
    return {
        "entrepot_search_oldest_change_seconds": waiting.oldest_seconds,
        "entrepot_search_dead_changes": waiting.dead,
    }


class IndexFigures:
    """The sizes of index and catalogue; remembers the dear one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._listed = 0
        self._counted_at: float | None = None

    async def read(self, engine: SearchEngine) -> Mapping[str, float]:
        """Read both. Raises `EngineUnavailable`."""
        now = self._clock()
        if self._counted_at is None or now - self._counted_at >= COUNT_SECONDS:
            # Before the count, so that scrapes meanwhile do not count too.
            self._counted_at = now
            self._listed = await count_listed()
        return {
            "entrepot_search_indexed_offers": await engine.indexed_count(),
            "entrepot_search_listed_offers": self._listed,
        }
