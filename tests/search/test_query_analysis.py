"""What a question means, before any engine sees it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.search.query import PRICE_MAX, SearchFilters, SearchQuery, analyse
from entrepot.search.reading import TEXT_MAX, WORDS_MAX


def test_a_number_is_read_in_every_form() -> None:
    query = analyse(SearchQuery(" KR-4410/2 "))
    assert query.numbers.exact == ("kr-4410/2",)
    assert "kr44102" in query.numbers.keys
    assert "kr44102" in query.numbers.sloppy_keys
    assert query.numbers.gtins == ()


def test_a_number_among_words_is_found_whole_or_in_pieces() -> None:
    query = analyse(SearchQuery("xerox 006R 90321 toner"))
    assert "006r90321" in query.numbers.keys
    assert "toner" in [word.alternatives[0][0].text for word in query.words]
    assert "toner" not in query.numbers.keys


def test_a_gtin_is_read_in_any_width() -> None:
    assert analyse(SearchQuery("095205603217")).numbers.gtins == ("00095205603217",)
    assert analyse(SearchQuery("4 006381 333931")).numbers.gtins == ("04006381333931",)


def test_blank_text_browses_and_punctuation_finds_nothing() -> None:
    assert analyse(SearchQuery("  ")).browse
    assert not analyse(SearchQuery("")).is_empty
    punctuation = analyse(SearchQuery("?!… \u200b —"))
    assert not punctuation.browse
    assert punctuation.is_empty


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (None, None, (0, PRICE_MAX)),
        (Decimal("1.5"), Decimal("2.00015"), (15_000, 20_001)),
        (Decimal("NaN"), Decimal("Infinity"), (0, PRICE_MAX)),
        (Decimal("-1"), Decimal("1e999999"), (-1, PRICE_MAX)),
    ],
)
def test_prices_are_ten_thousandths_within_what_an_index_holds(
    low: Decimal | None, high: Decimal | None, expected: tuple[int, int]
) -> None:
    filters = SearchFilters(currency="EUR", price_from=low, price_to=high)
    assert analyse(SearchQuery("", filters)).price_range == expected


def test_a_range_that_nothing_fits_is_empty() -> None:
    filters = SearchFilters(currency="EUR", price_from=Decimal(5), price_to=Decimal(1))
    assert analyse(SearchQuery("", filters)).is_empty


def test_fingerprints_differ_between_questions() -> None:
    plain = analyse(SearchQuery("toner"))
    assert plain.fingerprint() == analyse(SearchQuery("toner")).fingerprint()
    assert plain.fingerprint() != analyse(SearchQuery("tuner")).fingerprint()
    stocked = SearchQuery("toner", SearchFilters(in_stock=True))
    assert plain.fingerprint() != analyse(stocked).fingerprint()


@given(st.text(max_size=400) | st.text(max_size=40).map(lambda text: text * 300))
def test_any_text_is_analysed_within_bounds(text: str) -> None:
    query = analyse(SearchQuery(text))
    assert len(query.words) <= WORDS_MAX
    forms = query.numbers
    assert len(forms.keys) <= 2 * WORDS_MAX + 1
    assert all(len(form) <= 4 * TEXT_MAX for form in (*forms.exact, *forms.sloppy_keys))
    assert query.is_empty or query.browse or forms.keys or query.words
