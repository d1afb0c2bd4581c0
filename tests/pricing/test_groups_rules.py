"""Who belongs to a rule group: each threshold from both sides, the calendar, the sentences."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.pricing.groups.rules import (
    BY_HAND,
    NOT_BUYING,
    Dealings,
    GroupRule,
    anniversary,
    belongs,
    facts_of,
    judge,
    reason,
)

TODAY = date(2026, 11, 23)
TURNOVER = GroupRule(365, currency="RUB", min_turnover=Decimal("100000.0000"))
ORDERS = GroupRule(30, min_orders=3)
PAYMENTS = GroupRule(90, min_paid_on_time=Decimal("66.67"))
YEARS = GroupRule(365, min_years=Decimal("2.00"))


def in_group(rule: GroupRule, dealings: Dealings, today: date = TODAY) -> bool:
    return belongs(judge(rule, dealings, today))


@pytest.mark.parametrize(
    ("rule", "below", "enough"),
    [
        (TURNOVER, Dealings(Decimal("99999.9999")), Dealings(Decimal(100000))),
        (ORDERS, Dealings(orders=2), Dealings(orders=3)),
        # 2 of 3 is 66.666… percent; 3 of 4 is 75
        (PAYMENTS, Dealings(due=3, paid_on_time=2), Dealings(due=4, paid_on_time=3)),
        (PAYMENTS, Dealings(), Dealings(due=1, paid_on_time=1)),
        (
            YEARS,
            Dealings(first_order_on=date(2024, 11, 24)),
            Dealings(first_order_on=date(2024, 11, 23)),
        ),
        (YEARS, Dealings(), Dealings(first_order_on=date(1999, 1, 1))),
    ],
)
def test_each_threshold_from_both_sides(rule: GroupRule, below: Dealings, enough: Dealings) -> None:
    assert not in_group(rule, below)
    assert in_group(rule, enough)


def test_a_share_is_compared_without_rounding() -> None:
    rule = GroupRule(90, min_paid_on_time=Decimal("33.33"))
    assert in_group(rule, Dealings(due=3, paid_on_time=1))
    assert not in_group(
        GroupRule(90, min_paid_on_time=Decimal("33.34")), Dealings(due=3, paid_on_time=1)
    )
    assert in_group(GroupRule(90, min_paid_on_time=Decimal(100)), Dealings(due=7, paid_on_time=7))


def test_all_conditions_must_hold() -> None:
    rule = GroupRule(365, "RUB", Decimal(100), 2, Decimal(50), Decimal("0.25"))
    good = Dealings(Decimal(100), 2, 2, 1, date(2026, 8, 23))
    assert in_group(rule, good)
    for worse in (
        Dealings(Decimal(99), 2, 2, 1, date(2026, 8, 23)),
        Dealings(Decimal(100), 1, 2, 1, date(2026, 8, 23)),
        Dealings(Decimal(100), 2, 2, 0, date(2026, 8, 23)),
        Dealings(Decimal(100), 2, 2, 1, date(2026, 8, 24)),
    ):
        assert [check.met for check in judge(rule, worse, TODAY)].count(False) == 1
        assert not in_group(rule, worse)


@pytest.mark.parametrize(
    ("first", "years", "complete"),
    [
        (date(2024, 2, 29), "1", date(2025, 2, 28)),
        (date(2024, 2, 29), "4", date(2028, 2, 29)),
        (date(2023, 2, 28), "1", date(2024, 2, 28)),
        (date(2025, 8, 31), "0.5", date(2026, 2, 28)),
        (date(2023, 8, 31), "0.5", date(2024, 2, 29)),
        (date(2025, 10, 31), "0.25", date(2026, 1, 31)),
        (date(2025, 11, 30), "0.25", date(2026, 2, 28)),
        (date(2025, 12, 31), "1.75", date(2027, 9, 30)),
    ],
)
def test_years_end_with_months_and_leap_years(first: date, years: str, complete: date) -> None:
    assert anniversary(first, Decimal(years)) == complete
    rule = GroupRule(365, min_years=Decimal(years))
    assert in_group(rule, Dealings(first_order_on=first), complete)
    assert not in_group(rule, Dealings(first_order_on=first), complete - timedelta(days=1))


def test_the_window_counts_today() -> None:
    assert GroupRule(1, min_orders=1).since(TODAY) == TODAY
    assert GroupRule(30, min_orders=1).since(date(2026, 3, 1)) == date(2026, 1, 31)
    assert GroupRule(366, min_orders=1).since(date(2028, 12, 31)) == date(2028, 1, 1)


@given(
    st.decimals(min_value=0, max_value=10**9, places=4),
    st.decimals(min_value=0, max_value=10**6, places=4),
)
def test_more_turnover_never_puts_a_company_out(turnover: Decimal, more: Decimal) -> None:
    before = in_group(TURNOVER, Dealings(turnover))
    assert in_group(TURNOVER, Dealings(turnover + more)) >= before


def told(rule: GroupRule, dealings: Dealings, locale: str) -> str:
    checks = judge(rule, dealings, TODAY)
    return reason(facts_of(rule, checks), joined=belongs(checks), locale=locale)


@pytest.mark.parametrize(
    ("rule", "dealings", "en", "ru"),
    [
        (
            TURNOVER,
            Dealings(Decimal("120000.0000")),
            "Turnover 120 000 RUB in 365 days, at least 100 000 needed.",
            "Оборот 120 000 RUB за 365 дн., нужно не менее 100 000.",
        ),
        (
            TURNOVER,
            Dealings(Decimal("99999.5000")),
            "Turnover 99 999.5 RUB in 365 days, at least 100 000 needed.",
            "Оборот 99 999.5 RUB за 365 дн., нужно не менее 100 000.",
        ),
        (
            GroupRule(1, min_orders=1),
            Dealings(orders=1),
            "1 order in 1 day, at least 1 needed.",
            "Заказов за 1 дн.: 1, нужно не менее 1.",
        ),
        (
            PAYMENTS,
            Dealings(due=3, paid_on_time=2),
            "2 of 3 orders due in 90 days paid on time, at least 66.67% needed.",
            "Оплачено в срок 2 из 3 заказов за 90 дн., нужно не менее 66.67%.",
        ),
        (
            PAYMENTS,
            Dealings(),
            "No orders due in 90 days, at least 66.67% paid on time needed.",
            "Нет заказов со сроком оплаты за 90 дн., нужно не менее 66.67% в срок.",
        ),
        (
            YEARS,
            Dealings(first_order_on=date(2024, 2, 29)),
            "Buys since 2024-02-29, at least 2 years needed.",
            "Покупает с 29.02.2024, нужно не менее 2 г.",
        ),
        (
            GroupRule(365, min_years=Decimal(1)),
            Dealings(),
            "No orders yet, at least 1 year of buying needed.",
            "Заказов ещё не было, нужно покупать не менее 1 г.",
        ),
    ],
)
def test_the_log_tells_why(rule: GroupRule, dealings: Dealings, en: str, ru: str) -> None:
    assert told(rule, dealings, "en") == en
    assert told(rule, dealings, "ru") == ru


def test_who_joined_is_told_everything_who_left_what_failed() -> None:
    rule = GroupRule(30, min_orders=2, min_years=Decimal("0.25"))
    assert told(rule, Dealings(orders=2, first_order_on=date(2026, 1, 1)), "en") == (
        "2 orders in 30 days, at least 2 needed; buys since 2026-01-01, at least 0.25 years needed."
    )
    assert told(rule, Dealings(orders=1, first_order_on=date(2026, 1, 1)), "en") == (
        "1 order in 30 days, at least 2 needed."
    )
    assert reason(BY_HAND, joined=True, locale="en") == "By hand."
    assert reason(BY_HAND, joined=False, locale="ru") == "Вручную."
    assert reason(NOT_BUYING, joined=False, locale="en") == "The company no longer buys."
