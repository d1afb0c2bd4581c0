"""The best split of a problem, found by HiGHS, priced and checked exactly.

First as little as possible is missing, then it costs as little as possible. Small problems are
solved to the optimum; large ones within a time limit, and the answer says how far from the optimum
it may be. One thread and a fixed seed: as long as the limit is not reached, the same problem gets
the same answer.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import highspy
import numpy as np

from entrepot.platform.carts.sourcing.greedy import cheapest_per_line
from entrepot.platform.carts.sourcing.model import ZERO, CostedSplit, Problem, cost, violations
from entrepot.platform.carts.sourcing.program import INFINITE, Program, write
from entrepot.platform.carts.sourcing.seller_sets import (
    best_sets,
    lacking,
    restricted,
    shortage_of,
    usable_sellers,
)

EXACT_LINES = 25
"""Up to so many lines the optimum is sought; beyond, a gap of `RELATIVE_GAP` is good enough."""
RELATIVE_GAP = 1e-4
TRIED_SETS = 20
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


@dataclass(frozen=True, slots=True)
class _Answer:
    columns: Sequence[float] | None
    bound: float | None
    infeasible: bool


@dataclass(slots=True)
class _Search:
    """One problem, its program, the best split so far and the time that is left."""

    problem: Problem
    best: CostedSplit
    deadline: float
    program: Program

    def run(
        self,
        program: Program,
        costs: Sequence[float],
        missing: Sequence[float],
        *,
        start: CostedSplit | None,
        share: float = 1.0,
        exact: bool = False,
    ) -> _Answer:
        """Let HiGHS minimise; a better split is kept as `best`."""
        seconds = max((self.deadline - time.monotonic()) * share, 0.1)
        gap = 0.0 if exact or len(self.problem.wanted) <= EXACT_LINES else RELATIVE_GAP
        solver = highspy.Highs()  # type: ignore[no-untyped-call]  # its __init__ lacks types
        for name, value in (
            ("output_flag", False), ("threads", 1), ("parallel", "off"), ("random_seed", 7),
            ("time_limit", seconds), ("mip_rel_gap", gap), ("mip_abs_gap", 1e-5),
        ):  # fmt: skip
            solver.setOptionValue(name, value)
        program.load(solver, costs, missing)
        if start is not None:
            values = program.start(self.problem, start.quantities)
            columns = np.array(list(values), dtype=np.int32)
            solver.setSolution(len(values), columns, np.array(list(values.values())))
        solver.run()
        info = solver.getInfo()
        known = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
        found = list(solver.getSolution().col_value) if known else None
        if found is not None:
            split = program.split(self.problem, found)
            if not violations(self.problem, split):  # they may be, by the solver's tolerances
                self.best = min(self.best, cost(self.problem, split), key=lambda one: one.rank)
        bound = info.mip_dual_bound if abs(info.mip_dual_bound) < INFINITE else None
        infeasible = solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible
        return _Answer(found, bound, infeasible)

    def gap(self, answer: _Answer) -> Decimal | None:
        """Return how much of the best split's total another one might save."""
        if answer.bound is None:
            return None
        total = float(self.best.total)
        share = (total - answer.bound) / total if total > 0 else 0.0
        return Decimal(str(round(max(share, 0.0), 6)))


def solve(problem: Problem, *, seconds: float = 5.0) -> Solved:
    """Return the best split that was found within about so many seconds.

    Never worse than `cheapest_per_line`, and always allowed by `violations`. Blocks, without the
    interpreter's lock while HiGHS runs: call it in a thread.
    """
    deadline = time.monotonic() + seconds
    best = cheapest_per_line(problem)
    if not usable_sellers(problem):
        return Solved(best, ZERO)
    known = best_sets(problem)
    floor: Fraction | None = None
    narrowed = problem
    if known is not None:
        floor = known.shortage
        for sellers in known.sets[:TRIED_SETS]:
            tried = cheapest_per_line(restricted(problem, sellers))
            best = min(best, tried, key=lambda one: one.rank)
        if len(known.sets) == 1:
            narrowed = restricted(problem, known.sets[0])
    search = _Search(narrowed, best, deadline, write(narrowed))
    least = lacking(narrowed)
    if floor is None or shortage_of(narrowed, least) == floor:
        complete = all(have <= rest for have, rest in zip(best.missing, least, strict=True))
        start = best if complete else None
        limits = [float(rest) for rest in least]
        answer = search.run(search.program, search.program.costs, limits, start=start)
        if not answer.infeasible:
            reached = list(search.best.missing) == least
            return Solved(search.best, search.gap(answer) if reached else None)
    if narrowed is not problem:
        search = replace(search, problem=problem, program=write(problem))
    return _with_shortage(search, floor)


def _with_shortage(search: _Search, floor: Fraction | None) -> Solved:
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
        answer = search.run(program, shares, whole, start=search.best, share=0.5, exact=True)
        least = float(search.best.shortage)
        proven = answer.bound is not None and least <= answer.bound + 2e-5
    limited = program.with_row(
        float(search.best.shortage) + SLACK, [(one, shares[one]) for one in program.missing]
    )
    answer = search.run(limited, program.costs, whole, start=search.best)
    return Solved(search.best, search.gap(answer) if proven else None)
