"""Prices computed out of other prices, beside tables made by hand and exact fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.pricing.list_rules import (
    ROUNDINGS,
    PriceRule,
    Rounding,
    derived,
    rounded,
    rules_of,
)
from entrepot.platform.quantities import MAX_UNIT_PRICE

D = Decimal


@pytest.mark.parametrize(
    ("price", "none", "to_05", "to_whole", "to_99"),
    [
        # by hand, on paper
        ("0", "0", "0", "0", "0"),
        ("-5", "0", "0", "0", "0"),
        ("0.00004", "0.0001", "0.05", "1", "0.99"),
        ("0.02", "0.02", "0.05", "1", "0.99"),
        ("0.49", "0.49", "0.50", "1", "0.99"),
        ("1.024", "1.024", "1.00", "1", "0.99"),
        ("1.025", "1.025", "1.05", "1", "0.99"),
        ("1.48", "1.48", "1.50", "1", "0.99"),
        ("1.49", "1.49", "1.50", "1", "1.99"),  # from the middle, up
        ("1.50", "1.50", "1.50", "2", "1.99"),
        ("99.975", "99.975", "100.00", "100", "99.99"),
        ("100.4899", "100.4899", "100.50", "100", "99.99"),
        ("100.49", "100.49", "100.50", "100", "100.99"),
        ("12.34565", "12.3457", "12.35", "12", "11.99"),
        ("9999999999.9999", *["9999999999.9999"] * 4),
    ],
)
def test_rounding_by_hand(price: str, none: str, to_05: str, to_whole: str, to_99: str) -> None:
    wanted = {"none": none, "to_05": to_05, "to_whole": to_whole, "to_99": to_99}
    assert {kind: rounded(D(price), kind) for kind in ROUNDINGS} == {
        kind: D(value) for kind, value in wanted.items()
    }


@pytest.mark.parametrize(
    ("percent", "amount", "rounding", "price", "expected"),
    [
        ("-10", None, "none", "100", "90"),
        ("-12.5", None, "none", "79.90", "69.9125"),
        ("33.3333", None, "none", "3", "4"),  # 3.999999
        ("7.7", None, "to_05", "12.30", "13.25"),  # 13.2471
        ("15", None, "to_99", "100", "114.99"),
        ("-99.9999", None, "to_whole", "1", "1"),
        (None, "-5", "none", "4.99", "0"),
        (None, "0.015", "to_05", "0.01", "0.05"),  # 0.025: half up
        (None, "-0.5", "to_whole", "100", "100"),  # 99.5: half up
        ("0", None, "to_99", "100", "99.99"),
    ],
)
def test_rules_by_hand(
    percent: str | None, amount: str | None, rounding: Rounding, price: str, expected: str
) -> None:
    rule = PriceRule(
        None if percent is None else D(percent), None if amount is None else D(amount), rounding
    )
    assert rule.apply(D(price)) == D(expected)


def test_a_chain_is_computed_from_its_base_up() -> None:
    # as stored: from the list to its base
    rules = rules_of([D(-10), None, D(5)], [None, D("-2.50"), None], ["to_99", "none", "to_05"])
    # 100 + 5 % = 105.00; - 2.50 = 102.50; - 10 % = 92.25 -> 91.99
    assert derived(D(100), rules) == [D("105"), D("102.5"), D("91.99")]
    assert derived(D(100), []) == []


prices = st.decimals(D(0), D(10**6), places=4)
roundings = st.sampled_from(get_args(Rounding))
rules = st.one_of(
    st.builds(PriceRule, st.decimals(D("-99.9999"), D(1000), places=4), st.none(), roundings),
    st.builds(PriceRule, st.none(), st.decimals(D(-1000), D(1000), places=4), roundings),
)


def exact(rule: PriceRule, price: Decimal) -> Fraction:
    """The rule once more, in fractions: an oracle that shares nothing with the code."""
    value = Fraction(price)
    if rule.percent is not None:
        value *= 1 + Fraction(rule.percent) / 100
    else:
        value += Fraction(rule.amount or 0)
    if value <= 0:
        return Fraction(0)
    step, shift = {
        "none": (Fraction(1, 10000), Fraction(0)),
        "to_05": (Fraction(1, 20), Fraction(0)),
        "to_whole": (Fraction(1), Fraction(0)),
        "to_99": (Fraction(1), Fraction(-1, 100)),
    }[rule.rounding]
    nearest = floor((value - shift) / step + Fraction(1, 2)) * step + shift
    return nearest if nearest > 0 else step + shift


@given(rule=rules, price=prices)
def test_rules_say_what_exact_fractions_say(rule: PriceRule, price: Decimal) -> None:
    assert Fraction(rule.apply(price)) == exact(rule, price)


@given(rule=rules, first=prices, second=prices)
def test_a_dearer_base_never_gives_a_cheaper_price(
    rule: PriceRule, first: Decimal, second: Decimal
) -> None:
    low, high = sorted((first, second))
    assert rule.apply(low) <= rule.apply(high)


@given(chain=st.lists(rules, max_size=8), price=st.decimals(D(0), MAX_UNIT_PRICE, places=4))
def test_every_price_of_a_chain_can_be_stored(chain: list[PriceRule], price: Decimal) -> None:
    found = derived(price, chain)
    assert len(found) == len(chain)
    for one in found:
        assert 0 <= one <= MAX_UNIT_PRICE
        assert one == round(one, 4)


@given(price=prices, rounding=roundings)
def test_rounding_twice_changes_nothing(price: Decimal, rounding: Rounding) -> None:
    once = rounded(price, rounding)
    assert rounded(once, rounding) == once
