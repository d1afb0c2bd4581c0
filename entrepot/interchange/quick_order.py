"""Lists to order from: read from CSV and XLSX files, and what is left of them written back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from entrepot.interchange.spreadsheets.table import ReadOptions, open_table
from entrepot.platform.carts.quick_order.amounts import AmountProblem
from entrepot.platform.carts.quick_order.columns import QUICK_ORDER_COLUMNS
from entrepot.platform.carts.quick_order.outcomes import MatchedLine, WantedArticle
from entrepot.platform.carts.quick_order.parsing import LineProblem, read_cells, visible
from entrepot.platform.carts.quick_order.queries import MOST_LINES
from entrepot.platform.carts.quick_order.wording import reason_of
from entrepot.platform.catalog.import_problems import ProblemCode
from entrepot.platform.catalog.units import unit_name
from entrepot.platform.quantities import plain

COLUMNS = {name: QUICK_ORDER_COLUMNS[name] for name in ("number", "quantity", "unit")}
_HEADERS = {
    "en": ("line", "article", "quantity", "unit", "reason"),
    "ru": ("строка", "артикул", "количество", "ед", "причина"),
}


def read_list(path: Path, columns: Mapping[str, str] | None = None) -> list[WantedArticle]:
    """Return the lines of a file, at most one more than a quick order takes.

    `columns` maps `number`, `quantity`, `unit` to titles of the file that are not understood by
    themselves. Lines of another width than the header's are read as far as they go. Raises a
    `SpreadsheetError`.
    """
    table = open_table(path, COLUMNS, ("number",), ReadOptions(columns=columns))
    wanted: list[WantedArticle] = []
    for row in table.rows():
        text = visible("; ".join(cell.strip() for cell in row.cells))
        broken = row.problem is not None and row.problem.code is not ProblemCode.WRONG_CELL_COUNT
        if broken:
            problem = LineProblem.UNREADABLE
            wanted.append(WantedArticle(row.line_number, text[:1000], problem=problem))
        else:
            line = read_cells(
                row.line_number, text, row.cells, table.columns.positions, table.decimal
            )
            wanted.append(WantedArticle(line.line_number, line.text, line.readings, line.problem))
        if len(wanted) > MOST_LINES:
            break
    return wanted


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
