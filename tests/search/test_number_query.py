"""What article numbers a text may mean: it meets the document, however it is typed."""

from __future__ import annotations

import random
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.catalog.article_numbers import gtin_check_digit, number_key
from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.search.article_numbers import grams, loose_keys
from entrepot.search.document import OfferDocument, to_document
from entrepot.search.keyboard import to_cyrillic_layout
from entrepot.search.number_query import (
    KEYS_MAX,
    PARTIAL_KEYS_MAX,
    RETYPED_MAX,
    SLOPPY_KEYS_MAX,
    number_forms,
    retyped_keys,
)
from entrepot.search.reading import NumberForms
from entrepot.search.sounds import ASKED_MAX

_NUMBERS = st.text("ABCDEFGHKLMNPRSTVXZ0123456789", min_size=3, max_size=16).filter(
    lambda number: any(char.isdigit() for char in number)
)
_SEPARATORS = st.text(" -–/._\u00a0\u200b", max_size=2)
_TWINS = dict(zip("ABEKMHOPCTYX", "АВЕКМНОРСТУХ", strict=True))


def _document(number: str, brand: str = "Acme", gtins: tuple[str, ...] = ()) -> OfferDocument:
    one = UUID(int=1)
    row = SearchRow(
        offer_id=one, product_id=one, seller_id=one, listed=True, article_number=number,
        manufacturer_number=number, gtins=gtins, cross_references=(), brand=brand, title_en="",
        title_ru="", description="", attributes=(), category_ids=(), category_names=(),
        list_price=Decimal(1), currency="EUR", in_stock=True,
    )  # fmt: skip
    return to_document(row)


def _meets_keys(forms: NumberForms, document: OfferDocument) -> bool:
    return bool(set(forms.keys) & {*document.number_keys, *document.glued_keys})


@given(_NUMBERS, st.lists(_SEPARATORS, min_size=20, max_size=20))
def test_any_separators_meet_the_key(number: str, separators: list[str]) -> None:
    dressed = "".join(char + sign for char, sign in zip(number, separators, strict=False))
    assert _meets_keys(number_forms(dressed), _document(number))


@given(_NUMBERS, st.data())
def test_any_look_alikes_meet_the_key(number: str, data: st.DataObject) -> None:
    typed = "".join(
        _TWINS[char] if char in _TWINS and data.draw(st.booleans()) else char for char in number
    )
    assert _meets_keys(number_forms(typed), _document(number))


@given(_NUMBERS)
def test_the_other_layout_meets_the_key(number: str) -> None:
    forms = number_forms(to_cyrillic_layout(number))
    document = _document(number)
    assert set(document.number_keys) & {*forms.keys, *forms.retyped_keys}


@given(_NUMBERS, st.sampled_from(["Bosch", "HP", "Würth", "3M", "Зубр"]), st.booleans())
def test_a_brand_beside_or_glued_meets_the_document(number: str, brand: str, first: bool) -> None:
    document = _document(number, brand)
    for between in ("", " ", "-"):
        parts = (brand, number) if first else (number, brand)
        assert _meets_keys(number_forms(between.join(parts)), document)


@given(_NUMBERS.filter(lambda number: len(number) >= 5), st.sampled_from(["toner", "болт м8 x"]))
def test_a_number_among_words_meets_the_key(number: str, words: str) -> None:
    forms = number_forms(f"{words} {number}, {words}")
    assert _meets_keys(forms, _document(number))


def test_a_number_in_pieces_among_words_is_put_together() -> None:
    forms = number_forms("xerox 006R 903 21 toner")
    assert "006r90321" in forms.keys


@given(_NUMBERS, st.data())
def test_careless_zeros_and_ones_meet_the_loose_key(number: str, data: st.DataObject) -> None:
    careless = "".join(
        data.draw(st.sampled_from({"0": "0Oo", "O": "O0", "1": "1Il", "L": "L1"}.get(char, char)))
        for char in number
    )
    typed = "00" + careless if careless[0].isdigit() else careless
    forms = number_forms(typed)
    if any(char.isdigit() for char in typed):
        assert set(forms.loose_keys) & set(_document(number).loose_keys)


@given(st.text("abc019oil", max_size=20))
def test_a_loose_key_is_its_own_loose_key(key: str) -> None:
    for loose in loose_keys(key):
        assert loose_keys(loose) == (loose,)


@given(st.text("0123456789", min_size=11, max_size=11).filter(lambda body: body.strip("0")))
def test_a_gtin_meets_itself_in_every_width_even_without_its_zeros(body: str) -> None:
    short = body + str(gtin_check_digit(body))
    document = _document("X-1", gtins=(short,))
    for typed in (short, short.zfill(13), short.zfill(14), f"EAN: {short}", short.lstrip("0")):
        if len(number_key(typed)) >= 7:
            assert set(number_forms(typed).gtins) & set(document.gtins)


