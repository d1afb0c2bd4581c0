"""Words of documents and queries."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.search.words import allowed_typos, index_terms, stem, terms


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Bolts galvanized", "bolt galvanizing"),
        ("оцинкованные болты", "болт оцинкованный"),
        ("ЩЁТКИ", "щетка"),
        ("болт М8", "болт M8"),
        ("12,5 мм", "12.5 мм"),
    ],
)
def test_forms_of_a_word_meet_in_a_stem(left: str, right: str) -> None:
    assert sorted(terms(left)) == sorted(terms(right))


def test_invisible_characters_neither_split_nor_hide_a_word() -> None:
    assert terms("to\u200bner\x00") == ["toner"]
    assert terms("\u202eabc") == ["abc"]
    assert terms("!!! … —") == []


def test_stop_words_are_left_out() -> None:
    assert terms("the toner for a printer") == ["toner", "printer"]
    assert terms("тонер для принтера") == terms("тонер принтер")


@pytest.mark.parametrize("size", ["М8х30", "M8x30", "m8X30"])
def test_documents_hold_sizes_whole_and_in_parts(size: str) -> None:
    assert index_terms(f"Bolt {size}") == ["bolt", "m8x30", "m8", "30"]
    assert terms(f"Bolt {size}") == ["bolt", "m8x30"]


@pytest.mark.parametrize(
    ("term", "edits"),
    [("нож", 0), ("toner", 1), ("картридж", 2), ("m8x30", 0), ("kr44102", 1), ("", 0)],
)
def test_longer_words_may_have_more_typos(term: str, edits: int) -> None:
    assert allowed_typos(term) == edits


@given(st.text(max_size=200))
def test_any_text_has_terms_without_spaces(text: str) -> None:
    for term in terms(text):
        assert term
        assert not any(char.isspace() for char in term)


def test_threads_do_not_disturb_each_other() -> None:
    words = [f"{start}{end}" for start in ("болт", "гайк", "шайб") for end in ("ами", "ах", "ов")]
    expected = [stem.__wrapped__(word) for word in words]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(stem.__wrapped__, words * 200))
    assert found == expected * 200
