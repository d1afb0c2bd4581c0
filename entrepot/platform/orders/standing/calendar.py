"""On which dates a standing order is due: pure, in the legal entity's own dates.

Planned dates follow RFC 5545 with weeks that begin on Monday, save that the 29th, 30th and 31st of
a shorter month are its last day. Weeks and months are counted from those of `starts_on`; `ends_on`
is inclusive and speaks of planned dates. A planned date that is a public holiday moves, as the
calendar says, to the nearest working day before or after it (no weekend, no holiday, or a Saturday
that the state declared a working day), or falls out. Where that would be before `starts_on` it
moves after. Planned dates at weekends stay: whoever names a Saturday means it. Several planned
dates that meet on one day are one due date, which names them all.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

import holidays

Frequency = Literal["weekly", "monthly_by_date", "monthly_by_weekday"]
OnHoliday = Literal["before", "after", "skip"]
FREQUENCIES: tuple[Frequency, ...] = ("weekly", "monthly_by_date", "monthly_by_weekday")
LAST_WEEK = -1
LONGEST_SHIFT = timedelta(days=31)
"""No country closes for longer."""
LOOK_AHEAD = timedelta(days=366 * 30)
"""A fifth Sunday of February comes every 28 years."""
LAST_DATE = date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When to order. `weekdays` are 1 Monday … 7 Sunday; `week_of_month` 1–5, or -1: the last."""

    frequency: Frequency
    starts_on: date
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    day_of_month: int | None = None
    week_of_month: int | None = None
    ends_on: date | None = None
    holiday_country: str | None = None
    on_holiday: OnHoliday = "after"


@dataclass(frozen=True, slots=True)
class DueDate:
    """A date on which to order, and the planned dates that led to it."""

    due_on: date
    planned: tuple[date, ...]


@lru_cache(maxsize=64)
def _holidays(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)


def knows_holidays(country: str) -> bool:
    """Say whether the holidays of a country (ISO 3166-1 alpha-2) are known."""
    return country in holidays.list_supported_countries(include_aliases=False)


def planned_dates(calendar: Calendar, first: date, last: date) -> Iterator[date]:
    """Yield the dates between two days, both included, before holidays are looked at."""
    first = max(first, calendar.starts_on)
    last = min(last, calendar.ends_on or LAST_DATE, LAST_DATE)
    dates = _weekly(calendar, first) if calendar.frequency == "weekly" else _monthly(calendar)
    for day in dates:
        if day > last:
            return
        if day >= first:
            yield day


def _weekly(calendar: Calendar, first: date) -> Iterator[date]:
    monday = calendar.starts_on - timedelta(days=calendar.starts_on.weekday())
    step = timedelta(weeks=calendar.interval)
    monday += max(0, (first - monday) // step) * step
    while monday.year <= LAST_DATE.year:
        for weekday in sorted(set(calendar.weekdays)):
            yield monday + timedelta(days=weekday - 1)
        monday += step


def _monthly(calendar: Calendar) -> Iterator[date]:
    year, month = calendar.starts_on.year, calendar.starts_on.month
    while year <= LAST_DATE.year:
        day = _day_in(calendar, year, month)
        if day is not None:
            yield date(year, month, day)
        month += calendar.interval
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1


def _day_in(calendar: Calendar, year: int, month: int) -> int | None:
    first_weekday, length = months.monthrange(year, month)
    if calendar.day_of_month is not None:
        return min(calendar.day_of_month, length)
    week = calendar.week_of_month or 1
    first = (calendar.weekdays[0] - 1 - first_weekday) % 7 + 1
    if week == LAST_WEEK:
        return first + (length - first) // 7 * 7
    day = first + (week - 1) * 7
    return day if day <= length else None


def due_on(calendar: Calendar, planned: date) -> date | None:
    """Return when a planned date is due; None: it falls out."""
    if calendar.holiday_country is None:
        return planned
    known = _holidays(calendar.holiday_country)
    if planned not in known:
        return planned
    if calendar.on_holiday == "skip":
        return None
    step = timedelta(days=1 if calendar.on_holiday == "after" else -1)
    day = planned
    while not known.is_working_day(day):
        day += step
        if day < calendar.starts_on:
            day, step = planned, timedelta(days=1)
    return day


def due_dates(calendar: Calendar, first: date, last: date) -> list[DueDate]:
    """Return the dates between two days, both included, on which to order, in order."""
    found: dict[date, list[date]] = {}
    for planned in planned_dates(calendar, first - LONGEST_SHIFT, last + LONGEST_SHIFT):
        day = due_on(calendar, planned)
        if day is not None and first <= day <= last:
            found.setdefault(day, []).append(planned)
    return [DueDate(day, tuple(planned)) for day, planned in sorted(found.items())]


def next_dates(calendar: Calendar, first: date, count: int) -> list[DueDate]:
    """Return the next dates from a day on, at most `count`; fewer where no more come."""
    first = max(first, calendar.starts_on)
    span = timedelta(days=92)
    found: list[DueDate] = []
    begin = first
    while len(found) < count and begin - first < LOOK_AHEAD:
        end = begin + span
        found += due_dates(calendar, begin, end)
        if calendar.ends_on is not None and end - LONGEST_SHIFT > calendar.ends_on:
            break
        begin, span = end + timedelta(days=1), min(span * 2, timedelta(days=3660))
    return found[:count]
