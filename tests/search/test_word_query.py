"""What the words of a question may mean, and what is proposed instead of searched by."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.catalog.vocabulary.rules import NO_WORDS, Vocabulary
from entrepot.search.reading import (
    ALTERNATIVES_MAX,
    TERMS_MAX,
    WORDS_MAX,
    MeasureProposal,
    QuantityProposal,
    Words,
)
from entrepot.search.word_query import MEASURES_MAX, words_of
from entrepot.search.words import index_terms, sound_terms

MARKET = Vocabulary(
    synonyms=(
        ("ушм", "болгарка", "угловая шлифовальная машина"),
        ("мфу", "многофункциональное устройство"),
    ),
    replacements=(("ксерокс", "xerox"), ("one", "two"), ("two", "one")),
    stop_words=frozenset({"купить", "недорого"}),
    units=(("миллик", "MMT"), ("бух", "RO"), ("тор", "BAR")),
)


def ways(text: str, vocabulary: Vocabulary = NO_WORDS) -> list[list[str]]:
    """Each word's alternatives, the terms of one joined by `+`."""
    return [
        ["+".join(term.text for term in terms) for terms in word.alternatives]
        for word in words_of(text, vocabulary).words
    ]


def firsts(text: str, vocabulary: Vocabulary = NO_WORDS) -> list[str]:
    return [alternatives[0] for alternatives in ways(text, vocabulary)]


def test_a_compound_question_asks_for_words_and_proposes_the_quantity() -> None:
    read = words_of("болт м8 оцинк 100шт", NO_WORDS)
    assert firsts("болт м8 оцинк 100шт") == ["болт", "m8", "оцинк"]
    assert read.quantity == QuantityProposal(Decimal(100), "PCE", "100шт")
    assert read.measures == ()
    bolt, size, galvanised = (word.alternatives[0][0] for word in read.words)
    assert (bolt.typos, bolt.prefix) == (1, True)
    assert (size.typos, size.prefix) == (0, False)
    assert (galvanised.typos, galvanised.prefix) == (1, True)


@pytest.mark.parametrize(
    ("text", "quantity", "unit", "written", "words"),
    [
        ("100 шт", "100", "PCE", "100 шт", ["100pce"]),
        ("болт 100 шт.", "100", "PCE", "100 шт", ["болт"]),
        ("bolt 100 pcs", "100", "PCE", "100 pcs", ["bolt"]),
        ("5 коробок болтов", "5", "BX", "5 коробок", ["болт"]),
        ("перчатки 2 уп", "2", "PK", "2 уп", ["перчатк"]),
        ("перчатки 2 уп по 100 шт", "2", "PK", "2 уп", ["перчатк", "100pce"]),
        ("gloves 3 boxes of 100 pcs", "3", "BX", "3 boxes", ["glove", "100pce"]),
        ("болт м8 1 000 шт", "1000", "PCE", "1 000 шт", ["болт", "m8"]),
        ("болт 8 100 шт", "100", "PCE", "100 шт", ["болт", "8"]),
        ("носки 5 пар", "5", "PR", "5 пар", ["носк"]),
    ],
)
def test_quantities(text: str, quantity: str, unit: str, written: str, words: list[str]) -> None:
    assert words_of(text, NO_WORDS).quantity == QuantityProposal(Decimal(quantity), unit, written)
    assert firsts(text) == words


@pytest.mark.parametrize(
    "text",
    ["болт 8 мм", "болт м8", "болт 8", "цемент 50 кг", "кабель 100 м", "0 шт", "перчатки 100 шт/уп",
     "набор по 10 шт", "99999999999 шт", "шт", ""],
)  # fmt: skip
def test_what_is_no_quantity(text: str) -> None:
    assert words_of(text, NO_WORDS).quantity is None


def test_ranges_are_proposed_and_not_searched_by() -> None:
    read = words_of("хомут от 10 до 16 мм до 5 кг", NO_WORDS)
    assert read.measures == (
        MeasureProposal(Decimal(10), Decimal(16), "MMT", "от 10 до 16 мм"),
        MeasureProposal(None, Decimal(5), "KGM", "до 5 кг"),
    )
    assert firsts("хомут от 10 до 16 мм до 5 кг") == ["хомут"]


def test_a_range_alone_is_searched_by_as_well() -> None:
    read = words_of("10–16 mm", NO_WORDS)
    assert read.measures == (MeasureProposal(Decimal(10), Decimal(16), "MMT", "10–16 mm"),)
    assert ways("10–16 mm") == [["10mmt+16mmt"]]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("njyth", "тонер"), ("ещтук", "toner"), ("rfhnhbl;", "картридж"), ("Rfhnhbl;", "картридж"),
        ("k.lb", "люд"), ("j,jheljdfybt", "оборудован"), ("gjl]tvybr", "подъемник"),
    ],
)  # fmt: skip
def test_words_of_the_other_keyboard_layout_are_alternatives(typed: str, meant: str) -> None:
    (word,) = ways(typed)
    assert meant in word[1:]


