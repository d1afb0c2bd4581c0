"""The article numbers that a question may mean, in every form that documents hold.

The whole text is tried as one number; in a longer text also its parts and neighbours put
together. Each reading costs an engine a look into its dictionary, so all are bounded in number,
the likeliest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from entrepot.platform.catalog.article_numbers import exact_form, gtin14, number_key
from entrepot.platform.catalog.technical_units import TEXT_UNITS
from entrepot.search.article_numbers import SLOPPY_MIN_LETTERS, has_digit, is_sloppy, loose_keys
from entrepot.search.keyboard import retyped
from entrepot.search.pieces import readable
from entrepot.search.reading import INNER_NUMBER_MIN, TEXT_MAX, WORDS_MAX, NumberForms
from entrepot.search.sounds import ASKED_MAX, asked_sounds
from entrepot.search.transliteration import to_cyrillic, to_latin

#: Forms of each kind that one question may have.
KEYS_MAX: Final = 20
RETYPED_MAX: Final = 16
SLOPPY_KEYS_MAX: Final = 3
PARTIAL_KEYS_MAX: Final = 3
#: Parts of a longer text that are transliterated.
_TRANSLITERATED_MAX: Final = 3
#: A key with a digit is completed from so many characters on.
PARTIAL_MIN: Final = 2
#: From so many characters on it may also stand within a number.
WITHIN_MIN: Final = 4
#: In a longer text, a part is completed from so many characters on, and in none of more parts.
_INNER_PARTIAL_MIN: Final = 6
_INNER_PARTIAL_PARTS: Final = 5
#: A word written as words are not (``Back-UPS``, ``NetShelter``, ``DVBKIT``) may be a number,
#: mistyped or cut short.
_NAMELIKE_MIN: Final = 5
#: So many neighbours are put together: ``006R 903 21``.
_TOGETHER_MAX: Final = 3
#: A text of more parts is words with a number among them, rather than one number with spaces.
_FEW_PARTS: Final = 3

#: What parts a number from the words beside it, as spaces do: ``арт.:006R90321``, ``арт.KR-4410``,
#: ``KR-4410,KR-4411``.
_APART: Final = re.compile(
    r"(?:[\s:;=№#()\[\]{}\"«»|]|,(?!\d)|(?<![^\W_])(?:артикул|арт|art|кат|cat|ном|код|nr|no)\.)+",
    re.IGNORECASE,
)
_EDGES: Final = ".,!?'’`*"
_MEASURE: Final = re.compile(r"\d+([^\W\d_]{2,})")
_NAMELIKE: Final = re.compile(
    r"[^\W\d_]+(?:[-/._][^\W\d_]+)+|[^\W\d_]*[a-zа-я][A-ZА-Я][^\W\d_]*|[A-ZА-Я]+"
)
#: ``1/2"``, ``½``, ``12"``: inches, which begin no number; nor does a fraction without its unit.
_INCHES: Final = re.compile(r"\s*(?:[\d\s.,/-]+(?:[\"″”]|'')|(?:\d{1,3}[\s-])?\d{1,2}/\d{1,2})\s*")
_UNITS: Final = frozenset(map(number_key, TEXT_UNITS))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One text read as numbers: keys of the whole, of its parts, of neighbours together."""

    whole: str
    parts: tuple[str, ...]
    inner: tuple[str, ...]
    together: tuple[str, ...]

    def every(self) -> tuple[str, ...]:
        return _some((self.whole, *self.inner, *self.together), KEYS_MAX)


def _some(values: Iterable[str], limit: int, without: Iterable[str] = ()) -> tuple[str, ...]:
    """The values without doubles and empty ones, the first ones."""
    found = dict.fromkeys(value for value in values if value)
    for value in without:
        found.pop(value, None)
    return tuple(found)[:limit]


def _is_inner_number(key: str) -> bool:
    return len(key) >= INNER_NUMBER_MIN and has_digit(key)


def _is_measure(key: str) -> bool:
    """Whether a key is a figure with its unit: no beginning of a number, nor a mistyped one."""
    match = _MEASURE.fullmatch(key)
    return match is not None and match[1] in _UNITS


def _read(text: str) -> _Reading:
    parts = tuple(part for part in _APART.split(text) if part)[:WORDS_MAX]
    keys = [number_key(part) for part in parts]
    whole = number_key(text)
    inner = [key for key in keys if _is_inner_number(key)] if keys != [whole] else []
    return _Reading(
        whole=whole,
        parts=parts,
        inner=tuple(inner),
        together=tuple(key for key in _together(keys) if _is_inner_number(key)),
    )


def _together(keys: list[str]) -> Iterator[str]:
    """Neighbours put together, two before three; in a text of many parts two only."""
    most = _TOGETHER_MAX if len(keys) <= _INNER_PARTIAL_PARTS else 2
    for count in range(2, most + 1):
        for start in range(len(keys) - count + 1):
            yield "".join(keys[start : start + count])


