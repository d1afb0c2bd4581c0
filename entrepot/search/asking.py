"""Who asks: what a company may see, what it calls its articles, and how its market speaks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.catalog.aliases.queries import products_called
from entrepot.platform.catalog.visibility import seen_assortments
from entrepot.platform.catalog.vocabulary.queries import VERSION, vocabulary
from entrepot.platform.catalog.vocabulary.rules import Vocabulary
from entrepot.platform.database import fetch_one
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.search.document import (
    VISIBLE_TO_ALL,
    VISIBLE_TO_OPERATORS,
    assortment_token,
    seller_token,
)
from entrepot.search.number_query import number_forms
from entrepot.search.prefix_query import analyse_prefix
from entrepot.search.query import AnalysedQuery, Prefix, SearchQuery, analyse
from entrepot.search.reading import TEXT_MAX

_COMPANY = """
SELECT c.is_buyer, c.is_operator,
       CASE WHEN c.is_buyer AND NOT c.is_operator
            THEN ARRAY(SELECT DISTINCT seen.assortment_id FROM ({seen}) seen ORDER BY 1)
            ELSE '{{}}' END AS assortment_ids,
       ARRAY({called}) AS aliases, {version} AS vocabulary_version
  FROM (SELECT 1) one LEFT JOIN company c ON c.id = $1 AND c.active
""".format(seen=seen_assortments("$1"), called=products_called("$1", "$2"), version=VERSION)


@dataclass(frozen=True, slots=True)
class Asker:
    """What a search must know of the company that asks, and of its marketplace."""

    tokens: tuple[str, ...]
    alias_products: tuple[UUID, ...]
    vocabulary: Vocabulary


async def asker(company_id: UUID, keys: Collection[str] = ()) -> Asker:
    """Read what a company may see, what it calls by the `keys`, and the words of the market.

    Operators see everything, buyers what is shown to all and the assortments that name them or a
    customer group of theirs, companies that only sell nothing but their own. One statement, and
    one more after the vocabulary has changed.
    """
    company = await fetch_one(_COMPANY, company_id, list(keys))
    assert company is not None  # one row, whether the company is there or not
    own = seller_token(company_id)
    tokens: tuple[str, ...] = (own,)
    if company["is_operator"]:
        tokens = (VISIBLE_TO_ALL, VISIBLE_TO_OPERATORS, own)
    elif company["is_buyer"]:
        tokens = (VISIBLE_TO_ALL, own, *map(assortment_token, company["assortment_ids"]))
    words = await vocabulary(company["vocabulary_version"])
    return Asker(tokens, tuple(company["aliases"]), words)


async def understand(actor: Actor, query: SearchQuery) -> AnalysedQuery:
    """Analyse a question for an actor. Raises `Forbidden` without `catalog.view`."""
    actor.require(Permission.CATALOG_VIEW)
    asking = await asker(actor.company_id, number_forms(query.text[:TEXT_MAX]).keys)
    return analyse(
        query,
        asking.tokens,
        vocabulary=asking.vocabulary,
        alias_products=asking.alias_products,
    )


async def understand_prefix(actor: Actor, text: str) -> Prefix:
    """Read what somebody has typed so far. Raises `Forbidden` without `catalog.view`."""
    actor.require(Permission.CATALOG_VIEW)
    asking = await asker(actor.company_id)
    return analyse_prefix(text, asking.vocabulary, asking.tokens)
