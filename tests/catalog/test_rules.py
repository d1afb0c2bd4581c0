"""Pure rules of the catalogue."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.catalog.article_numbers import brand_key, gtin14, number_key
from entrepot.platform.catalog.rows import AttributeRow
from entrepot.platform.catalog.rules import (
    check_attribute_code,
    check_gtins,
    check_quantity,
    check_slug,
    check_unit,
    clean_text,
    read_attribute,
    read_attributes,
)
from entrepot.platform.errors import InvalidInput
from entrepot.platform.ids import new_id

D = Decimal
quantities = st.decimals(D("0.001"), D(100_000), places=3)


@pytest.mark.parametrize(
    ("quantity", "pack", "minimum", "step", "proposed", "english", "russian"),
    [
        ("24", "10", "1", "1", "30", "24 → 30: sold by 10", "24 → 30: кратно 10"),
        ("30", "10", "1", "1", "30", "", ""),
        ("3", "1", "5", "1", "5", "3 → 5: at least 5", "3 → 5: не менее 5"),
        ("3", "10", "5", "1", "10", "3 → 10: at least 10", "3 → 10: не менее 10"),
        ("7", "4", "1", "6", "12", "7 → 12: sold by 12", "7 → 12: кратно 12"),
        ("0.3", "0.25", "0.25", "0.25", "0.5", "0.3 → 0.5: sold by 0.25", "0.3 → 0.5: кратно 0.25"),
    ],
)  # fmt: skip
def test_quantities_are_answered_with_a_proposal(
    quantity: str, pack: str, minimum: str, step: str, proposed: str, english: str, russian: str
) -> None:
    found = check_quantity(D(quantity), D(pack), D(minimum), D(step))
    assert found.proposed == D(proposed)
    assert (found.reason("en"), found.reason("ru")) == (english, russian)
    assert (found.problem is None) == (english == "")


@given(quantity=quantities, pack=quantities, minimum=quantities, step=quantities)
def test_a_proposal_is_the_least_orderable_quantity(
    quantity: Decimal, pack: Decimal, minimum: Decimal, step: Decimal
) -> None:
    found = check_quantity(quantity, pack, minimum, step)
    assert found.proposed % pack == 0
    assert found.proposed % step == 0
    assert found.proposed >= max(quantity, minimum)
    assert found.proposed - found.sold_by < max(quantity, minimum)
    assert (found.problem is None) == (found.proposed == quantity)
    again = check_quantity(found.proposed, pack, minimum, step)
    assert (again.proposed, again.problem) == (found.proposed, None)


def definition(kind: str) -> AttributeRow:
    return AttributeRow(new_id(), kind, kind, kind, kind, None)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", "  steel ", "steel"),
        ("number", "12,5", 12.5),
        ("number", "12", 12),
        ("number", "-0.25", -0.25),
        ("boolean", "Да", True),
        ("boolean", "false", False),
    ],
)
def test_attributes_are_typed(kind: str, text: str, value: object) -> None:
    read = read_attribute(definition(kind), text, "x")
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text", ""),
        ("text", "a\nb"),
        ("text", "x" * 501),
        ("number", "wide"),
        ("number", "NaN"),
        ("number", "1e400"),
        ("number", "1,234,5"),
        ("number", "1234567890123456"),
        ("boolean", "maybe"),
    ],
)
def test_attributes_of_another_type_are_refused(kind: str, text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_attributes({kind: definition(kind)}, {kind: text})
    assert refusal.value.path == ("attributes", kind)
    assert refusal.value.message("ru") != refusal.value.message("en")


def test_attributes_must_be_defined() -> None:
    with pytest.raises(InvalidInput, match="not defined"):
        read_attributes({}, {"colour": "red"})


def test_keys_fold_what_people_type() -> None:
    assert {number_key(text) for text in ("KR-4410/2", "kr 4410 2", "КR44102")} == {"kr44102"}
    assert brand_key(" Würth ") == brand_key("WURTH") == "wurth"
    assert brand_key("***") == "***"
    assert brand_key("  ") == ""


@given(st.text(max_size=40))
def test_a_key_of_a_key_is_the_key(text: str) -> None:
    assert number_key(number_key(text)) == number_key(text)
    assert brand_key(brand_key(text)) == brand_key(text)


def test_gtins_are_checked_and_kept_once() -> None:
    assert check_gtins(["4006381333931", "04006381333931", "96385074"]) == [
        "4006381333931",
        "96385074",
    ]
    assert gtin14("4006381333931") == "04006381333931"
    with pytest.raises(InvalidInput, match="check digit"):
        check_gtins(["4006381333932"])


def test_slugs_codes_units_and_texts() -> None:
    assert check_slug("slug", "hex-bolts-8") == "hex-bolts-8"
    for slug in ("", "Bolts", "a--b", "-a", "a/b", "болты", "x" * 61):
        with pytest.raises(InvalidInput):
            check_slug("slug", slug)
    assert check_attribute_code("code", "inner_width2") == "inner_width2"
    for code in ("", "2x", "A", "a-b"):
        with pytest.raises(InvalidInput):
            check_attribute_code("code", code)
    assert check_unit("unit", "PCE") == "PCE"
    for unit in ("", "pce", "PIECE"):
        with pytest.raises(InvalidInput):
            check_unit("unit", unit)
    assert clean_text("title", " Bolt ", 10) == "Bolt"
    assert clean_text("title", " ", 10, empty=True) == ""
    for text in ("", "   ", "x" * 11, "a\x00b"):
        with pytest.raises(InvalidInput):
            clean_text("title", text, 10)
