"""Which sellers to do with, where their number is limited: those that leave the least missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import comb
from uuid import UUID

from entrepot.platform.carts.sourcing.model import ZERO, Problem

MAX_SETS = 500
"""More sets of sellers are not looked through one by one; the solver has to find out."""


@dataclass(frozen=True, slots=True)
class SellerSets:
    """The least that can be missing, and every largest set of sellers that leaves just that.

    What the sellers' terms forbid is not looked at: in truth more may be missing.
    """

    shortage: Fraction
    sets: tuple[frozenset[UUID], ...]


def lacking(problem: Problem) -> list[Decimal]:
    """Return what each line lacks even if terms and the number of sellers did not matter."""
    rest = list(problem.wanted)
    for index, choice in enumerate(problem.choices):
        rest[choice.line] -= problem.most(index)
    return [max(one, ZERO) for one in rest]


def shortage_of(problem: Problem, missing: Sequence[Decimal]) -> Fraction:
    """Return the missing shares of all lines, added up."""
    pairs = zip(missing, problem.wanted, strict=True)
    return sum((Fraction(rest) / Fraction(wanted) for rest, wanted in pairs if rest), Fraction(0))


def usable_sellers(problem: Problem) -> list[UUID]:
    """Return the sellers that something can be bought from, by id."""
    usable = {c.seller_id for i, c in enumerate(problem.choices) if problem.most(i) > 0}
    return sorted(usable, key=lambda one: one.bytes)


def restricted(problem: Problem, sellers: frozenset[UUID]) -> Problem:
    """Return the problem with nothing available elsewhere; choices keep their indices."""
    choices = tuple(
        choice if choice.seller_id in sellers else replace(choice, available=ZERO)
        for choice in problem.choices
    )
    return replace(problem, choices=choices, max_sellers=None)


def best_sets(problem: Problem) -> SellerSets | None:
    """Return the sets of `max_sellers` sellers that leave least missing; None: too many sets."""
    sellers = usable_sellers(problem)
    limit = problem.max_sellers
    if limit is None or limit >= len(sellers):
        return SellerSets(shortage_of(problem, lacking(problem)), (frozenset(sellers),))
    if comb(len(sellers), limit) > MAX_SETS:
        return None
    held: dict[UUID, dict[int, Decimal]] = {seller: defaultdict(Decimal) for seller in sellers}
    for index, choice in enumerate(problem.choices):
        if most := problem.most(index):
            held[choice.seller_id][choice.line] += most
    least = Fraction(len(problem.wanted) + 1)
    found: list[frozenset[UUID]] = []
    for members in combinations(sellers, limit):
        rest = list(problem.wanted)
        for seller in members:
            for line, most in held[seller].items():
                rest[line] -= most
        shortage = shortage_of(problem, [max(one, ZERO) for one in rest])
        if shortage < least:
            least, found = shortage, []
        if shortage == least:
            found.append(frozenset(members))
    return SellerSets(least, tuple(found))
