"""Sourcing: 500 lines × 6 sellers, beside buying each line where it is cheapest."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.sourcing.greedy import cheapest_per_line
from entrepot.platform.carts.sourcing.model import Choice, PriceFrom, Problem, Terms
from entrepot.platform.carts.sourcing.solving import solve

LINES, SELLERS = 500, 6
MARKETS: tuple[tuple[str, int | None], ...] = (
    ("any number of sellers", None),
    ("at most 5 sellers", 5),
    ("at most 3 sellers", 3),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One problem: the greedy split and the solved one."""

    name: str
    seed: int
    greedy_seconds: float
    solved_seconds: float
    greedy_missing: float
    solved_missing: float
    greedy_total: Decimal
    solved_total: Decimal
    gap: Decimal | None


def market(seed: int, max_sellers: int | None) -> Problem:
    """Make a list of 500 lines with tiers, packs, short stock and terms that pull together."""
    chance = random.Random(seed)
    wanted, choices = [], []
    for line in range(LINES):
        wanted.append(Decimal(chance.randint(1, 200)))
        base = chance.uniform(5, 500)
        for seller in range(SELLERS):
            if chance.random() < 0.15:
                continue
            price = base * chance.uniform(0.85, 1.15)
            steps = [PriceFrom(Decimal(1), Decimal(f"{price:.2f}"))]
            for start in sorted(chance.sample([10, 20, 50, 100, 200], chance.randint(0, 2))):
                price *= chance.uniform(0.9, 0.98)
                steps.append(PriceFrom(Decimal(start), Decimal(f"{price:.2f}")))
            pack = Decimal(chance.choice([1, 1, 1, 5, 10, 12, 25]))
            choices.append(
                Choice(
                    offer_id=UUID(int=line * SELLERS + seller + 1),
                    seller_id=UUID(int=seller + 1),
                    line=line,
                    prices=tuple(steps),
                    sold_by=pack,
                    smallest=pack * chance.choice([1, 1, 2]),
                    available=Decimal(chance.choice([50, 100, 1000, 1000])),
                )
            )
    terms = {
        UUID(int=seller + 1): Terms(
            min_order_value=Decimal(chance.choice([0, 50_000, 200_000])),
            delivery_charge=Decimal(chance.choice([1000, 3000, 9000])),
            free_delivery_from=chance.choice([None, Decimal(300_000), Decimal(2_500_000)]),
        )
        for seller in range(SELLERS)
    }
    return Problem("RUB", tuple(wanted), tuple(choices), terms, max_sellers)


async def measure(seeds: int = 3) -> list[Measured]:
    """Solve every problem once."""
    found = []
    for name, max_sellers in MARKETS:
        for seed in range(seeds):
            problem = market(seed, max_sellers)
            started = time.perf_counter()
            greedy = cheapest_per_line(problem)
            between = time.perf_counter()
            solved = solve(problem)
            found.append(
                Measured(
                    name=name,
                    seed=seed,
                    greedy_seconds=between - started,
                    solved_seconds=time.perf_counter() - between,
                    greedy_missing=float(greedy.shortage),
                    solved_missing=float(solved.plan.shortage),
                    greedy_total=greedy.total,
                    solved_total=solved.plan.total,
                    gap=solved.gap,
                )
            )
    return found


def table(rows: list[Measured]) -> str:
    """Return the figures as a Markdown table; missing is in whole lines."""
    head = (
        "| problem | seed | cost: greedy | solved | ratio | missing: greedy | solved"
        " | s: greedy | solved | ratio | gap % |\n|" + "---|" * 11
    )
    lines = [
        f"| {row.name} | {row.seed} | {row.greedy_total:,.0f} | {row.solved_total:,.0f}"
        f" | {row.solved_total / row.greedy_total:.4f}"
        f" | {row.greedy_missing:.2f} | {row.solved_missing:.2f}"
        f" | {row.greedy_seconds:.2f} | {row.solved_seconds:.2f}"
        f" | {row.solved_seconds / row.greedy_seconds:.0f}"
        f" | {'—' if row.gap is None else f'{row.gap * 100:.4f}'} |"
        for row in rows
    ]
    return "\n".join([head, *lines])
