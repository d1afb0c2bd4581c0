"""Measures of ranked lists against judgments: NDCG in its variants, and success.

NDCG is that of Järvelin and Kekäläinen (2002) with the discount 1 / log2(rank + 1). Its ideal is
the best order of everything judged for the question, found or not.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.relevance_judgments import Judgments

DEPTH = 10

Gain = Callable[[float], float]
Ratings = Mapping[str, float]


def exponential(rating: float) -> float:
    """The gain 2^rating − 1: the highest ratings matter most (Burges et al. 2005)."""
    return math.exp2(rating) - 1


def linear(rating: float) -> float:
    """The rating itself, as the measure was first defined and as scikit-learn takes it."""
    return rating


def dcg(gains: Iterable[float]) -> float:
    """Discounted cumulative gain of gains in the order of their ranks."""
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def ndcg(ratings: Ratings, ranked: Sequence[str], gain: Gain, *, depth: int = DEPTH) -> float:
    """NDCG of a ranked list; a document without a judgment counts as rating 0.

    Raises `ValueError` where nothing was judged relevant: the measure is not defined there.
    """
    best = dcg(sorted(map(gain, ratings.values()), reverse=True)[:depth])
    if best <= 0:
        raise ValueError("nothing is relevant")
    return dcg(gain(ratings.get(document, 0.0)) for document in ranked[:depth]) / best


def condensed(ratings: Ratings, ranked: Iterable[str]) -> list[str]:
    """The list without what nobody judged (Sakai 2007): fair to engines the judges never saw."""
    return [document for document in ranked if document in ratings]


def succeeds(ratings: Ratings, ranked: Sequence[str], depth: int) -> bool:
    """Whether any of the first documents is judged relevant (rated above 0)."""
    return any(ratings.get(document, 0.0) > 0 for document in ranked[:depth])


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the questions for which anything is relevant; `judged`: of ten, how many are."""

    questions: int
    ndcg: float
    ndcg_linear: float
    condensed: float
    condensed_linear: float
    success_1: float
    success_10: float
    judged: float


def measure_all(judgments: Judgments, ranked: Mapping[str, Sequence[str]]) -> Figures | None:
    """Measure ranked lists by question; `None` where no question has anything relevant."""
    rows = [
        (
            ndcg(ratings, found, exponential),
            ndcg(ratings, found, linear),
            ndcg(ratings, kept, exponential),
            ndcg(ratings, kept, linear),
            float(succeeds(ratings, found, 1)),
            float(succeeds(ratings, found, DEPTH)),
            len(condensed(ratings, found[:DEPTH])) / max(len(found[:DEPTH]), 1),
        )
        for query, ratings in judgments.items()
        if any(ratings.values())
        for found in (ranked[query],)
        for kept in (condensed(ratings, found),)
    ]
    return Figures(len(rows), *map(fmean, zip(*rows, strict=True))) if rows else None


def half(query: str) -> int:
    """0 or 1 by a checksum of the question: what is tuned on one half is proved on the other."""
    return zlib.crc32(query.encode()) & 1


def classes(judgments: Judgments) -> dict[str, Judgments]:
    """The questions all together, by half and by what they look like, without empty classes."""
    kinds: dict[str, Callable[[str], bool]] = {
        "all": lambda query: True,
        "half tuned on": lambda query: half(query) == 0,
        "half held out": lambda query: half(query) == 1,
        "one word": lambda query: len(query.split()) == 1,
        "several words": lambda query: len(query.split()) > 1,
        "with a digit": lambda query: any(char.isdigit() for char in query),
    }
    chosen = {
        name: {query: ratings for query, ratings in judgments.items() if belongs(query)}
        for name, belongs in kinds.items()
    }
    return {name: questions for name, questions in chosen.items() if questions}
