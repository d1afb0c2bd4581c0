"""XLSX, line by line (openpyxl in read-only mode), with limits on what an archive unpacks to."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from entrepot.interchange.spreadsheets.errors import (
    DamagedWorkbook,
    EmptyFile,
    FileTooLarge,
    MacroWorkbook,
    NoSuchSheet,
    SuspiciousArchive,
    UnsupportedFormat,
)
from entrepot.interchange.spreadsheets.rows import Cursor, Row
from entrepot.platform.catalog.import_problems import LineProblem, ProblemCode

MAX_PARTS = 2_000
MAX_UNPACKED_BYTES = 512 * 1024 * 1024
MAX_SHARED_TEXT_BYTES = 128 * 1024 * 1024
MAX_RATIO = 200
RATIO_COUNTS_FROM = 4 * 1024 * 1024
MAX_COLUMNS = 500
_SCAN_BYTES = 1024 * 1024
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_DAMAGE = (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError, TypeError, EOFError)


def check_archive(path: Path) -> None:
    """Refuse what is not a plain workbook or would unpack to an absurd size.

    The sizes that the archive declares are binding: `zipfile` reads no byte beyond them. Raises
    `DamagedWorkbook`, `UnsupportedFormat`, `MacroWorkbook`, `FileTooLarge`, `SuspiciousArchive`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            heads = _first_bytes(archive, parts) if len(parts) <= MAX_PARTS else []
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError):
        raise DamagedWorkbook from None
    if len(parts) > MAX_PARTS:
        raise SuspiciousArchive
    names = {part.filename for part in parts}
    if any(name.endswith("vbaProject.bin") for name in names):
        raise MacroWorkbook
    if "xl/workbook.xml" not in names:
        if "xl/workbook.bin" in names:
            raise UnsupportedFormat("a binary workbook (.xlsb)", "двоичная книга (.xlsb)")
        raise UnsupportedFormat("an archive, not an Excel workbook", "архив, а не книга Excel")
    for part in parts:
        ratio = part.file_size / max(part.compress_size, 1)
        if part.file_size > RATIO_COUNTS_FROM and ratio > MAX_RATIO:
            raise SuspiciousArchive
    if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise FileTooLarge(MAX_UNPACKED_BYTES // 1024**2)
    shared = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
    if shared > MAX_SHARED_TEXT_BYTES:
        raise FileTooLarge(MAX_SHARED_TEXT_BYTES // 1024**2)
    if any(b"<!DOCTYPE" in head for head in heads):
        raise SuspiciousArchive


def _first_bytes(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> list[bytes]:
    heads = []
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as stream:
                heads.append(stream.read(1024))
    return heads


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # openpyxl: styles and extensions it skips
        yield


@contextmanager
def _open(path: Path, *, values: bool) -> Iterator[Workbook]:
    """Open by the bytes: stored files have no name ending that openpyxl could judge."""
    with path.open("rb") as file:
        with _quiet():
            try:
                book = load_workbook(file, read_only=True, data_only=values, keep_links=False)
            except _DAMAGE:
                raise DamagedWorkbook from None
        try:
            yield book
        finally:
            book.close()


def _sheet(book: Workbook, name: str | None) -> Any:
    if name is None:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not book.worksheets:
            raise EmptyFile
        return (visible or book.worksheets)[0]
    for sheet in book.worksheets:
        if sheet.title == name:
            return sheet
    raise NoSuchSheet(name[:60], ", ".join(sheet.title for sheet in book.worksheets))


def _has_formulas(path: Path, part: str) -> bool:
    tail = b""
    with zipfile.ZipFile(path) as archive, archive.open(part) as stream:
        while piece := stream.read(_SCAN_BYTES):
            if _FORMULA.search(tail + piece):
                return True
            tail = piece[-16:]
    return False


def read_workbook_rows(
    path: Path, sheet_name: str | None = None, start: Cursor | None = None
) -> Iterator[Row]:
    """Yield the rows of a sheet (default: the first visible one) after `start.line`.

    Texts of numbers are exact to 15 digits, dates are ISO. A formula gives its stored result; one
    without a result, and error values, make the row a problem that names the cell. Rows that are
    wholly empty are passed over. Memory: the workbook's shared texts plus one row.
    Raises `DamagedWorkbook`, `NoSuchSheet`, `EmptyFile`.
    """
    first = start.line if start else 0
    with ExitStack() as stack:
        results = stack.enter_context(_open(path, values=True))
        sheet = _sheet(results, sheet_name)
        rows = _cells(sheet, first)
        if _has_formulas(path, sheet._worksheet_path):
            formulas = stack.enter_context(_open(path, values=False))
            sources = _cells(_sheet(formulas, sheet.title), first)
            yield from _rows(zip_longest(rows, sources), first)
        else:
            yield from _rows(((row, None) for row in rows), first)


def _cells(sheet: Any, after: int) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()
    with _quiet():
        try:
            yield from sheet.iter_rows(min_row=after + 1, max_col=MAX_COLUMNS, values_only=True)
        except _DAMAGE:
            raise DamagedWorkbook from None


def _rows(
    pairs: Iterator[tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]], after: int
) -> Iterator[Row]:
    for number, (values, sources) in enumerate(pairs, start=after + 1):
        problem = None
        cells = []
        for index, value in enumerate(values or ()):
            source = sources[index] if sources and index < len(sources) else None
            text = _text(value)
            name = f"{get_column_letter(index + 1)}{number}"
            if value is None and isinstance(source, str) and source.startswith("="):
                text = source
                problem = LineProblem(ProblemCode.FORMULA_WITHOUT_VALUE, None, source, name)
            elif value is None and source is not None and not isinstance(source, str):
                text = "="
                problem = LineProblem(ProblemCode.FORMULA_WITHOUT_VALUE, None, "=", name)
            elif isinstance(value, str) and value in _CELL_ERRORS:
                problem = LineProblem(ProblemCode.CELL_ERROR, None, value, name)
            cells.append(text)
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield Row(number, tuple(cells), Cursor(number, 0), problem)


_CELL_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA"}
)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value.replace("_x000D_", "").replace("\x00", "")
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return format(Decimal(format(value, ".15g")), "f")
        case datetime() if value.time() == time(0):
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return str(value)
