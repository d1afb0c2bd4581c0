"""Texts taken apart into words, numbers, sizes and measures: the same for documents and questions.

One pass of one pattern, every repetition of which is bounded, so that no text takes more than
linear time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from entrepot.platform.catalog.technical_units import TEXT_UNITS, converted
from entrepot.platform.invisible import without_invisible
from entrepot.platform.quantities import plain


class Kind(Enum):
    """What a piece of a text is."""

    WORD = auto()
    """``values`` are empty; hyphens part its ``parts``."""
    NUMBER = auto()
    MEASURE = auto()
    """One value with its unit, or the two bounds of a range."""
    SIZE = auto()
    """``M8x30``, ``10x20x30 mm``: ``parts`` as written, ``values`` those that are numbers."""


class Piece(NamedTuple):
    """One piece of a text: case-folded, spelt in one way.

    `written` has no spaces; `shown` is the piece as it stands in the text, case-folded. `values`
    are in `unit` (UN/ECE Rec 20) where there is one. `is_range`: anything between two values,
    of which one may be `None`. `glued`: the unit follows the number without a space.
    """

    kind: Kind
    written: str
    shown: str
    start: int
    end: int
    parts: tuple[str, ...] = ()
    values: tuple[Decimal | None, ...] = ()
    unit: str | None = None
    is_range: bool = False
    glued: bool = False


def _grouped(spellings: Iterable[str]) -> str:
    """A pattern of any of the spellings, the longest first, told apart by their first letters."""
    by_letter: dict[str, list[str]] = {}
    for spelling in sorted(spellings, key=lambda each: (-len(each), each)):
        rest = re.escape(spelling[1:]).replace(r"\ ", r"\.?\s?")
        by_letter.setdefault(spelling[0], []).append(rest)
    return "|".join(
        f"{re.escape(letter)}(?:{'|'.join(rests)})" for letter, rests in by_letter.items()
    )


_SIGNS: Final = tuple(unit for unit in TEXT_UNITS if not unit[-1].isalnum())
#: These are words or parts of numbers as well, so they stand at their number.
_GLUED_ONLY: Final = frozenset({"in"})
#: As words these are prepositions: apart from their number they are units as capitals, or last.
_PREPOSITIONS: Final = frozenset({"в", "а", "a", "к", "k"})
_LETTERS: Final = [unit for unit in TEXT_UNITS if unit not in _SIGNS]
_UNIT: Final = rf"(?:(?:{_grouped(_LETTERS)})(?![^\W_])|(?:{_grouped(_SIGNS)}))"
_NUMBER: Final = r"\d{1,12}(?:[.,]\d{1,9})?"
_FRACTION: Final = r"(?:\d{1,3}[\s-])?\d{1,2}/(?:2|3|4|5|6|8|10|16|32|64)(?![\d/])"
_VALUE: Final = rf"(?:{_FRACTION}|{_NUMBER})"
_INCHES: Final = "(?:[\"″”]|'')?"
_FIRST: Final = r"(?<![^\W_])"
_LAST: Final = r"(?![^\W_])"
_LOW: Final = r"(?:>=|≥|не\s(?:менее|меньше)|at\sleast|min)\s?"
_HIGH: Final = r"(?:<=|≤|не\s(?:более|больше)|at\smost|up\sto|max|до)\s?"
_PATTERN: Final = re.compile(
    "|".join(
        (
            # First what most of any text is: a longer word that begins no range.
            rf"(?P<plain>(?!(?:from|between|между)\s){_FIRST}[^\W\d_]{{4,}}(?![\w'’‑‐-]))",
            rf"(?P<between>{_FIRST}(?:(?:от|from|(?P<both>between|между))\s)?(?P<low>{_VALUE})\s?"
            rf"(?P<low_unit>{_UNIT})?\s?(?(both)(?:and|и)|(?:[-‐‑–—]|\.{{2,4}}|до|to))\s?"
            rf"(?P<high>{_VALUE})\s?(?P<high_unit>{_UNIT}))",
            rf"(?P<open>{_FIRST}(?:(?P<least>{_LOW})|{_HIGH})(?P<bound>{_VALUE})\s?"
            rf"(?P<open_unit>{_UNIT}))",
            rf"(?P<size>{_FIRST}[^\W\d_]{{0,3}}{_VALUE}{_INCHES}"
            rf"(?:\s?[xх×*]\s?[^\W\d_]?{_VALUE}{_INCHES}){{1,4}}"
            rf"(?:\s?(?P<size_unit>{_UNIT})|{_LAST}))",
            rf"(?P<measure>{_FIRST}(?P<value>{_VALUE})(?P<gap>\s{{0,2}}|-)(?P<unit>{_UNIT}))",
            rf"(?P<fraction>(?<![\w/.,-]){_FRACTION}(?![\w.,-]))",
            rf"(?P<number>{_FIRST}\d{{1,12}}(?:[.,]\d{{1,9}}){{1,6}}{_LAST})",
            r"(?P<word>[^\W_]+(?:[-‐‑'’][^\W_]+){0,5})",
        )
    )
)
_WORD: Final = re.compile(rf"(?P<number>{_NUMBER}{_LAST})|(?P<word>[^\W_]+)")
_QUOTED: Final = re.compile(r'(?<![^\s(])(?:"([^"“”]*)"|“([^"“”]*)”)')
_INCH_MARKS: Final = re.compile("[\"″”']")
_TIMES: Final = re.compile(r"[xх×*]")
_BETWEEN_PARTS: Final = re.compile(r"[-‐‑'’]")
_SPACED_UNIT: Final = re.compile(r"[.\s]+")
_VULGAR: Final = re.compile("([¼½¾⅐-⅞])")


def readable(text: str) -> str:
    """Compatibility forms unified, invisible characters dropped, quotation marks left out.

    The case stays. ``1½"`` is ``1 1/2"``.
    """
    unified = unicodedata.normalize("NFKC", _VULGAR.sub(r" \1", text)).replace("⁄", "/")
    unified = unified.replace("′′", '"')  # what double primes become, too
    if not unified.isprintable():
        unified = "".join(" " if char.isspace() else char for char in without_invisible(unified))
    return _QUOTED.sub(r" \1\2 ", unified) if '"' in unified or "“" in unified else unified


def folded_case(text: str) -> str:
    """Small letters, and ``ё`` as ``е``."""
    return text.casefold().replace("ё", "е")


def pieces(text: str) -> list[Piece]:
    """Take a text apart; pure, total, in linear time."""
    seen = readable(text)
    folded = folded_case(seen)
    capitals = seen if len(seen) == len(folded) else folded
    found: list[Piece] = []
    at = 0
    while (match := _PATTERN.search(folded, at)) is not None:
        # What turns out to be no measure is read as the words and numbers that it is made of.
        piece = _made(match, capitals) or _made(_WORD.match(folded, match.start()), capitals)
        if piece is not None:
            found.append(piece)
        at = piece.end if piece is not None else match.start() + 1
    return found


def _made(match: re.Match[str] | None, capitals: str) -> Piece | None:
    """The piece of a match, unless its unit is a preposition or a range is of two measures."""
    if match is None:
        return None
    kind = match.lastgroup
    if kind == "plain":
        written = match[0]
        return Piece(Kind.WORD, written, written, match.start(), match.end(), (written,))
    if kind == "between":
        return _range(match, capitals)
    if kind == "open":
        value, unit = decimal_of(match["bound"]), _unit(match, "open_unit", capitals)
        bounds = (value, None) if match["least"] else (None, value)
        if unit is None:
            return None
        return _piece(match, Kind.MEASURE, values=bounds, unit=unit, is_range=True)
    if kind == "measure":
        unit = _unit(match, "unit", capitals)
        if unit is None or (match["gap"] == "-" and len(match["unit"]) < 2):
            return None
        values = (decimal_of(match["value"]),)
        return _piece(match, Kind.MEASURE, values=values, unit=unit, glued=not match["gap"])
    if kind == "size":
        return _size(match, capitals)
    if kind == "fraction":
        return _piece(match, Kind.NUMBER, plain(decimal_of(match[0])))
    if kind == "number" or match[0].isdecimal():
        return _piece(match, Kind.NUMBER, match[0].replace(",", "."))
    parts = tuple(_BETWEEN_PARTS.split(match[0]))
    return _piece(match, Kind.WORD, "".join(parts), parts=parts)


def _piece(match: re.Match[str], kind: Kind, written: str = "", **more: Any) -> Piece:
    shown = match[0]
    written = written or "".join(shown.split())
    return Piece(kind, written, shown, match.start(), match.end(), **more)


def _range(match: re.Match[str], capitals: str) -> Piece | None:
    unit = _unit(match, "high_unit", capitals)
    if unit is None:
        return None
    low_unit = _unit(match, "low_unit", capitals) or unit
    low = converted(decimal_of(match["low"]), low_unit, unit)
    high = decimal_of(match["high"])
    if low is None:
        return None
    bounds = (min(low, high), max(low, high))
    return _piece(match, Kind.MEASURE, values=bounds, unit=unit, is_range=True)


def _size(match: re.Match[str], capitals: str) -> Piece | None:
    unit = _unit(match, "size_unit", capitals)
    if match["size_unit"] and unit is None:
        return None
    sizes = match[0].removesuffix(match["size_unit"] or "")
    if unit is None and _INCH_MARKS.search(sizes):
        unit = "INH"
    # A size may begin with the letter that also stands between its parts: ``X10x20``.
    shorn = (_INCH_MARKS.sub("", part).strip() for part in _TIMES.split(sizes))
    each = [part for part in shorn if part]
    values = [None if part[0].isalpha() else decimal_of(part) for part in each]
    parts = tuple(
        part.replace(",", ".") if value is None else plain(value)
        for part, value in zip(each, values, strict=True)
    )
    known = tuple(value for value in values if value is not None)
    return _piece(match, Kind.SIZE, "x".join(parts), parts=parts, values=known, unit=unit)


def _unit(match: re.Match[str], group: str, capitals: str) -> str | None:
    """The code of a unit; None for a word that looks like one."""
    written = match[group]
    if written is None:
        return None
    apart = match.string[match.start(group) - 1].isspace()
    if apart and written in _GLUED_ONLY:
        return None
    small = apart and written in _PREPOSITIONS and not capitals[match.start(group)].isupper()
    if small and match.string[match.end(group) : match.end(group) + 8].strip(" .,;)"):
        return None
    return TEXT_UNITS.get(written) or TEXT_UNITS.get(_SPACED_UNIT.sub(" ", written).strip())


def decimal_of(written: str) -> Decimal:
    """The value of ``2,5``, ``1/2`` or ``1 1/2``; sixths and thirds to six places."""
    above, slash, below = written.partition("/")
    if not slash:
        return Decimal(written.replace(",", "."))
    whole, _, above = above.replace("-", " ").rpartition(" ")
    return round(Decimal(above) / Decimal(below) + Decimal(whole or 0), 6)
