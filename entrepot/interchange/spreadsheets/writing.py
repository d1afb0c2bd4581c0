"""Tables written to files, line by line: CSV, XLSX and Parquet.

Texts that a spreadsheet program would run as a formula (`=`, `+`, `-`, `@` first) are left as they
are in CSV, where the reader needs them back exactly, and are plain strings in XLSX.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import polars as pl
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from entrepot.interchange.spreadsheets.errors import UnsupportedFormat
from entrepot.interchange.spreadsheets.sniff import ENCODINGS

Cell = str | int | Decimal | date | datetime | bool | None
MAX_XLSX_ROWS = 1_048_576


class TableWriter(Protocol):
    """Something that takes the rows of a table, the header first."""

    def write(self, cells: Sequence[Cell]) -> None:
        """Add one row."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class _Closing:
    """Finishes the file at the end of a `with` block; after an error the file is removed."""

    path: Path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()
        if error is not None:
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        raise AssertionError  # every writer has its own


class CsvWriter(_Closing):
    """CSV in a given encoding and delimiter; what the encoding lacks becomes `?`."""

    def __init__(self, path: Path, *, encoding: str = "utf-8", delimiter: str = ";") -> None:
        self.path = path
        self._file = path.open(
            "w", encoding=ENCODINGS.get(encoding, encoding), errors="replace", newline=""
        )
        self._csv = csv.writer(self._file, delimiter=delimiter, lineterminator="\r\n")

    def write(self, cells: Sequence[Cell]) -> None:
        """Add one row; decimals in plain notation, dates in ISO form."""
        self._csv.writerow([_plain(cell) for cell in cells])

    def _close(self) -> None:
        self._file.close()


class XlsxWriter(_Closing):
    """An Excel workbook with one sheet; texts stay texts, whatever they start with."""

    def __init__(self, path: Path, sheet: str = "Sheet1") -> None:
        self.path = path
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(sheet)
        self._rows = 0

    def write(self, cells: Sequence[Cell]) -> None:
        """Add one row. Raises `UnsupportedFormat` beyond Excel's 1,048,576 rows."""
        self._rows += 1
        if self._rows > MAX_XLSX_ROWS:
            raise UnsupportedFormat("too long for XLSX", "слишком длинная таблица для XLSX")
        self._sheet.append([self._cell(cell) for cell in cells])

    def _cell(self, value: Cell) -> object:
        if isinstance(value, str):
            cell = WriteOnlyCell(self._sheet, value="".join(filter(_allowed, value)))
            cell.data_type = "s"
            return cell
        if isinstance(value, datetime):
            return value.replace(tzinfo=None)
        return value

    def _close(self) -> None:
        self._book.save(self.path)


class ParquetWriter(_Closing):
    """Parquet; rows are kept in memory until the end, since the column types follow from all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._header: list[str] | None = None
        self._rows: list[Sequence[Cell]] = []

    def write(self, cells: Sequence[Cell]) -> None:
        """Add one row; the first one names the columns."""
        if self._header is None:
            self._header = [str(cell) for cell in cells]
        else:
            self._rows.append(cells)

    def _close(self) -> None:
        header = self._header or []
        frame = pl.DataFrame(
            {name: [row[at] for row in self._rows] for at, name in enumerate(header)},
            infer_schema_length=None,
        )
        frame.write_parquet(self.path)


WRITERS: Mapping[str, type[CsvWriter] | type[XlsxWriter] | type[ParquetWriter]] = {
    ".csv": CsvWriter,
    ".xlsx": XlsxWriter,
    ".parquet": ParquetWriter,
}


def open_writer(path: Path) -> CsvWriter | XlsxWriter | ParquetWriter:
    """Return the writer that the file name's ending asks for. Raises `UnsupportedFormat`."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UnsupportedFormat(f"a file name ending in “{path.suffix}”", f"имя на «{path.suffix}»")
    return writer(path)


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write a whole table in the format of the file name's ending; return the number of rows."""
    count = 0
    with open_writer(path) as writer:
        writer.write(list(header))
        for row in rows:
            writer.write(row)
            count += 1
    return count


def _plain(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return format(cell, "f")
        case datetime() | date():
            return cell.isoformat()
        case _:
            return str(cell)


def _allowed(character: str) -> bool:
    return character >= " " or character in "\t\n\r"
