"""CSV: dialects found out, broken lines reported one by one, reading resumed anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.interchange.spreadsheets.columns import CATALOG_COLUMNS
from entrepot.interchange.spreadsheets.errors import (
    ColumnNamedTwice,
    ColumnsNotFound,
    EmptyFile,
    NoLines,
    UnknownDelimiter,
    UnknownEncoding,
    UnsupportedFormat,
)
from entrepot.interchange.spreadsheets.table import ReadOptions, Table, open_table
from entrepot.interchange.spreadsheets.writing import CsvWriter
from entrepot.platform.catalog.import_problems import ProblemCode
from entrepot.platform.catalog.import_rules import REQUIRED_COLUMNS

RUSSIAN = "Артикул;Бренд;Наименование;Цена, руб.;Остаток\nПК-1;Ладога;Ключ гаечный;1 250,50;7\n"


def opened(tmp_path: Path, content: bytes, options: ReadOptions | None = None) -> Table:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    return open_table(path, CATALOG_COLUMNS, REQUIRED_COLUMNS, options)


def values(table: Table) -> list[dict[str, str]]:
    return [table.columns.values(row.cells) for row in table.rows()]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1251", "windows-1251")],
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_dialect_is_found_out(
    tmp_path: Path, encoding: str, found: str, delimiter: str, newline: str
) -> None:
    text = (
        delimiter.join(["Артикул", "Бренд", "Наименование", '"Цена, руб."'])
        + newline
        + delimiter.join(["ПК-1", "Ладога", '"Ключ ""рожковый"""', '"1250,50"'])
        + newline
    )
    table = opened(tmp_path, text.encode(encoding))
    assert (table.dialect.encoding, table.dialect.delimiter) == (found, delimiter)
    assert table.columns.header_currency == "RUB"
    assert table.decimal == ","
    assert values(table) == [
        {
            "article_number": "ПК-1",
            "brand": "Ладога",
            "title": 'Ключ "рожковый"',
            "price": "1250,50",
        }
    ]


def test_what_the_sender_says_wins(tmp_path: Path) -> None:
    options = ReadOptions(
        encoding="cp866", delimiter=";", decimal=".", columns={"brand": "Остаток"}
    )
    table = opened(tmp_path, RUSSIAN.replace("Бренд", "Прочее").encode("cp866"), options)
    assert table.dialect.encoding == "cp866"
    assert table.decimal == "."
    assert values(table)[0]["brand"] == "7"
    assert table.columns.ignored == ("Прочее",)


def test_excel_preamble_and_letterhead_are_passed_over(tmp_path: Path) -> None:
    text = "sep=,\r\n\r\nООО «Склад»,,\r\narticle,title,price\r\nA-1,Bolt,2.5\r\n"
    table = opened(tmp_path, text.encode("utf-8-sig"))
    assert [(row.line_number, row.cells) for row in table.rows()] == [(5, ("A-1", "Bolt", "2.5"))]


def test_broken_lines_are_reported_and_the_others_read(tmp_path: Path) -> None:
    lines = [
        b"article;title;price",
        b"A1;Bolt;1",
        b'A2;"never closed;2',
        b'A3;"good ""quoted""";3',
        b'A4;"text" after;4',
        b"A5;too;many;cells",
        b"A6;few",
        b"A7;\xff\xfe not utf-8 \xd0\xb0;7",
        b"A8;nul\x00byte;8",
        b'A9;17" monitor;9',
        b'A10;"two\nlines";10',
        "A11;ключ;11".encode(),
        b"A12;" + b"x" * 300_000 + b";12",
        b"",
        b"A13;last;13",
    ]
    options = ReadOptions(encoding="utf-8")
    table = opened(tmp_path, b"\n".join(lines), options)
    rows = list(table.rows())
    outcome = [(row.line_number, row.problem.code if row.problem else None) for row in rows]
    assert outcome == [
        (2, None),
        (3, ProblemCode.BROKEN_LINE),
        (4, None),
        (5, ProblemCode.BROKEN_LINE),
        (6, ProblemCode.WRONG_CELL_COUNT),
        (7, ProblemCode.WRONG_CELL_COUNT),
        (8, ProblemCode.UNREADABLE_CHARACTERS),
        (9, ProblemCode.UNREADABLE_CHARACTERS),
        (10, None),
        (11, None),
        (13, None),
        (14, ProblemCode.LINE_TOO_LONG),
        (16, None),
    ]
    assert rows[2].cells == ("A3", 'good "quoted"', "3")
    assert rows[8].cells == ("A9", '17" monitor', "9")
    assert rows[9].cells == ("A10", "two\nlines", "10")
    for row in rows:
        if row.problem:
            assert row.problem.message("en")
            assert row.problem.message("ru") != row.problem.message("en")
            assert row.problem.remedy("ru")


def test_ascii_start_turns_to_windows_1251_where_russian_begins(tmp_path: Path) -> None:
    content = b"article;title;price\n" + b"A;bolt;1\n" * 10_000 + "Б;ключ;2\n".encode("cp1251")
    table = opened(tmp_path, content)
    assert not table.dialect.settled
    last = list(table.rows())[-1]
    assert last.cells == ("Б", "ключ", "2")
    assert last.cursor.encoding == "windows-1251"


@given(
    st.lists(
        st.lists(
            st.text(
                st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")),
                max_size=12,
            )
            | st.sampled_from(['"', ";", "a;b", '""', "two\nlines", "ключ", " "]),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([";", ",", "\t"]),
)
def test_what_was_written_is_read_and_any_line_resumes(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[str]], delimiter: str
) -> None:
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    with CsvWriter(path, encoding="utf-8", delimiter=delimiter) as writer:
        writer.write(["article", "title", "price"])
        writer.write(["A", "ключ", "1"])
        for line in lines:
            writer.write(line)
    table = open_table(path, CATALOG_COLUMNS, REQUIRED_COLUMNS, ReadOptions(delimiter=delimiter))
    rows = list(table.rows())
    written = [tuple(line) for line in lines if any(cell.strip() for cell in line)]
    assert [row.cells for row in rows] == [("A", "ключ", "1"), *written]
    for index, row in enumerate(rows):
        assert list(table.rows(row.cursor)) == rows[index + 1 :]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyFile),
        (b"\xef\xbb\xbf\r\n \r\n", EmptyFile),
        (b"article;title;price\n", NoLines),
        (b"a;b;c\n1;2;3\n", ColumnsNotFound),
        (b"article;title;price;Price\n1;2;3;4\n", ColumnNamedTwice),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, UnsupportedFormat),
        (b"%PDF-1.7\n", UnsupportedFormat),
        ("\ufeffarticle;title;price\n".encode("utf-16"), UnsupportedFormat),
        (b"<html><table><tr><td>x</td></tr></table></html>", UnsupportedFormat),
        (b"\x01\x02\x00\x00" * 200, UnsupportedFormat),
    ],
)
def test_a_file_that_is_no_table_is_refused(
    tmp_path: Path, content: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error) as refused:
        opened(tmp_path, content)
    assert refused.value.message("ru") != refused.value.message("en")  # type: ignore[attr-defined]


def test_an_unknown_encoding_or_delimiter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownEncoding, match="windows-1251"):
        opened(tmp_path, RUSSIAN.encode(), ReadOptions(encoding="klingon"))
    with pytest.raises(UnknownDelimiter):
        opened(tmp_path, RUSSIAN.encode(), ReadOptions(delimiter="|"))
