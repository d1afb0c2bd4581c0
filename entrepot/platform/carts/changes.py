"""What became different about a line since its buyer saw it, and what stands in its way. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from entrepot.platform.catalog.rules import QuantityProposal
from entrepot.platform.money import told_amount
from entrepot.platform.quantities import plain


class ChangeKind(StrEnum):
    """What is different."""

    PRICE_UP = "price_up"
    PRICE_DOWN = "price_down"
    DISCOUNT_CHANGED = "discount_changed"
    SHORT = "short"
    NOT_OFFERED = "not_offered"
    QUANTITY_NOT_ORDERABLE = "quantity_not_orderable"


K = ChangeKind
_WORDS = {
    K.PRICE_UP: (
        "The price of one rose from {old} to {new} {currency}.",
        "Цена за единицу выросла с {old} до {new} {currency}.",
    ),
    K.PRICE_DOWN: (
        "The price of one fell from {old} to {new} {currency}.",
        "Цена за единицу снизилась с {old} до {new} {currency}.",
    ),
    K.DISCOUNT_CHANGED: (
        "The discount on the line was {old} and is now {new} {currency}.",
        "Скидка на строку была {old}, теперь {new} {currency}.",
    ),
    K.SHORT: (
        "{old} wanted, {new} available now.",
        "Нужно {old}, сейчас доступно {new}.",
    ),
    K.NOT_OFFERED: (
        "It is no longer offered to you. Remove the line or choose another offer.",
        "Больше не продаётся. Удалите строку или выберите другое предложение.",
    ),
    K.QUANTITY_NOT_ORDERABLE: ("{detail}.", "{detail}."),
}


@dataclass(frozen=True, slots=True)
class LineChange:
    """One difference: before and now, a price (of one, or of the line) or a quantity.

    SHORT: wanted and available of the offer over all lines; NOT_OFFERED: the line's quantity and
    0; QUANTITY_NOT_ORDERABLE: the offer's quantity and the nearest that can be ordered.
    """

    kind: ChangeKind
    old: Decimal
    new: Decimal
    currency: str
    proposal: QuantityProposal | None = None

    def reason(self, locale: str) -> str:
        """Return it as a sentence."""
        money = self.kind in (K.PRICE_UP, K.PRICE_DOWN, K.DISCOUNT_CHANGED)
        old, new = (
            told_amount(value, self.currency) if money else plain(value)
            for value in (self.old, self.new)
        )
        return _WORDS[self.kind][locale == "ru"].format(
            old=old,
            new=new,
            currency=self.currency,
            detail=self.proposal.reason(locale) if self.proposal else "",
        )


def price_changes(
    seen: tuple[Decimal, Decimal], present: tuple[Decimal, Decimal], currency: str
) -> list[LineChange]:
    """Compare (unit price, discount of the line) seen with today's."""
    changes = []
    if present[0] != seen[0]:
        kind = K.PRICE_UP if present[0] > seen[0] else K.PRICE_DOWN
        changes.append(LineChange(kind, seen[0], present[0], currency))
    if present[1] != seen[1]:
        changes.append(LineChange(K.DISCOUNT_CHANGED, seen[1], present[1], currency))
    return changes


def quantity_changes(
    proposal: QuantityProposal, available: Decimal, currency: str
) -> list[LineChange]:
    """Say what stands in the way of an offer's quantity over all lines."""
    changes = []
    wanted = proposal.requested
    if available < wanted:
        changes.append(LineChange(K.SHORT, wanted, max(available, Decimal(0)), currency))
    if proposal.problem is not None:
        changes.append(
            LineChange(K.QUANTITY_NOT_ORDERABLE, wanted, proposal.proposed, currency, proposal)
        )
    return changes


def no_longer_offered(quantity: Decimal, currency: str) -> list[LineChange]:
    """Say that nothing of the line can be bought."""
    return [LineChange(K.NOT_OFFERED, quantity, Decimal(0), currency)]
