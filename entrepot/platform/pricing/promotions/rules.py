"""Which promotions take part in a seller's part of an order, and what each takes off.

A promotion takes part where the buyer is its target (the read of live promotions sees to that),
its currency is the part's, the part reaches its least value and it covers an offer of which the
order holds its least quantity. Least values are compared with the net value of the part at the
resolved prices, before any promotion; least quantities with an offer's total in the order.

Promotions apply one after the other: the higher priority first, then the smaller id; each to what
those before it left. Each takes whole minor units off a line, rounded half-up once; no line falls
below zero. Where something would be sold below its cost price, that promotion leaves it out (a
bundle: as a whole), unless it may sell below cost.

All combinable promotions together are one possible outcome, every exclusive one alone another:
`outcomes` returns them all, and `order_parts` takes the cheapest for the buyer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from entrepot.platform.money import from_minor
from entrepot.platform.pricing.promotions.discounts import Goods, PromotionLine, takings
from entrepot.platform.pricing.promotions.terms import Promotion, PromotionKind

__all__ = [
    "AppliedPromotion",
    "Decision",
    "Goods",
    "Outcome",
    "Part",
    "Promotion",
    "PromotionKind",
    "PromotionLine",
    "Verdict",
    "outcomes",
]


@dataclass(frozen=True, slots=True)
class AppliedPromotion:
    """What a promotion took off a line (in the terms of its price) or off the delivery (net)."""

    id: UUID
    name_en: str
    name_ru: str
    amount: Decimal


class Verdict(StrEnum):
    """Why a promotion applied or did not."""

    APPLIED = "applied"
    NOT_COVERED = "not_covered"
    OTHER_CURRENCY = "other_currency"
    BELOW_VALUE = "below_value"
    BELOW_QUANTITY = "below_quantity"
    INCOMPLETE_BUNDLE = "incomplete_bundle"
    NOT_FIRST_ORDER = "not_first_order"
    USED_UP = "used_up"
    NOTHING_OFF = "nothing_off"
    BELOW_COST = "below_cost"
    BEATEN = "beaten"


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a promotion in a part; `needed` is the least quantity or value it asks."""

    promotion: Promotion
    verdict: Verdict
    amount: Decimal = Decimal(0)
    needed: Decimal | None = None

    def applied(self) -> AppliedPromotion:
        """Return the promotion with all that it took."""
        one = self.promotion
        return AppliedPromotion(one.id, one.name_en, one.name_ru, self.amount)


@dataclass(frozen=True, slots=True)
class Part:
    """A seller's goods in an order, in one currency.

    `value` is net, before promotions; `delivery` is the net charge that would be due.
    """

    seller_id: UUID
    currency: str
    value: Decimal
    lines: tuple[PromotionLine, ...]
    delivery: Decimal = Decimal(0)


@dataclass(slots=True)
class Outcome:
    """One way to apply promotions to a part: what comes off each line, and who pays delivery."""

    taken: dict[UUID, list[AppliedPromotion]] = field(default_factory=dict)
    free_delivery: Promotion | None = None
    decisions: list[Decision] = field(default_factory=list)

    def discount(self, key: UUID) -> Decimal:
        """Return what comes off a line altogether."""
        return sum((one.amount for one in self.taken.get(key, ())), Decimal(0))

    @property
    def rank(self) -> tuple[bool, int, UUID]:
        """What decides between outcomes that cost the buyer the same: the smallest wins."""
        leaders = [one.promotion for one in self.decisions if one.verdict is Verdict.APPLIED]
        if not leaders:
            return (True, 0, UUID(int=0))
        return (False, -leaders[0].priority, leaders[0].id)


def outcomes(part: Part, promotions: Iterable[Promotion]) -> list[Outcome]:
    """Return every outcome that the promotions allow for the part, at least the empty one.

    Promotions of other sellers are left out. The result does not depend on the order of lines or
    promotions.
    """
    ordered = sorted(
        (one for one in promotions if one.seller_id in (None, part.seller_id)),
        key=lambda one: (-one.priority, one.id),
    )
    if not ordered:
        return [Outcome()]
    goods = Goods(part.lines, part.currency)
    found = [_outcome(part, goods, [one for one in ordered if not one.exclusive])]
    found += [_outcome(part, goods.untouched(), [one]) for one in ordered if one.exclusive]
    return found


def _outcome(part: Part, goods: Goods, promotions: Sequence[Promotion]) -> Outcome:
    outcome = Outcome()
    for promotion in promotions:
        decision = _obstacle(part, goods, promotion) or _apply(part, goods, promotion, outcome)
        outcome.decisions.append(decision)
    return outcome


def _apply(part: Part, goods: Goods, promotion: Promotion, outcome: Outcome) -> Decision:
    if promotion.kind is PromotionKind.FREE_SHIPPING:
        if outcome.free_delivery is not None or not part.delivery:
            return Decision(promotion, Verdict.NOTHING_OFF)
        outcome.free_delivery = promotion
        return Decision(promotion, Verdict.APPLIED, part.delivery)
    total, dropped = 0, False
    for taking in takings(goods, promotion):
        if not promotion.below_cost_allowed and goods.below_cost(taking):
            dropped = True
            continue
        goods.take(taking)
        for key, units in taking.items():
            if units:
                amount = from_minor(units, part.currency)
                outcome.taken.setdefault(key, []).append(
                    AppliedPromotion(promotion.id, promotion.name_en, promotion.name_ru, amount)
                )
                total += units
    if total:
        return Decision(promotion, Verdict.APPLIED, from_minor(total, part.currency))
    return Decision(promotion, Verdict.BELOW_COST if dropped else Verdict.NOTHING_OFF)


def _obstacle(part: Part, goods: Goods, promotion: Promotion) -> Decision | None:
    """Return why the promotion takes no part, or None where it does."""
    if promotion.uses_left is not None and promotion.uses_left <= 0:
        return Decision(promotion, Verdict.USED_UP)
    if promotion.first_order_with is not None and part.seller_id not in promotion.first_order_with:
        return Decision(promotion, Verdict.NOT_FIRST_ORDER)
    if promotion.currency is not None and promotion.currency != part.currency:
        return Decision(promotion, Verdict.OTHER_CURRENCY)
    covered = goods.covered(promotion)
    if not covered:
        return Decision(promotion, Verdict.NOT_COVERED)
    if promotion.min_order_value is not None and part.value < promotion.min_order_value:
        return Decision(promotion, Verdict.BELOW_VALUE, needed=promotion.min_order_value)
    if promotion.kind is PromotionKind.BUNDLE:
        complete = goods.sets(promotion) > 0
        return None if complete else Decision(promotion, Verdict.INCOMPLETE_BUNDLE)
    if not any(goods.enough(promotion, offer_id) for offer_id in covered):
        return Decision(promotion, Verdict.BELOW_QUANTITY, needed=promotion.least_quantity)
    return None
