"""Judgments of relevance from a file `query,docid,rating`; what is wrong is told by line."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

COLUMNS = ("query", "docid", "rating")
#: The highest rating taken: the exponential gain of a higher one would drown all others.
RATING_MAX = 10.0

Judgments = dict[str, dict[str, float]]
"""The ratings of documents, by the question they were judged for."""


class JudgmentError(Exception):
    """A file of judgments that cannot be used; the text names file and line."""


def read_judgments(path: Path) -> Judgments:
    """Read a file of judgments in UTF-8, with or without the header `query,docid,rating`.

    Ratings are numbers from 0 (not relevant) to `RATING_MAX`. A pair judged twice must be judged
    alike. Raises `JudgmentError`.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _judgments(path, _rows(path, file))
    except OSError as error:
        raise JudgmentError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise JudgmentError(f"{path}: not UTF-8 at byte {error.start}") from error


def _rows(path: Path, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise JudgmentError(f"{path}:{reader.line_num}: {error}") from error


def _judgments(path: Path, rows: Iterable[tuple[int, list[str]]]) -> Judgments:
    found: Judgments = {}
    for place, (line, row) in enumerate(rows):
        where = f"{path}:{line}"
        if len(row) != len(COLUMNS):
            raise JudgmentError(f"{where}: {len(row)} columns, not the three {','.join(COLUMNS)}")
        query, document, written = row
        if place == 0 and [cell.casefold() for cell in row] == list(COLUMNS):
            continue
        rating = _rating(where, written, first=place == 0)
        if not query or not document:
            raise JudgmentError(f"{where}: {'query' if not query else 'docid'} is empty")
        former = found.setdefault(query, {}).setdefault(document, rating)
        if former != rating:
            raise JudgmentError(
                f"{where}: {document!r} for {query!r} is rated {rating:g}, and {former:g} before"
            )
    if not found:
        raise JudgmentError(f"{path}: no judgments")
    return found


def _rating(where: str, written: str, *, first: bool) -> float:
    try:
        rating = float(written)
    except ValueError:
        hint = f"; a header would be {','.join(COLUMNS)}" if first else ""
        raise JudgmentError(f"{where}: the rating {written!r} is no number{hint}") from None
    if not (math.isfinite(rating) and 0 <= rating <= RATING_MAX):
        raise JudgmentError(f"{where}: the rating {written} is not between 0 and {RATING_MAX:g}")
    return rating
