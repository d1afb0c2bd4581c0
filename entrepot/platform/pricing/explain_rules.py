"""Why each price list of a buyer gives its price or does not: pure rules, in two languages.

They say about every candidate what `rules.resolve` decides about all of them; a property test
holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from entrepot.platform.pricing.list_rules import PriceRule, derived
from entrepot.platform.pricing.rules import (
    ListedPrice,
    Resolution,
    TierCandidate,
    reached_tiers,
    resolve,
)

_ZERO = Decimal(0)


class Outcome(StrEnum):
    """What became of a candidate; of several reasons against it the first in this order counts."""

    WINS = "wins"
    INACTIVE = "inactive"
    OTHER_CURRENCY = "other_currency"
    OTHER_REGION = "other_region"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    NO_PRICE = "no_price"
    BELOW_TIER = "below_tier"
    BELOW_ORDER_VALUE = "below_order_value"
    LOWER_LEVEL = "lower_level"
    LOWER_PRIORITY = "lower_priority"
    DEARER = "dearer"
    SAME_PRICE = "same_price"


SELLERS_ONLY = frozenset({Outcome.INACTIVE, Outcome.NO_PRICE})
"""Outcomes of lists that are no buyer's business: drafts, and lists about other articles."""


@dataclass(frozen=True, slots=True)
class ChainLink:
    """A list of a chain; `rule` is empty at a fixed list."""

    id: UUID
    name: str
    rule: PriceRule | None


@dataclass(frozen=True, slots=True)
class GivenList:
    """A list given to the buyer, with its chain (itself first) and the tiers at the chain's end.

    Where the chain ends at the list prices there are no `tiers`, and its last link has a rule.
    """

    by_group: bool
    priority: int
    currency: str
    active: bool
    regions: tuple[str, ...]
    min_order_value: Decimal | None
    valid_from: datetime | None
    valid_until: datetime | None
    chain: tuple[ChainLink, ...]
    tiers: tuple[tuple[Decimal, Decimal], ...] = ()

    @property
    def id(self) -> UUID:
        """Its id."""
        return self.chain[0].id

    def rules(self) -> list[PriceRule]:
        """Return the rules from the base up."""
        return [link.rule for link in reversed(self.chain) if link.rule is not None]

    def candidates(self, listed: ListedPrice) -> list[TierCandidate]:
        """Return its tiers for an offer, its rules applied."""
        tiers: Sequence[tuple[Decimal, Decimal]] = self.tiers
        if self.chain[-1].rule is not None:
            tiers = [(_ZERO, listed.amount)]
        rules = self.rules()
        return [
            TierCandidate(
                self.id,
                self.priority,
                self.currency,
                self.valid_from,
                self.valid_until,
                minimum,
                [price, *derived(price, rules)][-1],
                self.by_group,
                self.min_order_value,
            )
            for minimum, price in tiers
        ]


@dataclass(frozen=True, slots=True)
class ChainStep:
    """A step on the way to a rule list's price: `rule` is empty at the price it starts from.

    `list_id` is empty at the offer's list price.
    """

    list_id: UUID | None
    name: str | None
    rule: PriceRule | None
    price: Decimal


