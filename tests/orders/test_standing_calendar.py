"""Dates of standing orders: against dateutil's recurrences, and holidays by hand."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Any

import holidays
import pytest
from dateutil.relativedelta import relativedelta
from dateutil.rrule import MONTHLY, WEEKLY, rrule
from dateutil.rrule import weekday as rrule_weekday

from entrepot.platform.orders.standing.calendar import (
    Calendar,
    due_dates,
    due_on,
    next_dates,
    planned_dates,
)


def by_rrule(calendar: Calendar, last: date) -> list[date]:
    """The planned dates up to a day, as RFC 5545 has them."""
    end = min(last, calendar.ends_on or last)
    wanted: dict[str, Any] = {
        "dtstart": datetime.combine(calendar.starts_on, time()),
        "until": datetime.combine(end, time()),
        "interval": calendar.interval,
        "wkst": 0,
    }
    if calendar.frequency == "weekly":
        found = rrule(WEEKLY, byweekday=[one - 1 for one in calendar.weekdays], **wanted)
    elif calendar.day_of_month is not None:
        days = list(range(min(calendar.day_of_month, 28), calendar.day_of_month + 1))
        found = rrule(MONTHLY, bymonthday=days, bysetpos=-1, **wanted)
    else:
        day = rrule_weekday(calendar.weekdays[0] - 1, calendar.week_of_month)
        found = rrule(MONTHLY, byweekday=day, **wanted)
    return [one.date() for one in found]


def random_calendar(chance: random.Random) -> Calendar:
    """Make any calendar; some end."""
    starts_on = date(2023, 1, 1) + timedelta(days=chance.randrange(1500))
    ends_on = starts_on + timedelta(days=chance.randrange(900)) if chance.random() < 0.3 else None
    interval = chance.choice([1, 1, 1, 2, 3, 5, 7, 12])
    kind = chance.choice(["weekly", "date", "weekday"])
    if kind == "weekly":
        weekdays = tuple(chance.sample(range(1, 8), chance.randint(1, 4)))
        return Calendar("weekly", starts_on, interval, weekdays, ends_on=ends_on)
    if kind == "date":
        day = chance.randint(1, 31)
        return Calendar("monthly_by_date", starts_on, interval, day_of_month=day, ends_on=ends_on)
    return Calendar(
        "monthly_by_weekday", starts_on, interval, (chance.randint(1, 7),),
        week_of_month=chance.choice([1, 2, 3, 4, 5, -1]), ends_on=ends_on,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_planned_dates_are_those_of_rfc_5545(seed: int) -> None:
    """800 calendars over five years, from the start and from a day in between."""
    chance = random.Random(seed)
    for _ in range(100):
        calendar = random_calendar(chance)
        last = calendar.starts_on + timedelta(days=1900)
        expected = by_rrule(calendar, last)
        assert list(planned_dates(calendar, calendar.starts_on, last)) == expected, calendar
        first = calendar.starts_on + timedelta(days=chance.randrange(1900))
        later = [day for day in expected if day >= first]
        assert list(planned_dates(calendar, first, last)) == later, (calendar, first)


def test_the_31st_through_a_leap_year() -> None:
    calendar = Calendar("monthly_by_date", date(2024, 1, 31), day_of_month=31)
    found = [one.due_on for one in next_dates(calendar, date(2024, 1, 1), 12)]
    assert [(day.month, day.day) for day in found] == [
        (1, 31), (2, 29), (3, 31), (4, 30), (5, 31), (6, 30),
        (7, 31), (8, 31), (9, 30), (10, 31), (11, 30), (12, 31),
    ]  # fmt: skip
    assert found == [date(2024, 1, 31) + relativedelta(months=month) for month in range(12)]


def test_russian_holidays_move_forward_past_weekends_and_days_off() -> None:
    """In 2026 the state moved 3 January to Friday the 9th: all that falls into 1–11 goes on."""
    calendar = Calendar(
        "weekly", date(2026, 1, 1), weekdays=(1, 5), holiday_country="RU", on_holiday="after"
    )
    found = due_dates(calendar, date(2026, 1, 1), date(2026, 1, 31))
    assert [(one.due_on.day, [day.day for day in one.planned]) for one in found] == [
        (12, [2, 5, 9, 12]),
        (16, [16]),
        (19, [19]),
        (23, [23]),
        (26, [26]),
        (30, [30]),
    ]


def test_german_holidays_move_backward_or_fall_out() -> None:
    """Good Friday (3 April 2026) becomes Thursday, Easter Monday the Thursday before too."""
    before = Calendar(
        "weekly", date(2026, 3, 30), weekdays=(1, 5), holiday_country="DE", on_holiday="before"
    )
    found = due_dates(before, date(2026, 3, 30), date(2026, 4, 12))
    assert [one.due_on for one in found] == [
        date(2026, 3, 30),
        date(2026, 4, 2),
        date(2026, 4, 10),
    ]
    assert found[1].planned == (date(2026, 4, 3), date(2026, 4, 6))
    skip = Calendar(
        "weekly", date(2026, 3, 30), weekdays=(1, 5), holiday_country="DE", on_holiday="skip"
    )
    assert [one.due_on for one in due_dates(skip, date(2026, 3, 30), date(2026, 4, 12))] == [
        date(2026, 3, 30),
        date(2026, 4, 10),
    ]


def test_before_the_start_there_is_no_date() -> None:
    """New Year's Day cannot move back before a start on it."""
    calendar = Calendar(
        "monthly_by_date", date(2026, 1, 1), day_of_month=1, holiday_country="DE",
        on_holiday="before",
    )  # fmt: skip
    assert due_on(calendar, date(2026, 1, 1)) == date(2026, 1, 2)
    assert due_on(calendar, date(2026, 5, 1)) == date(2026, 4, 30)


