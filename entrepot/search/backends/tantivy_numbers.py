"""Article numbers as tantivy queries whose score says how the number was found.

Each level is a step of the score; what the words of the question add, and how near the length of
the number is, stays below a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import tantivy
from tantivy import Occur, Query

from entrepot.search.article_numbers import grams
from entrepot.search.backends.tantivy_sight import any_of, either, starting
from entrepot.search.number_levels import (
    LENGTHS,
    TWO_EDITS_MIN,
    Level,
    equal_forms,
    nearness,
    placed,
)
from entrepot.search.query import AnalysedQuery, MatchReason

#: Far above what words can add to a score, and small enough for single precision.
_STEP: Final = 1024.0
#: Shorter beginnings are those of too many numbers to look at each one's length.
_TOLD_APART_MIN: Final = 3

Way = tuple[Level, Query]
"""Offers that are found at a level."""


def read_score(score: float, weight: float) -> tuple[MatchReason, float]:
    """Why an offer with a score of `scored` was found, and how well within the reason.

    `weight` is the document's.
    """
    level = min(max(int(score // _STEP) - 1, Level.TWO_EDITS), Level.ALIAS)
    return placed(Level(level), score - (level + 1) * _STEP, weight)


def likely(schema: tantivy.Schema, query: AnalysedQuery) -> list[Way]:
    """The ways to find a number that cost little."""
    forms = query.numbers
    found: list[Way] = []
    if aliases := [product.hex for product in query.alias_products]:
        found.append((Level.ALIAS, any_of(schema, "product", aliases)))
    found += [(level, any_of(schema, name, held)) for level, name, held in equal_forms(forms)]
    found += [(Level.BEGINS, begins_with(schema, key)) for key in forms.partial_keys]
    found += [
        (Level.BEGINS_AS_PRINTED, starting(schema, "number", form)) for form in forms.partial_forms
    ]
    for key in forms.within_keys:
        pieces: list[str | tuple[int, str]] = [*grams(key)]
        if len(pieces) > 1:
            found.append((Level.WITHIN, Query.phrase_query(schema, "gram", pieces)))
    found += [(Level.ONE_EDIT, _near(schema, key, 1)) for key in forms.sloppy_keys]
    return found


def unlikely(schema: tantivy.Schema, query: AnalysedQuery) -> list[Way]:
    """The dear ways, for where nothing in sight was found by the likely ones."""
    forms = query.numbers
    found: list[Way] = []
    if forms.sound_keys:
        found.append((Level.SOUNDS, any_of(schema, "sound_key", forms.sound_keys)))
    long_keys = [key for key in forms.sloppy_keys if len(key) >= TWO_EDITS_MIN]
    return found + [(Level.TWO_EDITS, _near(schema, key, 2)) for key in long_keys]


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


def anyhow(levels: Sequence[Way]) -> Query:
    """Offers found at any level, without scores."""
    return Query.const_score_query(either([query for _, query in levels]), 0.0)


def scored(
    schema: tantivy.Schema,
    query: AnalysedQuery,
    levels: Sequence[Way],
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
    typed = {len(key) for key in keys}
    worth = {held: nearness((held,), typed) for one in typed for held in range(one, one + LENGTHS)}
    return [
        Query.const_score_query(Query.term_query(schema, "key_length", str(length), "basic"), part)
        for length, part in worth.items()
    ]
