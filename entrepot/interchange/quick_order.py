"""Lists to order from: read from CSV and XLSX files, and what is left of them written back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from entrepot.interchange.spreadsheets.errors import ColumnsNotFound
from entrepot.interchange.spreadsheets.rows import Cursor, Row
from entrepot.interchange.spreadsheets.sniff import SNIFFED_BYTES, sniff_dialect
from entrepot.interchange.spreadsheets.table import ReadOptions, open_table
from entrepot.interchange.spreadsheets.text_table import read_text_rows
from entrepot.interchange.spreadsheets.workbook import read_workbook_rows
from entrepot.platform.carts.quick_order.amounts import ONE, AmountProblem
from entrepot.platform.carts.quick_order.columns import QUICK_ORDER_COLUMNS
from entrepot.platform.carts.quick_order.outcomes import MatchedLine, WantedArticle
from entrepot.platform.carts.quick_order.parsing import (
    MAX_LINE_LENGTH,
    LineProblem,
    read_cells,
    read_line,
    visible,
)
from entrepot.platform.carts.quick_order.queries import MOST_LINES
from entrepot.platform.carts.quick_order.wording import reason_of
from entrepot.platform.catalog.import_problems import ProblemCode
from entrepot.platform.catalog.unit_names import unit_name
from entrepot.platform.quantities import plain

COLUMNS = {name: QUICK_ORDER_COLUMNS[name] for name in ("number", "quantity", "unit")}
_HEADERS = {
    "en": ("line", "article", "quantity", "unit", "reason"),
    "ru": ("строка", "артикул", "количество", "ед", "причина"),
}


def read_list(path: Path, columns: Mapping[str, str] | None = None) -> list[WantedArticle]:
    """Return the lines of a file, at most one more than a quick order takes.

    `columns` maps `number`, `quantity`, `unit` to titles of the file that are not understood by
    themselves. A file whose first line is an article with a quantity needs no titles. Lines of
    another width than the header's are read as far as they go. Raises a `SpreadsheetError`.
    """
    try:
        table = open_table(path, COLUMNS, ("number",), ReadOptions(columns=columns))
    except ColumnsNotFound:
        untitled = None if columns else list(islice(_untitled(path), MOST_LINES + 1))
        if not untitled:
            raise
        return untitled
    rows = islice(table.rows(), MOST_LINES + 1)
    return [_of_row(row, table.columns.positions, table.decimal) for row in rows]


def _of_row(row: Row, positions: Mapping[str, int], decimal: str | None) -> WantedArticle:
    """A line as its columns say; without positions, as its cells let guess."""
    text = visible("; ".join(cell.strip() for cell in row.cells))
    if row.problem is not None and row.problem.code is not ProblemCode.WRONG_CELL_COUNT:
        return WantedArticle(
            row.line_number, text[:MAX_LINE_LENGTH], problem=LineProblem.UNREADABLE
        )
    if positions:
        line = read_cells(row.line_number, text, row.cells, positions, decimal)
    else:
        line = read_line(row.line_number, visible("\t".join(row.cells)))
    return WantedArticle(line.line_number, text[:MAX_LINE_LENGTH], line.readings, line.problem)


def _untitled(path: Path) -> Iterator[WantedArticle]:
    """The lines of a file without column titles; none where the first has no plain quantity."""
    first = True
    for row in _rows(path):
        if not any(cell.strip() for cell in row.cells):
            continue
        line = _of_row(row, {}, None)
        likeliest = line.readings[0].amount if line.readings else None
        if first and (likeliest is None or likeliest is ONE or likeliest.problem is not None):
            return
        first = False
        yield line


def _rows(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
        if head.startswith(b"PK\x03\x04"):
            yield from read_workbook_rows(path, None, Cursor(0, 0))
            return
        file.seek(0)
        yield from read_text_rows(file, sniff_dialect(head, None, None), Cursor(0, 0))


def remaining_csv(lines: Iterable[MatchedLine], locale: str) -> str:
    """Return lines that were not taken as CSV, with the reasons in `locale`.

    Mended, it can be pasted or sent again: its columns are understood.
    """
    made = io.StringIO()
    writer = csv.writer(made, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEADERS["ru" if locale == "ru" else "en"])
    for line in lines:
        number = line.number or line.text
        written = _written(line, locale)
        writer.writerow([line.line_number, number, *written, reason_of(line, locale)])
    return made.getvalue()


def _written(line: MatchedLine, locale: str) -> tuple[str, str]:
    """Quantity and unit as they came, also where they could not be taken."""
    unit = unit_name(line.unit, locale) if line.unit else ""
    if line.quantity is not None:
        return plain(line.quantity), unit
    given = str(line.details.get("given", ""))
    if line.details.get("problem") == AmountProblem.UNKNOWN_UNIT:
        return str(line.details.get("meant", "")), given
    return given, unit
