"""Measures, sizes and ranges: one form, whatever the unit, the language and the spelling."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.catalog.search_rows import SearchAttribute
from entrepot.platform.catalog.technical_units import TEXT_UNITS, converted, in_smallest
from entrepot.platform.catalog.unit_names import unit_name
from entrepot.search.measures import measure_term
from entrepot.search.pieces import Kind, pieces
from entrepot.search.words import attribute_terms, feature_terms, index_terms, terms


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ("8 мм", "8mmt"), ("8мм", "8mmt"), ("8mm", "8mmt"), ("8 MM", "8mmt"), ("8-mm", "8mmt"),
        ("8,0 мм.", "8mmt"), ("0.8 cm", "8mmt"), ("0,008 м", "8mmt"), ("08 мм", "8mmt"),
        ('1/2"', "0.5inh"), ("1/2 дюйма", "0.5inh"), ("½″", "0.5inh"), ("0.5 inch", "0.5inh"),
        ("1 1/2''", "1.5inh"), ("1½ inches", "1.5inh"), ("2 ft", "24inh"), ("8in", "8inh"),
        ("0,5л", "500mlt"), ("500 ml", "500mlt"), ("500 мл", "500mlt"), ("500 см³", "500mlt"),
        ("220В", "220vlt"), ("220 V", "220vlt"), ("220 вольт", "220vlt"), ("0.22 kV", "220vlt"),
        ("2.5kW", "2500wtt"), ("2,5 кВт", "2500wtt"), ("2500 W", "2500wtt"),
        ("16 А", "16amp"), ("16A", "16amp"), ("200 mA", "0.2amp"),
        ("10 bar", "1000000pal"), ("10 бар", "1000000pal"), ("1 МПа", "1000000pal"),
        ("50 Гц", "50htz"), ("50Hz", "50htz"), ("90 °C", "90cel"), ("90°С", "90cel"),
        ("800 лм", "800lum"), ("4000K", "4000kel"), ("55 А·ч", "55amh"), ("55 Ah", "55amh"),
        ("2,5 мм²", "2.5mmk"), ("2.5mm2", "2.5mmk"), ("5 кв. м", "5000000mmk"),
        ("100 м3/ч", "100mqh"), ("1500 об/мин", "1500rpm"), ("150 л.с.", "150hj"), ("5 %", "5p1"),
    ],
)  # fmt: skip
def test_one_form_of_a_measure(written: str, term: str) -> None:
    assert terms(written) == [term]
    assert term in index_terms(f"Товар {written}, item")


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("3 в 1", ["3", "1"]),
        ("12 в упаковке", ["12", "упаковк"]),
        ("8 in a box", ["8", "box"]),
        ("5 л с крышкой", ["5000mlt", "крышк"]),
        ("KR-4410/2", ["kr", "4410", "2"]),
        ("M8", ["m8"]),
        ("99999999999999999999 мм", ["99999999999999999999", "мм"]),
        ('"HP 85" картридж', ["hp", "85", "картридж"]),
        ("1.2.3", ["1.2.3"]),
        ("007", ["007"]),
        ("12.50", ["12.5"]),
    ],
)
def test_what_is_no_measure(written: str, found: list[str]) -> None:
    assert terms(written) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("M8x30", ["m8x30", "m8", "30"]),
        ("М8х30", ["m8x30", "m8", "30"]),
        ("М 8 × 30", ["м", "8x30", "8", "30"]),
        ("M8 * 30", ["m8x30", "m8", "30"]),
        ("10х20х30 мм", ["10x20x30", "10", "20", "30", "10mmt", "20mmt", "30mmt"]),
        ("1,50x2 м", ["1.5x2", "1.5", "2", "1500mmt", "2000mmt"]),
        ("3х2,5 мм²", ["3x2.5", "3", "2.5", "2.5mmk"]),
        ('1/2"x3/4"', ["0.5x0.75", "0.5", "0.75", "0.5inh", "0.75inh"]),
        ("8мм", ["8", "8mmt", "8mm"]),
        ("10–16 мм", ["10", "16", "10mmt", "16mmt"]),
    ],
)
def test_documents_hold_sizes_and_measures_in_every_form(written: str, found: list[str]) -> None:
    assert index_terms(written) == found


@pytest.mark.parametrize(
    ("written", "low", "high", "unit"),
    [
        ("10–16 mm", "10", "16", "MMT"), ("10-16мм", "10", "16", "MMT"),
        ("от 10 до 16 мм", "10", "16", "MMT"), ("10...16мм", "10", "16", "MMT"),
        ("10…16 мм", "10", "16", "MMT"), ("from 10 to 16 mm", "10", "16", "MMT"),
        ("between 2 and 3 bar", "2", "3", "BAR"), ("между 2 и 3 бар", "2", "3", "BAR"),
        ("16-10 мм", "10", "16", "MMT"), ("1 см - 16 мм", "10", "16", "MMT"),
        ("10 мм до 16 мм", "10", "16", "MMT"), ("12-24В", "12", "24", "VLT"),
        ('1/2-3/4"', "0.5", "0.75", "INH"), ("0,5–1 л", "0.5", "1", "LTR"),
        ("до 16 мм", None, "16", "MMT"), ("не более 16 мм", None, "16", "MMT"),
        ("≤ 16 мм", None, "16", "MMT"), ("at least 5 kg", "5", None, "KGM"),
        (">= 5 кг", "5", None, "KGM"), ("не менее 5 кг", "5", None, "KGM"),
    ],
)  # fmt: skip
def test_ranges(written: str, low: str | None, high: str | None, unit: str) -> None:
    (piece,) = pieces(written)
    assert piece.kind is Kind.MEASURE
    assert piece.is_range
    assert piece.values == tuple(None if each is None else Decimal(each) for each in (low, high))
    assert piece.unit == unit


def test_bounds_of_two_measures_are_no_range() -> None:
    assert not any(piece.is_range for piece in pieces("1 см - 16 кг"))
    assert not any(piece.is_range for piece in pieces("10-16"))


def test_attributes_are_found_by_value_and_unit_and_truths_by_name() -> None:
    attributes = [
        SearchAttribute("diameter", 8.0, "MMT", ("Diameter", "Диаметр")),
        SearchAttribute("volume", 0.5, "LTR", ("Volume", "Объём")),
        SearchAttribute("poles", 3.0, None, ("Poles", "Полюсов")),
        SearchAttribute("material", "Сталь 40Х", None, ("Material", "Материал")),
        SearchAttribute("waterproof", True, None, ("Waterproof", "Водонепроницаемый")),
        SearchAttribute("used", False, None, ("Used", "Бывший в употреблении")),
        SearchAttribute("odd", float("nan"), "MMT", ("Odd", "Странный")),
        SearchAttribute("odder", float("inf"), None, ("Odder", "Странный")),
    ]
    assert attribute_terms(attributes) == ["8mmt", "500mlt", "3", *terms("Сталь 40Х")]
    assert feature_terms(attributes) == terms("Waterproof Водонепроницаемый")


#: Their letters alone are too much else in texts.
UNREAD = {"NEW", "SEC"}


@pytest.mark.parametrize("unit", sorted(set(TEXT_UNITS.values()) - UNREAD))
def test_names_of_units_are_read_back(unit: str) -> None:
    for locale in ("en", "ru"):
        (piece,) = pieces(f"7{unit_name(unit, locale)}")
        assert piece.unit == unit


VALUES = st.decimals("0.001", 10**6, places=3)


@given(VALUES, st.sampled_from(sorted(set(TEXT_UNITS.values()))))
def test_units_convert_exactly_there_and_back(value: Decimal, unit: str) -> None:
    smallest, code = in_smallest(value, unit)
    assert converted(smallest, code, unit) == value
    assert measure_term(value, unit) == measure_term(smallest, code)


@given(VALUES, st.sampled_from(sorted(TEXT_UNITS)))
def test_every_spelling_is_read_in_questions_as_in_documents(value: Decimal, unit: str) -> None:
    written = f"{value}{unit}"
    assert set(terms(written)) <= set(index_terms(f"Болт {written}"))
    assert measure_term(value, TEXT_UNITS[unit]) in index_terms(written)


def test_other_measures_do_not_convert() -> None:
    assert converted(Decimal(1), "MMT", "KGM") is None
    assert converted(Decimal(1), "INH", "VLT") is None
    assert converted(Decimal("0.5"), "INH", "MMT") == Decimal("12.7")
    assert measure_term(Decimal("NaN"), "MMT") == measure_term(Decimal("1e99"), "MMT") == ""


_BITS = """1 12 0,5 1/2 ½ " x х × * мм m шт в °c от до - – ... . , / % М8 kg ≤ ² ⁄ ё ′ \u200b"""
BITS = st.sampled_from(_BITS.split(" ")) | st.just(" ")


@given(st.text(max_size=300) | st.lists(BITS, max_size=60).map("".join))
def test_any_text_is_taken_apart_in_order_and_in_few_pieces(text: str) -> None:
    found = pieces(text)
    ends = [0, *(piece.end for piece in found)]
    assert all(end <= piece.start < piece.end for end, piece in zip(ends, found, strict=False))
    assert len(index_terms(text)) <= 12 * len(found)
    for term in index_terms(text):
        assert term
        assert not any(char.isspace() for char in term)
    assert set(terms(text)) <= set(index_terms(text))


@pytest.mark.parametrize(
    "bit", ["1", "1 ", "м8х", "8х", "1/2", '"', "от 1 до ", "-", "a-", "1.1", "1 - ", "до ", "½"]
)
def test_long_texts_of_one_bit_are_read(bit: str) -> None:
    assert len(pieces(bit * 4_000)) <= 12_000
