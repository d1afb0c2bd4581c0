"""The formulas of popularity and ratings."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.orders.signals import rules

DAY = timedelta(days=1)


def test_orders_fade_by_half_lives_and_end() -> None:
    ages = (-DAY, 0 * DAY, 45 * DAY, 90 * DAY, 180 * DAY, 181 * DAY)
    assert [rules.faded(age) for age in ages] == [1, 1, 0.5, 0.25, 0.0625, 0]


def test_a_thousand_orders_of_one_company_count_as_three() -> None:
    assert rules.company_strength([]) == 0
    assert rules.company_strength([0 * DAY]) == 1
    assert rules.company_strength([0 * DAY] * 3) == 2
    assert rules.company_strength([0 * DAY] * 1_000) == 2
    assert rules.company_strength([45 * DAY] * 2) == 1


def test_each_doubling_of_companies_is_worth_the_same() -> None:
    assert [rules.popularity(strength) for strength in (0, 1, 3, 15, 63, 255, 10**9)] == [
        0, 12.5, 25, 50, 75, 100, 100,
    ]  # fmt: skip


def test_a_step_is_left_only_when_it_is_clear() -> None:
    assert [rules.settled_popularity(value, None) for value in (0, 2.4, 2.5, 7.4, 97.5, 100)] == [
        0, 0, 5, 5, 100, 100,
    ]  # fmt: skip
    assert rules.settled_popularity(53.75, 50) == 50
    assert rules.settled_popularity(53.76, 50) == 55
    assert rules.settled_popularity(46.25, 50) == 50
    assert rules.settled_popularity(46.2, 50) == 45


@given(st.floats(0, 100), st.one_of(st.none(), st.integers(0, 20).map(lambda step: step * 5)))
def test_what_has_settled_stays(value: float, kept: int | None) -> None:
    step = rules.settled_popularity(value, kept)
    assert step % rules.STEP == 0
    assert abs(step - value) <= rules.STEP * rules.STAY
    assert rules.settled_popularity(value, step) == step


def test_confirmation_is_prompt_for_a_day_and_late_after_a_week() -> None:
    hours = (-5, 0, 24, 96, 168, 2_000)
    assert [rules.confirmation_worth(timedelta(hours=one)) for one in hours] == pytest.approx(
        [1, 1, 1, 0.8, 0.6, 0.6]
    )


def test_few_orders_say_little_and_one_company_never_much() -> None:
    assert rules.rating([]) == rules.RATING_PRIOR
    assert rules.rating([(1.0, 1)] * 5) == pytest.approx(4.5)
    assert rules.rating([(0.0, 1)] * 5) == pytest.approx(2.0)
    assert rules.rating([(1.0, 1)] * 1_000) == pytest.approx(5, abs=0.01)
    # Five content companies, and one that was let down: ten times or ten thousand, all the same.
    few = rules.rating([(1.0, 3)] * 5 + [(0.0, 10)])
    assert few == rules.rating([(1.0, 3)] * 5 + [(0.0, 10_000)]) == pytest.approx(5 * 14 / 17)


def test_ratings_have_steps_of_half_a_point() -> None:
    assert [str(rules.settled_rating(value, None)) for value in (0.2, 3.74, 3.75, 4.9)] == [
        "0.00", "3.50", "4.00", "5.00",
    ]  # fmt: skip
    assert rules.settled_rating(3.63, Decimal("4.00")) == Decimal("4.00")
    assert rules.settled_rating(3.62, Decimal("4.00")) == Decimal("3.50")