def _exact(text: str, reading: _Reading) -> tuple[str, ...]:
    parts = (exact_form(part.strip(_EDGES)) for part in reading.parts)
    inner = (part for part in parts if _is_inner_number(number_key(part)))
    return _some((form for form in (exact_form(text), *inner) if number_key(form)), KEYS_MAX)


def _gtins(text: str, reading: _Reading) -> tuple[str, ...]:
    """GTINs of any width, also those whose leading zeros a spreadsheet has dropped."""
    found = []
    for part in (text.strip(), *reading.parts):
        digits = number_key(part)
        if not (digits.isascii() and digits.isdigit()):
            continue
        found.append(gtin14(part) or (gtin14(digits.zfill(14)) if 7 <= len(digits) < 14 else ""))
    return _some((gtin or "" for gtin in found), WORDS_MAX)


def _plain_transliterations(text: str, reading: _Reading) -> Iterator[str]:
    """Keys of the text in the other alphabet, then of its parts that look like numbers."""
    inner = [part for part in reading.parts if _is_inner_number(number_key(part))]
    for written in (text, *inner[:_TRANSLITERATED_MAX]) if len(reading.parts) > 1 else (text,):
        for variant in (*to_latin(written), *to_cyrillic(written, limit=4)):
            yield number_key(variant)


def retyped_keys(text: str, limit: int = RETYPED_MAX) -> tuple[str, ...]:
    """Keys of a text in the other keyboard layout, then in the other alphabet.

    None of them is the text's own key; at most `limit`. Reads `TEXT_MAX` characters.
    """
    text = text[:TEXT_MAX]
    reading = _read(text)
    layouts = (key for other in map(_read, retyped(text)) for key in (other.whole, *other.inner))
    return _some((*layouts, *_plain_transliterations(text, reading)), limit, reading.every())


def _partial(text: str, reading: _Reading, likeliest: Iterable[str]) -> Iterator[str]:
    """Keys that may be the beginning of a number only: of the whole text, or of a part of few."""
    few = len(reading.parts) <= _INNER_PARTIAL_PARTS
    for key in likeliest:
        if _is_measure(key):
            continue
        if key != reading.whole:
            least = _INNER_PARTIAL_MIN if few else TEXT_MAX
        elif has_digit(key):
            least = PARTIAL_MIN
        else:
            least = _NAMELIKE_MIN if _is_namelike(text, key) else SLOPPY_MIN_LETTERS
        if len(key) >= least:
            yield key


def _is_within(key: str) -> bool:
    """Whether a beginning may also stand within a number without standing in most."""
    return len(key) >= (WITHIN_MIN if has_digit(key) else SLOPPY_MIN_LETTERS)


def _is_namelike(text: str, key: str) -> bool:
    return len(key) >= _NAMELIKE_MIN and _NAMELIKE.fullmatch(text.strip()) is not None


def _sounds(text: str, reading: _Reading) -> tuple[str, ...]:
    inner = (part for part in reading.parts if _is_inner_number(number_key(part)))
    heard = (text, *inner) if len(reading.parts) > 1 else (text,)
    likely = [one for one in heard if has_digit(one) or len(one) >= SLOPPY_MIN_LETTERS]
    return _some((key for one in likely[:4] for key in asked_sounds(one)), ASKED_MAX)


def number_forms(text: str) -> NumberForms:
    """Read a text as article numbers; pure, total, bounded.

    Reads `TEXT_MAX` characters. Where the text is words with a number among them, the number
    stands before the whole text in `sloppy_keys` and `partial_keys`.
    """
    text = text[:TEXT_MAX]
    reading = _read(text)
    keys = reading.every()
    inner = [key for key in reading.inner if not _is_measure(key)]
    is_one = len(reading.parts) <= _FEW_PARTS
    likeliest = (reading.whole, *inner) if is_one else (*inner, reading.whole)
    if _INCHES.fullmatch(readable(text)):
        likeliest = ()
    mistyped = (*likeliest, *reading.together) if likeliest else ()
    partial = _some(_partial(text, reading, likeliest), PARTIAL_KEYS_MAX)
    exact = _exact(text, reading)
    return NumberForms(
        exact=exact,
        gtins=_gtins(text, reading),
        keys=keys,
        retyped_keys=retyped_keys(text),
        loose_keys=_some((form for key in keys if has_digit(key) for form in loose_keys(key)), 8),
        sound_keys=_sounds(text, reading),
        partial_keys=partial,
        partial_forms=tuple(form for form in exact if number_key(form) in partial),
        within_keys=tuple(filter(_is_within, partial)),
        sloppy_keys=_some(
            (key for key in mistyped if is_sloppy(key) or _is_namelike(text, key)),
            SLOPPY_KEYS_MAX,
        ),
    )
