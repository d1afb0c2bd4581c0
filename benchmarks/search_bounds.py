"""How often a number can be found at all, where other numbers would be typed the same way.

Of the numbers that a typed text may mean, ten places show one offer each of the most frequent,
after the offers whose number is exactly what was typed: no order of the results does better
without guessing how the text came about.
"""

from __future__ import annotations

import heapq
import string
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from entrepot.platform.catalog.article_numbers import number_key

PLACES = 10
_KINDS = (string.digits, string.ascii_lowercase)


class Bounds:
    """Bounds over the keys of one catalogue, one key an offer."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._offers = Counter(keys)
        self._sorted = sorted(self._offers)
        self._meant: dict[str, Callable[[str], Iterable[str]]] = {
            "first 70 %": self._beginning,
            "wrong character": _replaced,
            "missing character": _completed,
            "swapped characters": _swapped,
        }
        if len(self._sorted) <= 50_000:  # a walk over all numbers for each question
            self._meant["middle 60 %"] = self._holding

    def best(self, fault: str, typed: str) -> float | None:
        """How likely the number meant can be among ten; `None` where only one can be meant."""
        meant = self._meant.get(fault)
        if meant is None:
            return None
        key = number_key(typed)
        places = PLACES - min(PLACES, self._offers[key])
        masses = [self._offers[other] for other in set(meant(key)) - {key} if self._offers[other]]
        return sum(heapq.nlargest(places, masses)) / sum(masses) if masses else 1.0

    def _beginning(self, key: str) -> Iterator[str]:
        for place in range(bisect_left(self._sorted, key), len(self._sorted)):
            if not self._sorted[place].startswith(key):
                return
            yield self._sorted[place]

    def _holding(self, key: str) -> Iterator[str]:
        return (other for other in self._sorted if key in other)


def _replaced(key: str) -> Iterator[str]:
    for at, char in enumerate(key):
        for kind in _KINDS:
            if char in kind:
                yield from (key[:at] + other + key[at + 1 :] for other in kind)


def _completed(key: str) -> Iterator[str]:
    for at in range(len(key) + 1):
        yield from (key[:at] + other + key[at:] for other in "".join(_KINDS))


def _swapped(key: str) -> Iterator[str]:
    for at in range(len(key) - 1):
        yield key[:at] + key[at + 1] + key[at] + key[at + 2 :]
