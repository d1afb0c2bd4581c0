"""Entries of the marketplace's search words: what they may say."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.catalog.vocabulary.errors import SearchWordContradiction
from entrepot.platform.catalog.vocabulary.rules import (
    Entry,
    SearchWordKind,
    check_contradictions,
    checked,
    fold,
    vocabulary_of,
)
from entrepot.platform.errors import InvalidInput

SYNONYM, REPLACEMENT = SearchWordKind.SYNONYM, SearchWordKind.REPLACEMENT
STOP_WORD, UNIT = SearchWordKind.STOP_WORD, SearchWordKind.UNIT


def test_phrases_are_cleaned_and_kept_as_written() -> None:
    assert checked(SYNONYM, [" УШМ ", "Угловая  шлифмашина"], []) == Entry(
        SYNONYM, ("УШМ", "Угловая шлифмашина")
    )
    assert checked(UNIT, ["миллик"], [" mmt "]) == Entry(UNIT, ("миллик",), ("MMT",))
    assert fold("Ёлка\u200b  ＡＢ") == "елка ab"


@pytest.mark.parametrize(
    ("kind", "words", "means", "path"),
    [
        (SYNONYM, [], [], ("words",)),
        (SYNONYM, ["one"], [], ("words",)),
        (SYNONYM, ["one", "two"], ["three"], ("means",)),
        (SYNONYM, ["one", " "], [], ("words", "1")),
        (SYNONYM, ["one", "\u200b"], [], ("words", "1")),
        (SYNONYM, ["one", "?!"], [], ("words", "1")),
        (SYNONYM, ["ёж", "ЕЖ"], [], ("words", "1")),
        (SYNONYM, ["one", "a\nb"], [], ("words", "1")),
        (SYNONYM, ["one", "x" * 101], [], ("words", "1")),
        (SYNONYM, ["one", "a b c d e f g"], [], ("words", "1")),
        (SYNONYM, [f"w{number}" for number in range(21)], [], ("words",)),
        (SYNONYM, ["one", "\ufdfa" * 90], [], ("words", "1")),  # folds to many words
        (STOP_WORD, ["one", "two words"], [], ("words", "1")),
        (STOP_WORD, ["one"], ["two"], ("means",)),
        (REPLACEMENT, ["one"], [], ("means",)),
        (REPLACEMENT, ["one"], ["two", "ONE"], ("means", "1")),
        (UNIT, ["one"], ["XYZ"], ("means",)),
        (UNIT, ["one"], ["MMT", "CMT"], ("means",)),
        (UNIT, ["one two"], ["MMT"], ("words", "0")),
        (UNIT, ["one"], ["x" * 10_000], ("means",)),
    ],
)
def test_what_says_nothing_is_refused_with_its_place(
    kind: SearchWordKind, words: Sequence[str], means: Sequence[str], path: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked(kind, words, means)
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("entry", "other", "path", "said"),
    [
        (Entry(STOP_WORD, ("a1", "Ёж")), Entry(SYNONYM, ("еж", "x")), ("words", "1"), "synonym"),
        (
            Entry(STOP_WORD, ("x",)),
            Entry(REPLACEMENT, ("y",), ("X",)),
            ("words", "0"),
            "replacement",
        ),
        (Entry(SYNONYM, ("x", "y")), Entry(STOP_WORD, ("Y",)), ("words", "1"), "stop_word"),
        (
            Entry(REPLACEMENT, ("x",), ("z", "y")),
            Entry(STOP_WORD, ("y",)),
            ("means", "1"),
            "stop_word",
        ),
        (Entry(UNIT, ("bx1",), ("BX",)), Entry(UNIT, ("BX1",), ("PK",)), ("words", "0"), "unit"),
        (Entry(UNIT, ("мм",), ("CMT",)), Entry(SYNONYM, ("p", "q")), ("words", "0"), "unit"),
    ],
)
def test_contradictions_are_refused_with_their_place(
    entry: Entry, other: Entry, path: tuple[str, str], said: str
) -> None:
    with pytest.raises(SearchWordContradiction) as refused:
        check_contradictions(entry, [other])
    assert refused.value.path == path
    assert (refused.value.word_index, refused.value.said) == (int(path[1]), said)
    assert "{" not in refused.value.message("en") + refused.value.message("ru")


def test_circles_and_repetitions_are_no_contradictions() -> None:
    there = [
        Entry(REPLACEMENT, ("one",), ("two",)),
        Entry(SYNONYM, ("two", "three")),
        Entry(STOP_WORD, ("buy",)),
        Entry(UNIT, ("bx1",), ("BX",)),
    ]
    check_contradictions(Entry(REPLACEMENT, ("two",), ("one",)), there)
    check_contradictions(Entry(SYNONYM, ("three", "one")), there)
    check_contradictions(Entry(STOP_WORD, ("buy", "cheap")), there)
    check_contradictions(Entry(UNIT, ("bx1",), ("BX",)), there)


def test_entries_become_a_vocabulary() -> None:
    read = vocabulary_of(
        [
            Entry(SYNONYM, ("УШМ", "Болгарка")),
            Entry(REPLACEMENT, ("Ксерокс",), ("Xerox", "МФУ")),
            Entry(STOP_WORD, ("Купить",)),
            Entry(UNIT, ("Миллик",), ("MMT",)),
        ],
        "v1",
    )
    assert read.synonyms == (("ушм", "болгарка"),)
    assert read.replacements == (("ксерокс", "xerox"), ("ксерокс", "мфу"))
    assert read.stop_words == {"купить"}
    assert read.units == (("миллик", "MMT"),)
    assert read.version == "v1"


@given(
    st.sampled_from(SearchWordKind),
    st.lists(st.text(max_size=120), max_size=22),
    st.lists(st.text(max_size=120), max_size=22),
)
def test_any_entry_is_cleaned_or_refused(
    kind: SearchWordKind, words: list[str], means: list[str]
) -> None:
    entry: Entry | None = None
    refused: InvalidInput | None = None
    try:
        entry = checked(kind, words, means)
    except InvalidInput as error:
        refused = error
    if entry is None:
        assert refused is not None
        assert refused.path[0] in ("words", "means")
    else:
        assert checked(kind, entry.words, entry.means) == entry
        assert all(len(fold(word).split()) <= 6 for word in entry.words)
