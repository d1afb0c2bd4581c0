"""Pasted text to lines of articles and quantities. Pure; never raises.

People paste columns of a spreadsheet, lines of a letter, notes of their own. A line's cells part
at tabs, semicolons and bars; without these at commas, colons, dashes with spaces and spaces. Where
a line can be read in several ways (`KR 4410 2`: two of one article, or one of another), all ways
are kept, the likeliest first; matching takes the first whose article exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final

from entrepot.platform.carts.quick_order.amounts import (
    ONE,
    Amount,
    AmountProblem,
    certainly_amount,
    nearly_amount,
    read_amount,
)
from entrepot.platform.carts.quick_order.columns import header_positions
from entrepot.platform.catalog.article_numbers import number_key
from entrepot.platform.invisible import without_invisible

MAX_LINE_LENGTH: Final = 1000
MAX_NUMBER_LENGTH: Final = 255
MAX_READINGS: Final = 6
MAX_CELLS: Final = 12

_STRONG: Final = ("\t", ";", "|")
_BOUNDARY: Final = re.compile(r"\s*[,:=]\s*|\s+[-–—]+\s+|\s*(?=\()|\s+")
_BULLET: Final = re.compile(r"(?:[-–—•·▪*]\s+|[0-9]{1,3}[.)]\s+)(?=\S)")
_COMMENT: Final = re.compile(r"//|#\s")
_COUNTED: Final = frozenset({"PCE", "BX", "PK", "PF", "SET", "PR", "RO", None})


class LineProblem(StrEnum):
    """Why a line as a whole cannot be taken."""

    NO_ARTICLE = "NO_ARTICLE"
    LINE_TOO_LONG = "LINE_TOO_LONG"
    NUMBER_TOO_LONG = "NUMBER_TOO_LONG"
    UNREADABLE = "UNREADABLE"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a line: the article as written, and how much of it."""

    number: str
    amount: Amount = ONE


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line with all ways to read it, the likeliest first; none with a `problem`.

    `line_number` counts every line of the text from 1, blank ones too; `text` is cut to
    `MAX_LINE_LENGTH`.
    """

    line_number: int
    text: str
    readings: tuple[Reading, ...] = ()
    problem: LineProblem | None = None


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines that hold an article; blank ones, comments and rules are skipped.

    Invisible characters (zero width, direction marks, controls) are dropped.
    """
    for line_number, raw in enumerate(
        text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1
    ):
        line = visible(raw[: 4 * MAX_LINE_LENGTH])
        if any(char.isalnum() for char in line) and not _COMMENT.match(line):
            yield line_number, line


def visible(text: str) -> str:
    """Return the text without invisible characters, every space a plain one, tabs kept."""
    shown = without_invisible(text)
    plain = (" " if char.isspace() and char != "\t" else char for char in shown)
    return "".join(plain).strip(" ")


def parse_text(text: str, limit: int) -> list[ReadLine]:
    """Return at most `limit` lines of the text; header lines are understood and left out."""
    return list(islice(_read_lines(text), limit))


def _read_lines(text: str) -> Iterator[ReadLine]:
    header: Mapping[str, int] | None = None
    separator = ""
    for line_number, line in lines_of(text):
        if len(line) > MAX_LINE_LENGTH:
            cut = line[:MAX_LINE_LENGTH]
            yield ReadLine(line_number, cut, problem=LineProblem.LINE_TOO_LONG)
            continue
        found = _header(line)
        if found is not None:
            header, separator = found
            continue
        if header is not None and separator in line:
            cells = _cells(line, separator)
            yield read_cells(line_number, line, cells, header)
        else:
            yield read_line(line_number, line)


def _header(line: str) -> tuple[Mapping[str, int], str] | None:
    for separator in (*_STRONG, ","):
        if separator in line:
            positions = header_positions(_cells(line, separator))
            return None if positions is None else (positions, separator)
    words = line.split()
    whole = header_positions([line])
    positions = whole if whole is not None else header_positions(words)
    return None if positions is None else ({}, "\n")


def read_cells(
    line_number: int,
    text: str,
    cells: Sequence[str],
    header: Mapping[str, int],
    decimal: str | None = None,
) -> ReadLine:
    """Return a line whose columns are known by `header` (field → position)."""

    def cell(name: str) -> str:
        position = header.get(name, len(cells))
        return visible(cells[position]).strip() if position < len(cells) else ""

    if not header or len(cells) <= header["number"]:
        return read_line(line_number, text)
    amount = certainly_amount(cell("quantity"), cell("unit"), decimal)
    meant_otherwise = amount.problem is AmountProblem.NOT_A_NUMBER and amount.proposal is None
    if meant_otherwise and read_amount(cell("number")) is not None:  # swapped in this line
        return read_line(line_number, text)
    return _line(line_number, text, [Reading(cell("number"), amount)])


def read_line(line_number: int, text: str) -> ReadLine:
    """Return a line whose columns nobody has named."""
    for separator in _STRONG:
        cells = [cell for cell in _cells(text, separator) if cell]
        if separator in text and len(cells) > 1:
            return _line(line_number, text, _of_cells(cells[:MAX_CELLS]))
        if separator in text and cells:
            return _line(line_number, text, _of_words(cells[0]))
    return _line(line_number, text, _of_words(text))


