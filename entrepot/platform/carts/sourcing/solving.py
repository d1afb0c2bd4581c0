"""The best split of a problem, found by HiGHS, priced and checked exactly.

First as little as possible is missing, then it costs as little as possible. Small problems are
solved to the optimum; large ones within a time limit, and the answer says how far from the optimum
it may be. One thread and a fixed seed: as long as the limit is not reached, the same problem gets
the same answer.

Where the number of sellers is limited, each set of them that leaves least missing is a problem of
its own: those whose bound is above what was found already are passed over.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from entrepot.platform.carts.sourcing.model import ZERO, CostedSplit, Problem
from entrepot.platform.carts.sourcing.pairing import quickly
from entrepot.platform.carts.sourcing.program import write
from entrepot.platform.carts.sourcing.searching import Answer, Search, gap_of
from entrepot.platform.carts.sourcing.seller_sets import (
    best_sets,
    lacking,
    restricted,
    shortage_of,
    usable_sellers,
)

MOST_SETS = 10
"""With more sets of sellers the solver is left to choose among them."""
SLACK = 1e-9
OPTIMAL = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Solved:
    """The split, and how much cheaper another one might be at most: a share of the total.

    `gap` is None where nothing is known: the time was over before that.
    """

    plan: CostedSplit
    gap: Decimal | None

    @property
    def optimal(self) -> bool:
        """Whether no split is cheaper (by more than a millionth)."""
        return self.gap is not None and self.gap <= OPTIMAL


def solve(problem: Problem, *, seconds: float = 5.0) -> Solved:
    """Return the best split that was found within about so many seconds.

    Never worse than `greedy.cheapest_per_line`, and always allowed by `violations`. Blocks,
    without the interpreter's lock while HiGHS runs: call it in a thread.
    """
    deadline = time.monotonic() + seconds
    best = quickly(problem)
    if not usable_sellers(problem):
        return Solved(best, ZERO)
    known = best_sets(problem)
    if known is not None and len(known.sets) <= MOST_SETS:
        floor: Fraction | None = known.shortage
        solved = _set_by_set([restricted(problem, one) for one in known.sets], best, deadline)
    else:
        floor, solved = None, _at_once(problem, best, deadline)
    if isinstance(solved, Solved):
        return solved
    return _with_shortage(Search(problem, write(problem), solved, deadline), floor)


def _begun(problem: Problem, best: CostedSplit, deadline: float) -> tuple[Search, list[float]]:
    """Return a search that has a split to start from, and the least that its lines lack."""
    least = [float(rest) for rest in lacking(problem)]
    best = min(best, quickly(problem), key=lambda one: one.rank)
    return Search(problem, write(problem), best, deadline), least


def _start(search: Search) -> CostedSplit | None:
    """Return the best split if this problem allows it and lines lack no more than they must."""
    best, problem = search.best, search.problem
    if any(quantity > problem.most(index) for index, quantity in best.quantities.items()):
        return None
    least = lacking(problem)
    complete = all(have <= rest for have, rest in zip(best.missing, least, strict=True))
    return best if complete else None


def _at_once(problem: Problem, best: CostedSplit, deadline: float) -> Solved | CostedSplit:
    """Search the whole problem; where more must be missing, return the best split so far."""
    search, least = _begun(problem, best, deadline)
    answer = search.run(search.program, search.program.costs, least, start=_start(search))
    if answer.infeasible:
        return search.best
    reached = list(search.best.missing) == lacking(problem)
    return Solved(search.best, gap_of(search.best, answer.bound) if reached else None)


def _set_by_set(
    problems: list[Problem], best: CostedSplit, deadline: float
) -> Solved | CostedSplit:
    """Search each set of sellers by itself, the most promising first.

    All of them leave the same shares missing if their terms allow it. Where no terms do, return
    the best split so far.
    """
    if len(problems) == 1:
        return _at_once(problems[0], best, deadline)
    begun = [_begun(problem, best, deadline) for problem in problems]
    best = min((search.best for search, _ in begun), key=lambda one: one.rank)
    floor = shortage_of(problems[0], lacking(problems[0]))
    bounded: list[tuple[float, int]] = []
    for number, (search, least) in enumerate(begun):
        answer = search.relaxed(least)
        if not answer.infeasible:
            bounded.append((answer.bound if answer.bound is not None else 0.0, number))
    lowest = float("inf")
    for place, (bound, number) in enumerate(sorted(bounded)):
        if best.shortage == floor and bound >= float(best.total):
            continue
        search, least = begun[number]
        search.best = best
        share = 0.6 if place + 1 < len(bounded) else 1.0
        costs = search.program.costs
        answer = search.run(search.program, costs, least, start=_start(search), share=share)
        if not answer.infeasible:
            lowest = min(lowest, max(bound, answer.bound or 0.0))
        best = search.best
    if best.shortage > floor:
        return best if lowest == float("inf") else Solved(best, None)
    return Solved(best, gap_of(best, min(lowest, float(best.total))))


def _with_shortage(search: Search, floor: Fraction | None) -> Solved:
    """Terms or the number of sellers keep lines from being had: first lose little, then pay little.

    `floor` is a shortage that cannot be undercut, where one is known.
    """
    program, problem = search.program, search.problem
    whole = [float(wanted) for wanted in problem.wanted]
    shares = [0.0] * len(program.costs)
    for column, wanted in zip(program.missing, problem.wanted, strict=True):
        shares[column] = 1 / float(wanted)
    proven = search.best.shortage == floor
    if not proven:
        answer: Answer = search.run(
            program, shares, whole, start=search.best, share=0.5, exact=True
        )
        least = float(search.best.shortage)
        proven = answer.bound is not None and least <= answer.bound + 2e-5
    limited = program.with_row(
        float(search.best.shortage) + SLACK, [(one, shares[one]) for one in program.missing]
    )
    answer = search.run(limited, program.costs, whole, start=search.best)
    return Solved(search.best, gap_of(search.best, answer.bound) if proven else None)
