"""Amounts of money: exact decimals, rounded once a line, half-up, to the currency's minor unit.

Minor units follow ISO 4217.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MINOR_DIGITS = {
    "RUB": 2, "USD": 2, "EUR": 2, "GBP": 2, "CNY": 2, "KZT": 2, "BYN": 2, "TRY": 2, "AED": 2,
    "PLN": 2, "CHF": 2, "SEK": 2, "JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3,
}  # fmt: skip


class UnknownCurrency(ValueError):
    """The code is not one of `MINOR_DIGITS`."""


def minor_digits(currency: str) -> int:
    """Return the number of decimal places of the currency. Raises `UnknownCurrency`."""
    try:
        return MINOR_DIGITS[currency]
    except KeyError:
        raise UnknownCurrency(currency) from None


def round_minor(amount: Decimal, currency: str) -> Decimal:
    """Round half-up (away from zero) to the currency's minor unit."""
    step = Decimal(1).scaleb(-minor_digits(currency))
    return amount.quantize(step, rounding=ROUND_HALF_UP)


def plain_amount(amount: Decimal, currency: str) -> str:
    """Write an amount with the places of its currency: `100.00` of RUB, `100` of JPY."""
    return f"{amount:.{minor_digits(currency)}f}"


def told_amount(amount: Decimal, currency: str) -> str:
    """Write an amount for a sentence: `300` and `21539.80` of RUB, more places if it has more."""
    text = format(amount, "f")
    whole, _, places = text.partition(".")
    places = places.rstrip("0")
    return f"{whole}.{places.ljust(minor_digits(currency), '0')}" if places else whole


def to_minor(amount: Decimal, currency: str) -> int:
    """Return the amount in whole minor units (kopecks, cents), rounded half-up."""
    return int(round_minor(amount, currency).scaleb(minor_digits(currency)))


def from_minor(units: int, currency: str) -> Decimal:
    """Return the decimal amount of whole minor units."""
    return Decimal(units).scaleb(-minor_digits(currency))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount and its ISO 4217 currency; only equal currencies add."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount + other.amount, self.currency)

    def rounded(self) -> Money:
        """Return the amount rounded to the minor unit."""
        return Money(round_minor(self.amount, self.currency), self.currency)
