"""Words as filters, and what an offer that came back is worth by them.

What may be meant by a word that hardly an offer holds is asked of the server first: the terms
of visible offers that begin so, or are an edit or two away. A search itself then compares only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from entrepot.search import scoring
from entrepot.search.article_numbers import has_digit
from entrepot.search.backends.meilisearch_document import one_edit, plain, two_edits, unmarked
from entrepot.search.backends.meilisearch_filters import all_of, among, any_of, visible
from entrepot.search.backends.meilisearch_numbers import within
from entrepot.search.backends.meilisearch_server import Server, asked
from entrepot.search.query import ENOUGH, AnalysedQuery
from entrepot.search.reading import Term, Word

#: Terms taken for one that hardly an offer holds, those that most offers hold first.
_EXPANDED_MAX: Final = 100
_FACTORS: Final = {
    "title_term": scoring.TITLE,
    "category_term": scoring.CATEGORY,
    "other_term": scoring.OTHER,
    "attribute_term": scoring.ATTRIBUTE,
    "feature_term": scoring.FEATURE,
}
#: What `Held` reads of a document.
FIELDS: Final = (*_FACTORS, "sound_term")


@dataclass(frozen=True, slots=True)
class Held:
    """The words of an offer that came back: what its fields make of each, and how they sound."""

    factors: Mapping[str, float]
    sounds: frozenset[str]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Held:
        """The words of a row with `FIELDS`; what several fields hold is worth their sum."""
        factors: dict[str, float] = {}
        for name, factor in _FACTORS.items():
            for term in row[name]:
                factors[term] = factors.get(term, 0.0) + factor
        return cls(factors, frozenset(row["sound_term"]))


@dataclass(frozen=True, slots=True)
class _Alternative:
    """All of the terms, each worth its share by the field that holds it."""

    terms: tuple[str, ...]
    worth: float

    def condition(self, name: str = "term") -> str:
        return all_of([among(name, [term]) for term in self.terms])

    def score(self, held: Held) -> float:
        factors = [held.factors.get(plain(term), 0.0) for term in self.terms]
        return self.worth / len(factors) * sum(factors) if all(factors) else 0.0


@dataclass(frozen=True, slots=True)
class _Meant:
    """Any of the terms, in whatever field; with `sounds`, of how the words of an offer sound."""

    terms: tuple[str, ...]
    worth: float
    sounds: bool = False

    def condition(self) -> str:
        return among("sound_term" if self.sounds else "term", self.terms)

    def score(self, held: Held) -> float:
        place = held.sounds if self.sounds else held.factors
        return self.worth if any(plain(term) in place for term in self.terms) else 0.0


@dataclass(frozen=True, slots=True)
class AskedWord:
    """One word of a question: the ways to hold it as it was meant, and in doubt."""

    alternatives: tuple[_Alternative, ...]
    meant: tuple[_Meant, ...] = ()

    def condition(self) -> str | None:
        """Offers that hold the word in any way; `None` where there is no way."""
        ways = [way.condition() for way in self.alternatives]
        ways += [way.condition() for way in self.meant]
        return any_of(ways) if ways else None

    def in_title(self) -> str | None:
        """Offers whose title holds the word as it was meant."""
        ways = [way.condition("title_term") for way in self.alternatives]
        return any_of(ways) if ways else None

    def plain_score(self, held: Held) -> float:
        """What an offer is worth by the word as it was meant."""
        return max((way.score(held) for way in self.alternatives), default=0.0)

    def score(self, held: Held) -> float:
        """What an offer is worth by the word."""
        doubtful = max((way.score(held) for way in self.meant), default=0.0)
        return max(self.plain_score(held), doubtful)


@dataclass(slots=True)
class Words:
    """Asks what one actor's view of the index makes of the words of a question."""

    server: Server
    index: str
    query: AnalysedQuery
    documents: int = 0
    _sight: list[str] = field(init=False)
    _holding: dict[str, int] = field(init=False, default_factory=dict)
    _sounding: dict[str, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._sight = [visible(self.query.visible_to)]

    async def asked(self) -> list[AskedWord]:
        """The words of the question; one request, and more where a word is hardly held."""
        if not self.query.words:
            return []
        await self._count()
        return list(await asyncio.gather(*map(self._word, self.query.words)))

    async def _count(self) -> None:
        """How many visible offers there are and hold each term or sound."""
        words = self.query.words
        terms = dict.fromkeys(
            term.text for word in words for way in word.alternatives for term in way
        )
        sounds = dict.fromkeys(sound for word in words for sound in word.sounds)
        searches = [asked(self._sight)]
        searches += [asked([*self._sight, among("term", [term])]) for term in terms]
        searches += [asked([*self._sight, among("sound_term", [sound])]) for sound in sounds]
        answers = [answer.total for answer in await self.server.search(self.index, searches)]
        self.documents = answers[0]
        self._holding = dict(zip(terms, answers[1:], strict=False))
        self._sounding = dict(zip(sounds, answers[1 + len(terms) :], strict=False))

    async def _word(self, word: Word) -> AskedWord:
        counts = [
            min((self._holding[term.text] for term in terms), default=0)
            for terms in word.alternatives
        ]
        # At least so many offers hold the word, or a synonym of it.
        holding = max(counts, default=0)
        worth = scoring.term_weight(holding, self.documents)
        alternatives = tuple(
            _Alternative(
                tuple(term.text for term in terms),
                worth * (1.0 if place == 0 else scoring.ALTERNATIVE),
            )
            for place, (terms, held) in enumerate(zip(word.alternatives, counts, strict=True))
            if held
        )
        meant = await self._meant(word, worth) if holding < ENOUGH else ()
        return AskedWord(alternatives, meant)

    async def _meant(self, word: Word, worth: float) -> tuple[_Meant, ...]:
        """What may be meant by a word that hardly an offer in sight holds."""
        terms = [
            (terms[0], worth if place == 0 else worth * scoring.ALTERNATIVE)
            for place, terms in enumerate(word.alternatives)
            if len(terms) == 1
        ]
        beginnings = [(term, value) for term, value in terms if term.prefix]
        mistyped = [
            (term, value) for term, value in terms if term.typos and not has_digit(term.text)
        ]
        begun, near = await asyncio.gather(
            asyncio.gather(*(self._beginning(term) for term, _ in beginnings)),
            asyncio.gather(*(self._near(term, 1) for term, _ in mistyped)),
        )
        found = [
            _Meant(values, value * scoring.BEGINNING)
            for (_, value), values in zip(beginnings, begun, strict=True)
        ]
        found += [
            _Meant(values, value * scoring.ONE_EDIT)
            for (_, value), values in zip(mistyped, near, strict=True)
        ]
        heard = tuple(sound for sound in word.sounds if self._sounding[sound])
        found.append(_Meant(heard, worth * scoring.SOUND, sounds=True))
        found = [one for one in found if one.terms]
        far = [(term, value) for term, value in mistyped if term.typos > 1]
        if far and not found:
            further = await asyncio.gather(*(self._near(term, 2) for term, _ in far))
            found = [
                _Meant(values, value * scoring.TWO_EDITS)
                for (_, value), values in zip(far, further, strict=True)
                if values
            ]
        return tuple(found)

    async def _beginning(self, term: Term) -> tuple[str, ...]:
        values = await self.server.values(self.index, "term", term.text, self._sight)
        begun = [one for one in values if one.startswith(term.text) and plain(one) == one]
        return tuple(begun)[:_EXPANDED_MAX]

    async def _near(self, term: Term, edits: int) -> tuple[str, ...]:
        typed = one_edit(term.text) if edits == 1 else two_edits(term.text)
        values = await self.server.values(self.index, "near_term", typed, self._sight)
        return tuple(within(map(unmarked, values), term.text, edits))[:_EXPANDED_MAX]
