"""A quick better start: each line from the best one or two offers, whatever the others do.

Packs and tiers of two offers often fit together where the cheapest one alone does not. Amounts are
compared as floats; whoever takes the result prices and checks it exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from entrepot.platform.carts.sourcing.greedy import cheapest_per_line
from entrepot.platform.carts.sourcing.model import (
    ZERO,
    Choice,
    CostedSplit,
    Problem,
    cost,
    violations,
)

WORTH_IT = 1e-9


@dataclass(frozen=True, slots=True)
class _Option:
    """A choice in multiples of what it is sold by, with its net price steps."""

    index: int
    sold_by: Decimal
    smallest: Decimal
    most: int
    least: int
    steps: tuple[tuple[float, float], ...]
    starts: tuple[int, ...]

    def price(self, times: int) -> float:
        """The amount for so many multiples."""
        quantity = times * float(self.sold_by)
        unit_price = self.steps[0][1]
        for start, price in self.steps:
            if start > quantity:
                break
            unit_price = price
        return quantity * unit_price

    def covering(self, quantity: Decimal) -> int | None:
        """The least multiples that cover so much; None: there is not enough."""
        times = max(_times(quantity, self.sold_by, ROUND_CEILING), self.least)
        return times if times <= self.most else None


def _times(quantity: Decimal, sold_by: Decimal, rounding: str) -> int:
    return int((quantity / sold_by).to_integral_value(rounding=rounding))


def _option(index: int, choice: Choice, most: Decimal) -> _Option:
    tax = float(choice.tax_rate) if choice.tax_included else 0.0
    return _Option(
        index=index,
        sold_by=choice.sold_by,
        smallest=choice.smallest,
        most=_times(most, choice.sold_by, ROUND_FLOOR),
        least=_times(choice.smallest, choice.sold_by, ROUND_CEILING),
        steps=tuple(
            (float(step.quantity), float(step.unit_price) * 100 / (100 + tax))
            for step in choice.prices
        ),
        starts=tuple(
            _times(step.quantity, choice.sold_by, ROUND_CEILING) for step in choice.prices
        ),
    )


def _fills(options: list[_Option], wanted: Decimal) -> Iterator[tuple[float, dict[int, Decimal]]]:
    """Yield ways to cover a line in full from one or two offers, with what they cost."""
    for first in options:
        whole = first.covering(wanted)
        if whole is not None:
            yield first.price(whole), {first.index: whole * first.sold_by}
        below = _times(wanted, first.sold_by, ROUND_FLOOR)
        for times in {first.most, below, first.least, *first.starts}:
            rest = wanted - times * first.sold_by
            if not first.least <= times <= first.most or rest <= 0:
                continue
            for second in options:
                more = None if second is first else second.covering(rest)
                if more is None:
                    continue
                excess = more * second.sold_by - rest
                if excess < min(first.smallest, second.smallest):
                    amounts = {
                        first.index: times * first.sold_by,
                        second.index: more * second.sold_by,
                    }
                    yield first.price(times) + second.price(more), amounts


def paired(problem: Problem, start: CostedSplit) -> CostedSplit:
    """Return a better split than `start` where one is found line by line, else `start`.

    Lines that lack something stay as they are. Always allowed, if `start` is.
    """
    options: list[list[_Option]] = [[] for _ in problem.wanted]
    for index, choice in enumerate(problem.choices):
        if most := problem.most(index):
            options[choice.line].append(_option(index, choice, most))
    split = dict(start.quantities)
    for line, wanted in enumerate(problem.wanted):
        held = {one.index: split[one.index] for one in options[line] if one.index in split}
        if sum(held.values(), ZERO) < wanted:
            continue
        best = sum(
            one.price(_times(held[one.index], one.sold_by, ROUND_FLOOR))
            for one in options[line]
            if one.index in held
        )
        found: dict[int, Decimal] | None = None
        for price, amounts in _fills(options[line], wanted):
            if price < best - WORTH_IT:
                best, found = price, amounts
        if found is not None:
            for index in held:
                del split[index]
            split |= found
    costed = cost(problem, split)
    return costed if costed.rank < start.rank and not violations(problem, split) else start


def quickly(problem: Problem) -> CostedSplit:
    """Return a good split that may be ordered, found in a moment."""
    return paired(problem, cheapest_per_line(problem))
