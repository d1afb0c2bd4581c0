"""Sloppy matching of article numbers: which keys may be an edit away, and from what.

The forms themselves (`number_key`, `exact_form`, `gtin14`) are the catalogue's, so that search
finds what the catalogue holds equal.
"""

from __future__ import annotations

from typing import Final

from entrepot.platform.catalog.article_numbers import number_key

#: Keys outside these lengths are not matched sloppily: short ones match everything, long ones
#: are names and are found by their words.
SLOPPY_MIN: Final = 3
SLOPPY_MAX: Final = 64
#: A key without a digit looks like a word, so it must be this long to be matched sloppily.
SLOPPY_MIN_LETTERS: Final = 10


def has_digit(text: str) -> bool:
    """Whether any character is a digit."""
    return any(char.isdigit() for char in text)


def is_sloppy(key: str) -> bool:
    """Whether a key may be matched with one wrong character without matching everything."""
    if not SLOPPY_MIN <= len(key) <= SLOPPY_MAX:
        return False
    return has_digit(key) or len(key) >= SLOPPY_MIN_LETTERS


def deletions(key: str) -> frozenset[str]:
    """The key and every form of it with one character left out; empty if not `is_sloppy`.

    Two keys at most one replaced, missing, extra or swapped neighbour apart always share one.
    """
    if not is_sloppy(key):
        return frozenset()
    shorter = {key[:index] + key[index + 1 :] for index in range(len(key))}
    return frozenset(shorter | {key})


def loose_keys(key: str) -> tuple[str, ...]:
    """The key as careless writers have it: without leading zeros, zero for O, one for I and L."""
    loose = key.translate(_DIGIT_LIKE).lstrip("0")
    return (loose,) if loose else ()


_DIGIT_LIKE: Final = str.maketrans("oil", "011")


def sound_keys(number: str) -> tuple[str, ...]:
    """How a number may sound in either alphabet: equal for a number and its transliteration."""
    return (number_key(number),) if number else ()
