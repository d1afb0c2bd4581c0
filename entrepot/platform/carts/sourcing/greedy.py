"""The split of somebody in a hurry: each line where it is cheapest, then what terms forbid mended.

It is the start of the search and its floor: nothing dearer is ever proposed.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from uuid import UUID

from entrepot.platform.carts.sourcing.model import (
    Choice,
    CostedSplit,
    Problem,
    cost,
    violations,
)


def _orderable(choice: Choice, quantity: Decimal) -> Decimal:
    """Return the least quantity of the choice that covers so much."""
    times = (quantity / choice.sold_by).to_integral_value(rounding=ROUND_CEILING)
    return max(times * choice.sold_by, choice.smallest)


def _fill(problem: Problem, members: list[int], wanted: Decimal) -> dict[int, Decimal]:
    """Fill one line from its choices, each time from the one that is cheapest for the rest."""
    filled: dict[int, Decimal] = {}
    rest, left = wanted, [index for index in members if problem.most(index) > 0]
    while rest > 0 and left:

        def price(index: int, rest: Decimal = rest) -> tuple[Decimal, int]:
            choice = problem.choices[index]
            quantity = min(_orderable(choice, rest), problem.most(index))
            return choice.goods(quantity, problem.currency) / min(quantity, rest), index

        best = min(left, key=price)
        left.remove(best)
        quantity = min(_orderable(problem.choices[best], rest), problem.most(best))
        filled[best] = quantity
        rest -= quantity
    return _without_excess(problem, filled, -rest)


def _without_excess(
    problem: Problem, filled: dict[int, Decimal], excess: Decimal
) -> dict[int, Decimal]:
    """Buy less of the earlier choices as far as the last one's pack made them superfluous."""
    for index in list(filled):
        choice = problem.choices[index]
        while excess >= choice.sold_by and filled[index] - choice.sold_by >= choice.smallest:
            spare = (excess / choice.sold_by).to_integral_value(rounding=ROUND_FLOOR)
            over = (filled[index] - choice.smallest) / choice.sold_by
            dropped = min(spare, over) * choice.sold_by
            filled[index] -= dropped
            excess -= dropped
        if excess >= filled[index]:
            excess -= filled.pop(index)
    return filled


def _try(problem: Problem, sellers: frozenset[UUID]) -> CostedSplit:
    by_line: list[list[int]] = [[] for _ in problem.wanted]
    for index, choice in enumerate(problem.choices):
        if choice.seller_id in sellers:
            by_line[choice.line].append(index)
    split: dict[int, Decimal] = {}
    for line, members in enumerate(by_line):
        split |= _fill(problem, members, problem.wanted[line])
    return cost(problem, split)


def _to_drop(problem: Problem, tried: CostedSplit) -> UUID | None:
    """Return the seller to do without: far below its minimum, or the least of too many."""
    short = {
        one.seller_id: one.goods / minimum
        for one in tried.sellers
        if (minimum := problem.terms_of(one.seller_id).min_order_value) > one.goods
    }
    if short:
        return min(short, key=lambda seller: (short[seller], seller.bytes))
    if problem.max_sellers is not None and len(tried.sellers) > problem.max_sellers:
        return min(tried.sellers, key=lambda one: (one.goods, one.seller_id.bytes)).seller_id
    return None


def cheapest_per_line(problem: Problem) -> CostedSplit:
    """Return a split that may be ordered, found without search; at worst it buys nothing."""
    sellers = frozenset(choice.seller_id for choice in problem.choices)
    while True:
        tried = _try(problem, sellers)
        dropped = _to_drop(problem, tried)
        if dropped is None:
            return tried if not violations(problem, tried.quantities) else cost(problem, {})
        sellers -= {dropped}
