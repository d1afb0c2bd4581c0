"""Words as tantivy queries: constant scores of our own, for what `scoring` says a word is worth.

tantivy's BM25 is not used: its counts and lengths are those of the whole index, hidden offers
included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import tantivy
from tantivy import Occur, Query

from entrepot.search import scoring
from entrepot.search.article_numbers import has_digit
from entrepot.search.backends.tantivy_schema import (
    ATTRIBUTE_WORDS,
    CATEGORY_WORDS,
    FEATURE_WORDS,
    OTHER,
    SOUND,
    TITLE,
)
from entrepot.search.backends.tantivy_sight import Sight, either, starting
from entrepot.search.query import ENOUGH
from entrepot.search.reading import Term, Word

_FIELDS: Final = (
    (TITLE, scoring.TITLE),
    (CATEGORY_WORDS, scoring.CATEGORY),
    (OTHER, scoring.OTHER),
    (ATTRIBUTE_WORDS, scoring.ATTRIBUTE),
    (FEATURE_WORDS, scoring.FEATURE),
)
#: Added to the score of offers that hold all words, where others are found as well: more than
#: sixteen words can be worth.
ALL_WORDS: Final = 1_000.0
#: Places in lists of offers that a search may walk (a few milliseconds). Words that most offers
#: hold are left out before it takes longer: they tell offers apart least.
_PLACES_MAX: Final = 250_000


@dataclass(frozen=True, slots=True)
class WordQuery:
    """A word as queries: offers with it, without scores; as written or a synonym; and scored.

    `scored` may leave out offers, but finds none that `silent` does not.
    """

    silent: Query
    plain: Query
    scored: Query
    holding: int


class WordQueries:
    """Makes queries of words for one actor's view of the index."""

    def __init__(self, schema: tantivy.Schema, sight: Sight) -> None:
        self._schema = schema
        self._sight = sight

    def word(self, word: Word, finds: Callable[[Query], bool]) -> WordQuery:
        """The query of one word; `finds` says whether a query finds anything in sight."""
        counts = [
            min((self._sight.holding(term.text) for term in terms), default=0)
            for terms in word.alternatives
        ]
        # At least so many offers hold the word, or a synonym of it.
        holding = max(counts, default=0)
        worth = scoring.term_weight(holding, self._sight.documents)
        ways = [
            self._alternative(terms, worth * (1.0 if place == 0 else scoring.ALTERNATIVE))
            for place, (terms, held) in enumerate(zip(word.alternatives, counts, strict=True))
            if held
        ]
        plain = Query.disjunction_max_query(ways) if ways else Query.empty_query()
        silent = [
            _all([self._held(term.text) for term in terms])
            for terms, held in zip(word.alternatives, counts, strict=True)
            if held
        ]
        scored = plain
        if holding < ENOUGH:
            unsure = self._unsure(word, worth, finds)
            silent += unsure
            scored = Query.disjunction_max_query([*ways, *unsure]) if ways or unsure else plain
        found = _worth(either(silent), 0.0) if silent else Query.empty_query()
        return WordQuery(found, plain, scored, holding)

    def _held(self, stem: str) -> Query:
        """Offers with a stem in any field: one list, where all fields together are five."""
        fields = self._sight.digit_fields if has_digit(stem) else self._sight.fields
        return either([Query.term_query(self._schema, field, stem, "basic") for field in fields])

    def _alternative(self, terms: Sequence[Term], worth: float) -> Query:
        """Offers that hold all terms of an alternative, each worth its share."""
        each = [self._term(term.text, worth / len(terms)) for term in terms]
        return each[0] if len(each) == 1 else _all(each)

    def _term(self, stem: str, worth: float) -> Query:
        return either(
            [
                _worth(Query.term_query(self._schema, field, stem, "basic"), worth * factor)
                for field, factor in _FIELDS
            ]
        )

    def _unsure(self, word: Word, worth: float, finds: Callable[[Query], bool]) -> list[Query]:
        """What may be meant by a word that hardly an offer in sight holds."""
        terms = [
            (terms[0], worth if place == 0 else worth * scoring.ALTERNATIVE)
            for place, terms in enumerate(word.alternatives)
            if len(terms) == 1
        ]
        found = [
            _worth(self._beginning(term.text), value * scoring.BEGINNING)
            for term, value in terms
            if term.prefix
        ]
        found += [
            _worth(self._near(term.text, 1), value * scoring.ONE_EDIT)
            for term, value in terms
            if term.typos and not has_digit(term.text)
        ]
        found += [
            _worth(Query.term_query(self._schema, SOUND, sound, "basic"), worth * scoring.SOUND)
            for sound in word.sounds
        ]
        far = [
            _worth(self._near(term.text, 2), value * scoring.TWO_EDITS)
            for term, value in terms
            if term.typos > 1 and not has_digit(term.text)
        ]
        return found + far if far and not (found and finds(either(found))) else found

    def _beginning(self, stem: str) -> Query:
        fields = self._sight.digit_fields if has_digit(stem) else self._sight.fields
        return either([starting(self._schema, field, stem) for field in fields])

    def _near(self, stem: str, edits: int) -> Query:
        return either(
            [
                Query.fuzzy_term_query(self._schema, field, stem, edits)
                for field in self._sight.fields
            ]
        )

    def together(
        self, words: Sequence[WordQuery], suffices: Callable[[Query], bool]
    ) -> tuple[Query, Query] | None:
        """All words, or from half of them up where too few offers hold all.

        The query with scores, and the same without.
        """
        if not words:
            return None
        kept = _affordable(words)
        every = _worth(_all([word.silent for word in kept]), 0.0)
        if len(kept) == 1 or suffices(every):
            return _scored(every, kept), every
        walked = _within_places(kept)
        some = _worth(
            Query.boolean_query(
                [(Occur.Should, word.silent) for word in walked],
                minimum_number_should_match=(len(walked) + 1) // 2,
            ),
            0.0,
        )
        return _scored(some, kept, _worth(every, ALL_WORDS)), some


def _scored(found: Query, words: Sequence[WordQuery], *more: Query) -> Query:
    """What is found, scored by the words: their lists are looked into, not walked."""
    scores = [*(word.scored for word in words), *more]
    return Query.boolean_query([(Occur.Must, found), *((Occur.Should, one) for one in scores)])


def _all(queries: Sequence[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _worth(query: Query, worth: float) -> Query:
    return Query.const_score_query(query, worth)


def _affordable(words: Sequence[WordQuery]) -> list[WordQuery]:
    """The words that all must hold: one list is walked and each other looked into."""
    rarest = sorted(words, key=lambda word: word.holding)
    most = _PLACES_MAX // max(rarest[0].holding, 1)
    return rarest[: max(most, 1)]


def _within_places(words: Sequence[WordQuery]) -> list[WordQuery]:
    """The words of which some must be held: every list is walked."""
    kept: list[WordQuery] = []
    places = 0
    for word in sorted(words, key=lambda word: word.holding):
        places += word.holding
        if kept and places > _PLACES_MAX:
            break
        kept.append(word)
    return kept
