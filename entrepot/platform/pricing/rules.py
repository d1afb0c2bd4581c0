"""Which price applies: pure rules over the offer's list price and the buyer's price lists.

The order is the design's: (frame contract, of a later issue) → lists of the company or the legal
entity → lists of its customer groups → the offer's list price. A list takes part while it is
valid, in the offer's currency, the order reaches its least value, and it has a tier at or below
the quantity; of its tiers the one with the highest minimum counts. Within a level the higher
priority wins, then the lower price, then the smaller id. A list wins over the list price even
where it is dearer: it is what the two companies agreed.

A list may ask for a least value of the seller's part of the order. What counts is the net value
at the prices that hold without any such list: were it the value at the list's own prices, a list
could end itself by being cheaper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Literal, NamedTuple
from uuid import UUID

from entrepot.platform.money import minor_digits, round_minor
from entrepot.platform.quantities import MAX_QUANTITY, QUANTITY_PLACES, plain

PriceSource = Literal["list", "company_list", "group_list"]

_ZERO = Decimal(0)
_HUNDRED = Decimal(100)
_QUANTITY_STEP = Decimal(1).scaleb(-QUANTITY_PLACES)


class TierCandidate(NamedTuple):
    """A tier of a list that is given to the buyer; a rule list's with the rule applied.

    A tuple because it is made by the ten thousand: a frozen dataclass takes four times as long.

    `by_group` says that the buyer has it only through a customer group. A minimum quantity of 0
    is that of a rule on the list prices: it holds for any quantity.
    """

    price_list_id: UUID
    priority: int
    currency: str
    valid_from: datetime | None
    valid_until: datetime | None
    min_quantity: Decimal
    unit_price: Decimal
    by_group: bool = False
    min_order_value: Decimal | None = None

    def valid_at(self, now: datetime) -> bool:
        """Say whether the list is in force; `valid_until` is exclusive."""
        started = self.valid_from is None or self.valid_from <= now
        return started and (self.valid_until is None or now < self.valid_until)


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """The offer's list price; `included_tax` is the percentage inside its prices, or 0."""

    amount: Decimal
    currency: str
    included_tax: Decimal = _ZERO

    def net(self, value: Decimal) -> Decimal:
        """Return a value in terms of the offer's prices without tax."""
        return value * _HUNDRED / (_HUNDRED + self.included_tax) if self.included_tax else value

    def gross(self, value: Decimal) -> Decimal:
        """Return a value without tax in terms of the offer's prices."""
        return value * (_HUNDRED + self.included_tax) / _HUNDRED if self.included_tax else value

    def line_value(self, quantity: Decimal, unit_price: Decimal) -> Decimal:
        """Return the net value of a line, rounded once as an order rounds it."""
        return round_minor(self.net(quantity * unit_price), self.currency)

    def reaching(self, value: Decimal) -> Decimal:
        """Return from which quantity × unit price on `line_value` is at least this."""
        minor = Decimal(1).scaleb(-minor_digits(self.currency))
        return self.gross(value.quantize(minor, rounding=ROUND_CEILING) - minor / 2)


@dataclass(frozen=True, slots=True)
class Resolution:
    """The winning price and where it comes from; the list's id and tier only with a list.

    `tier_minimum` is empty where the list's price holds for any quantity.
    """

    unit_price: Decimal
    currency: str
    source: PriceSource
    price_list_id: UUID | None = None
    tier_minimum: Decimal | None = None

    def reason(self, locale: str) -> str:
        """Return one sentence that says why this price applies."""
        if self.source == "list":
            if locale == "ru":
                return "Цена продавца по прайсу: индивидуальной цены для этого количества нет."
            return "The seller's list price: no price of your company applies to this quantity."
        group = self.source == "group_list"
        if locale == "ru":
            whose = "Цена вашей группы покупателей" if group else "Цена вашей компании"
            start = f" при заказе от {plain(self.tier_minimum)}" if self.tier_minimum else ""
            return f"{whose} у этого продавца{start}."
        whose = "Your customer group's" if group else "Your company's"
        start = f", from {plain(self.tier_minimum)} on" if self.tier_minimum else ""
        return f"{whose} price with this seller{start}."


@dataclass(frozen=True, slots=True)
class PriceStep:
    """From `min_quantity` on (up to the next step) the buyer pays this price."""

    min_quantity: Decimal
    price: Resolution


