"""Whether questions of the past would find something today."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.search.asking import asker
from entrepot.search.engine import SearchEngine
from entrepot.search.find import answering
from entrepot.search.query import SearchQuery, analyse


async def found_now(engine: SearchEngine, actor: Actor, texts: Sequence[str]) -> dict[str, int]:
    """Return how many offers each text finds now among those that the actor may see.

    One or two statements however many texts, and one search of the engine for each. Needs
    `catalog.view`. Raises `SearchUnavailable`.
    """
    actor.require(Permission.CATALOG_VIEW)
    asking = await asker(actor.company_id)
    found: dict[str, int] = {}
    with answering():
        for text in texts:
            query = analyse(SearchQuery(text), asking.tokens, vocabulary=asking.vocabulary)
            answer = await engine.search(query, offset=0, limit=1, facets=False)
            found[text] = answer.total
    return found
