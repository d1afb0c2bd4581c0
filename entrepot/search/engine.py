"""What an engine must do, whoever it is: match, update, rebuild beside, count."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from entrepot.search.document import OfferDocument
from entrepot.search.query import AnalysedQuery, MatchReason, Prefix

#: The deepest hit an engine is asked for; beyond it a buyer narrows the question.
DEPTH_MAX = 10_000
#: Facet values counted at most, the most frequent first.
BRANDS_MAX = 50
CATEGORIES_MAX = 200
SELLERS_MAX = 50
ATTRIBUTES_MAX = 20
VALUES_MAX = 20
#: More offers than this have no counts by attribute: they are of too many kinds.
ATTRIBUTES_OF_MAX = 10_000


class IndexBusy(Exception):
    """Another process is writing the index; what was to be written is not, try again."""


class EngineUnavailable(Exception):
    """The engine does not answer or refuses; the text says what it said."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One offer found and why, with what the ranking needs of it.

    `score` compares offers of one answer found for the same reason: higher is better.
    `all_words`: where offers with some of the words are found as well, that this one has them all.
    """

    offer_id: UUID
    matched_by: MatchReason
    product_id: UUID
    score: float = 0.0
    list_price: int = 0
    in_stock: bool = False
    all_words: bool = False


@dataclass(frozen=True, slots=True)
class ListedHit:
    """An offer found with its list price in 1/10,000, for pricing it for the actor."""

    offer_id: UUID
    list_price: int


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many of the offers found have a value (a brand, or the id of a category or seller)."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class AttributeFacet:
    """How an attribute is spread over the offers found.

    Texts have `values` with their counts, measures the least and the greatest, in the unit of
    the definition. `count`: offers that have the attribute at all.
    """

    code: str
    count: int
    values: tuple[FacetCount, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts over all offers found, most frequent first, then by value.

    A category counts the offers of its descendants too. Attributes are left out where more than
    `ATTRIBUTES_OF_MAX` offers are found: narrow first.
    """

    brands: tuple[FacetCount, ...] = ()
    categories: tuple[FacetCount, ...] = ()
    sellers: tuple[FacetCount, ...] = ()
    in_stock: int = 0
    attributes: tuple[AttributeFacet, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Hits of one page in order, how many there are in all, and counts where asked for."""

    hits: tuple[Hit, ...]
    total: int
    facets: Facets = Facets()


@dataclass(frozen=True, slots=True)
class Suggested:
    """What an unfinished question may become: offers by number, offers by name, categories."""

    numbers: tuple[Hit, ...] = ()
    names: tuple[Hit, ...] = ()
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

    async def listed(self, query: AnalysedQuery, *, limit: int) -> Sequence[ListedHit]:
        """Return up to `limit` of the offers found, in no certain order, whatever the sort."""
        ...

    async def suggest(self, prefix: Prefix, *, limit: int) -> Suggested:
        """Complete an unfinished question, at most `limit` of each kind, the best first."""
        ...

    def checksums(
        self, offer_ids: Sequence[UUID] | None = None
    ) -> AsyncIterator[Sequence[tuple[UUID, int]]]:
        """Return offers of the index with the `checksum` of their documents, in batches.

        All of them in any order, or those of `offer_ids` (at most 1,000) that the index holds.
        """
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
