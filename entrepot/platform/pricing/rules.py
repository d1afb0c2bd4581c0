"""Which price applies: pure rules over the offer's list price and the buyer's price lists.

The order is the design's: (frame contract, of a later issue) → company price list → the offer's
list price. A list takes part while it is valid, in the offer's currency, and has a tier at or
below the quantity; of its tiers the one with the highest minimum counts. Among lists the higher
priority wins, then the lower price, then the smaller id. A list wins over the list price even
where it is dearer: it is what the two companies agreed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from entrepot.platform.money import Money
from entrepot.platform.quantities import plain

PriceSource = Literal["list", "price_list"]


@dataclass(frozen=True, slots=True)
class TierCandidate:
    """A tier of a list that is assigned to the buyer's company."""

    price_list_id: UUID
    priority: int
    currency: str
    valid_from: datetime | None
    valid_until: datetime | None
    min_quantity: Decimal
    unit_price: Decimal

    def valid_at(self, now: datetime) -> bool:
        """Say whether the list is in force; `valid_until` is exclusive."""
        started = self.valid_from is None or self.valid_from <= now
        return started and (self.valid_until is None or now < self.valid_until)


@dataclass(frozen=True, slots=True)
class Resolution:
    """The winning price and where it comes from; the list's id and tier only with a list."""

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
        minimum = plain(self.tier_minimum or Decimal(0))
        if locale == "ru":
            return f"Цена вашей компании у этого продавца при заказе от {minimum}."
        return f"Your company's price with this seller, from {minimum} on."


@dataclass(frozen=True, slots=True)
class PriceStep:
    """From `min_quantity` on (up to the next step) the buyer pays this price."""

    min_quantity: Decimal
    price: Resolution


def _eligible(
    offer_price: Money, candidates: Iterable[TierCandidate], now: datetime
) -> list[TierCandidate]:
    return [
        candidate
        for candidate in candidates
        if candidate.currency == offer_price.currency and candidate.valid_at(now)
    ]


def _choose(offer_price: Money, eligible: Iterable[TierCandidate], quantity: Decimal) -> Resolution:
    best_tiers: dict[UUID, TierCandidate] = {}
    for candidate in eligible:
        if candidate.min_quantity > quantity:
            continue
        known = best_tiers.get(candidate.price_list_id)
        if known is None or known.min_quantity < candidate.min_quantity:
            best_tiers[candidate.price_list_id] = candidate
    if not best_tiers:
        return Resolution(offer_price.amount, offer_price.currency, "list")
    winner = min(
        best_tiers.values(), key=lambda tier: (-tier.priority, tier.unit_price, tier.price_list_id)
    )
    return Resolution(
        winner.unit_price,
        offer_price.currency,
        "price_list",
        winner.price_list_id,
        winner.min_quantity,
    )


def resolve(
    offer_price: Money, candidates: Iterable[TierCandidate], quantity: Decimal, now: datetime
) -> Resolution:
    """Return the price of one unit when `quantity` units are ordered at `now`."""
    return _choose(offer_price, _eligible(offer_price, candidates, now), quantity)


def price_steps(
    offer_price: Money, candidates: Sequence[TierCandidate], smallest: Decimal, now: datetime
) -> list[PriceStep]:
    """Return the whole schedule of prices from the `smallest` quantity one can order on.

    Each step's price is what `resolve` gives at its minimum; steps that change nothing are left
    out.
    """
    eligible = _eligible(offer_price, candidates, now)
    starts = {smallest} | {c.min_quantity for c in eligible if c.min_quantity > smallest}
    steps: list[PriceStep] = []
    for start in sorted(starts):
        price = _choose(offer_price, eligible, start)
        if not steps or _differs(steps[-1].price, price):
            steps.append(PriceStep(start, price))
    return steps


def _differs(first: Resolution, second: Resolution) -> bool:
    return (first.unit_price, first.source) != (second.unit_price, second.source)
