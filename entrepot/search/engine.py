"""What an engine must do, whoever it is: match, update, rebuild beside, count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from entrepot.search.document import OfferDocument
from entrepot.search.query import AnalysedQuery, MatchReason

#: The deepest hit an engine is asked for; beyond it a buyer narrows the question.
DEPTH_MAX = 10_000
#: Facet values counted at most, the most frequent first.
BRANDS_MAX = 50
CATEGORIES_MAX = 200


class IndexBusy(Exception):
    """Another process is writing the index; what was to be written is not, try again."""


class EngineUnavailable(Exception):
    """The engine does not answer or refuses; the text says what it said."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One offer found and why."""

    offer_id: UUID
    matched_by: MatchReason


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many of the offers found have a value (a brand, or the id of a category)."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Found:
    """Hits of one page in order, how many there are in all, and counts over all of them.

    Counts come most frequent first, then by value; they are empty unless asked for. A category
    counts the offers of its descendants too.
    """

    hits: tuple[Hit, ...]
    total: int
    brands: tuple[FacetCount, ...] = ()
    categories: tuple[FacetCount, ...] = ()


NOTHING = Found((), 0)


class Rebuild(Protocol):
    """A new index growing beside the one in use. Leaving the block unpublished discards it."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    async def add(self, documents: Sequence[OfferDocument]) -> None:
        """Add documents of offers not added before."""
        ...

    async def publish(self) -> None:
        """Swap the new index in atomically: every search sees the old one or the new one."""
        ...


class SearchEngine(Protocol):
    """One index of offers. Methods raise `EngineUnavailable` when the engine fails."""

    async def search(self, query: AnalysedQuery, *, offset: int, limit: int, facets: bool) -> Found:
        """Find offers from rank `offset` on; never more than `DEPTH_MAX` deep."""
        ...

    async def update(
        self, documents: Sequence[OfferDocument], removed: Sequence[UUID] = ()
    ) -> None:
        """Replace the documents of these offers and drop others; visible when it returns.

        Raises `IndexBusy` when another process writes.
        """
        ...

    def rebuild(self) -> Rebuild:
        """Start a new index beside; entering it raises `IndexBusy` when another writes."""
        ...

    async def indexed_count(self) -> int:
        """How many offers the index holds."""
        ...

    async def close(self) -> None:
        """Release files and connections."""
        ...
