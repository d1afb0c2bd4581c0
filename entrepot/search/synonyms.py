"""The marketplace's words, made ready for questions: stems by stems, spellings of units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final

from entrepot.platform.catalog.vocabulary.rules import Vocabulary
from entrepot.search.pieces import Kind, Piece
from entrepot.search.reading import ALTERNATIVES_MAX, TERMS_MAX
from entrepot.search.words import stem, terms

_GLUED: Final = re.compile(r"(\d{1,12}(?:[.,]\d{1,9})?)([^\W\d_]+)")

_Stems = tuple[str, ...]


class Synonyms:
    """What a vocabulary says about stems. Make it with `compiled`, which keeps it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._stops = frozenset(stem(word) for word in vocabulary.stop_words)
        self._units = dict(vocabulary.units)
        self._ways: dict[_Stems, tuple[_Stems, ...]] = {}
        for group in vocabulary.synonyms:
            all_stems = [self._stems(phrase) for phrase in group]
            for stems in all_stems:
                self._learn(stems, [other for other in all_stems if other != stems])
        for phrase, means in vocabulary.replacements:
            self._learn(self._stems(phrase), [self._stems(means)])
        self._longest = max(map(len, self._ways), default=0)

    def _stems(self, phrase: str) -> _Stems:
        return tuple(term for term in terms(phrase) if term not in self._stops)

    def _learn(self, phrase: _Stems, others: Iterable[_Stems]) -> None:
        if not phrase or len(phrase) > TERMS_MAX:
            return
        fit = [other for other in others if 0 < len(other) <= TERMS_MAX]
        known = self._ways.get(phrase, ())
        self._ways[phrase] = tuple(dict.fromkeys((*known, *fit)))[:ALTERNATIVES_MAX]

    def is_stop_word(self, piece: Piece) -> bool:
        """Whether the marketplace does not search by the word."""
        return bool(self._stops) and piece.kind is Kind.WORD and stem(piece.written) in self._stops

    def add_to(self, words: Sequence[tuple[_Stems, list[_Stems]]]) -> None:
        """Append to the other ways of words what the words, alone and in a row, also mean.

        A phrase's other words become another way to say each of its words, so that either all
        its words or the other phrase must be held. The longest phrase counts first.
        """
        if not self._ways:
            return
        # A word in the other layout has synonyms, too; those of synonyms are not meant.
        retyped = [tuple(other for other in others if other in self._ways) for _, others in words]
        for start in range(len(words)):
            for end in range(min(len(words), start + self._longest), start, -1):
                row = words[start:end]
                written = tuple(one for first, _ in row for one in first)
                ways = self._ways.get(written, ())
                if len(row) == 1:
                    ways += tuple(way for other in retyped[start] for way in self._ways[other])
                for _, others in row:
                    others[:0] = [way for way in ways if way not in others]

    def with_units(self, found: list[Piece]) -> list[Piece]:
        """The pieces, numbers before the marketplace's spellings of units made measures."""
        if not self._units:
            return found
        read: list[Piece] = []
        for piece in found:
            glued = _GLUED.fullmatch(piece.written) if piece.kind is Kind.WORD else None
            before = read[-1] if read else None
            if glued and (code := self._units.get(glued[2])):
                read.append(_measure(piece, piece, glued[1], code, glued=True))
            elif (
                before is not None
                and before.kind is Kind.NUMBER
                and before.written.count(".") < 2
                and (code := self._units.get(piece.written))
            ):
                read[-1] = _measure(before, piece, before.written, code, glued=False)
            else:
                read.append(piece)
        return read


def _measure(first: Piece, last: Piece, number: str, code: str, *, glued: bool) -> Piece:
    value = Decimal(number.replace(",", ".")[:24])
    shown = first.shown if glued else f"{first.shown} {last.shown}"
    written = "".join(shown.split())
    return Piece(
        Kind.MEASURE, written, shown, first.start, last.end, (), (value,), code, False, glued
    )


@lru_cache(maxsize=4)
def compiled(vocabulary: Vocabulary) -> Synonyms:
    """The vocabulary made ready; kept, since vocabularies are compared by identity."""
    return Synonyms(vocabulary)
