"""The ways in which an offer is found by number, from two edits away to the buyer's own name.

Each way is a level: a reason, and a place within the reason. What the words of the question add,
and how near the length of the number is, never lifts an offer over one of a better level.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from enum import IntEnum
from typing import Final

from entrepot.search.query import MatchReason
from entrepot.search.reading import NumberForms

#: Numbers longer than what was typed by up to this are told apart by their length.
LENGTHS: Final = 9
#: A shorter key has too many numbers two edits away.
TWO_EDITS_MIN: Final = 6
#: A shorter key with a letter that offers hold as a word is that word: ``ps4`` is no mistyped
#: ``ps6``. Figures alone are rather a number.
_SURE_MIN: Final = 4
#: A level of a reason is worth so much in the score of a hit, and words so much less that no
#: purchase of the past, which raises a score by a tenth, lifts a hit over one of a better level.
_LEVEL_WORTH: Final = 16.0
_WORDS_WORTH: Final = 9.0
_WORDS_HALF: Final = 10.0


class Level(IntEnum):
    """How a number was found, the worst way first."""

    TWO_EDITS = 0
    SOUNDS = 1
    ONE_EDIT = 2
    WITHIN = 3
    BEGINS = 4
    BEGINS_AS_PRINTED = 5
    CROSS = 6
    LOOSE = 7
    RETYPED = 8
    GLUED = 9
    KEYS = 10
    EXACT = 11
    ALIAS = 12


_PLACES: Final = {
    Level.TWO_EDITS: (MatchReason.FUZZY, 1),
    Level.SOUNDS: (MatchReason.FUZZY, 2),
    Level.ONE_EDIT: (MatchReason.FUZZY, 3),
    Level.WITHIN: (MatchReason.PARTIAL, 1),
    Level.BEGINS: (MatchReason.PARTIAL, 2),
    Level.BEGINS_AS_PRINTED: (MatchReason.PARTIAL, 3),
    Level.CROSS: (MatchReason.CROSS_REFERENCE, 1),
    Level.LOOSE: (MatchReason.NORMALIZED, 1),
    Level.RETYPED: (MatchReason.NORMALIZED, 2),
    Level.GLUED: (MatchReason.NORMALIZED, 3),
    Level.KEYS: (MatchReason.NORMALIZED, 4),
    Level.EXACT: (MatchReason.EXACT_NUMBER, 1),
    Level.ALIAS: (MatchReason.BUYER_ALIAS, 1),
}


def equal_forms(forms: NumberForms) -> list[tuple[Level, str, tuple[str, ...]]]:
    """Levels whose offers hold a form as it is: the level, the field, any of the forms."""
    ways = (
        (Level.EXACT, "number", forms.exact),
        (Level.EXACT, "gtin", forms.gtins),
        (Level.KEYS, "number_key", forms.keys),
        (Level.GLUED, "glued_key", forms.keys),
        (Level.RETYPED, "number_key", forms.retyped_keys),
        (Level.RETYPED, "glued_key", forms.retyped_keys),
        (Level.LOOSE, "loose_key", forms.loose_keys),
        (Level.CROSS, "cross_key", tuple(dict.fromkeys((*forms.keys, *forms.retyped_keys)))),
    )
    return [way for way in ways if way[2]]


def perhaps_words(forms: NumberForms) -> tuple[str, ...]:
    """Keys that are guessed at only where no offer in sight holds them as a word."""
    return tuple(key for key in forms.sloppy_keys if len(key) < _SURE_MIN and not key.isdecimal())


def without_guesses(forms: NumberForms, held: Collection[str]) -> NumberForms:
    """The forms, no edits and sounds of a number among them where its key is `held` as a word."""
    if not held:
        return forms
    # So short a key is the whole question, and all sounds are its own.
    sure = tuple(key for key in forms.sloppy_keys if key not in held)
    return replace(forms, sloppy_keys=sure, sound_keys=())


def placed(level: Level, words: float, weight: float) -> tuple[MatchReason, float]:
    """Why an offer was found and how well within the reason.

    `words`: what the words of the question add, with `nearness`; `weight`: the document's.
    """
    reason, place = _PLACES[level]
    # Sums of single precision differ in their last digits by the order of adding.
    words = round(max(words, 0.0), 2)
    worth = _WORDS_WORTH * words / (words + _WORDS_HALF)
    return reason, place * _LEVEL_WORTH + worth + 0.5 * weight


def nearness(held: Iterable[int], typed: Iterable[int]) -> float:
    """How near the lengths of an offer's keys are to those typed: 0.9 where equal, down to 0."""
    lengths = set(typed)
    best = 0.0
    for length in held:
        for one in lengths:
            if 0 <= length - one < LENGTHS:
                best = max(best, 0.9 - 0.1 * (length - one))
    return best
