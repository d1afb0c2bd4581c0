"""Which promotions would take part in a price, and in a sentence why others would not."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform.pricing.order_pricing import OrderPrices
from entrepot.platform.pricing.promotions.rules import Decision, Verdict
from entrepot.platform.quantities import plain

_NEVER_TOLD = (Verdict.NOT_COVERED, Verdict.OTHER_CURRENCY)
"""Those that have nothing to do with the offer."""

_REASONS: dict[Verdict, tuple[str, str]] = {
    Verdict.APPLIED: ("It applies.", "Действует."),
    Verdict.BELOW_VALUE: (
        "The goods of this seller must be worth {needed} {currency} without tax.",
        "Товары этого продавца должны стоить от {needed} {currency} без налога.",
    ),
    Verdict.BELOW_QUANTITY: ("It takes {needed} or more.", "Нужно от {needed}."),
    Verdict.INCOMPLETE_BUNDLE: (
        "The order does not hold a full set of its items.",
        "В заказе нет полного набора товаров акции.",
    ),
    Verdict.NOT_FIRST_ORDER: (
        "It is for the first order with this seller.",
        "Только для первого заказа у этого продавца.",
    ),
    Verdict.USED_UP: ("It is used up.", "Акция исчерпана."),
    Verdict.BEATEN: (
        "It does not combine with others, and another choice is cheaper.",
        "Не сочетается с другими, и другой вариант дешевле.",
    ),
}
_DOES_NOT_APPLY = ("It does not apply to this order.", "К этому заказу не применяется.")
"""Also where the seller's cost, which is nobody's business, forbids it."""


@dataclass(frozen=True, slots=True)
class ExplainedPromotion:
    """A promotion for the buyer and what became of it; `amount` is off the line or delivery."""

    id: UUID
    name_en: str
    name_ru: str
    applies: bool
    amount: Decimal
    decision: Decision

    def reason(self, locale: str) -> str:
        """Return one sentence that says why it applies or does not."""
        one = self.decision
        english, russian = _REASONS.get(one.verdict, _DOES_NOT_APPLY)
        needed = plain(one.needed) if one.needed is not None else ""
        text = russian if locale == "ru" else english
        return text.format(needed=needed, currency=one.promotion.currency or "")


def explained(prices: OrderPrices) -> list[ExplainedPromotion]:
    """Return what promotions do to an order that was priced, those that apply first.

    Price a single line to have an offer explained: these are the promotions that are for the buyer
    and cover it.
    """
    found = [
        ExplainedPromotion(
            decision.promotion.id,
            decision.promotion.name_en,
            decision.promotion.name_ru,
            decision.verdict is Verdict.APPLIED,
            decision.amount if decision.verdict is Verdict.APPLIED else Decimal(0),
            decision,
        )
        for decision in prices.decisions
        if decision.verdict not in _NEVER_TOLD
    ]
    return sorted(found, key=lambda one: not one.applies)