@dataclass(frozen=True, slots=True)
class Candidate:
    """One list (`given` is empty: the offer's list price), its price and what became of it.

    `unit_price` and `tier_minimum` are those of the tier that the quantity reaches, or of the
    lowest one where it reaches none; empty where there is no price to tell.
    """

    given: GivenList | None
    outcome: Outcome
    unit_price: Decimal | None
    currency: str
    tier_minimum: Decimal | None = None
    steps: tuple[ChainStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """Every candidate, the winner first, and what decided about least order values."""

    winner: Resolution
    candidates: tuple[Candidate, ...]
    line_value: Decimal


def judge(
    listed: ListedPrice,
    lists: Sequence[GivenList],
    quantity: Decimal,
    country: str,
    now: datetime,
) -> Judgement:
    """Say what became of every list for a line of `quantity` that stands alone.

    `country` is that of the buying legal entity. `line_value` is the line's net value at the
    price that holds without lists that ask for a least one.
    """
    tiers = {one.id: one.candidates(listed) for one in lists}
    usable = [
        tier
        for one in lists
        if one.active and (not one.regions or country in one.regions)
        for tier in tiers[one.id]
    ]
    winner = resolve(listed, usable, quantity, now)
    before = resolve(listed, usable, quantity, now, order_value=_ZERO)
    line = _Line(listed, quantity, listed.line_value(quantity, before.unit_price), country, now)
    best = next(
        (
            tier
            for tier in reached_tiers(usable, quantity).values()
            if tier.price_list_id == winner.price_list_id
        ),
        None,
    )
    found = [_candidate(one, tiers[one.id], best, line) for one in lists]
    found.append(
        Candidate(
            None,
            Outcome.WINS if best is None else Outcome.LOWER_LEVEL,
            listed.amount,
            listed.currency,
        )
    )
    order = list(Outcome)
    found.sort(key=lambda one: (order.index(one.outcome), one.given is None))
    return Judgement(winner, tuple(found), line.value)


@dataclass(frozen=True, slots=True)
class _Line:
    """What is asked about; `value` is the line's net one before lists that ask for a least."""

    listed: ListedPrice
    quantity: Decimal
    value: Decimal
    country: str
    now: datetime


def _candidate(
    one: GivenList,
    tiers: Sequence[TierCandidate],
    best: TierCandidate | None,
    line: _Line,
) -> Candidate:
    listed = line.listed
    reached = reached_tiers(tiers, line.quantity).get(one.id)
    shown = reached or min(tiers, key=lambda tier: tier.min_quantity, default=None)
    outcome = _unusable(one, line) or _against(shown, reached, best, line)
    from_list_price = one.chain[-1].rule is not None
    if shown is None or (from_list_price and one.currency != listed.currency):
        return Candidate(one, outcome, None, one.currency)
    return Candidate(
        one,
        outcome,
        shown.unit_price,
        one.currency,
        shown.min_quantity or None,
        _steps(one, listed, shown.min_quantity),
    )


def _unusable(one: GivenList, line: _Line) -> Outcome | None:
    if not one.active:
        return Outcome.INACTIVE
    if one.currency != line.listed.currency:
        return Outcome.OTHER_CURRENCY
    if one.regions and line.country not in one.regions:
        return Outcome.OTHER_REGION
    if one.valid_from is not None and line.now < one.valid_from:
        return Outcome.NOT_YET_VALID
    if one.valid_until is not None and one.valid_until <= line.now:
        return Outcome.EXPIRED
    return None


def _against(
    shown: TierCandidate | None,
    reached: TierCandidate | None,
    best: TierCandidate | None,
    line: _Line,
) -> Outcome:
    if shown is None:
        return Outcome.NO_PRICE
    if reached is None:
        return Outcome.BELOW_TIER
    if best is not None and reached.price_list_id == best.price_list_id:
        return Outcome.WINS
    least = reached.min_order_value
    if best is None or (least is not None and least > line.value):
        return Outcome.BELOW_ORDER_VALUE
    if reached.by_group != best.by_group:
        return Outcome.LOWER_LEVEL
    if reached.priority != best.priority:
        return Outcome.LOWER_PRIORITY
    return Outcome.DEARER if reached.unit_price > best.unit_price else Outcome.SAME_PRICE


def _steps(one: GivenList, listed: ListedPrice, minimum: Decimal) -> tuple[ChainStep, ...]:
    rules = one.rules()
    if not rules:
        return ()
    end = one.chain[-1]
    if end.rule is None:
        start = ChainStep(end.id, end.name, None, dict(one.tiers)[minimum])
        links = one.chain[:-1]
    else:
        start = ChainStep(None, None, None, listed.amount)
        links = one.chain
    prices = derived(start.price, rules)
    return (
        start,
        *(
            ChainStep(link.id, link.name, link.rule, price)
            for link, price in zip(reversed(links), prices, strict=True)
        ),
    )