def test_a_planned_saturday_stays_unless_it_is_a_holiday() -> None:
    calendar = Calendar("weekly", date(2026, 5, 1), weekdays=(6,), holiday_country="RU")
    found = next_dates(calendar, date(2026, 5, 1), 3)
    assert [one.due_on for one in found] == [  # Victory Day is Saturday the 9th, Monday is off
        date(2026, 5, 2),
        date(2026, 5, 12),
        date(2026, 5, 16),
    ]


@pytest.mark.parametrize("country", ["RU", "DE", "US", "GB", "TR"])
@pytest.mark.parametrize("on_holiday", ["before", "after", "skip"])
def test_no_moved_date_is_a_holiday_and_each_day_comes_once(country: str, on_holiday: str) -> None:
    """Every day of three years (one of them a leap year) as a planned date."""
    calendar = Calendar(
        "weekly", date(2023, 6, 1), weekdays=tuple(range(1, 8)), holiday_country=country,
        on_holiday=on_holiday,  # type: ignore[arg-type]
    )  # fmt: skip
    first, last = date(2024, 1, 1), date(2026, 12, 31)
    found = due_dates(calendar, first, last)
    days = [one.due_on for one in found]
    known = holidays.country_holidays(country, years=range(2023, 2028))
    assert days == sorted(set(days))
    assert not [day for day in days if day in known]
    working = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert days == [day for day in working if day not in known]
    planned = [day for one in found for day in one.planned]
    assert len(planned) == len(set(planned))
    if on_holiday != "skip":
        inner = {day for day in working if first + timedelta(40) < day < last - timedelta(40)}
        assert inner <= set(planned)


def test_dates_end_and_may_never_come() -> None:
    ended = Calendar(
        "monthly_by_date", date(2026, 1, 15), day_of_month=15, ends_on=date(2026, 3, 15)
    )
    assert [one.due_on.month for one in next_dates(ended, date(2026, 1, 1), 12)] == [1, 2, 3]
    assert next_dates(ended, date(2026, 3, 16), 1) == []
    never = Calendar(
        "monthly_by_weekday", date(2025, 2, 1), 12, (7,), week_of_month=5,
        ends_on=date(2030, 1, 1),
    )  # fmt: skip
    assert next_dates(never, date(2025, 1, 1), 1) == []
    rare = Calendar("monthly_by_weekday", date(2025, 2, 1), 12, (7,), week_of_month=5)
    assert [one.due_on for one in next_dates(rare, date(2025, 1, 1), 1)] == [date(2032, 2, 29)]
