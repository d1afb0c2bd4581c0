"""Properties of the analysis of article numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.catalog.article_numbers import (
    NUMBER_MAX,
    exact_form,
    gtin14,
    gtin_check_digit,
    number_key,
)
from entrepot.search.article_numbers import is_sloppy

_KEYS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=4, max_size=20)
_SEPARATORS = st.text(" -–/.,_()*#+\u00a0\u200b\ufeff", max_size=3)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("KR-4410/2", "kr44102"),
        ("кр 4410 2", "kp44102"),
        ("АВЕКМНОРСТУХ-1", "abekmhopctyx1"),
        ("авекмнорстух.1", "abekmhopctyx1"),
        ("ＡＢ－１２", "ab12"),
        ("Straße №5", "strasseno5"),
        ("006R\u200b90321", "006r90321"),
        ("a\x00b", "ab"),
        ("ΑΒΕ 7", "abe7"),
        ("---", ""),
    ],
)
def test_a_key_is_what_the_number_is_without_its_dress(typed: str, key: str) -> None:
    assert number_key(typed) == key


@given(st.text(max_size=80))
def test_a_key_holds_only_letters_and_digits_and_is_its_own_key(text: str) -> None:
    key = number_key(text)
    assert all(char.isalnum() for char in key)
    assert number_key(key) == key[:NUMBER_MAX] or len(key) > NUMBER_MAX


@given(st.lists(st.tuples(_KEYS, _SEPARATORS), min_size=1, max_size=6))
def test_separators_and_case_never_change_a_key(parts: list[tuple[str, str]]) -> None:
    plain = "".join(part for part, _ in parts)
    dressed = "".join(separator + part.upper() for part, separator in parts)
    assert number_key(dressed) == number_key(plain) == plain[:NUMBER_MAX]


@given(_KEYS, st.data())
def test_look_alikes_never_change_a_key(key: str, data: st.DataObject) -> None:
    twins = str.maketrans("abekmhopctyx", "АВЕКМНОРСТУХ")
    mixed = "".join(char.translate(twins) if data.draw(st.booleans()) else char for char in key)
    assert number_key(mixed) == key


@given(st.text(max_size=60))
def test_an_exact_form_keeps_separators_and_is_its_own_form(text: str) -> None:
    form = exact_form(text)
    assert exact_form(form) == form
    assert "\x00" not in form
    assert "\u200b" not in form


def test_an_exact_form_tells_separators_apart() -> None:
    assert exact_form("  AB-1  c ") == "ab-1 c"
    assert exact_form("AB-1") != exact_form("AB1")


@given(st.text("0123456789", min_size=7, max_size=7).filter(lambda body: body.strip("0")))
def test_a_gtin_8_equals_itself_in_every_width(body: str) -> None:
    short = body + str(gtin_check_digit(body))
    assert gtin14(short) == short.zfill(14)
    assert {gtin14(short.zfill(width)) for width in (12, 13, 14)} == {short.zfill(14)}


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(1, 9))
def test_a_wrong_check_digit_is_no_gtin(body: str, off: int) -> None:
    wrong = (gtin_check_digit(body) + off) % 10
    assert gtin14(body + str(wrong)) is None


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("4006381333931", "04006381333931"),
        ("4 006381 333931", "04006381333931"),
        ("0095205603217", "00095205603217"),
        ("095205603217", "00095205603217"),
        ("00000000", None),
        ("123", None),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", None),
        ("4006381333930", None),
    ],
)
def test_gtins_of_real_labels(typed: str, form: str | None) -> None:
    assert gtin14(typed) == form


def test_short_keys_and_words_are_not_matched_sloppily() -> None:
    assert not is_sloppy("a1")
    assert not is_sloppy("toner")
    assert not is_sloppy("a1" * 80)
    assert is_sloppy("ab1")
