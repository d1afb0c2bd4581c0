"""Offers that come near to numbers nobody has, from the search index."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from entrepot.platform.carts.quick_order.outcomes import MAX_SUGGESTIONS
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.search.asking import asker
from entrepot.search.engine import SearchEngine
from entrepot.search.errors import SearchUnavailable
from entrepot.search.find import search_offers
from entrepot.search.query import SearchFilters, SearchQuery, analyse


async def near_offers(
    engine: SearchEngine, actor: Actor, numbers: Sequence[str], now: datetime
) -> list[list[UUID]]:
    """Return up to three offers that the actor may see for each number, the nearest first.

    One search a number. None for those that are left when the engine stops answering: a list to
    order from is worth an answer without suggestions.
    """
    if not actor.may(Permission.CATALOG_VIEW):
        return [[] for _ in numbers]
    asking = await asker(actor.company_id)
    found: list[list[UUID]] = []
    try:
        for number in numbers:
            query = analyse(
                SearchQuery(number, SearchFilters()), asking.tokens, vocabulary=asking.vocabulary
            )
            answer = await search_offers(engine, actor, query, first=MAX_SUGGESTIONS, now=now)
            found.append([one.paged.offer.id for one in answer.offers])
    except SearchUnavailable:
        found += [[] for _ in numbers[len(found) :]]
    return found
