"""XLSX: cells as texts, formulas with and without results, archives that are no workbooks."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from entrepot.interchange.spreadsheets import workbook
from entrepot.interchange.spreadsheets.columns import CATALOG_COLUMNS
from entrepot.interchange.spreadsheets.errors import (
    DamagedWorkbook,
    EmptyFile,
    MacroWorkbook,
    NoSuchSheet,
    SpreadsheetError,
    SuspiciousArchive,
    UnsupportedFormat,
)
from entrepot.interchange.spreadsheets.rows import Cursor
from entrepot.interchange.spreadsheets.table import ReadOptions, Table, open_table
from entrepot.interchange.spreadsheets.writing import XlsxWriter
from entrepot.platform.catalog.import_problems import ProblemCode
from entrepot.platform.catalog.import_rules import REQUIRED_COLUMNS

NOON = datetime(2026, 1, 31, 12, 30)  # noqa: DTZ001 – Excel knows no time zones


def opened(path: Path, options: ReadOptions | None = None) -> Table:
    return open_table(path, CATALOG_COLUMNS, REQUIRED_COLUMNS, options)


def saved(tmp_path: Path, *rows: list[object]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    path = tmp_path / "book.xlsx"
    book.save(path)
    return path


def rewritten(path: Path, part: str, change: tuple[str, str]) -> Path:
    """Copy the archive with one part's text changed."""
    target = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as copy:
        for item in source.infolist():
            data = source.read(item)
            if item.filename == part:
                data = re.sub(change[0], change[1], data.decode()).encode()
            copy.writestr(item, data, zipfile.ZIP_DEFLATED)
    return target


def test_cells_become_exact_texts(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        ["Артикул", "Название", "Цена", "Штрихкод", "Остаток", "Дата выпуска"],
        ["A-1", "Ключ", 0.1 + 0.2, 4960999351865, 1e21, date(2026, 1, 31)],
        [],
        [12345, "true", 12.50, "0095205603217", True, NOON],
    )
    table = opened(path)
    assert [(row.line_number, row.cells) for row in table.rows()] == [
        (2, ("A-1", "Ключ", "0.3", "4960999351865", "1" + "0" * 21, "2026-01-31")),
        (4, ("12345", "true", "12.5", "0095205603217", "true", "2026-01-31T12:30:00")),
    ]
    assert [row.line_number for row in table.rows(Cursor(2, 0))] == [4]
    assert table.decimal == "."


def test_a_formula_needs_a_stored_result(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        ["article", "title", "price"],
        ["A1", "Bolt", "=2*3"],
        ["A2", "Nut", 5],
        ["A3", "Washer", "=1/0"],
    )
    sheet = "xl/worksheets/sheet1.xml"
    stored = rewritten(path, sheet, (r"<f>2\*3</f><v>?[^c]*</c>", "<f>2*3</f><v>6</v></c>"))
    error = '<c r="C4" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    stored = rewritten(stored.rename(tmp_path / "6.xlsx"), sheet, (r'<c r="C4".*?</c>', error))
    first, second, third = opened(stored).rows()
    assert first.problem is None
    assert first.cells == ("A1", "Bolt", "6")
    assert second.problem is None
    assert third.problem is not None
    assert third.problem.code is ProblemCode.CELL_ERROR
    assert third.problem.detail == "C4"

    unsaved = [row.problem for row in opened(path).rows()]
    assert unsaved[0] is not None
    assert unsaved[0].code is ProblemCode.FORMULA_WITHOUT_VALUE
    assert unsaved[0].message("en") == "Cell C2 holds a formula without a stored result."
    assert unsaved[0].message("ru") == "В ячейке C2 формула без сохранённого результата."
    assert unsaved[1] is None


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "Титул"
    first.append(["Прайс-лист"])
    second = book.create_sheet("Прайс")
    second.append(["артикул", "название", "цена"])
    second.append(["A1", "Болт", 1])
    path = tmp_path / "book.xlsx"
    book.save(path)
    assert len(list(opened(path, ReadOptions(sheet="Прайс")).rows())) == 1
    with pytest.raises(NoSuchSheet, match="Титул, Прайс"):
        opened(path, ReadOptions(sheet="Лист1"))


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    with XlsxWriter(path) as writer:
        writer.write(["article", "title", "price"])
        writer.write(["=1+1", "ctrl\x01char", 2])
    assert [row.cells for row in opened(path).rows()] == [("=1+1", "ctrlchar", "2")]


def archive(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ({"readme.txt": b"hello"}, UnsupportedFormat),
        ({"xl/workbook.bin": b""}, UnsupportedFormat),
        ({"xl/workbook.xml": b"<x/>", "xl/vbaProject.bin": b"x"}, MacroWorkbook),
        (
            {"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b" " * 50_000_000},
            SuspiciousArchive,
        ),
        ({"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'}, SuspiciousArchive),
        ({f"part{n}.xml": b"" for n in range(2_100)}, SuspiciousArchive),
        ({"xl/workbook.xml": b"<x/>"}, DamagedWorkbook),
        ({"xl/workbook.xml": b"not xml", "[Content_Types].xml": b"not xml"}, DamagedWorkbook),
    ],
)
def test_other_archives_are_refused(
    tmp_path: Path, parts: dict[str, bytes], error: type[SpreadsheetError]
) -> None:
    with pytest.raises(error) as refused:
        opened(archive(tmp_path / "a.xlsx", parts))
    assert refused.value.message("ru") != refused.value.message("en")


def test_a_cut_workbook_is_damaged(tmp_path: Path) -> None:
    path = saved(tmp_path, ["article", "title", "price"], ["A1", "Bolt", 1])
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DamagedWorkbook):
        opened(path)


def test_an_empty_workbook_is_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile):
        opened(saved(tmp_path))


def test_the_limits_are_what_the_manual_says() -> None:
    assert (workbook.MAX_RATIO, workbook.MAX_UNPACKED_BYTES) == (200, 512 * 1024 * 1024)
