"""Article numbers as documents hold them: beside their keys, the forms that careless typing meets.

The forms that mean equality (`number_key`, `exact_form`, `gtin14`) are the catalogue's, so that
search finds what the catalogue holds equal. Those made here only find; they never identify.
"""

from __future__ import annotations

import re
from typing import Final

from entrepot.search.sounds import number_sound

#: Keys outside these lengths are not matched sloppily: short ones match everything, long ones
#: are names and are found by their words.
SLOPPY_MIN: Final = 3
SLOPPY_MAX: Final = 128
#: A key without a digit looks like a word, so it must be this long to be matched sloppily.
SLOPPY_MIN_LETTERS: Final = 10
#: Parts of a key that are found within it have at least so many characters.
GRAM: Final = 3

_DIGIT_LIKE: Final = str.maketrans("oil", "011")
_LEADING_ZEROS: Final = re.compile("(?<![0-9])0+(?=[0-9])")


def has_digit(text: str) -> bool:
    """Whether any character is a digit."""
    # Most words are of letters only, and that is asked fastest.
    return not text.isalpha() and any(char.isdigit() for char in text)


def is_sloppy(key: str) -> bool:
    """Whether a key may be matched with one wrong character without matching everything."""
    if not SLOPPY_MIN <= len(key) <= SLOPPY_MAX:
        return False
    return has_digit(key) or len(key) >= SLOPPY_MIN_LETTERS


def loose_keys(key: str) -> tuple[str, ...]:
    """The key as careless writers have it, at most one form; none for an empty key.

    Zero for O, one for I and L, and no leading zeros in any run of digits: ``kr0O44`` and
    ``kr44`` share it.
    """
    loose = _LEADING_ZEROS.sub("", key.translate(_DIGIT_LIKE))
    return (loose,) if loose else ()


def sound_keys(number: str) -> tuple[str, ...]:
    """How a number sounds in either alphabet, at most one form (see `sounds`).

    A number without letters has none: its key says all.
    """
    if not any(char.isalpha() for char in number):
        return ()
    sound = number_sound(number)
    return (sound,) if sound else ()


def grams(key: str) -> tuple[str, ...]:
    """The runs of three characters of a key, in order, doubles kept; of a shorter key the key.

    A key holds another of three characters or more exactly where the grams of the other stand
    in a row among its own.
    """
    if len(key) <= GRAM:
        return (key,) if key else ()
    return tuple(key[at : at + GRAM] for at in range(len(key) - GRAM + 1))