def test_signs_between_words_are_signs() -> None:
    assert firsts("cable,toner") == ["cabl", "toner"]
    assert firsts("toner, cable;") == ["toner", "cabl"]
    assert words_of("toner,", NO_WORDS).words[0].alternatives[0][0].typos == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("USB-C", [["usb+c", "usbc"]]),
        ("радио-приемник", [["рад", "радиоприемник"], ["приемник", "радиоприемник"]]),
        ("10х20х30 мм", [["10x20x30", "10+20+30", "10mmt+20mmt+30mmt"]]),
        ("M8x30", [["m8x30", "m8+30"]]),
        ("8мм", [["8mmt", "8mm"]]),
        ("8 мм", [["8mmt"]]),
        ("iphone13", [["iphone13", "iphon+13"]]),
        ("кран 1/2", [["кран", "rhfi"], ["0.5"]]),
    ],
)
def test_sizes_and_compounds_are_asked_for_in_every_form(
    text: str, expected: list[list[str]]
) -> None:
    assert ways(text) == expected


@pytest.mark.parametrize(
    ("asked", "document"),
    [
        ("ксерокс", "Xerox"), ("xerox", "Ксерокс"), ("kartridzh", "Картридж"),
        ("картриджи", "Kartridzh"), ("бош", "Bosch"), ("шнайдер", "Schneider"),
    ],
)  # fmt: skip
def test_words_sound_like_their_transliteration(asked: str, document: str) -> None:
    (word,) = words_of(asked, NO_WORDS).words
    assert set(word.sounds) & set(sound_terms(document))


@pytest.mark.parametrize(
    ("asked", "document"),
    [
        ("оцинкованным болтам", "Болт оцинкованный"),
        ("wifi", "Роутер Wi-Fi"),
        ("wi-fi", "Роутер WiFi"),
        ("usb c", "Кабель USB-C"),
        ("ёлка", "Елка"),
        ("8мм", "Шайба 0.8 cm"),
        ("500 мл", "Бутылка 0,5 л"),
        ("м8 х 30", "Bolt M8X30"),
        ("100x200 см", "Лист 1000х2000 мм"),
        ('1/2"', "Кран ½ дюйма"),
        ("iphone13", "Чехол iPhone 13"),
    ],
)
def test_what_is_asked_stands_in_the_document(asked: str, document: str) -> None:
    held = set(index_terms(document))
    for word in words_of(asked, NO_WORDS).words:
        assert any(all(term.text in held for term in terms) for terms in word.alternatives)


def test_synonyms_act_both_ways_and_phrases_stay_whole() -> None:
    (grinder,) = ways("УШМ", MARKET)
    assert grinder[:3] == ["ушм", "болгарк", "углов+шлифовальн+машин"]
    phrase = ways("угловые шлифовальные машины bosch", MARKET)
    assert [word[0] for word in phrase] == ["углов", "шлифовальн", "машин", "bosch"]
    assert all({"ушм", "болгарк"} <= set(word) for word in phrase[:3])
    assert "ушм" not in phrase[3]
    assert all("ушм" not in word for word in ways("шлифовальная машина", MARKET))


def test_replacements_act_one_way_and_circles_do_no_harm() -> None:
    assert "xerox" in ways("ксероксы", MARKET)[0]
    assert "ксерокс" not in ways("xerox", MARKET)[0]
    assert ways("one", MARKET)[0][:2] == ["one", "two"]
    assert ways("two", MARKET)[0][:2] == ["two", "one"]


def test_synonyms_of_a_word_in_the_other_layout() -> None:
    (word,) = ways("eiv", MARKET)
    assert {"ушм", "болгарк"} <= set(word)


def test_stop_words_are_left_out_unless_nothing_is_left() -> None:
    assert firsts("купить болт недорого", MARKET) == ["болт"]
    assert firsts("купить", MARKET) == ["куп"]
    assert firsts("болт для the гайки") == ["болт", "гайк"]


def test_the_markets_spellings_of_units() -> None:
    assert firsts("болт 8 миллик", MARKET) == ["болт", "8mmt"]
    assert firsts("болт 8миллик", MARKET) == ["болт", "8mmt"]
    assert words_of("кабель 3 бух", MARKET).quantity == QuantityProposal(Decimal(3), "RO", "3 бух")


def test_punctuation_says_nothing() -> None:
    for text in ("", "  ", "?!… — \u200b", "\u202e\u202d", "-–—", '"""'):
        assert words_of(text, MARKET) == Words()


MANY = Vocabulary(
    synonyms=tuple(
        tuple(f"слово{group} номер{word}" if word else f"слово{group}" for word in range(20))
        for group in range(100)
    ),
    replacements=tuple(("слово1", f"другое{number}") for number in range(200)),
)
_BITS = """болт njyth слово1 номер2 8 мм 10-16 100шт M8x30 USB-C 1/2" rfhnhbl; ушм угловая
шлифовальная машина k.lb ё \u200b в до от kg"""
BITS = st.sampled_from(_BITS.split())


@given(
    st.text(max_size=400) | st.lists(BITS, max_size=60).map(" ".join),
    st.sampled_from([NO_WORDS, MARKET, MANY]),
)
def test_any_text_asks_for_a_bounded_number_of_terms(text: str, vocabulary: Vocabulary) -> None:
    read = words_of(text, vocabulary)
    assert len(read.words) <= WORDS_MAX
    assert len(read.measures) <= MEASURES_MAX
    for word in read.words:
        assert 1 <= len(word.alternatives) <= ALTERNATIVES_MAX
        assert len(word.sounds) <= 8
        for terms in word.alternatives:
            assert 1 <= len(terms) <= TERMS_MAX
            assert all(term.text and not term.text.isspace() for term in terms)
    assert len({word.alternatives[0] for word in read.words}) == len(read.words)
