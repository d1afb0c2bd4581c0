"""Periods of budgets against dateutil, and what an order counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.carts.budgets.rules import (
    FIRST_DAY,
    LAST_DAY,
    MONTHS,
    BudgetItem,
    BudgetMode,
    BudgetState,
    Period,
    excess,
    local_day,
    months_later,
    period_of,
    taken,
)
from entrepot.platform.ids import new_id

DAYS = st.dates(FIRST_DAY, date(2400, 12, 31))


def budget(amount: str = "100", spent: str = "0", cost_center: str = "") -> BudgetState:
    """A budget in RUB."""
    return BudgetState(
        new_id(), new_id(), "Tools", cost_center, "RUB", Decimal(amount), BudgetMode.BLOCK,
        Period(date(2026, 1, 1), date(2026, 2, 1)), Decimal(spent),
    )  # fmt: skip


@given(DAYS, st.integers(0, 5000))
def test_months_later_is_what_dateutil_says(anchor: date, months: int) -> None:
    assert months_later(anchor, months) == anchor + relativedelta(months=months)


@given(DAYS, st.sampled_from(sorted(MONTHS)), st.integers(0, 200_000))
def test_the_period_is_the_one_among_all_that_holds_the_day(
    anchor: date, kind: str, later: int
) -> None:
    day = min(anchor + timedelta(days=later), LAST_DAY)
    found = period_of(anchor, kind, day)
    assert found is not None
    assert found.starts_on <= day < found.ends_on
    number = (found.starts_on.year - anchor.year) * 12 + found.starts_on.month - anchor.month
    assert number % MONTHS[kind] == 0
    assert found.starts_on == anchor + relativedelta(months=number)
    assert found.ends_on == anchor + relativedelta(months=number + MONTHS[kind])


@given(DAYS, st.sampled_from(sorted(MONTHS)), st.integers(1, 1000))
def test_before_the_anchor_there_is_no_period(anchor: date, kind: str, earlier: int) -> None:
    assert period_of(anchor, kind, anchor - timedelta(days=earlier)) is None


@pytest.mark.parametrize(
    ("anchor", "kind", "day", "starts", "ends"),
    [
        ("2026-01-31", "month", "2026-02-28", "2026-02-28", "2026-03-31"),
        ("2026-01-31", "month", "2026-02-27", "2026-01-31", "2026-02-28"),
        ("2027-12-31", "month", "2028-02-29", "2028-02-29", "2028-03-31"),
        ("2026-01-31", "month", "2026-05-30", "2026-04-30", "2026-05-31"),
        ("2025-11-30", "quarter", "2026-02-28", "2026-02-28", "2026-05-30"),
        ("2024-02-29", "year", "2025-02-28", "2025-02-28", "2026-02-28"),
        ("2024-02-29", "year", "2028-02-28", "2027-02-28", "2028-02-29"),
    ],
)
def test_ends_of_months(anchor: str, kind: str, day: str, starts: str, ends: str) -> None:
    found = period_of(date.fromisoformat(anchor), kind, date.fromisoformat(day))
    assert found == Period(date.fromisoformat(starts), date.fromisoformat(ends))


def test_a_day_begins_where_the_legal_entity_is() -> None:
    evening = datetime(2026, 1, 31, 21, 30, tzinfo=UTC)
    assert local_day(evening, "Europe/Moscow") == date(2026, 2, 1)
    assert local_day(evening, "UTC") == date(2026, 1, 31)
    assert local_day(evening, "America/New_York") == date(2026, 1, 31)


def test_what_orders_take() -> None:
    first, second = UUID(int=1), UUID(int=2)
    items = [
        BudgetItem(first, "T", "RUB", Decimal(10)),
        BudgetItem(first, "", "RUB", Decimal(3)),  # its delivery
        BudgetItem(second, "U", "RUB", Decimal(5)),
        BudgetItem(second, "T", "EUR", Decimal(7)),
    ]
    assert taken(budget(), items) == {first: Decimal(13), second: Decimal(5)}
    assert taken(budget(cost_center="T"), items) == {first: Decimal(10)}
    assert taken(budget(cost_center="X"), items) == {}


def test_up_to_the_amount_it_fits() -> None:
    assert excess(budget(spent="60"), Decimal(40)) is None
    assert excess(budget(spent="200"), Decimal(0)) is None
    over = excess(budget(spent="60"), Decimal("40.01"))
    assert over is not None
    assert over.sentence("en") == "Budget “Tools”: 40 RUB left, 40.01 RUB needed"
    assert over.sentence("ru") == "Бюджет «Tools»: осталось 40 RUB, нужно 40.01 RUB"
    kopecks = excess(budget(spent="60.5"), Decimal("50"))
    assert kopecks is not None
    assert kopecks.sentence("en") == "Budget “Tools”: 39.50 RUB left, 50 RUB needed"
