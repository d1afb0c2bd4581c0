"""The best split: against every possible split of small problems, and large ones within limits."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest

from entrepot.platform.carts.sourcing.greedy import cheapest_per_line
from entrepot.platform.carts.sourcing.model import (
    Choice,
    PriceFrom,
    Problem,
    Terms,
    cost,
    violations,
)
from entrepot.platform.carts.sourcing.solving import solve

SELLERS = [UUID(int=number) for number in range(1, 8)]
D = Decimal


def choice(
    line: int,
    seller: int,
    prices: dict[str, str],
    *,
    sold_by: str = "1",
    smallest: str | None = None,
    available: str = "1000",
    largest: str | None = None,
) -> Choice:
    """Return a choice of the seller with that number."""
    return Choice(
        offer_id=UUID(int=1000 + line * 10 + seller),
        seller_id=SELLERS[seller],
        line=line,
        prices=tuple(PriceFrom(D(start), D(price)) for start, price in prices.items()),
        sold_by=D(sold_by),
        smallest=D(smallest or sold_by),
        available=D(available),
        largest=None if largest is None else D(largest),
    )


def problem(wanted: list[str], choices: list[Choice], **terms: Terms) -> Problem:
    """Return a problem in roubles; terms are named `s0`, `s1` …."""
    by_seller = {SELLERS[int(name[1:])]: one for name, one in terms.items()}
    return Problem("RUB", tuple(D(one) for one in wanted), tuple(choices), by_seller)


def brute_force(given: Problem) -> tuple[Fraction, Decimal]:
    """Try everything; return the best shortage and the least cost with it."""
    ranges: list[list[Decimal]] = []
    for index, one in enumerate(given.choices):
        most = given.most(index)
        quantities = [D(0)]
        quantity = one.smallest
        while most and quantity <= most:
            quantities.append(quantity)
            quantity += one.sold_by
        ranges.append(quantities)
    best: tuple[Fraction, Decimal] | None = None
    for quantities_tried in itertools.product(*ranges):
        split = {index: q for index, q in enumerate(quantities_tried) if q}
        if not violations(given, split):
            rank = cost(given, split).rank
            best = rank if best is None or rank < best else best
    assert best is not None
    return best


def random_problem(seed: int) -> Problem:
    """Make a small problem with tiers, packs, minimums, thresholds and shortages."""
    chance = random.Random(seed)
    sellers = chance.randint(1, 3)
    wanted, choices = [], []
    for line in range(chance.randint(1, 4)):
        wanted.append(str(chance.randint(1, 9)))
        for seller in range(sellers):
            if chance.random() < 0.2:
                continue
            sold_by = chance.choice([1, 1, 2, 3, 5])
            price = chance.randint(100, 2000)
            prices = {"1": str(D(price) / 100)}
            for start in sorted(chance.sample(range(2, 10), chance.randint(0, 2))):
                price = int(price * chance.uniform(0.6, 1.05))
                prices[str(start)] = str(D(price) / 100)
            choices.append(
                choice(
                    line, seller, prices,
                    sold_by=str(sold_by),
                    smallest=str(sold_by * chance.choice([1, 1, 1, 2])),
                    available=str(chance.choice([0, 2, 4, 6, 20, 20, 20])),
                    largest=chance.choice([None, None, "6"]),
                )
            )  # fmt: skip
    terms = {
        f"s{seller}": Terms(
            min_order_value=D(chance.choice([0, 0, 20, 60, 150])),
            delivery_charge=D(chance.choice([0, 5, 12, 30])),
            free_delivery_from=chance.choice([None, D(40), D(100)]),
        )
        for seller in range(sellers)
    }
    made = problem(wanted, choices, **terms)
    limit = chance.choice([None, None, 1, 2])
    return Problem(made.currency, made.wanted, made.choices, made.terms, limit)


@pytest.mark.parametrize("block", range(10))
def test_small_problems_are_solved_to_the_optimum(block: int) -> None:
    """Over 400 problems of up to 4 lines and 3 sellers: as good as the best of all splits."""
    checked = 0
    for seed in range(block * 60, block * 60 + 60):
        given = random_problem(seed)
        sizes = [given.most(i) / one.sold_by + 1 for i, one in enumerate(given.choices)]
        product = 1.0
        for size in sizes:
            product *= float(size)
        if product > 30_000:
            continue
        solved = solve(given)
        assert not violations(given, solved.plan.quantities)
        assert solved.plan.rank == brute_force(given), seed
        assert solved.optimal, seed
        assert cheapest_per_line(given).rank >= solved.plan.rank
        checked += 1
    assert checked >= 40


def test_prices_that_include_tax_and_quantities_in_thousandths() -> None:
    """1.25 kg at 12.00 with 20 % inside is 12.50 net; 0.5 and 0.75 make it, not 1.5."""
    given = problem(
        ["1.25"],
        [
            replace(
                choice(0, 0, {"0.25": "12"}, sold_by="0.5", available="0.5"),
                tax_included=True,
                tax_rate=D(20),
            ),
            choice(0, 1, {"0.25": "11"}, sold_by="0.25", available="9"),
        ],
    )
    solved = solve(given)
    assert solved.plan.quantities == {0: D("0.5"), 1: D("0.75")}
    assert solved.plan.goods == D("13.25")  # 5.00 + 8.25
    assert solved.optimal


def test_a_tier_holds_for_all_units_and_excess_is_not_bought_for_it() -> None:
    """At 10 pieces one costs 5 instead of 9; nine are still nine, and ten are cheaper than nine."""
    offer = choice(0, 0, {"1": "9", "10": "5"})
    nine, ten = solve(problem(["9"], [offer])), solve(problem(["10"], [offer]))
    assert (nine.plan.total, ten.plan.total) == (D(81), D(50))


def test_free_delivery_pulls_lines_together() -> None:
    """Each line is cheapest elsewhere by one, and delivery at ten is saved at one seller."""
    choices = [
        choice(0, 0, {"1": "50"}),
        choice(0, 1, {"1": "51"}),
        choice(1, 0, {"1": "51"}),
        choice(1, 1, {"1": "50"}),
    ]
    terms = Terms(delivery_charge=D(10), free_delivery_from=D(101))
    solved = solve(problem(["1", "1"], choices, s0=terms, s1=terms))
    assert (solved.plan.goods, solved.plan.delivery) == (D(101), D(0))
    assert cheapest_per_line(problem(["1", "1"], choices, s0=terms, s1=terms)).total == D(120)


def test_nothing_to_choose_from() -> None:
    empty = solve(problem(["3"], []))
    sold_out = solve(problem(["3"], [choice(0, 0, {"1": "1"}, available="0")]))
    too_small = solve(problem(["3"], [choice(0, 0, {"1": "1"})], s0=Terms(D(100))))
    for solved in (empty, sold_out, too_small):
        assert solved.plan.quantities == {}
        assert solved.plan.missing == (D(3),)
        assert solved.optimal


@pytest.mark.parametrize("max_sellers", [None, 3, 2])
def test_many_lines_are_split_within_the_limits(max_sellers: int | None) -> None:
    """120 lines × 5 sellers: allowed, never worse than greedy, the same again, gap known."""
    chance = random.Random(5)
    wanted, choices = [], []
    for line in range(120):
        wanted.append(str(chance.randint(1, 60)))
        base = chance.randint(500, 50_000)
        for seller in range(5):
            price = int(base * chance.uniform(0.85, 1.15))
            prices = {"1": str(D(price) / 100), "20": str(D(int(price * 0.95)) / 100)}
            pack = str(chance.choice([1, 1, 5, 12]))
            stock = str(chance.choice([0, 40, 500, 500]))
            choices.append(choice(line, seller, prices, sold_by=pack, available=stock))
    terms = {
        f"s{seller}": Terms(D(20_000), D(900), D(150_000 + 40_000 * seller)) for seller in range(5)
    }
    made = problem(wanted, choices, **terms)
    given = replace(made, max_sellers=max_sellers)
    solved, again = solve(given, seconds=120), solve(given, seconds=120)
    assert violations(given, solved.plan.quantities) == []
    assert solved.plan.rank <= cheapest_per_line(given).rank
    assert solved.gap is not None
    assert solved.gap < D("0.01")
    assert solved.plan.quantities == again.plan.quantities
    assert max_sellers is None or len(solved.plan.sellers) <= max_sellers
