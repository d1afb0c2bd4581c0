"""Article numbers as filters, and how well an offer that came back was found by its number."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from rapidfuzz.distance import OSA

from entrepot.search.article_numbers import GRAM, grams
from entrepot.search.backends.meilisearch_document import HEAD_MAX, HEAD_MIN, plain
from entrepot.search.backends.meilisearch_filters import all_of, among
from entrepot.search.number_levels import TWO_EDITS_MIN, Level, equal_forms
from entrepot.search.query import AnalysedQuery

#: Each level's conditions, the best level first.
Levels = dict[Level, list[str]]
#: What `found_at` reads of a document.
FIELDS: Final = (
    "product",
    "number",
    "gtin",
    "number_key",
    "glued_key",
    "loose_key",
    "sound_key",
    "cross_key",
)


def likely(query: AnalysedQuery, near: Collection[str]) -> Levels:
    """The ways to find a number that cost little; `near`: number keys one edit away."""
    forms = query.numbers
    found: Levels = {}
    if query.alias_products:
        found[Level.ALIAS] = [among("product", map(str, query.alias_products))]
    for level, name, held in equal_forms(forms):
        found.setdefault(level, []).append(among(name, held))
    if begins := [_begins(key) for key in forms.partial_keys if len(key) >= HEAD_MIN]:
        found[Level.BEGINS] = found[Level.BEGINS_AS_PRINTED] = begins
    if within_one := [_holds(key) for key in forms.within_keys if len(key) >= GRAM]:
        found[Level.WITHIN] = within_one
    if near:
        found[Level.ONE_EDIT] = [among("number_key", near)]
    return found


def _begins(key: str) -> str:
    """Offers with a number that begins so: by its first characters, and its parts if longer."""
    head = among("head", [key[:HEAD_MAX]])
    return head if len(key) <= HEAD_MAX else all_of([head, _holds(key)])


def _holds(key: str) -> str:
    """Offers with all parts of a key, which may stand elsewhere in a number, though hardly do."""
    return all_of([among("gram", [gram]) for gram in dict.fromkeys(grams(key))])


def unlikely(query: AnalysedQuery, near: Collection[str]) -> Levels:
    """The dear ways; `near`: number keys two edits away."""
    found: Levels = {}
    if query.numbers.sound_keys:
        found[Level.SOUNDS] = [among("sound_key", query.numbers.sound_keys)]
    if near:
        found[Level.TWO_EDITS] = [among("number_key", near)]
    return found


def long_keys(query: AnalysedQuery) -> list[str]:
    """Keys that may be two edits away from a number."""
    return [key for key in query.numbers.sloppy_keys if len(key) >= TWO_EDITS_MIN]


def within(values: Iterable[str], text: str, edits: int) -> list[str]:
    """The values at most so many edits from a text; neighbours that changed places are one."""
    return [value for value in values if OSA.distance(value, text, score_cutoff=edits) <= edits]


def found_at(
    row: Mapping[str, Any], query: AnalysedQuery, levels: Levels, near: Collection[str]
) -> Level | None:
    """The best of the levels at which an offer was found; `None` where by no number.

    `near` are the keys that `ONE_EDIT` or `TWO_EDITS` stands for. An offer with all parts of a
    number in other places counts as found within it.
    """
    forms = query.numbers
    keys: Sequence[str] = row["number_key"]
    both = (*keys, *row["glued_key"])
    known = {plain(number) for number in forms.exact}
    printed = tuple(plain(number) for number in forms.partial_forms)
    pieces = {piece for key in keys for piece in grams(key)}
    ways: dict[Level, Callable[[], bool]] = {
        Level.ALIAS: lambda: row["product"] in map(str, query.alias_products),
        Level.EXACT: lambda: _meet(row["number"], known) or _meet(row["gtin"], forms.gtins),
        Level.KEYS: lambda: _meet(keys, forms.keys),
        Level.GLUED: lambda: _meet(row["glued_key"], forms.keys),
        Level.RETYPED: lambda: _meet(both, forms.retyped_keys),
        Level.LOOSE: lambda: _meet(row["loose_key"], forms.loose_keys),
        Level.CROSS: lambda: _meet(row["cross_key"], (*forms.keys, *forms.retyped_keys)),
        Level.BEGINS: lambda: any(key.startswith(forms.partial_keys) for key in keys),
        Level.BEGINS_AS_PRINTED: lambda: any(
            number.startswith(printed) for number in row["number"]
        ),
        Level.WITHIN: lambda: any(pieces.issuperset(grams(key)) for key in forms.within_keys),
        Level.ONE_EDIT: lambda: _meet(keys, near),
        Level.SOUNDS: lambda: _meet(row["sound_key"], forms.sound_keys),
        Level.TWO_EDITS: lambda: _meet(keys, near),
    }
    return next((level for level in sorted(levels, reverse=True) if ways[level]()), None)


def _meet(left: Iterable[str], right: Iterable[str]) -> bool:
    return not set(left).isdisjoint(right)
