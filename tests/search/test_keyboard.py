"""Texts typed in the other keyboard layout."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.catalog.article_numbers import number_key
from entrepot.search.keyboard import retyped, to_cyrillic_layout, to_latin_layout

_LATIN_KEYS = st.text(string.ascii_letters + string.digits + string.punctuation, max_size=60)
_RUSSIAN_KEYS = st.text(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
    '0123456789-=!"№;%:?*()_+.,/\\ ',
    max_size=60,
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("лк-4410", "kr-4410"),
        ("njyth", "тонер"),
        ("ЛК-4410.2", "KR-4410/2"),
        ("ФИюСВ", "AB.CD"),
        ("DDUyu-3[2/5", "ВВГнг-3х2.5"),
        ("006К90321", "006R90321"),
        ("іфьігтп", "samsung"),
    ],
)
def test_what_was_typed_in_the_other_layout_is_read_as_meant(typed: str, meant: str) -> None:
    assert retyped(typed)[0] == meant


def test_signs_may_be_meant_as_signs() -> None:
    assert "тонер, черный" in retyped("njyth, xthysq")
    assert "тонерб черный" in retyped("njyth, xthysq")


@given(_LATIN_KEYS)
def test_a_latin_text_typed_on_a_russian_keyboard_comes_back(text: str) -> None:
    assert to_latin_layout(to_cyrillic_layout(text)) == text


@given(_RUSSIAN_KEYS)
def test_a_russian_text_typed_on_a_latin_keyboard_comes_back(text: str) -> None:
    assert to_cyrillic_layout(to_latin_layout(text)) == text


@given(st.text("abcxyzABC019-./,;'[]#", min_size=1, max_size=30))
def test_a_number_typed_in_the_other_layout_shares_its_key(number: str) -> None:
    typed = to_cyrillic_layout(number)
    if any(char.isalpha() for char in number):
        assert number_key(number) in {number_key(other) for other in retyped(typed)}


@given(st.text("0123456789-./,; \u200b\u05d0", max_size=60))
def test_a_text_without_letters_of_either_layout_has_no_other_reading(text: str) -> None:
    assert retyped(text) == ()


@given(st.text(max_size=300))
def test_any_text_has_few_readings_none_of_them_itself(text: str) -> None:
    found = retyped(text)
    assert len(found) == len(set(found)) <= 4
    assert text not in found
    assert all(len(other) == len(text) for other in found)
