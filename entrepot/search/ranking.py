"""The order of hits that an actor is shown: pure, total, the same for every engine."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from entrepot.search.engine import Hit
from entrepot.search.query import AnalysedQuery, MatchReason, Sort

#: Engines are asked for so many first hits, which `rank` then orders; later ones stay as found.
WINDOW: Final = 100
#: What the text score of a product is raised by at most, because the company buys it.
PERSONAL_MAX: Final = 0.1
#: Purchases from which on a product is simply one that the company buys.
_OFTEN: Final = 10
#: Engines add in single precision; what differs by less is equal.
_DIGITS: Final = 3

#: Reasons for which an offer may be of another number than the one meant.
_GUESSES: Final = frozenset({MatchReason.PARTIAL, MatchReason.FUZZY})
_PLACE: Final = {reason: place for place, reason in enumerate(MatchReason)}


def personal_boost(times_bought: int) -> float:
    """What the text score is multiplied by: 1 for a product never bought, 1.1 at most."""
    share = math.log1p(min(max(times_bought, 0), _OFTEN)) / math.log1p(_OFTEN)
    return 1 + PERSONAL_MAX * share


def rank(query: AnalysedQuery, hits: Sequence[Hit], bought: Mapping[UUID, int]) -> list[Hit]:
    """Order hits of one answer: reason, all words before some, score, and what decides equals.

    The score is raised by `personal_boost`; equals are ordered by whether the company buys the
    product, whether it is in stock, list price and id. `bought` says how often the actor's
    company bought a product. A number typed in part or wrongly may mean many: there further
    offers of a product follow the first ones of the others. Where the question asks for another
    order than relevance, that of the engine stays.
    """
    if query.sort is not Sort.RELEVANCE:
        return list(hits)

    def key(hit: Hit) -> tuple[int, bool, float, int, bool, int, UUID]:
        times = min(max(bought.get(hit.product_id, 0), 0), _OFTEN)
        score = hit.score if math.isfinite(hit.score) else 0.0
        worth = round(score * personal_boost(times), _DIGITS)
        place = _PLACE[hit.matched_by]
        price = hit.list_price
        return place, not hit.all_words, -worth, -times, not hit.in_stock, price, hit.offer_id

    found = sorted(hits, key=key)
    offers: Counter[tuple[MatchReason, UUID]] = Counter()
    rounds: list[tuple[int, bool]] = []
    for hit in found:
        rounds.append((_PLACE[hit.matched_by], offers[hit.matched_by, hit.product_id] > 0))
        offers[hit.matched_by, hit.product_id] += hit.matched_by in _GUESSES
    order = sorted(range(len(found)), key=rounds.__getitem__)
    return [found[at] for at in order]
