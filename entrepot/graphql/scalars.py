"""Shared scalars. Money and quantities travel as text, so that no client rounds them."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from entrepot.platform.quantities import plain

Quantity = NewType("Quantity", Decimal)
"""How much of an article: above zero, at most three decimal places, at most 10^9."""

MAX_DECIMAL_PLACES = 4
MAX_DECIMAL_DIGITS = 15
MAX_QUANTITY_PLACES = 3
MAX_QUANTITY = Decimal(10**9)


def _number(value: object, name: str) -> Decimal:
    """Read text or a JSON number; floats go through their shortest text, never binary."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise GraphQLError(f'{name} takes text such as "12.50", not {type(value).__name__}.')
    text = value.strip() if isinstance(value, str) else repr(value)
    if len(text) > 40:
        raise GraphQLError(f"{name} takes at most 40 characters.")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise GraphQLError(f'{name} takes text such as "12.50"; got "{text}".') from None
    if not number.is_finite():
        raise GraphQLError(f"{name} must be a finite number.")
    return number


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def parse_decimal(value: object) -> Decimal:
    """Read a `Decimal`: at most 15 digits before the point and 4 after it."""
    number = _number(value, "Decimal")
    if number and number.adjusted() >= MAX_DECIMAL_DIGITS:
        raise GraphQLError(f"Decimal takes at most {MAX_DECIMAL_DIGITS} digits before the point.")
    if number and (number.adjusted() < -MAX_DECIMAL_PLACES or _places(number) > MAX_DECIMAL_PLACES):
        raise GraphQLError(f"Decimal takes at most {MAX_DECIMAL_PLACES} decimal places.")
    return number


def parse_quantity(value: object) -> Quantity:
    """Read a `Quantity`: above zero, at most 10^9, at most three decimal places."""
    number = _number(value, "Quantity")
    if number <= 0:
        raise GraphQLError("Quantity must be greater than 0.")
    if number.adjusted() > 9 or number > MAX_QUANTITY:
        raise GraphQLError("Quantity must be at most 1000000000.")
    if number.adjusted() < -MAX_QUANTITY_PLACES or _places(number) > MAX_QUANTITY_PLACES:
        raise GraphQLError(f"Quantity takes at most {MAX_QUANTITY_PLACES} decimal places.")
    return Quantity(number)


def format_decimal(value: Any) -> str:
    """Write a number in plain notation without trailing zeros (`12.5`, never `1.25E+1`)."""
    return plain(value if isinstance(value, Decimal) else Decimal(value))


def parse_datetime(value: object) -> datetime:
    """Read an ISO 8601 instant with an offset; returns it in UTC.

    The first and the last year are refused: the database keeps their ends as infinite and gives
    them back without a time zone, and in some time zones they are no dates at all.
    """
    if not isinstance(value, str):
        raise GraphQLError('DateTime takes text such as "2026-01-31T12:00:00Z".')
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise GraphQLError('DateTime takes text such as "2026-01-31T12:00:00Z".') from None
    if moment.tzinfo is None:
        raise GraphQLError('DateTime needs an offset: end it with "Z" or "+03:00".')
    if not MINYEAR < moment.year < MAXYEAR:
        raise GraphQLError("DateTime takes years from 2 to 9998; leave out what has no end.")
    return moment.astimezone(UTC)


def format_datetime(value: datetime) -> str:
    """Write an aware instant as ISO 8601 in UTC, ending with `Z`."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact number as text: "12.50". At most 4 decimal places in input.',
        serialize=format_decimal,
        parse_value=parse_decimal,
    ),
    Quantity: strawberry.scalar(
        name="Quantity",
        description='A quantity as text: "3" or "0.125". Above 0, at most 10^9, 3 decimal places.',
        serialize=format_decimal,
        parse_value=parse_quantity,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description='An instant, ISO 8601 in UTC: "2026-01-31T12:00:00Z".',
        serialize=format_datetime,
        parse_value=parse_datetime,
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
    ),
}


def schema_config() -> StrawberryConfig:
    """Return the strawberry configuration that knows these scalars."""
    return StrawberryConfig(scalar_map=SCALARS)
