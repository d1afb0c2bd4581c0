"""Search for an actor: the engine narrows, the database decides what is shown.

Hits, counts and facets come from documents that carry a token of the actor; each page is then
checked against the database, so an offer withdrawn a moment ago is not shown although the index
still holds it. Prices are not the index's to know: they come with the page from the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog

from entrepot.platform.catalog.visibility import seen_assortments
from entrepot.platform.database import fetch_one
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.pricing import offer_pages
from entrepot.platform.pricing.offer_pages import PagedOffer, Part
from entrepot.search.document import (
    VISIBLE_TO_ALL,
    VISIBLE_TO_OPERATORS,
    assortment_token,
    seller_token,
)
from entrepot.search.engine import DEPTH_MAX, EngineUnavailable, FacetCount, Hit, SearchEngine
from entrepot.search.errors import SearchUnavailable
from entrepot.search.query import AnalysedQuery, MatchReason, SearchQuery, analyse

#: How often the engine is asked for a page, where the database withheld hits of it.
_FILLS: Final = 4

log = structlog.get_logger("entrepot.search")


@dataclass(frozen=True, slots=True)
class FoundOffer:
    """One offer on the page, why it was found, and its rank, which the next page starts after."""

    paged: PagedOffer
    matched_by: MatchReason
    rank: int


@dataclass(frozen=True, slots=True)
class FoundOffers:
    """A page of offers, whether more follow, and how many were found in all."""

    offers: tuple[FoundOffer, ...]
    has_next: bool
    total: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts over all that was found: by brand, and by id of category with its descendants."""

    brands: tuple[FacetCount, ...]
    categories: tuple[FacetCount, ...]


_KIND = """
SELECT c.is_buyer, c.is_operator,
       CASE WHEN c.is_buyer AND NOT c.is_operator
            THEN ARRAY(SELECT DISTINCT seen.assortment_id FROM ({seen}) seen ORDER BY 1)
            ELSE '{{}}' END AS assortment_ids
  FROM company c WHERE c.id = $1 AND c.active
""".format(seen=seen_assortments("$1"))


async def visible_tokens(company_id: UUID) -> tuple[str, ...]:
    """The tokens of what a company may see; one statement.

    Operators see everything, buyers what is shown to all and the assortments that name them or a
    customer group of theirs, companies that only sell nothing but their own.
    """
    own = seller_token(company_id)
    company = await fetch_one(_KIND, company_id)
    if company is None or not (company["is_buyer"] or company["is_operator"]):
        return (own,)
    if company["is_operator"]:
        return (VISIBLE_TO_ALL, VISIBLE_TO_OPERATORS, own)
    return (VISIBLE_TO_ALL, own, *map(assortment_token, company["assortment_ids"]))


async def understand(
    actor: Actor, query: SearchQuery, tokens: tuple[str, ...] | None = None
) -> AnalysedQuery:
    """Analyse a question for an actor. Raises `Forbidden` without `catalog.view`.

    `tokens` are those of the actor's company (`visible_tokens`) where they have been read already.
    """
    actor.require(Permission.CATALOG_VIEW)
    return analyse(query, await visible_tokens(actor.company_id) if tokens is None else tokens)


async def search_offers(
    engine: SearchEngine,
    actor: Actor,
    query: AnalysedQuery,
    *,
    first: int,
    after: int = 0,
    wanted: Part = Part.NONE,
) -> FoundOffers:
    """Find up to `first` offers from rank `after` on (0: from the start), with `wanted` parts.

    `query` comes from `understand` for the same actor. Ranks count hits of the engine; while the
    index changes, a page may repeat or miss an offer, as with any ranked list. Beyond rank
    10,000 nothing is found. Raises `SearchUnavailable`. One round trip to the database, and one
    for each time the page had to be filled up.
    """
    actor.require(Permission.CATALOG_VIEW)
    rank = min(max(after, 0), DEPTH_MAX)
    shown: list[FoundOffer] = []
    withheld = 0
    for _ in range(_FILLS):
        with _answering():
            answer = await engine.search(query, offset=rank, limit=first - len(shown), facets=False)
        seen = await _visible(actor, answer.hits, rank, wanted)
        shown += seen
        withheld += len(answer.hits) - len(seen)
        rank += len(answer.hits)
        has_next = bool(answer.hits) and rank < min(answer.total, DEPTH_MAX)
        if len(shown) >= first or not has_next:
            break
    # What the database withheld is not counted either: the index has yet to hear of it.
    return FoundOffers(tuple(shown), has_next, answer.total - withheld)


async def count_facets(engine: SearchEngine, query: AnalysedQuery) -> Facets:
    """Count what a query of `understand` finds. Raises `SearchUnavailable`."""
    with _answering():
        answer = await engine.search(query, offset=0, limit=0, facets=True)
    return Facets(answer.brands, answer.categories)


@contextmanager
def _answering() -> Iterator[None]:
    """Log what the engine says, and tell the caller only that search is away."""
    try:
        yield
    except EngineUnavailable as error:
        log.error("the search engine does not answer", reason=str(error))
        raise SearchUnavailable() from error


async def _visible(actor: Actor, hits: Sequence[Hit], rank: int, wanted: Part) -> list[FoundOffer]:
    """The hits that the database lets the actor see and that are still listed."""
    if not hits:
        return []
    found = await offer_pages.offers_by_ids(actor, [hit.offer_id for hit in hits], wanted)
    return [
        FoundOffer(paged, hit.matched_by, place)
        for place, hit in enumerate(hits, rank + 1)
        if (paged := found.get(hit.offer_id)) is not None and paged.offer.active
    ]
