"""Measures as terms: their order as text is that of numbers, and ranges are exact."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from entrepot.search.backends.measure_terms import (
    ordered,
    range_pattern,
    value_term,
)

numbers = st.floats(allow_nan=False)


@given(numbers, numbers)
def test_terms_are_in_the_order_of_numbers(one: float, other: float) -> None:
    assert (ordered(one) < ordered(other)) == (one < other)
    assert (ordered(one) == ordered(other)) == (one == other)


@given(numbers, numbers, numbers)
def test_a_range_is_what_lies_between_its_bounds(low: float, high: float, value: float) -> None:
    pattern = range_pattern("length", low, high)
    found = pattern is not None and re.fullmatch(pattern, value_term("length", value))
    assert bool(found) == (low <= value <= high)
    assert (pattern is None) == (low > high)


@given(st.text(max_size=20), st.text(max_size=20))
def test_codes_are_taken_literally(code: str, other: str) -> None:
    pattern = range_pattern(code, 0, 9)
    assert pattern is not None
    assert bool(re.fullmatch(pattern, value_term(other, 5))) == (code == other)


def test_what_nobody_types_has_no_pattern() -> None:
    assert range_pattern("ж" * 51, 0, 1) is None
    assert range_pattern("length", 2, 1) is None
    assert range_pattern("length", None, None) is not None
