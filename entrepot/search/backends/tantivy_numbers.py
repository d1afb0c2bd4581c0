"""Article numbers as tantivy queries whose score says how the number was found.

Each way to find a number is a level, each level a step of the score; what the words of the
question add, and how near the length of the number is, stays below a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import tantivy
from tantivy import Occur, Query

from entrepot.search.article_numbers import grams
from entrepot.search.backends.tantivy_sight import any_of, either, starting
from entrepot.search.query import AnalysedQuery, MatchReason

#: Ways to find a number, the worst first; the second figure compares within a reason.
_LEVELS: Final = (
    (MatchReason.FUZZY, 1),  # two edits
    (MatchReason.FUZZY, 2),  # sounds alike
    (MatchReason.FUZZY, 3),  # one edit
    (MatchReason.PARTIAL, 1),  # within a number
    (MatchReason.PARTIAL, 2),  # at its beginning
    (MatchReason.CROSS_REFERENCE, 1),
    (MatchReason.NORMALIZED, 1),  # loose
    (MatchReason.NORMALIZED, 2),  # retyped
    (MatchReason.NORMALIZED, 3),  # glued
    (MatchReason.NORMALIZED, 4),  # keys
    (MatchReason.EXACT_NUMBER, 1),
    (MatchReason.BUYER_ALIAS, 1),
)
(TWO_EDITS, SOUNDS, ONE_EDIT, WITHIN, BEGINS, CROSS, LOOSE, RETYPED, GLUED, KEYS, EXACT, ALIAS) = (
    range(len(_LEVELS))
)
#: Far above what words can add to a score, and small enough for single precision.
_STEP: Final = 1024.0
#: A level of a reason is worth so much in the score of a hit, and words less: no purchase of the
#: past, which raises a score by a tenth, lifts a hit over one of a better level.
_LEVEL_WORTH: Final = 16.0
_WORDS_WORTH: Final = 14.0
_WORDS_HALF: Final = 10.0
#: Numbers longer than what was typed by up to this are told apart by their length.
_LENGTHS: Final = 9
#: Shorter beginnings are those of too many numbers to look at each one's length.
_TOLD_APART_MIN: Final = 3
#: A shorter key has too many numbers two edits away.
_TWO_EDITS_MIN: Final = 6

Level = tuple[int, Query]


def read_score(score: float, weight: float) -> tuple[MatchReason, float]:
    """Why an offer with a score of `scored` was found, and how well within the reason.

    `weight` is the document's.
    """
    level = min(max(int(score // _STEP) - 1, 0), len(_LEVELS) - 1)
    reason, place = _LEVELS[level]
    # Sums of single precision differ in their last digits by the order of adding.
    words = round(max(score - (level + 1) * _STEP, 0.0), 2)
    worth = _WORDS_WORTH * words / (words + _WORDS_HALF)
    return reason, place * _LEVEL_WORTH + worth + 0.5 * weight


def likely(schema: tantivy.Schema, query: AnalysedQuery) -> list[Level]:
    """The ways to find a number that cost little."""
    forms = query.numbers
    found: list[Level] = []

    def add(level: int, field: str, values: Sequence[str]) -> None:
        if values:
            found.append((level, any_of(schema, field, values)))

    add(ALIAS, "product", [product.hex for product in query.alias_products])
    add(EXACT, "number", forms.exact)
    add(EXACT, "gtin", forms.gtins)
    add(KEYS, "number_key", forms.keys)
    add(GLUED, "glued_key", forms.keys)
    add(RETYPED, "number_key", forms.retyped_keys)
    add(RETYPED, "glued_key", forms.retyped_keys)
    add(LOOSE, "loose_key", forms.loose_keys)
    add(CROSS, "cross_key", tuple(dict.fromkeys((*forms.keys, *forms.retyped_keys))))
    found += [(BEGINS, begins_with(schema, key)) for key in forms.partial_keys]
    for key in forms.within_keys:
        pieces = list(grams(key))
        if len(pieces) > 1:
            found.append((WITHIN, Query.phrase_query(schema, "gram", pieces)))
    found += [(ONE_EDIT, _near(schema, key, 1)) for key in forms.sloppy_keys]
    return found


def unlikely(schema: tantivy.Schema, query: AnalysedQuery) -> list[Level]:
    """The dear ways, for where nothing in sight was found by the likely ones."""
    forms = query.numbers
    found: list[Level] = []
    if forms.sound_keys:
        found.append((SOUNDS, any_of(schema, "sound_key", forms.sound_keys)))
    long_keys = [key for key in forms.sloppy_keys if len(key) >= _TWO_EDITS_MIN]
    return found + [(TWO_EDITS, _near(schema, key, 2)) for key in long_keys]


def beginning(schema: tantivy.Schema, keys: Sequence[str]) -> Query:
    """Offers with a number that begins with a key, those with the shortest rest first."""
    found = Query.const_score_query(either([begins_with(schema, key) for key in keys]), 0.0)
    told = [key for key in keys if len(key) >= _TOLD_APART_MIN]
    if not told:
        return found
    lengths = Query.disjunction_max_query(_lengths(schema, told))
    return Query.boolean_query([(Occur.Must, found), (Occur.Should, lengths)])


def begins_with(schema: tantivy.Schema, key: str) -> Query:
    """Offers with a number that begins so."""
    return starting(schema, "number_key", key)


def _near(schema: tantivy.Schema, key: str, edits: int) -> Query:
    return Query.fuzzy_term_query(schema, "number_key", key, edits)


def anyhow(levels: Sequence[Level]) -> Query:
    """Offers found at any level, without scores."""
    return Query.const_score_query(either([query for _, query in levels]), 0.0)


def scored(
    schema: tantivy.Schema,
    query: AnalysedQuery,
    levels: Sequence[Level],
    words: Sequence[Query],
) -> Query:
    """Offers found at any level with a score that `read_score` takes apart."""
    steps = [Query.const_score_query(one, _STEP * (level + 1)) for level, one in levels]
    clauses = [(Occur.Must, Query.disjunction_max_query(steps))]
    clauses += [(Occur.Should, word) for word in words]
    lengths = _lengths(schema, (*query.numbers.partial_keys, *query.numbers.sloppy_keys))
    if lengths:
        clauses.append((Occur.Should, Query.disjunction_max_query(lengths)))
    return Query.boolean_query(clauses)


def _lengths(schema: tantivy.Schema, keys: Sequence[str]) -> list[Query]:
    """Numbers as long as what was typed first, then longer ones, the shortest rest first."""
    worth: dict[int, float] = {}
    for length in {len(key) for key in keys}:
        for more in range(_LENGTHS):
            worth[length + more] = max(worth.get(length + more, 0.0), 0.9 - 0.1 * more)
    return [
        Query.const_score_query(Query.term_query(schema, "key_length", str(length), "basic"), part)
        for length, part in worth.items()
    ]
