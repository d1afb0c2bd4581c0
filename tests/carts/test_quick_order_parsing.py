"""Pasted text to lines: separators, units, typos, headers; whatever is pasted."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.carts.quick_order.amounts import AmountProblem, certainly_amount, read_amount
from entrepot.platform.carts.quick_order.parsing import (
    MAX_LINE_LENGTH,
    MAX_READINGS,
    LineProblem,
    ReadLine,
    parse_text,
)

Expected = tuple[str, str, str | None]


def likeliest(text: str) -> Expected:
    """Article, quantity and unit of the first reading of a single line."""
    (line,) = parse_text(text, 10)
    reading = line.readings[0]
    assert reading.amount.problem is None, line
    assert reading.amount.quantity is not None
    return reading.number, str(reading.amount.quantity), reading.amount.unit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ABC-1", ("ABC-1", "1", None)),
        ("ABC-1,10", ("ABC-1", "10", None)),
        ("ABC-1, 10", ("ABC-1", "10", None)),
        ("ABC-1;10", ("ABC-1", "10", None)),
        ("ABC-1\t10", ("ABC-1", "10", None)),
        ("ABC-1|10", ("ABC-1", "10", None)),
        ("ABC-1 10", ("ABC-1", "10", None)),
        ("ABC-1: 10", ("ABC-1", "10", None)),
        ("ABC-1 - 10 шт", ("ABC-1", "10", "PCE")),
        ("ABC-1 — 10", ("ABC-1", "10", None)),
        ("ABC-1 (10 шт.)", ("ABC-1", "10", "PCE")),
        ("10, ABC-1", ("ABC-1", "10", None)),
        ("10;ABC-1", ("ABC-1", "10", None)),
        ("10\tABC-1", ("ABC-1", "10", None)),
        ("10 ABC-1", ("ABC-1", "10", None)),
        ("ABC-1 x10", ("ABC-1", "10", None)),
        ("ABC-1 х10", ("ABC-1", "10", None)),  # Cyrillic
        ("ABC-1 ×10", ("ABC-1", "10", None)),
        ("ABC-1 x 10", ("ABC-1", "10", None)),
        ("ABC-1 10x", ("ABC-1", "10", None)),
        ("10x ABC-1", ("ABC-1", "10", None)),
        ("10 x ABC-1", ("ABC-1", "10", None)),
        ("2 кор ABC-1", ("ABC-1", "2", "BX")),
        ("ABC-1 10шт", ("ABC-1", "10", "PCE")),
        ("ABC-1 10 pcs", ("ABC-1", "10", "PCE")),
        ("ABC-1 10kg", ("ABC-1", "10", "KGM")),
        ("ABC-1 1,5 м", ("ABC-1", "1.5", "MTR")),
        ("ABC-1 2 пог. м", ("ABC-1", "2", "MTR")),
        ("ABC-1 3 м²", ("ABC-1", "3", "MTK")),
        ("ABC-1 3 палеты", ("ABC-1", "3", "PF")),
        ("ABC-1;1,5;м", ("ABC-1", "1.5", "MTR")),
        ("ABC-1;Болт М8;12;шт", ("ABC-1", "12", "PCE")),
        ("1;ABC-1;12", ("ABC-1", "12", None)),
        ("ABC-1 1 000", ("ABC-1", "1000", None)),
        ("ABC-1 12\u00a0345,5 кг", ("ABC-1", "12345.5", "KGM")),
        ("ABC,1,5", ("ABC", "1.5", None)),
        ("KR 4410 2", ("KR 4410", "2", None)),
        ("KR 4410,2 шт", ("KR 4410", "2", "PCE")),
        ("AB/12-3 4", ("AB/12-3", "4", None)),
        ("012345 5", ("012345", "5", None)),
        ("5 012345", ("012345", "5", None)),
        ("123456,10", ("123456", "10", None)),
        ("5 123456", ("123456", "5", None)),
        ("4006381333931", ("4006381333931", "1", None)),
        ("4006381333931 10", ("4006381333931", "10", None)),
        ("10;4006381333931", ("4006381333931", "10", None)),
        ("1. ABC-1 10 шт", ("ABC-1", "10", "PCE")),
        ("- ABC-1 - 3", ("ABC-1", "3", None)),
        ("\u200bABC-1\u202e;\u200f10\ufeff", ("ABC-1", "10", None)),
        ('«ABC-1»;"10"', ("ABC-1", "10", None)),
        ("ABC-1;１０", ("ABC-1", "10", None)),
    ],
)
def test_ways_to_write_a_line(text: str, expected: Expected) -> None:
    assert likeliest(text) == expected


@pytest.mark.parametrize(
    ("text", "problem", "meant", "unit"),
    [
        ("ABC 10 штк", AmountProblem.UNKNOWN_UNIT, "10", "PCE"),
        ("ABC 10 kgg", AmountProblem.UNKNOWN_UNIT, "10", "KGM"),
        ("ABC;10;короббка", AmountProblem.UNKNOWN_UNIT, "10", "BX"),
        ("ABC;10 foobar", AmountProblem.UNKNOWN_UNIT, "10", None),
        ("ABC 1O", AmountProblem.NOT_A_NUMBER, "10", None),
        ("ABC;l0 шт", AmountProblem.NOT_A_NUMBER, "10", "PCE"),
        ("ABC;1..5", AmountProblem.NOT_A_NUMBER, None, None),
        ("ABC;1,5,5", AmountProblem.NOT_A_NUMBER, None, None),
        ("ABC;-5", AmountProblem.NOT_POSITIVE, "5", None),
        ("ABC;−5", AmountProblem.NOT_POSITIVE, "5", None),
        ("ABC;0", AmountProblem.NOT_POSITIVE, None, None),
        ("ABC;1,2345", AmountProblem.TOO_MANY_DECIMALS, "1.235", None),
        ("ABC;1000000001", AmountProblem.TOO_LARGE, None, None),
        ("ABC;1,234", AmountProblem.AMBIGUOUS_NUMBER, None, None),
    ],
)
def test_quantities_that_cannot_be_taken(
    text: str, problem: AmountProblem, meant: str | None, unit: str | None
) -> None:
    (line,) = parse_text(text, 10)
    reading = line.readings[0]
    assert reading.number == "ABC"
    assert reading.amount.quantity is None
    assert reading.amount.problem is problem
    assert reading.amount.proposal == (None if meant is None else Decimal(meant))
    assert reading.amount.proposed_unit == unit


def test_headers_comments_and_numbers_of_lines() -> None:
    text = "Артикул;Кол-во\n\n# заметка\nA-1;2\n-----\n// note\r\nB-2;3\n\nSKU\tQty\nC-3\t4\n"
    lines = parse_text(text, 100)
    found = [(one.line_number, one.readings[0].number) for one in lines]
    assert found == [(4, "A-1"), (7, "B-2"), (10, "C-3")]


def test_a_header_names_the_columns() -> None:
    text = "Наименование\tЕд. изм.\tКол-во\tАртикул\nБолт 12\tшт\t5\t100200\nГайка\tкор\t\t77\n"
    first, second = parse_text(text, 10)
    assert [len(first.readings), len(second.readings)] == [1, 1]
    one, two = first.readings[0], second.readings[0]
    assert (one.number, one.amount.quantity, one.amount.unit) == ("100200", Decimal(5), "PCE")
    assert (two.number, two.amount.quantity, two.amount.unit) == ("77", Decimal(1), "BX")


@pytest.mark.parametrize("header", ["article,quantity", "Артикул Количество", "sku", "№;арт;шт"])
def test_more_headers(header: str) -> None:
    (line,) = parse_text(f"{header}\nABC,5" if ";" not in header else f"{header}\n1;ABC;5", 10)
    assert line.readings[0].number == "ABC"
    assert line.readings[0].amount.quantity == 5


def test_lines_without_an_article() -> None:
    (line,) = parse_text("артикул;кол-во\n;5", 10)
    assert line == ReadLine(2, ";5", problem=LineProblem.NO_ARTICLE)


def test_long_lines() -> None:
    long, number = parse_text("A" * (MAX_LINE_LENGTH + 1) + " 5\n" + "B" * 256 + ";5", 10)
    assert long.problem is LineProblem.LINE_TOO_LONG
    assert len(long.text) == MAX_LINE_LENGTH
    assert number.problem is LineProblem.NUMBER_TOO_LONG


def test_no_more_lines_than_asked_for() -> None:
    assert len(parse_text("A;1\n" * 5000, 1001)) == 1001


UNITS = {"": None, "шт": "PCE", "pcs": "PCE", "кор": "BX", "уп.": "PK", "kg": "KGM", "м": "MTR"}
NUMBERS = st.from_regex(r"[A-Z]{1,3}[-/]?[0-9]{1,5}[A-Z]", fullmatch=True)
QUANTITIES = st.decimals("0.001", "999999.999", places=3).map(
    lambda one: one.normalize() if one != one.to_integral() else one.to_integral()
)


@given(
    number=NUMBERS,
    quantity=QUANTITIES,
    unit=st.sampled_from(sorted(UNITS)),
    separator=st.sampled_from([";", "\t", "|", ", ", " ", "  ", ": ", " - ", " — "]),
    comma=st.booleans(),
    swapped=st.booleans(),
)
def test_what_is_written_is_read(
    number: str, quantity: Decimal, unit: str, separator: str, comma: bool, swapped: bool
) -> None:
    written = format(quantity, "f")
    if comma and len(written.partition(".")[2]) in (1, 2):  # three may mean thousands
        written = written.replace(".", ",")
    amount = f"{written} {unit}".strip()
    text = f"{amount}{separator}{number}" if swapped else f"{number}{separator}{amount}"
    (line,) = parse_text(text, 10)
    found = [
        (one.number, one.amount.quantity, one.amount.unit)
        for one in line.readings
        if one.amount.problem is None
    ]
    assert (number, quantity, UNITS[unit]) in found
    if "," not in written and separator in (";", "\t", "|"):
        assert found[0] == (number, quantity, UNITS[unit])


@given(st.text())
def test_nothing_pasted_breaks_it(text: str) -> None:
    lines = parse_text(text, 1000)
    assert [line.line_number for line in lines] == sorted({line.line_number for line in lines})
    for line in lines:
        assert (line.problem is None) == (len(line.readings) > 0)
        assert len(line.readings) <= MAX_READINGS
        assert len(line.text) <= MAX_LINE_LENGTH
        assert "\x00" not in line.text
        for reading in line.readings:
            assert 0 < len(reading.number) <= 255
            amount = reading.amount
            assert (amount.quantity is None) == (amount.problem is not None)
            if amount.quantity is not None:
                assert 0 < amount.quantity <= 10**9
                assert amount.quantity == round(amount.quantity, 3)


@given(
    st.text(alphabet="0123456789 ,.;:-x×кгштлшO'lI\t()", max_size=25),
    st.text(alphabet="шткгмpcsboxO10", max_size=6),
)
def test_no_amount_breaks_it(text: str, unit: str) -> None:
    for amount in (
        read_amount(text),
        certainly_amount(text, unit),
        certainly_amount(text, "", ","),
    ):
        if amount is not None and amount.quantity is not None:
            assert 0 < amount.quantity <= 10**9
        if amount is not None and amount.proposal is not None:
            assert 0 < amount.proposal <= 10**9
    parse_text(f"{text}\nA {text}\n{text} B;{unit}", 10)