@given(_NUMBERS.filter(lambda number: len(number) >= 5), st.data())
def test_a_beginning_and_a_piece_of_a_number_meet_it(number: str, data: st.DataObject) -> None:
    key = number_key(number)
    start = data.draw(st.integers(0, len(key) - 4))
    piece = key[start : start + data.draw(st.integers(4, len(key) - start))]
    forms = number_forms(piece)
    if any(char.isdigit() for char in piece) and forms.partial_keys:
        assert forms.partial_keys == forms.within_keys == (piece,)
        assert " ".join(grams(piece)) in " ".join(grams(key))


@pytest.mark.parametrize(
    ("text", "partial", "within"),
    [
        ("KR", (), ()),
        ("K4", ("k4",), ()),
        ("KR4", ("kr4",), ()),
        ("KR-44", ("kr44",), ("kr44",)),
        ("toner", (), ()),
        ("Back-UPS", ("backups",), ()),
        ("NetShel", ("netshel",), ()),
        ("250gb", (), ()),
        ("100 шт", (), ()),
        ("DVBKIT", ("dvbkit",), ()),
        ("universal bond paper", ("universalbondpaper",), ("universalbondpaper",)),
        ("toner 006R9032", ("toner006r9032", "006r9032"), ("toner006r9032", "006r9032")),
    ],
)
def test_what_is_completed_and_what_is_sought_within(
    text: str, partial: tuple[str, ...], within: tuple[str, ...]
) -> None:
    forms = number_forms(text)
    assert forms.partial_keys == partial
    assert forms.within_keys == within


def test_parts_of_a_long_text_are_not_completed() -> None:
    forms = number_forms("7 ft cat5e350 patch cable red snagless")
    assert "cat5e350" in forms.keys
    assert forms.partial_keys == ("7ftcat5e350patchcableredsnagless",)


def test_a_measure_is_no_mistyped_number() -> None:
    assert "100шt" not in number_forms("болт м8 оцинк 100шт").partial_keys


def test_words_are_no_loose_numbers() -> None:
    assert number_forms("oil").loose_keys == ()
    assert number_forms("тонер").sound_keys == ()


def _total(forms: NumberForms) -> None:
    assert len(forms.keys) <= KEYS_MAX
    assert len(forms.exact) <= KEYS_MAX
    assert len(forms.retyped_keys) <= RETYPED_MAX
    assert not set(forms.retyped_keys) & set(forms.keys)
    assert len(forms.sound_keys) <= ASKED_MAX
    assert len(forms.partial_keys) <= PARTIAL_KEYS_MAX
    assert set(forms.within_keys) <= set(forms.partial_keys)
    assert len(forms.sloppy_keys) <= SLOPPY_KEYS_MAX
    assert len(forms.loose_keys) <= KEYS_MAX
    assert all(len(gtin) == 14 for gtin in forms.gtins)
    for keys in (forms.keys, forms.retyped_keys, forms.partial_keys, forms.sloppy_keys):
        assert len(set(keys)) == len(keys)
        assert all(key and key.isalnum() for key in keys)


@given(st.text(max_size=400))
def test_any_text_gives_few_and_different_forms(text: str) -> None:
    _total(number_forms(text))


@given(st.text("KRxжцуш01- .,;\u200b\u202e\u05d0٣", max_size=300), st.integers(0, 30))
def test_forms_are_few_however_long_the_text(text: str, times: int) -> None:
    _total(number_forms(text * times))
    assert len(retyped_keys(text * times, 5)) <= 5


@pytest.mark.parametrize(
    "text",
    [
        "ж" * 10_000, "shchzhya" * 1_300, "1" * 10_000, "кс j x y w ц у ж ш " * 600,
        ",.;'[]" * 1_700,
        "a1 b2 c3 " * 1_200, "\u200b" * 10_000, "\u202e٣" * 5_000, "-" * 10_000, "ﬁ№½" * 3_000,
        "ку" * 5_000, "tzts" * 2_500,
    ],
)  # fmt: skip
def test_long_texts_are_read_in_part(text: str) -> None:
    _total(number_forms(text))


def test_reading_is_the_same_every_time() -> None:
    chance = random.Random(4)
    for _ in range(50):
        text = "".join(chance.choices("KR-44 кржшxyw012/", k=20))
        assert number_forms(text) == number_forms(text)


@pytest.mark.parametrize(
    "text",
    ["№ kr4410", "№KR 4410", "арт.KR-4410", "Art.kr4410", "арт. № KR-4410", "kr4410,kr4411",
     "KR-4410, 2 шт", "(арт.KR-4410)"],
)  # fmt: skip
def test_what_says_that_a_number_follows_is_no_part_of_it(text: str) -> None:
    assert _meets_keys(number_forms(text), _document("KR-4410"))


@pytest.mark.parametrize("text", ['1/2"', '½"', "1/2", '5 1/2"', '12"', "3/4''", '2,5"', "1½″"])
def test_inches_begin_no_number(text: str) -> None:
    forms = number_forms(text)
    assert (forms.partial_keys, forms.within_keys, forms.sloppy_keys) == ((), (), ())


@pytest.mark.parametrize("text", ["12/34-A", "719/30", '"1234"', "1/2-3456", "12"])
def test_numbers_that_look_like_fractions_are_completed(text: str) -> None:
    assert number_forms(text).partial_keys == (number_key(text),)