def _eligible(
    offer_price: ListedPrice, candidates: Iterable[TierCandidate], now: datetime
) -> list[TierCandidate]:
    return [
        candidate
        for candidate in candidates
        if candidate.currency == offer_price.currency and candidate.valid_at(now)
    ]


def reached_tiers(
    candidates: Iterable[TierCandidate], quantity: Decimal
) -> dict[UUID, TierCandidate]:
    """Return by list the tier with the highest minimum that the quantity reaches."""
    best: dict[UUID, TierCandidate] = {}
    for candidate in candidates:
        if candidate.min_quantity > quantity:
            continue
        known = best.get(candidate.price_list_id)
        if known is None or known.min_quantity < candidate.min_quantity:
            best[candidate.price_list_id] = candidate
    return best


def rank(tier: TierCandidate) -> tuple[bool, int, Decimal, UUID]:
    """Return what decides among tiers that apply: the smallest wins."""
    return (tier.by_group, -tier.priority, tier.unit_price, tier.price_list_id)


def _choose(
    offer_price: ListedPrice,
    eligible: Iterable[TierCandidate],
    quantity: Decimal,
    order_value: Decimal,
) -> Resolution:
    tiers = [
        tier
        for tier in reached_tiers(eligible, quantity).values()
        if tier.min_order_value is None or tier.min_order_value <= order_value
    ]
    if not tiers:
        return Resolution(offer_price.amount, offer_price.currency, "list")
    winner = min(tiers, key=rank)
    return Resolution(
        winner.unit_price,
        offer_price.currency,
        "group_list" if winner.by_group else "company_list",
        winner.price_list_id,
        winner.min_quantity or None,
    )


def _resolved(
    offer_price: ListedPrice,
    eligible: Sequence[TierCandidate],
    quantity: Decimal,
    order_value: Decimal | None,
) -> Resolution:
    if order_value is not None:
        return _choose(offer_price, eligible, quantity, order_value)
    found = _choose(offer_price, eligible, quantity, _ZERO)
    if all(candidate.min_order_value is None for candidate in eligible):
        return found
    value = offer_price.line_value(quantity, found.unit_price)
    return _choose(offer_price, eligible, quantity, value)


def resolve(
    offer_price: ListedPrice,
    candidates: Iterable[TierCandidate],
    quantity: Decimal,
    now: datetime,
    *,
    order_value: Decimal | None = None,
) -> Resolution:
    """Return the price of one unit when `quantity` units are ordered at `now`.

    `order_value` is the net value of the seller's part of the order at the prices that hold
    without lists that ask for a least value (those that `order_value=Decimal(0)` gives); left
    out, the line stands alone.
    """
    return _resolved(offer_price, _eligible(offer_price, candidates, now), quantity, order_value)


def price_steps(
    offer_price: ListedPrice, candidates: Sequence[TierCandidate], smallest: Decimal, now: datetime
) -> list[PriceStep]:
    """Return the whole schedule of prices from the `smallest` quantity one can order on.

    Each step's price is what `resolve` gives at its minimum for a line that stands alone; steps
    that change nothing are left out.
    """
    eligible = _eligible(offer_price, candidates, now)
    starts = {smallest} | {c.min_quantity for c in eligible if c.min_quantity > smallest}
    starts |= _values_reached(offer_price, eligible, sorted(starts))
    steps: list[PriceStep] = []
    for start in sorted(starts):
        price = _resolved(offer_price, eligible, start, None)
        if not steps or _differs(steps[-1].price, price):
            steps.append(PriceStep(start, price))
    return steps


def _values_reached(
    offer_price: ListedPrice, eligible: Sequence[TierCandidate], starts: Sequence[Decimal]
) -> set[Decimal]:
    """Return the quantities from which the line alone is worth the least value of some list."""
    minimums = {c.min_order_value for c in eligible if c.min_order_value is not None}
    found: set[Decimal] = set()
    if not minimums:
        return found
    for start, end in zip(starts, [*starts[1:], MAX_QUANTITY], strict=True):
        unit = _choose(offer_price, eligible, start, _ZERO).unit_price
        if unit <= 0:
            continue
        for minimum in minimums:
            reached = (offer_price.reaching(minimum) / unit).quantize(
                _QUANTITY_STEP, rounding=ROUND_CEILING
            )
            if start < reached < end:
                found.add(reached)
    return found


def _differs(first: Resolution, second: Resolution) -> bool:
    return (first.unit_price, first.source) != (second.unit_price, second.source)
