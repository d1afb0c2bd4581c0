"""What is to be sourced from whom, what a split costs, and whether it may be ordered so.

Pure: exact decimals, no solver, no database. Amounts are net of tax, in one currency. Quantities
are in the product's unit. A split says how much of which choice is bought: index of the choice →
quantity; what is not bought is not in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from uuid import UUID

from entrepot.platform.orders.rules import line_amounts

ZERO = Decimal(0)
Split = Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class PriceFrom:
    """The unit price of all units when at least `quantity` is bought."""

    quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Choice:
    """An offer that could deliver a wanted line, with this buyer's prices in rising quantities.

    Every order is a multiple of `sold_by`, at least `smallest` (a multiple too) and at most
    `largest`. `tax_rate` is the percentage inside a price that includes tax.
    """

    offer_id: UUID
    seller_id: UUID
    line: int
    prices: tuple[PriceFrom, ...]
    sold_by: Decimal
    smallest: Decimal
    available: Decimal
    largest: Decimal | None = None
    lead_time_days: int = 0
    tax_included: bool = False
    tax_rate: Decimal = ZERO

    def unit_price(self, quantity: Decimal) -> Decimal:
        """Return the price of one unit when so much is bought."""
        reached = [step for step in self.prices if step.quantity <= quantity]
        return (reached or self.prices[:1])[-1].unit_price

    def goods(self, quantity: Decimal, currency: str) -> Decimal:
        """Return the net amount of so much, rounded once as in an order line."""
        return line_amounts(
            quantity,
            self.unit_price(quantity),
            offer_rate=self.tax_rate,
            charged_rate=ZERO,
            tax_included=self.tax_included,
            currency=currency,
        ).net

    def most(self, wanted: Decimal) -> Decimal:
        """Return the most that makes sense: `wanted` rounded up, or all there is; 0: unusable."""
        held = self.available if self.largest is None else min(self.available, self.largest)
        times = (held / self.sold_by).to_integral_value(rounding=ROUND_FLOOR)
        needed = (wanted / self.sold_by).to_integral_value(rounding=ROUND_CEILING)
        most = min(times * self.sold_by, max(needed * self.sold_by, self.smallest))
        return most if most >= self.smallest else ZERO


@dataclass(frozen=True, slots=True)
class Terms:
    """What a seller asks of an order beside the prices: net values of its goods."""

    min_order_value: Decimal = ZERO
    delivery_charge: Decimal = ZERO
    free_delivery_from: Decimal | None = None

    def delivery(self, goods: Decimal) -> Decimal:
        """Return the delivery charge of an order of so much."""
        free = self.free_delivery_from is not None and goods >= self.free_delivery_from
        return ZERO if free else self.delivery_charge


NO_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wanted (quantity of each line, above 0) and the choices for it."""

    currency: str
    wanted: tuple[Decimal, ...]
    choices: tuple[Choice, ...]
    terms: Mapping[UUID, Terms] = field(default_factory=dict)
    max_sellers: int | None = None

    def terms_of(self, seller_id: UUID) -> Terms:
        """Return a seller's terms; a seller without any asks for nothing."""
        return self.terms.get(seller_id, NO_TERMS)

    def most(self, index: int) -> Decimal:
        """Return the most that may be bought of a choice."""
        choice = self.choices[index]
        return choice.most(self.wanted[choice.line])


@dataclass(frozen=True, slots=True)
class SellerCost:
    """What one seller would get."""

    seller_id: UUID
    goods: Decimal
    delivery: Decimal


@dataclass(frozen=True, slots=True)
class CostedSplit:
    """A split with its exact price; `missing` is what each line lacks."""

    quantities: Mapping[int, Decimal]
    sellers: tuple[SellerCost, ...]
    missing: tuple[Decimal, ...]
    shortage: Fraction
    """The missing shares of all lines, added up: 0 where everything is had."""

    @property
    def goods(self) -> Decimal:
        """The net value of all goods."""
        return sum((one.goods for one in self.sellers), ZERO)

    @property
    def delivery(self) -> Decimal:
        """All delivery charges."""
        return sum((one.delivery for one in self.sellers), ZERO)

    @property
    def total(self) -> Decimal:
        """Goods and delivery."""
        return self.goods + self.delivery

    @property
    def rank(self) -> tuple[Fraction, Decimal]:
        """What makes a split better than another, if less: first shortage, then cost."""
        return self.shortage, self.total


def _bought(problem: Problem, split: Split) -> list[Decimal]:
    bought = [ZERO] * len(problem.wanted)
    for index, quantity in split.items():
        bought[problem.choices[index].line] += quantity
    return bought


def cost(problem: Problem, split: Split) -> CostedSplit:
    """Price a split exactly, whether or not it may be ordered so."""
    goods: dict[UUID, Decimal] = defaultdict(Decimal)
    for index, quantity in split.items():
        choice = problem.choices[index]
        goods[choice.seller_id] += choice.goods(quantity, problem.currency)
    sellers = tuple(
        SellerCost(seller_id, value, problem.terms_of(seller_id).delivery(value))
        for seller_id, value in sorted(goods.items(), key=lambda item: item[0].bytes)
    )
    pairs = zip(problem.wanted, _bought(problem, split), strict=True)
    missing = tuple(max(wanted - had, ZERO) for wanted, had in pairs)
    shares = (Fraction(m) / Fraction(w) for m, w in zip(missing, problem.wanted, strict=True) if m)
    return CostedSplit(dict(split), sellers, missing, sum(shares, Fraction(0)))


def violations(problem: Problem, split: Split) -> list[str]:
    """Say why a split may not be ordered so; nothing where it may.

    Beside what the sellers ask: what a line gets above what is wanted is less than the smallest
    order of each choice it is bought from. Packs may force an excess, low prices do not.
    """
    found: list[str] = []
    bought = _bought(problem, split)
    for index, quantity in split.items():
        choice = problem.choices[index]
        if quantity % choice.sold_by or not choice.smallest <= quantity <= problem.most(index):
            found.append(f"choice {index}: {quantity} cannot be ordered")
        if bought[choice.line] - problem.wanted[choice.line] >= choice.smallest:
            found.append(f"choice {index}: {quantity} is more than packs demand")
    costed = cost(problem, split)
    for seller in costed.sellers:
        if seller.goods < problem.terms_of(seller.seller_id).min_order_value:
            found.append(f"seller {seller.seller_id}: {seller.goods} is below the minimum")
    if problem.max_sellers is not None and len(costed.sellers) > problem.max_sellers:
        found.append(f"{len(costed.sellers)} sellers")
    return found
