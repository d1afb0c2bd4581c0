"""Shared scalars: exact numbers as text, quantities within bounds, instants in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from entrepot.graphql.scalars import (
    format_datetime,
    format_decimal,
    parse_datetime,
    parse_decimal,
    parse_quantity,
)


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        ("0", "greater than 0"),
        ("-1", "greater than 0"),
        ("-0.000", "greater than 0"),
        ("1e400", "at most 1000000000"),
        ("1e999999999", "at most 1000000000"),
        ("1e-400", "3 decimal places"),
        ("NaN", "finite"),
        ("sNaN", "finite"),
        ("Infinity", "finite"),
        (float("inf"), "finite"),
        ("0.0001", "3 decimal places"),
        ("1000000000.001", "at most 1000000000"),
        ("five", "takes text such as"),
        ("", "takes text such as"),
        ("1,5", "takes text such as"),
        ("9" * 200, "40 characters"),
        (10**300, "40 characters"),
        (True, "not bool"),
        ([], "not list"),
        ({}, "not dict"),
        (None, "not NoneType"),
    ],
)
def test_bad_quantities(quantity: object, words: str) -> None:
    with pytest.raises(GraphQLError, match=words):
        parse_quantity(quantity)


@pytest.mark.parametrize(
    ("quantity", "read"),
    [("1", "1"), (1, "1"), (0.125, "0.125"), ("1e3", "1000"), (" 2 ", "2"), (10**9, "1000000000")],
)
def test_good_quantities(quantity: object, read: str) -> None:
    assert parse_quantity(quantity) == Decimal(read)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("1e400", "15 digits"),
        ("1000000000000000", "15 digits"),
        ("0.00001", "4 decimal places"),
        ("1e-30", "4 decimal places"),
        (1.23456, "4 decimal places"),
        ("NaN", "finite"),
        (False, "not bool"),
    ],
)
def test_bad_decimals(number: object, words: str) -> None:
    with pytest.raises(GraphQLError, match=words):
        parse_decimal(number)


@given(st.decimals(min_value=-(10**14), max_value=10**14, places=4))
def test_decimals_come_back_as_they_went(number: Decimal) -> None:
    text = format_decimal(number)
    assert "E" not in text
    assert parse_decimal(text) == number


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda one: 1 < one.year < 9999))
def test_instants_come_back_as_they_went(moment: datetime) -> None:
    text = format_datetime(moment)
    assert text.endswith("Z")
    assert parse_datetime(text) == moment


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-01-31T12:00:00", "needs an offset"),
        ("31.01.2026", "takes text such as"),
        ("2026-02-30T12:00:00Z", "takes text such as"),
        ("0001-01-01T00:00:00+05:00", "from 2 to 9998"),
        ("0001-01-01T00:00:00Z", "from 2 to 9998"),  # PostgreSQL's -infinity
        ("9999-12-31T23:59:59.9999999Z", "from 2 to 9998"),  # and infinity; the last of .NET
        (0, "takes text such as"),
        (None, "takes text such as"),
    ],
)
def test_bad_instants(value: object, words: str) -> None:
    with pytest.raises(GraphQLError, match=words):
        parse_datetime(value)


@pytest.mark.parametrize("value", ["0002-01-01T00:00:00+23:59", "9998-12-31T23:59:59-23:59"])
def test_the_first_and_last_instants_are_dates_in_every_time_zone(value: str) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert parse_datetime(value).astimezone(ZoneInfo(zone)) == datetime.fromisoformat(value)


def test_instants_are_turned_to_utc() -> None:
    assert format_datetime(parse_datetime("2026-01-31T12:00:00+03:00")) == "2026-01-31T09:00:00Z"
