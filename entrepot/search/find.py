"""Search for an actor: the engine narrows, the database decides what is shown.

Hits, counts and facets come from documents that carry a token of the actor; each page is then
checked against the database, so an offer withdrawn a moment ago is not shown although the index
still holds it. Prices are not the index's to know: they come with the page from the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.orders.signals.queries import bought
from entrepot.platform.pricing import offer_pages
from entrepot.platform.pricing.offer_pages import PagedOffer, Part
from entrepot.search.engine import DEPTH_MAX, EngineUnavailable, Facets, Hit, SearchEngine
from entrepot.search.errors import SearchUnavailable
from entrepot.search.own_prices import PriceBasis, PricedQuery, only, with_own_prices
from entrepot.search.query import AnalysedQuery, MatchReason, Sort
from entrepot.search.ranking import WINDOW, rank

#: How often the engine is asked for a page, where the database withheld hits of it.
_FILLS: Final = 4

log = structlog.get_logger("entrepot.search")


@dataclass(frozen=True, slots=True)
class FoundOffer:
    """One offer on the page, why it was found, and its rank, which the next page starts after.

    `times_bought`: seller orders of the actor's company that had the product; 0 beyond the first
    `WINDOW` ranks and in other orders than relevance, where it is not asked for.
    """

    paged: PagedOffer
    matched_by: MatchReason
    rank: int
    times_bought: int = 0


@dataclass(frozen=True, slots=True)
class FoundOffers:
    """A page of offers, whether more follow, and how many were found in all.

    `last` is the rank that was looked at last: what follows a page of which all was withheld.
    """

    offers: tuple[FoundOffer, ...]
    has_next: bool
    total: int
    priced: PricedQuery
    last: int

    @property
    def price_basis(self) -> PriceBasis:
        """Which price a filter or order by price went by."""
        return self.priced.basis


@dataclass(frozen=True, slots=True)
class _Slice:
    """Hits from some rank on, and how many the engine has found in all."""

    hits: Sequence[Hit]
    total: int


class _Ranks:
    """The hits of one question by rank: ranked within the window, as the engine says beyond."""

    def __init__(self, engine: SearchEngine, actor: Actor, priced: PricedQuery) -> None:
        self._engine = engine
        self._actor = actor
        self._priced = priced
        self._window: _Slice | None = None
        self.bought: dict[UUID, int] = {}

    async def after(self, rank_: int, limit: int) -> _Slice:
        """Return up to `limit` hits after the rank."""
        if self._priced.order is not None:
            return await self._by_own_price(rank_, limit)
        query = self._priced.query
        if query.sort is Sort.RELEVANCE and not query.browse and rank_ < WINDOW:
            window = await self._ranked()
            return _Slice(window.hits[rank_ : rank_ + limit], window.total)
        # Nothing stands beyond the last rank, but how many are found is to be told there too.
        start = min(rank_, DEPTH_MAX - 1)
        found = await self._engine.search(query, offset=start, limit=limit, facets=False)
        return _Slice(found.hits[rank_ - start :], found.total)

    async def _ranked(self) -> _Slice:
        if self._window is None:
            query = self._priced.query
            found = await self._engine.search(query, offset=0, limit=WINDOW, facets=False)
            products = {hit.product_id for hit in found.hits}
            times = await bought(self._actor.company_id, products)
            self.bought = times
            self._window = _Slice(rank(query, found.hits, times), found.total)
        return self._window

    async def _by_own_price(self, rank_: int, limit: int) -> _Slice:
        order = self._priced.order or ()
        wanted = order[rank_ : rank_ + limit]
        narrowed = only(self._priced.query, wanted)
        found = await self._engine.search(narrowed, offset=0, limit=len(wanted), facets=False)
        hits = {hit.offer_id: hit for hit in found.hits}
        return _Slice([hits[one] for one in wanted if one in hits], len(order))


async def search_offers(
    engine: SearchEngine,
    actor: Actor,
    query: AnalysedQuery,
    *,
    first: int,
    now: datetime,
    after: int = 0,
    wanted: Part = Part.NONE,
) -> FoundOffers:
    """Find up to `first` offers from rank `after` on (0: from the start), with `wanted` parts.

    `query` comes from `understand` for the same actor. Ranks count hits of the engine; while the
    index changes, a page may repeat or miss an offer, as with any ranked list. Beyond rank
    10,000 nothing is found. Raises `SearchUnavailable`. One round trip to the database for the
    page, one for what the company bought, those of `with_own_prices` where prices are asked for,
    and one for each time the page had to be filled up.
    """
    actor.require(Permission.CATALOG_VIEW)
    place = min(max(after, 0), DEPTH_MAX)
    shown: list[FoundOffer] = []
    withheld = 0
    with answering():
        priced = await with_own_prices(engine, actor, query, now)
        ranks = _Ranks(engine, actor, priced)
        for _ in range(_FILLS):
            answer = await ranks.after(place, first - len(shown))
            seen = await _visible(actor, answer.hits, place, wanted, ranks)
            shown += seen
            withheld += len(answer.hits) - len(seen)
            place += len(answer.hits)
            has_next = bool(answer.hits) and place < min(answer.total, DEPTH_MAX)
            if len(shown) >= first or not has_next:
                break
    # What the database withheld is not counted either: the index has yet to hear of it.
    return FoundOffers(tuple(shown), has_next, answer.total - withheld, priced, place)


async def count_facets(engine: SearchEngine, priced: PricedQuery) -> Facets:
    """Count what a page of `search_offers` belongs to. Raises `SearchUnavailable`."""
    with answering():
        answer = await engine.search(priced.query, offset=0, limit=0, facets=True)
    return answer.facets


@contextmanager
def answering() -> Iterator[None]:
    """Log what the engine says, and tell the caller only that search is away."""
    try:
        yield
    except EngineUnavailable as error:
        log.error("the search engine does not answer", reason=str(error))
        raise SearchUnavailable() from error


async def _visible(
    actor: Actor, hits: Sequence[Hit], place: int, wanted: Part, ranks: _Ranks
) -> list[FoundOffer]:
    """The hits that the database lets the actor see and that are still listed."""
    if not hits:
        return []
    found = await offer_pages.offers_by_ids(actor, [hit.offer_id for hit in hits], wanted)
    return [
        FoundOffer(paged, hit.matched_by, rank_, ranks.bought.get(hit.product_id, 0))
        for rank_, hit in enumerate(hits, place + 1)
        if (paged := found.get(hit.offer_id)) is not None and paged.offer.active
    ]
