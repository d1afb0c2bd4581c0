"""What each kind of promotion takes off lines: exact arithmetic in whole minor units.

Whole numbers and fractions keep every step exact, so only the one rounding of each line (half-up)
decides; where one total is spread over lines (bundles, free units), the shares sum to it to the
minor unit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from uuid import UUID

from entrepot.platform.money import minor_digits, to_minor
from entrepot.platform.pricing.promotions.terms import Promotion, PromotionKind
from entrepot.platform.quantities import PRICE_PLACES, QUANTITY_PLACES

HALF = Fraction(1, 2)
FINE_PLACES = QUANTITY_PLACES + PRICE_PLACES
FINE = 10**FINE_PLACES
"""A quantity times a price is a whole number of minor units / FINE: exact, and fast to reckon."""
PERCENT = 10 ** (PRICE_PLACES + 2)
"""What a percentage with its four places is a whole number of parts of."""
Taking = dict[UUID, int]
"""Minor units off lines, by key; taken together or not at all."""


@dataclass(frozen=True, slots=True)
class PromotionLine:
    """A line at its resolved price; `cost` is of one unit, in the terms of the price."""

    key: UUID
    offer_id: UUID
    category_path: str
    quantity: Decimal
    unit_price: Decimal
    cost: Decimal | None = None


def half_up(value: Fraction) -> int:
    """Round a value that is not negative, half-up."""
    return floor(value + HALF)


def divided(value: int, by: int) -> int:
    """Divide a value that is not negative, and round half-up."""
    return (2 * value + by) // (2 * by)


def spread(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Share `total` out in proportion; the shares sum to it.

    No share exceeds its weight rounded up, as long as the total does not exceed the weights' sum.
    """
    whole = sum(weights, Fraction(0))
    shares, before, so_far = [], 0, Fraction(0)
    for weight in weights:
        so_far += weight
        reached = half_up(total * so_far / whole) if whole else 0
        shares.append(reached - before)
        before = reached
    return shares


class Goods:
    """The lines of a part while promotions are applied: what is left of each, in minor units.

    `left` is the rounded value of a line less what was taken: no more can be taken. Lines are kept
    by (offer, key), so that nothing depends on the order they come in.
    """

    def __init__(self, lines: Sequence[PromotionLine], currency: str) -> None:
        self._currency = currency
        self._scale: int = 10 ** minor_digits(currency)
        self.of_offer: dict[UUID, list[PromotionLine]] = defaultdict(list)
        self.quantity: dict[UUID, Decimal] = defaultdict(Decimal)
        self.left: dict[UUID, int] = {}
        self._fine: dict[UUID, int] = {}
        self._whole: dict[UUID, int] = {}
        self._most: dict[UUID, int] = {}
        for line in sorted(lines, key=lambda one: (one.offer_id, one.key)):
            self.of_offer[line.offer_id].append(line)
            self.quantity[line.offer_id] += line.quantity
            value = int((line.quantity * line.unit_price).scaleb(FINE_PLACES)) * self._scale
            self._fine[line.key] = value
            self._whole[line.key] = divided(value, FINE)
            if line.cost is not None:
                cost = Fraction(line.quantity * line.cost) * self._scale
                self._most[line.key] = ceil(Fraction(value, FINE) - cost)
        self.left = dict(self._whole)

    def untouched(self) -> Goods:
        """Return the same lines with nothing taken off."""
        fresh = copy(self)
        fresh.left = dict(self._whole)
        return fresh

    def covered(self, promotion: Promotion) -> list[UUID]:
        """Return the offers that the promotion is for, by id."""
        return [
            offer_id
            for offer_id, lines in self.of_offer.items()
            if promotion.covers(offer_id, lines[0].category_path)
        ]

    def enough(self, promotion: Promotion, offer_id: UUID) -> bool:
        """Say whether the order holds the least quantity of the offer."""
        return self.quantity[offer_id] >= promotion.least_quantity

    def sets(self, promotion: Promotion) -> int:
        """Return how many full sets of a bundle the goods hold."""
        return min(
            int(self.quantity.get(offer_id, Decimal(0)) // quantity)
            for offer_id, quantity in promotion.items.items()
        )

    def below_cost(self, taking: Taking) -> bool:
        """Say whether a line would be sold below cost by a whole minor unit or more."""
        return any(
            units and self._taken(key) + units > self._most[key]
            for key, units in taking.items()
            if key in self._most
        )

    def _taken(self, key: UUID) -> int:
        return self._whole[key] - self.left[key]

    def share(self, key: UUID, percent: int) -> int:
        """Return that many parts of `PERCENT` of the exact value left of a line, rounded once."""
        remaining = max(self._fine[key] - self._taken(key) * FINE, 0)
        return min(divided(remaining * percent, FINE * PERCENT), self.left[key])

    def take(self, taking: Taking) -> None:
        """Take the units off the lines."""
        for key, units in taking.items():
            self.left[key] -= units

    def minor(self, amount: Decimal) -> int:
        """Return an amount in minor units, rounded half-up."""
        return to_minor(amount, self._currency)


def takings(goods: Goods, promotion: Promotion) -> Iterator[Taking]:
    """Yield what the promotion takes: a bundle at once, other kinds offer by offer."""
    if promotion.kind is PromotionKind.BUNDLE:
        yield _bundle(goods, promotion)
        return
    for offer_id in goods.covered(promotion):
        if not goods.enough(promotion, offer_id):
            continue
        lines = goods.of_offer[offer_id]
        if promotion.kind is PromotionKind.BUY_N_GET_M:
            yield _free_units(goods, promotion, lines, goods.quantity[offer_id])
        elif promotion.percent is not None:
            percent = int(promotion.percent.scaleb(PRICE_PLACES))
            yield {line.key: goods.share(line.key, percent) for line in lines}
        else:
            amount = promotion.amount or Decimal(0)
            yield {
                line.key: min(goods.minor(line.quantity * amount), goods.left[line.key])
                for line in lines
            }


def _free_units(
    goods: Goods, promotion: Promotion, lines: Sequence[PromotionLine], quantity: Decimal
) -> Taking:
    """Of every `buy + free` units of an offer, `free` cost nothing."""
    free = promotion.free_quantity or Decimal(0)
    units = (quantity // ((promotion.buy_quantity or Decimal(0)) + free)) * free
    weights = [Fraction(goods.left[line.key]) for line in lines]
    total = half_up(sum(weights, Fraction(0)) * Fraction(units) / Fraction(quantity))
    return _shares(lines, total, weights)


def _bundle(goods: Goods, promotion: Promotion) -> Taking:
    """Take the percentage or amount off each full set, shared out by the items' values in it."""
    sets = goods.sets(promotion)
    lines: list[PromotionLine] = []
    weights: list[Fraction] = []
    for offer_id in goods.covered(promotion):
        bundled = Fraction(promotion.items[offer_id] * sets) / Fraction(goods.quantity[offer_id])
        for line in goods.of_offer[offer_id]:
            lines.append(line)
            weights.append(goods.left[line.key] * bundled)
    value = sum(weights, Fraction(0))
    if promotion.percent is not None:
        total = half_up(value * Fraction(promotion.percent) / 100)
    else:
        total = goods.minor((promotion.amount or Decimal(0)) * sets)
    return _shares(lines, min(total, floor(value)), weights)


def _shares(lines: Sequence[PromotionLine], total: int, weights: Sequence[Fraction]) -> Taking:
    shared: Mapping[UUID, int] = {
        line.key: share for line, share in zip(lines, spread(total, weights), strict=True)
    }
    return dict(shared)
