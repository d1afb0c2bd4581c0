"""A sourcing problem as a mixed-integer program for HiGHS.

Columns: for each choice and step of its prices the number of multiples bought at that price, and
where needed a binary that says that the step applies (all units cost the price of the step
reached); for each line what is missing and what is in excess; for each seller whether it is used
and whether it delivers free of charge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, Decimal
from uuid import UUID

import highspy
import numpy as np

from entrepot.platform.carts.sourcing.model import ZERO, Choice, Problem, Split
from entrepot.platform.quantities import QUANTITY_PLACES

INFINITE = highspy.kHighsInf
SMALLEST_QUANTITY = Decimal(1).scaleb(-QUANTITY_PLACES)
ROW_WISE = 2  # HighsMatrixFormat.kRowwise


@dataclass(frozen=True, slots=True)
class Step:
    """A column: so many multiples of a choice, between bounds, at one net price a multiple."""

    column: int
    least: int
    most: int
    price: float
    applies: int | None
    """The binary that says so; None: the only step, from nothing on."""


def _net_price(choice: Choice, unit_price: Decimal) -> float:
    hundred = Decimal(100)
    net = unit_price * hundred / (hundred + choice.tax_rate) if choice.tax_included else unit_price
    return float(net * choice.sold_by)


def _multiples(choice: Choice, quantity: Decimal) -> int:
    return int((quantity / choice.sold_by).to_integral_value(rounding=ROUND_CEILING))


@dataclass(slots=True)
class Program:
    """Columns and rows as they are built; `steps` of each choice, `missing` of each line."""

    costs: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integral: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    steps: dict[int, list[Step]] = field(default_factory=dict)
    missing: list[int] = field(default_factory=list)
    used: dict[UUID, int] = field(default_factory=dict)
    free: dict[UUID, int] = field(default_factory=dict)

    def column(self, upper: float, cost: float = 0.0, *, integral: bool = True) -> int:
        """Add a column from 0 to `upper`; returns its index."""
        self.costs.append(cost)
        self.upper.append(upper)
        self.integral.append(1 if integral else 0)
        return len(self.costs) - 1

    def row(self, lower: float, upper: float, members: Sequence[tuple[int, float]]) -> None:
        """Add `lower ≤ Σ value × column ≤ upper`."""
        self.starts.append(len(self.indices))
        self.indices += [column for column, _ in members]
        self.values += [value for _, value in members]
        self.row_lower.append(lower)
        self.row_upper.append(upper)

    def with_row(self, upper: float, members: Sequence[tuple[int, float]]) -> Program:
        """Return the program with one more row: the members add up to at most `upper`."""
        wider = replace(
            self,
            starts=list(self.starts),
            indices=list(self.indices),
            values=list(self.values),
            row_lower=list(self.row_lower),
            row_upper=list(self.row_upper),
        )
        wider.row(-INFINITE, upper, members)
        return wider

    def load(
        self,
        solver: highspy.Highs,
        costs: Sequence[float],
        missing: Sequence[float],
        *,
        whole: bool = True,
    ) -> None:
        """Hand the program over, with these costs and at most so much missing of each line.

        Without `whole`, parts of packs and of decisions will do.
        """
        upper = np.array(self.upper)
        upper[self.missing] = missing
        solver.passModel(
            len(self.costs), len(self.row_lower), len(self.values), ROW_WISE, 1, 0.0,
            np.array(costs), np.zeros(len(self.costs)), upper,
            np.array(self.row_lower), np.array(self.row_upper),
            np.array(self.starts, dtype=np.int32), np.array(self.indices, dtype=np.int32),
            np.array(self.values), np.array(self.integral, dtype=np.int32) * whole,
        )  # fmt: skip

    def split(self, problem: Problem, columns: Sequence[float]) -> dict[int, Decimal]:
        """Read a solution back in exact quantities."""
        found: dict[int, Decimal] = {}
        for index, steps in self.steps.items():
            times = sum(round(columns[step.column]) for step in steps)
            if times > 0:
                found[index] = times * problem.choices[index].sold_by
        return found

    def start(self, problem: Problem, split: Split) -> Mapping[int, float]:
        """Return a split as values of the integral columns, for HiGHS to start from."""
        values = {column: 0.0 for column, kind in enumerate(self.integral) if kind}
        goods: dict[UUID, float] = defaultdict(float)
        for index, quantity in split.items():
            choice = problem.choices[index]
            times = _multiples(choice, quantity)
            step = next(s for s in reversed(self.steps[index]) if s.least <= times)
            values[step.column] = times
            if step.applies is not None:
                values[step.applies] = 1.0
            goods[choice.seller_id] += step.price * times
        for seller_id, worth in goods.items():
            values[self.used[seller_id]] = 1.0
            free_from = problem.terms_of(seller_id).free_delivery_from
            if seller_id in self.free and free_from is not None and worth >= float(free_from):
                values[self.free[seller_id]] = 1.0
        return values


def _add_sellers(program: Program, problem: Problem) -> None:
    sellers = {c.seller_id for i, c in enumerate(problem.choices) if problem.most(i) > 0}
    for seller_id in sorted(sellers, key=lambda one: one.bytes):
        terms = problem.terms_of(seller_id)
        charge = float(terms.delivery_charge)
        program.used[seller_id] = program.column(1, charge)
        if charge > 0 and terms.free_delivery_from is not None:
            program.free[seller_id] = program.column(1, -charge)
            free, used = program.free[seller_id], program.used[seller_id]
            program.row(-INFINITE, 0, [(free, 1.0), (used, -1.0)])


def _add_steps(program: Program, problem: Problem, index: int, *, needs_binary: bool) -> None:
    choice = problem.choices[index]
    least, most = _multiples(choice, choice.smallest), _multiples(choice, problem.most(index))
    froms = [max(_multiples(choice, step.quantity), least) for step in choice.prices]
    froms[0] = least
    used = program.used[choice.seller_id]
    ends = [*(start - 1 for start in froms[1:]), most]
    reached = [
        (start, min(end, most), step)
        for start, end, step in zip(froms, ends, choice.prices, strict=True)
        if start <= min(end, most)
    ]
    steps = program.steps[index] = []
    for start, end, step in reached:
        price = _net_price(choice, step.unit_price)
        column = program.column(end, price)
        if len(reached) == 1 and start <= 1 and not needs_binary:
            program.row(-INFINITE, 0, [(column, 1.0), (used, -float(end))])
            steps.append(Step(column, start, end, price, None))
            continue
        applies = program.column(1)
        program.row(-INFINITE, 0, [(column, 1.0), (applies, -float(end))])
        program.row(0, INFINITE, [(column, 1.0), (applies, -float(start))])
        steps.append(Step(column, start, end, price, applies))
    binaries = [step.applies for step in steps if step.applies is not None]
    if binaries:
        program.row(-INFINITE, 0, [*((one, 1.0) for one in binaries), (used, -1.0)])


def _add_line(program: Program, problem: Problem, line: int, members: Sequence[int]) -> None:
    wanted = problem.wanted[line]
    # an excess stays below the smallest order of each choice that is used
    limits = {i: problem.choices[i].smallest - SMALLEST_QUANTITY for i in members}
    widest = max(limits.values(), default=ZERO)
    for index in members:
        _add_steps(program, problem, index, needs_binary=limits[index] < widest)
    missing = program.column(float(wanted), integral=False)
    excess = program.column(float(widest), integral=False)
    program.missing.append(missing)
    multiples = [
        (step.column, float(problem.choices[index].sold_by))
        for index in members
        for step in program.steps[index]
    ]
    balance = [*multiples, (missing, 1.0), (excess, -1.0)]
    program.row(float(wanted), float(wanted), balance)
    for index, limit in limits.items():
        if limit < widest:
            binaries = [(s.applies, float(widest - limit)) for s in program.steps[index]]
            held = [(column, value) for column, value in binaries if column is not None]
            program.row(-INFINITE, float(widest), [(excess, 1.0), *held])


def _add_terms(program: Program, problem: Problem) -> None:
    worth: dict[UUID, list[tuple[int, float]]] = defaultdict(list)
    for index, steps in program.steps.items():
        seller_id = problem.choices[index].seller_id
        worth[seller_id] += [(step.column, step.price) for step in steps]
    for seller_id, used in program.used.items():
        terms = problem.terms_of(seller_id)
        if terms.min_order_value > 0:
            row = [*worth[seller_id], (used, -float(terms.min_order_value))]
            program.row(0, INFINITE, row)
        if seller_id in program.free and terms.free_delivery_from is not None:
            row = [*worth[seller_id], (program.free[seller_id], -float(terms.free_delivery_from))]
            program.row(0, INFINITE, row)
    if problem.max_sellers is not None:
        row = [(used, 1.0) for used in program.used.values()]
        program.row(-INFINITE, float(problem.max_sellers), row)


def write(problem: Problem) -> Program:
    """Return the program of a problem that has at least one usable choice."""
    program = Program()
    members: list[list[int]] = [[] for _ in problem.wanted]
    for index, choice in enumerate(problem.choices):
        if problem.most(index) > 0:
            members[choice.line].append(index)
    _add_sellers(program, problem)
    for line, of_line in enumerate(members):
        _add_line(program, problem, line, of_line)
    _add_terms(program, problem)
    return program
