"""Search for an actor: the engine narrows, the database decides what is shown and at what price.

Hits, counts and facets come from documents that carry a token of the actor; each page is then
checked against the database, so an offer withdrawn a moment ago is not shown although the index
still holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from entrepot.platform.catalog import queries as catalog
from entrepot.platform.catalog.queries import OfferRow
from entrepot.platform.database import fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.pricing import queries as pricing
from entrepot.platform.pricing.queries import ResolvedPrice
from entrepot.search.document import VISIBLE_TO_ALL, seller_token
from entrepot.search.engine import DEPTH_MAX, FacetCount, Found, Hit, SearchEngine
from entrepot.search.query import AnalysedQuery, MatchReason, SearchQuery, analyse

#: How often the engine is asked again for hits that the database withheld.
_REFILLS: Final = 3


@dataclass(frozen=True, slots=True)
class FoundOffer:
    """One offer on the page: why it was found, the actor's price for the least one can order,
    and the rank after which the next page starts."""

    offer: OfferRow
    matched_by: MatchReason
    price: ResolvedPrice
    rank: int


@dataclass(frozen=True, slots=True)
class FoundOffers:
    """A page of offers, whether more follow, and counts over all that was found."""

    offers: tuple[FoundOffer, ...]
    has_next: bool
    total: int
    brands: tuple[FacetCount, ...]
    categories: tuple[FacetCount, ...]


async def visible_tokens(actor: Actor) -> tuple[str, ...]:
    """The tokens of what the actor may see: all for buyers and operators, else their own offers."""
    buys = await fetch_value(
        "SELECT is_buyer OR is_operator FROM company WHERE id = $1 AND active", actor.company_id
    )
    own = seller_token(actor.company_id)
    return (VISIBLE_TO_ALL, own) if buys else (own,)


async def understand(actor: Actor, query: SearchQuery) -> AnalysedQuery:
    """Analyse a question for an actor. Raises `Forbidden` without `catalog.view`."""
    actor.require(Permission.CATALOG_VIEW)
    return analyse(query, await visible_tokens(actor))


async def search_offers(
    engine: SearchEngine,
    actor: Actor,
    query: AnalysedQuery,
    now: datetime,
    *,
    first: int,
    after: int = 0,
    facets: bool = True,
) -> FoundOffers:
    """Find up to `first` offers from rank `after` on (0: from the start).

    `query` comes from `understand` for the same actor. Ranks count hits of the engine; while the
    index changes, a page may repeat or miss an offer, as with any ranked list. Beyond rank
    10,000 nothing is found. Raises `EngineUnavailable`. Three round trips to the database.
    """
    actor.require(Permission.CATALOG_VIEW)
    rank = min(max(after, 0), DEPTH_MAX)
    answer = await engine.search(query, offset=rank, limit=first, facets=facets)
    shown = await _visible(actor, answer.hits, rank)
    rank += len(answer.hits)
    latest: Found = answer
    for _ in range(_REFILLS):
        if len(shown) >= first or not latest.hits or rank >= answer.total:
            break
        latest = await engine.search(query, offset=rank, limit=first - len(shown), facets=False)
        shown += await _visible(actor, latest.hits, rank)
        rank += len(latest.hits)
    wanted = [(offer.id, offer.min_order_quantity) for offer, _, _ in shown]
    prices = await pricing.prices_for(actor.company_id, wanted, now)
    offers = tuple(
        FoundOffer(offer, reason, prices[offer.id], place)
        for offer, reason, place in shown
        if offer.id in prices
    )
    has_next = bool(latest.hits) and rank < min(answer.total, DEPTH_MAX)
    return FoundOffers(offers, has_next, answer.total, answer.brands, answer.categories)


async def _visible(
    actor: Actor, hits: Sequence[Hit], rank: int
) -> list[tuple[OfferRow, MatchReason, int]]:
    """The hits that the database lets the actor see and that are still listed."""
    if not hits:
        return []
    rows = await catalog.offers_by_ids(actor, [hit.offer_id for hit in hits])
    return [
        (row, hit.matched_by, place)
        for place, hit in enumerate(hits, rank + 1)
        if (row := rows.get(hit.offer_id)) is not None and row.active
    ]
