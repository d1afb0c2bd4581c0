"""Quantities and unit prices: the range the database holds, and how people read them."""

from __future__ import annotations

from decimal import Decimal

from entrepot.platform.errors import InvalidInput

QUANTITY_PLACES = 3
MAX_QUANTITY = Decimal("999999999999.999")
PRICE_PLACES = 4
MAX_UNIT_PRICE = Decimal("9999999999.9999")


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and trailing zeros: `Decimal("10.000")` is `10`."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def trimmed(value: Decimal) -> Decimal:
    """Return the same number without trailing zeros, so that `str` reads like `plain`."""
    return Decimal(plain(value))


def _checked(field: str, value: Decimal, places: int, smallest: Decimal, largest: Decimal) -> None:
    if not value.is_finite() or not smallest <= value <= largest:
        low, high = plain(smallest), plain(largest)
        raise InvalidInput(field, f"must be from {low} to {high}", f"допустимо от {low} до {high}")
    if value != round(value, places):
        raise InvalidInput(
            field,
            f"may have at most {places} decimal places",
            f"допустимо не более {places} знаков после запятой",
        )


def check_quantity_range(field: str, value: Decimal, *, zero: bool = False) -> None:
    """Raise `InvalidInput` about `field` unless the quantity is positive (or zero, if allowed).

    Refuses infinities, NaN, more than 3 places and more than `MAX_QUANTITY`.
    """
    smallest = Decimal(0) if zero else Decimal(1).scaleb(-QUANTITY_PLACES)
    _checked(field, value, QUANTITY_PLACES, smallest, MAX_QUANTITY)


def check_unit_price_range(field: str, value: Decimal) -> None:
    """Raise `InvalidInput` about `field` unless it is a positive price of at most 4 places."""
    smallest = Decimal(1).scaleb(-PRICE_PLACES)
    _checked(field, value, PRICE_PLACES, smallest, MAX_UNIT_PRICE)
