"""Unfinished questions: what is finished in them, and what may be meant by the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.catalog.vocabulary.rules import NO_WORDS, Vocabulary
from entrepot.search.prefix_query import KEYS_MAX, UNFINISHED_MAX, analyse_prefix
from entrepot.search.reading import WORDS_MAX


@pytest.mark.parametrize(
    ("text", "words", "unfinished"),
    [
        ("тон", [], ("тон", "njy")),
        ("картридж для xer", ["картридж"], ("xer", "чук")),
        ("болт ", ["болт"], ()),
        ("болт 8", ["болт", "8"], ()),
        ("болт 8 м", ["болт", "8"], ()),
        ("болт 8 мм", ["болт", "8"], ()),
        ("болт 8 мм ", ["болт", "8mmt"], ()),
        ("болт М8", ["болт"], ("m8",)),
        ("болт M8x3", ["болт"], ("m8x3",)),
        ("болт м", ["болт"], ("м", "v", "m")),
        ("USB-c", ["usb"], ("c", "с")),
        ("njyth rfh", ["тонер"], ("rfh", "кар")),
        ("rfhnhbl; xer", ["картридж"], ("xer", "чук")),
        ("?! —", [], ()),
        ("", [], ()),
    ],
)
def test_words_and_the_beginning_of_one(
    text: str, words: list[str], unfinished: tuple[str, ...]
) -> None:
    prefix = analyse_prefix(text, NO_WORDS)
    assert [term.text for term in prefix.words] == words
    assert prefix.unfinished[: len(unfinished)] == unfinished
    assert bool(prefix.unfinished) == bool(unfinished)


def test_a_finished_ending_is_no_obstacle() -> None:
    assert {"тонеры", "тонер"} <= set(analyse_prefix("тонеры", NO_WORDS).unfinished)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("006R9", "006r9"), ("KR-44", "kr44"), ("лк-44", "kr44"), ("кр-44", "kr44"),
        ("bosch 0601", "0601"), ("bosch 0601", "bosch0601"),
    ],
)  # fmt: skip
def test_numbers_are_begun_in_every_reading(text: str, key: str) -> None:
    assert key in analyse_prefix(text, NO_WORDS).keys


def test_a_figure_with_its_unit_begins_no_number() -> None:
    assert "8" not in analyse_prefix("болт 8", NO_WORDS).keys
    assert "8mm" not in analyse_prefix("болт 8мм", NO_WORDS).keys


def test_stop_words_of_the_market_and_who_sees() -> None:
    market = Vocabulary(stop_words=frozenset({"купить"}))
    prefix = analyse_prefix("купить болт оц", market, ("all", "seller:1"))
    assert [term.text for term in prefix.words] == ["болт"]
    assert prefix.visible_to == ("all", "seller:1")


@given(st.text(max_size=400) | st.text(max_size=10).map(lambda text: text * 1000))
def test_any_text_is_read_within_bounds(text: str) -> None:
    prefix = analyse_prefix(text, NO_WORDS)
    assert len(prefix.keys) <= KEYS_MAX
    assert len(prefix.words) <= WORDS_MAX
    assert len(prefix.unfinished) <= UNFINISHED_MAX
    assert all((*prefix.keys, *prefix.unfinished, *(term.text for term in prefix.words)))
