"""One table in a file, whatever the file's format: header, dialect, rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from entrepot.interchange.spreadsheets.columns import ColumnMap, recognise
from entrepot.interchange.spreadsheets.errors import (
    ColumnsNotFound,
    EmptyFile,
    FileTooLarge,
    NoLines,
)
from entrepot.interchange.spreadsheets.rows import Cursor, Row
from entrepot.interchange.spreadsheets.sniff import (
    SNIFFED_BYTES,
    Dialect,
    refuse_foreign,
    sniff_decimal,
    sniff_dialect,
)
from entrepot.interchange.spreadsheets.text_table import read_text_rows
from entrepot.interchange.spreadsheets.workbook import check_archive, read_workbook_rows
from entrepot.platform.catalog.import_problems import LineProblem, ProblemCode

SAMPLED_ROWS = 50
HEADER_WITHIN_ROWS = 15
MAX_BYTES = 512 * 1024 * 1024
NUMBER_FIELDS = (
    "price", "quantity", "pack_quantity", "min_order_quantity", "order_step",
    "max_order_quantity", "cost_price", "min_quantity",
)  # fmt: skip


@dataclass(frozen=True)
class ReadOptions:
    """What the sender may say about a file; everything left out is found out from the file.

    `columns` maps fields to titles in the header, `decimal` is `,` or `.`.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Table:
    """An opened table. `body` is the place after the header: pass it, or a later one, to `rows`.

    `decimal` is the decimal separator found or chosen, None where the file leaves it open.
    """

    path: Path
    kind: Literal["csv", "xlsx"]
    dialect: Dialect
    sheet: str | None
    columns: ColumnMap
    body: Cursor
    decimal: str | None

    def rows(self, start: Cursor | None = None) -> Iterator[Row]:
        """Yield the lines after `start` (default: all). A line of another width is a problem."""
        width = len(self.columns.header)
        strict = self.kind == "csv"
        for row in _raw_rows(self, start or self.body):
            count = len(row.cells)
            if row.problem is not None:
                yield row
            elif not any(cell.strip() for cell in row.cells):
                continue
            elif count > width or (strict and count < width):
                problem = LineProblem(ProblemCode.WRONG_CELL_COUNT, None, str(count), str(width))
                yield Row(row.line_number, row.cells, row.cursor, problem)
            else:
                yield row


def open_table(
    path: Path,
    known: Mapping[str, Sequence[str]],
    required: Sequence[str | tuple[str, ...]],
    options: ReadOptions | None = None,
) -> Table:
    """Recognise a file and its header without reading more than its beginning.

    `known` and `required` are as in `columns.recognise`. Raises a `SpreadsheetError`.
    """
    options = options or ReadOptions()
    if path.stat().st_size > MAX_BYTES:
        raise FileTooLarge(MAX_BYTES // 1024**2)
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
    if head.startswith(b"PK\x03\x04"):
        check_archive(path)
        kind: Literal["csv", "xlsx"] = "xlsx"
        dialect, start = Dialect("utf-8", ";"), Cursor(0, 0)
    else:
        refuse_foreign(head)
        kind = "csv"
        dialect = sniff_dialect(head, options.encoding, options.delimiter)
        start = _after_preamble(head, dialect)
    empty = ColumnMap((), {})
    opened = Table(path, kind, dialect, options.sheet, empty, start, options.decimal)
    sample = list(islice(_raw_rows(opened, start), SAMPLED_ROWS + 1))
    if not sample:
        raise EmptyFile
    place, columns = _find_header(sample, known, required, options.columns)
    header, body = sample[place], sample[place + 1 :]
    if not body:
        raise NoLines
    numbers = [
        row.cells[columns.positions[name]]
        for row in body
        for name in NUMBER_FIELDS
        if columns.positions.get(name, len(row.cells)) < len(row.cells)
    ]
    decimal = options.decimal or ("." if kind == "xlsx" else sniff_decimal(numbers))
    return Table(path, kind, dialect, options.sheet, columns, header.cursor, decimal)


def _find_header(
    sample: Sequence[Row],
    known: Mapping[str, Sequence[str]],
    required: Sequence[str | tuple[str, ...]],
    chosen: Mapping[str, str] | None,
) -> tuple[int, ColumnMap]:
    """Price lists often start with a letterhead: the header is the first row that suffices."""
    refusal: ColumnsNotFound | None = None
    for place, row in enumerate(sample[:HEADER_WITHIN_ROWS]):
        try:
            if row.problem is not None:
                raise ColumnsNotFound(str(required[0]), row.problem.message("en"))
            return place, recognise(row.cells, known, required, chosen)
        except ColumnsNotFound as error:
            refusal = refusal or error
    assert refusal is not None
    raise refusal


def _raw_rows(table: Table, start: Cursor) -> Iterator[Row]:
    if table.kind == "xlsx":
        yield from read_workbook_rows(table.path, table.sheet, start)
        return
    with table.path.open("rb") as file:
        yield from read_text_rows(file, table.dialect, start)


def _after_preamble(head: bytes, dialect: Dialect) -> Cursor:
    lines = head.splitlines(keepends=True)[: dialect.skipped_lines]
    return Cursor(len(lines), sum(len(line) for line in lines))
