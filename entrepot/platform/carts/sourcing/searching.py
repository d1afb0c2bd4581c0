"""HiGHS at work on one problem: what it finds is checked and priced exactly before it counts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import highspy
import numpy as np

from entrepot.platform.carts.sourcing.model import CostedSplit, Problem, cost, violations
from entrepot.platform.carts.sourcing.program import INFINITE, Program

EXACT_LINES = 25
"""Up to so many lines the optimum is sought; beyond, a gap of `RELATIVE_GAP` is good enough."""
RELATIVE_GAP = 1e-4
TINY_GAP = 1e-5  # in the unit of the costs


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run proved: nothing costs less than `bound`, or nothing is possible at all."""

    bound: float | None
    infeasible: bool


@dataclass(slots=True)
class Search:
    """One problem, its program, the best split so far and until when to look for better ones."""

    problem: Problem
    program: Program
    best: CostedSplit
    deadline: float

    @property
    def seconds_left(self) -> float:
        """How long it may go on."""
        return max(self.deadline - time.monotonic(), 0.0)

    def _solver(self, seconds: float, gap: float) -> highspy.Highs:
        solver = highspy.Highs()  # type: ignore[no-untyped-call]  # its __init__ lacks types
        for name, value in (
            ("output_flag", False), ("threads", 1), ("parallel", "off"), ("random_seed", 7),
            ("time_limit", max(seconds, 0.1)), ("mip_rel_gap", gap), ("mip_abs_gap", TINY_GAP),
        ):  # fmt: skip
            solver.setOptionValue(name, value)
        return solver

    def run(
        self,
        program: Program,
        costs: Sequence[float],
        missing: Sequence[float],
        *,
        start: CostedSplit | None,
        share: float = 1.0,
        exact: bool = False,
    ) -> Answer:
        """Minimise for a share of the time that is left; a better split is kept as `best`."""
        gap = 0.0 if exact or len(self.problem.wanted) <= EXACT_LINES else RELATIVE_GAP
        solver = self._solver(self.seconds_left * share, gap)
        program.load(solver, costs, missing)
        if start is not None:
            values = program.start(self.problem, start.quantities)
            columns = np.array(list(values), dtype=np.int32)
            solver.setSolution(len(values), columns, np.array(list(values.values())))
        solver.run()
        info = solver.getInfo()
        feasible = int(highspy.SolutionStatus.kSolutionStatusFeasible)
        if info.primal_solution_status == feasible:
            split = program.split(self.problem, list(solver.getSolution().col_value))
            if not violations(self.problem, split):  # they may be, by the solver's tolerances
                self.best = min(self.best, cost(self.problem, split), key=lambda one: one.rank)
        bound = info.mip_dual_bound if abs(info.mip_dual_bound) < INFINITE else None
        return Answer(bound, solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible)

    def relaxed(self, missing: Sequence[float]) -> Answer:
        """Return a bound without a search: what it would cost if nothing had to be whole."""
        solver = self._solver(self.seconds_left, 0.0)
        self.program.load(solver, self.program.costs, missing, whole=False)
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return Answer(solver.getInfo().objective_function_value, False)
        return Answer(None, status == highspy.HighsModelStatus.kInfeasible)


def gap_of(best: CostedSplit, bound: float | None) -> Decimal | None:
    """Return how much of the best split's total another one might save."""
    if bound is None:
        return None
    total = float(best.total)
    share = (total - bound) / total if total > 0 else 0.0
    return Decimal(str(round(max(share, 0.0), 6)))
