"""Transliteration both ways, and keys by sound."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.catalog.article_numbers import number_key
from entrepot.search.article_numbers import sound_keys
from entrepot.search.sounds import ASKED_MAX, KEY_MAX, asked_sounds, number_sound, word_sounds
from entrepot.search.transliteration import CYRILLIC_OF, LATIN_OF, to_cyrillic, to_latin

_LATIN_NUMBERS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=16)
_CYRILLIC_NUMBERS = st.text("абвгдежзийклмнопрстуфхцчшэюя0123456789-", min_size=1, max_size=16)
#: How one writer puts single Latin letters: what shares a class of sound whatever the choice.
_SINGLE = {
    letter: ways for letter, ways in CYRILLIC_OF.items() if len(letter) == 1 and letter != "q"
} | {"q": ("к",)}


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("КР-4410", "kr-4410"),
        ("щука", "shchuka"),
        ("Юлия", "yuliya"),
        ("БКС-5", "bx-5"),
        ("БКС-5", "bks-5"),
    ],
)
def test_cyrillic_letters_are_written_in_latin_ones(typed: str, written: str) -> None:
    assert written in to_latin(typed)


@pytest.mark.parametrize(
    ("typed", "written"),
    [("KR-4410", "кр-4410"), ("shchuka", "щука"), ("žuk", "жук"), ("j5", "ж5"), ("w5", "у5")],
)
def test_latin_letters_are_written_in_cyrillic_ones(typed: str, written: str) -> None:
    assert written in to_cyrillic(typed)


@pytest.mark.parametrize("text", ["", "123-45", "?!", "שלום", "\u200b"])
def test_a_text_without_letters_of_the_alphabet_has_no_other_writing(text: str) -> None:
    assert to_latin(text) == to_cyrillic(text) == asked_sounds("123-45") == ()


@given(st.text(max_size=300), st.integers(1, 12))
def test_writings_are_few_and_different(text: str, limit: int) -> None:
    for found in (to_latin(text, limit), to_cyrillic(text, limit)):
        assert len(found) == len(set(found)) <= limit
    assert not any(re.search("[а-яё]", written) for written in to_latin(text, limit))


@given(st.text("".join(piece for piece in LATIN_OF if len(piece) == 1), min_size=1, max_size=12))
def test_the_first_writing_takes_each_letter_in_its_likeliest_way(text: str) -> None:
    plain = "".join(LATIN_OF[char][0] for char in text)
    assert plain == to_latin(text)[0] or not plain


@given(_LATIN_NUMBERS, st.data())
def test_a_number_in_cyrillic_by_any_writer_is_heard_as_itself(
    number: str, data: st.DataObject
) -> None:
    writer = {letter: data.draw(st.sampled_from(ways)) for letter, ways in _SINGLE.items()}
    typed = "".join(writer.get(char, char) for char in number)
    if any(char.isalpha() for char in number_key(number)) and _few_doubts(typed):
        assert set(sound_keys(number)) <= set(asked_sounds(typed))


@given(_CYRILLIC_NUMBERS, st.data())
def test_a_cyrillic_number_in_latin_by_any_writer_is_heard_as_itself(
    number: str, data: st.DataObject
) -> None:
    # Letters that some write as their look-alikes or by meaning are found by their keys instead.
    writer = {
        letter: data.draw(st.sampled_from(ways[:2] if letter not in "внрешу" else ways[:1]))
        for letter, ways in LATIN_OF.items()
        if len(letter) == 1 and letter != "ч"
    } | {"ч": "ch"}
    typed = "".join(writer.get(char, char) for char in number)
    if any(char.isalpha() for char in number_key(number)) and _few_doubts(typed):
        assert set(sound_keys(number)) <= set(asked_sounds(typed))


def _few_doubts(typed: str) -> bool:
    """Whether a typed number has so few doubtful letters that all readings are asked for."""
    return sum(typed.count(doubt) for doubt in "хужцшxywjtк") <= 2


@given(st.text(max_size=300))
def test_any_text_sounds_within_bounds_and_like_itself(text: str) -> None:
    assert len(number_sound(text)) <= KEY_MAX
    asked = asked_sounds(text)
    assert len(asked) == len(set(asked)) <= ASKED_MAX
    if asked:
        assert number_sound(text) in asked
    assert len(word_sounds(text)) <= 4


@pytest.mark.parametrize(
    ("russian", "english"),
    [
        ("ксерокс", "xerox"), ("бош", "bosch"), ("самсунг", "samsung"), ("бразер", "brother"),
        ("шнайдер", "schneider"), ("кэнон", "canon"), ("сони", "sony"), ("хьюлетт", "hewlett"),
        ("сяоми", "xiaomi"), ("логитек", "logitech"), ("киосера", "kyocera"), ("эпл", "apple"),
        ("филипс", "philips"), ("джабра", "jabra"), ("картридж", "cartridge"), ("эйсер", "acer"),
        ("мицубиси", "mitsubisi"), ("виндоус", "windows"), ("ёж", "yozh"), ("щётка", "shchetka"),
    ],
)  # fmt: skip
def test_words_of_both_alphabets_sound_alike(russian: str, english: str) -> None:
    assert set(word_sounds(russian)) & set(word_sounds(english))


@pytest.mark.parametrize(
    ("one", "other"), [("сони", "сан"), ("bosch", "basic"), ("toner", "drum"), ("hp", "ibm")]
)
def test_different_words_sound_different(one: str, other: str) -> None:
    assert not set(word_sounds(one)) & set(word_sounds(other))


def test_a_word_with_digits_has_no_sound() -> None:
    assert word_sounds("m8") == word_sounds("") == word_sounds("…") == ()


@pytest.mark.parametrize("word", ["x", "xxxx", "zzzzzzzz", "ссс", "x" * 10_000])
def test_one_sound_over_and_over_is_no_word(word: str) -> None:
    assert word_sounds(word) == ()