def _cells(line: str, separator: str) -> list[str]:
    return [cell.strip().strip('"«»“”').strip() for cell in line.split(separator)]


def _line(line_number: int, text: str, readings: Sequence[Reading]) -> ReadLine:
    text = text[:MAX_LINE_LENGTH]
    found: dict[Reading, None] = {}
    too_long = False
    for reading in readings:
        if not number_key(reading.number):
            continue
        if len(reading.number) > MAX_NUMBER_LENGTH:
            too_long = True
            continue
        found[reading] = None
        if len(found) == MAX_READINGS:
            break
    if found:
        return ReadLine(line_number, text, tuple(found))
    problem = LineProblem.NUMBER_TOO_LONG if too_long else LineProblem.NO_ARTICLE
    return ReadLine(line_number, text, problem=problem)


def _of_cells(cells: Sequence[str]) -> list[Reading]:
    """Every cell that is an amount with every other one as the article, the likeliest first."""
    amounts: dict[int, Amount] = {}
    units: set[int] = set()
    for position, cell in enumerate(cells):
        after = cells[position + 1] if position + 1 < len(cells) else ""
        amount = read_amount(cell)
        if amount is None and position and nearly_amount(cell):
            amount = certainly_amount(cell)
        if amount is None:
            continue
        if amount.unit is None and amount.problem is None and _is_unit(after):
            amount = certainly_amount(cell, after)
            units.add(position + 1)
        amounts[position] = amount
    ranked: list[tuple[tuple[object, ...], Reading]] = []
    for at, amount in amounts.items():
        for place, cell in enumerate(cells):
            if place != at and place not in units:
                ranked.append((_cell_rank(at, place, amounts, cells), Reading(cell, amount)))
    ranked.sort(key=lambda one: one[0])
    wordy = [Reading(cell) for place, cell in enumerate(cells) if place not in amounts]
    return [reading for _, reading in ranked] + wordy


def _is_unit(cell: str) -> bool:
    found = read_amount(f"1 {cell}") if cell and cell[0].isalpha() and len(cell) <= 20 else None
    return found is not None and (found.unit is not None or found.proposed_unit is not None)


def _cell_rank(
    at: int, place: int, amounts: Mapping[int, Amount], cells: Sequence[str]
) -> tuple[object, ...]:
    """Smaller is likelier: quantity `at`, article at `place`."""
    amount = amounts[at]
    severity = 0 if amount.problem is None else 2 if amount.problem in _NUMBERS_TOO else 1
    return (
        severity,
        _numberlike(cells[at]) and not _numberlike(cells[place]),
        place in amounts and not _numberlike(cells[place]),
        not amount.explicit,
        at < place,
        place,
        abs(at - place),
    )


def _numberlike(text: str) -> bool:
    """Digits that are rather an article's than a quantity's: a leading zero, or very many."""
    return text.isdigit() and (len(text) > 8 or (text.startswith("0") and len(text) > 1))


def _of_words(text: str) -> list[Reading]:
    """Every end and beginning of a line that is an amount, the rest being the article."""
    bullet = _BULLET.match(text)
    if bullet is not None:
        return [*_of_ends(text[bullet.end() :]), Reading(text)]
    return _of_ends(text)


def _of_ends(text: str) -> list[Reading]:
    found: list[tuple[tuple[float, int], Reading]] = []
    boundaries = list(_BOUNDARY.finditer(text))
    if len(boundaries) > 2 * MAX_CELLS:
        boundaries = boundaries[:MAX_CELLS] + boundaries[-MAX_CELLS:]
    for boundary in boundaries:
        start, end = text[: boundary.start()].strip(), text[boundary.end() :].strip()
        plain_space = not boundary.group().strip() and not end.startswith("(")
        for article, amount_text, leading in ((start, end, False), (end, start, True)):
            amount = read_amount(amount_text) if article else None
            if amount is not None:
                penalty = _penalty(article, amount_text, amount, plain_space) + leading * 0.5
                rank = (penalty, -len(amount_text))
                found.append((rank, Reading(article.strip(" ,:="), amount)))
    found.sort(key=lambda one: one[0])
    return [*[reading for _, reading in found][: MAX_READINGS - 1], Reading(text)]


def _penalty(article: str, text: str, amount: Amount, plain_space: bool) -> float:
    """Say how unlikely it is that `text` is the quantity of `article`; 0 is certain."""
    penalty = 0.0 if amount.explicit else 2.0 if plain_space else 1.0
    if amount.problem is not None:
        penalty += 4 if amount.problem in _NUMBERS_TOO else 3
    fraction = "," in text or "." in text
    if fraction and amount.unit in _COUNTED and amount.explicit:
        penalty += 2
    if fraction and re.match(r"[0-9]{4,}[.,]", text):
        penalty += 2
    if _numberlike(text):
        penalty += 1
    if article.isdigit() and text.isdigit() and len(article) < 4 < len(text):
        penalty += 1
    return penalty


_NUMBERS_TOO: Final = frozenset({AmountProblem.TOO_LARGE, AmountProblem.AMBIGUOUS_NUMBER})
