"""How a rule list makes its prices out of another list's: pure arithmetic on unit prices.

A rule adds a percentage or an amount to a price (negative: takes it off) and rounds the result:

* `none`: to 4 places, half up;
* `to_05`: to the nearest multiple of 0.05, half up;
* `to_whole`: to the nearest whole number, half up;
* `to_99`: to the nearest price that ends in .99; from the middle between two, up.

No price falls below 0. Rounding gives nothing away: what is above 0 before it becomes at least the
smallest price of its kind (0.0001, 0.05, 1 or 0.99).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, get_args

from entrepot.platform.quantities import MAX_UNIT_PRICE

Rounding = Literal["none", "to_99", "to_05", "to_whole"]
ROUNDINGS: tuple[Rounding, ...] = get_args(Rounding)

MAX_CHAIN = 8
"""A list and those below it, at most: each is read and computed for every price."""

_ZERO = Decimal(0)
_HUNDRED = Decimal(100)
_SMALLEST = {
    "none": Decimal("0.0001"),
    "to_05": Decimal("0.05"),
    "to_whole": Decimal(1),
    "to_99": Decimal("0.99"),
}
_BELOW_WHOLE = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PriceRule:
    """One change of a price: `percent` or `amount` (exactly one of them), then the rounding."""

    percent: Decimal | None
    amount: Decimal | None
    rounding: Rounding = "none"

    def apply(self, price: Decimal) -> Decimal:
        """Return the price after the rule, at most `MAX_UNIT_PRICE`."""
        if self.percent is not None:
            changed = price * (_HUNDRED + self.percent) / _HUNDRED
        else:
            changed = price + (self.amount or _ZERO)
        return rounded(changed, self.rounding)


def rounded(price: Decimal, rounding: Rounding) -> Decimal:
    """Return the price rounded as the module says, from 0 to `MAX_UNIT_PRICE`."""
    if price <= 0:
        return _ZERO
    if price >= MAX_UNIT_PRICE:
        return MAX_UNIT_PRICE
    smallest = _SMALLEST[rounding]
    if rounding == "to_99":
        found = _nearest(price + _BELOW_WHOLE, Decimal(1)) - _BELOW_WHOLE
    else:
        found = _nearest(price, smallest)
    return min(max(found, smallest), MAX_UNIT_PRICE)


def _nearest(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step


def derived(price: Decimal, rules: Iterable[PriceRule]) -> list[Decimal]:
    """Return the price after each rule in turn; `rules` lead from the base to the list."""
    found = []
    for rule in rules:
        price = rule.apply(price)
        found.append(price)
    return found


def rules_of(
    percents: Sequence[Decimal | None],
    amounts: Sequence[Decimal | None],
    roundings: Sequence[Rounding],
) -> list[PriceRule]:
    """Return the rules from the base to the list; the columns lead from the list to the base."""
    stored = list(zip(percents, amounts, roundings, strict=True))
    return [PriceRule(*one) for one in reversed(stored)]
