"""What the texts of a line mean: numbers, currencies, barcodes, units, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.interchange.spreadsheets.columns import CATALOG_COLUMNS, normalise_title, recognise
from entrepot.platform.catalog.import_numbers import parse_number, read_moment
from entrepot.platform.catalog.import_problems import LineProblem, ProblemCode
from entrepot.platform.catalog.import_rules import CatalogLine, LineContext, read_line

CONTEXT = LineContext("EUR", decimal=".")
GOOD = {"article_number": "AB-1", "brand": "Bosch", "title": "Bolt", "price": "10"}


def refused(**values: str) -> ProblemCode:
    found = read_line(GOOD | values, CONTEXT)
    assert isinstance(found, LineProblem)
    return found.code


def taken(context: LineContext = CONTEXT, **values: str) -> CatalogLine:
    found = read_line(GOOD | values, context)
    assert isinstance(found, CatalogLine)
    return found


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("12", None, "12"),
        ("12,5", None, "12.5"),
        ("12.50", None, "12.50"),
        ("1 234,50", None, "1234.50"),
        ("1\u00a0234\u202f567,8", None, "1234567.8"),
        ("1.234,50", None, "1234.50"),
        ("1,234.50", None, "1234.50"),
        ("1'234.50", None, "1234.50"),
        ("1,234,567", None, "1234567"),
        ("1,234", ",", "1.234"),
        ("1,234", ".", "1234"),
        ("1.234", None, "1.234"),
        ("0,125", None, "0.125"),
        (",5", None, "0.5"),
        ("−3", None, "-3"),
    ],
)
def test_numbers_as_people_write_them(text: str, decimal: str | None, expected: str) -> None:
    assert parse_number(text, decimal) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "1e400", "1E5", "NaN", "Infinity", "0x10", "12 руб", "1,2,3", "1.2,3.4", "١٢",
     "--1", "1_000", "9" * 50, "5-", "."],
)  # fmt: skip
def test_what_is_not_a_number(text: str) -> None:
    assert parse_number(text, None) is ProblemCode.NOT_A_NUMBER


def test_a_thousand_or_a_fraction_is_not_guessed() -> None:
    assert parse_number("1,234", None) is ProblemCode.AMBIGUOUS_NUMBER
    assert parse_number("1.234", ",") is ProblemCode.AMBIGUOUS_NUMBER


@given(st.decimals(min_value=0, max_value=10**9, places=4), st.sampled_from([",", "."]))
def test_every_price_survives_either_separator(price: Decimal, decimal: str) -> None:
    text = format(price, "f").replace(".", decimal)
    assert parse_number(text, decimal) == price


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"price": "0"}, ProblemCode.OUT_OF_RANGE),
        ({"price": "-1"}, ProblemCode.OUT_OF_RANGE),
        ({"price": "1e400"}, ProblemCode.NOT_A_NUMBER),
        ({"price": "1.00001"}, ProblemCode.TOO_MANY_DECIMALS),
        ({"price": ""}, ProblemCode.MISSING),
        ({"quantity": "-1"}, ProblemCode.OUT_OF_RANGE),
        ({"quantity": "1e400"}, ProblemCode.NOT_A_NUMBER),
        ({"pack_quantity": "0"}, ProblemCode.OUT_OF_RANGE),
        ({"lead_time_days": "2.5"}, ProblemCode.NOT_WHOLE),
        ({"currency": "doubloon"}, ProblemCode.UNKNOWN_CURRENCY),
        ({"gtin": "4960999351866"}, ProblemCode.BAD_GTIN),
        ({"gtin": "4960999351865|123"}, ProblemCode.BAD_GTIN),
        ({"unit": "parsec"}, ProblemCode.UNKNOWN_UNIT),
        ({"article_number": "A" * 256}, ProblemCode.TOO_LONG),
        ({"article_number": "\u200b"}, ProblemCode.MISSING),
        ({"article_number": "ﷺ" * 60}, ProblemCode.TOO_LONG),
        ({"brand": "ﷺ" * 60}, ProblemCode.TOO_LONG),
        ({"category": "a>" * 9}, ProblemCode.TOO_LONG),
        ({"title": ""}, ProblemCode.MISSING),
        ({"attributes": "{"}, ProblemCode.BAD_ATTRIBUTES),
        ({"attributes": "[1]"}, ProblemCode.BAD_ATTRIBUTES),
        ({"attributes": '{"a": [1]}'}, ProblemCode.BAD_ATTRIBUTES),
    ],
)
def test_refusals(values: dict[str, str], code: ProblemCode) -> None:
    assert refused(**values) is code


def test_a_currency_against_the_column_is_refused() -> None:
    found = read_line(GOOD | {"currency": "EUR"}, LineContext("RUB", "USD"))
    assert isinstance(found, LineProblem)
    assert found.code is ProblemCode.CURRENCY_CONFLICT
    assert taken(LineContext("RUB", "USD")).currency == "USD"
    assert taken(LineContext("RUB")).currency == "RUB"
    assert taken(currency="руб.").currency == "RUB"


def test_a_whole_line() -> None:
    line = taken(
        gtin="4960999351865|0 95205 60321 7|95205603217",
        quantity="1 250",
        unit="шт.",
        category="Tools > Wrenches",
        pack_quantity="0.5",
        tax_rate="20%",
        attributes='{"colour": "black", "width": 12.5, "new": true, "none": null}',
        cross_references="SKF: 6205-2RS | 180205",
    )
    assert line.external_id == "bosch:ab1"
    assert line.gtins == ("4960999351865", "0 95205 60321 7", "095205603217")
    assert (line.quantity, line.unit, line.tax_rate) == (Decimal(1250), "PCE", Decimal(20))
    assert line.category == ("Tools", "Wrenches")
    assert line.attributes == {"colour": "black", "width": 12.5, "new": True}
    assert line.cross_references == (("SKF", "6205-2RS"), ("", "180205"))
    assert taken(article_number="+/-").number_key == "+/-"


def test_every_problem_can_be_said_in_both_languages() -> None:
    for code in ProblemCode:
        problem = LineProblem(code, "price", "v" * 500, "7")
        assert len(problem.value) == 80
        for locale in ("en", "ru"):
            assert "{" not in problem.message(locale)
            assert problem.remedy(locale)
        assert problem.message("ru") != problem.message("en")
        assert LineProblem.from_json(problem.to_json()) == problem


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Цена, руб.", ("цена", "RUB")),
        ("list_price_usd", ("list price", "USD")),
        ("Цена (в €)", ("цена", "EUR")),
        ("Price$", ("price", "USD")),
        ("Ед. изм.", ("ед изм", None)),
        ("Артикул №", ("артикул", None)),
        ("USD", ("usd", None)),
        ("", ("", None)),
    ],
)
def test_titles_are_compared_without_decoration(title: str, expected: tuple[str, str]) -> None:
    assert normalise_title(title) == expected


def test_the_columns_of_the_real_catalogue_are_known() -> None:
    titles = ["external_id", "article_number", "brand", "title", "short_description", "gtin"]
    titles += ["list_price_usd", "released", "attributes_json"]
    found = recognise(titles, CATALOG_COLUMNS, ("article_number",))
    assert found.ignored == ()
    assert found.header_currency == "USD"


def test_dates() -> None:
    moment = read_moment("sold_at", "31.01.2026")
    assert not isinstance(moment, LineProblem)
    assert moment.isoformat() == "2026-01-31T00:00:00+00:00"
    problem = read_moment("sold_at", "2026-02-30")
    assert isinstance(problem, LineProblem)
    assert problem.code is ProblemCode.BAD_DATE
