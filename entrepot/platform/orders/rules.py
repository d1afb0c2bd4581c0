"""What holds for orders, as pure functions: amounts, taxes and the moves between states."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from entrepot.platform.money import round_minor

HUNDRED = Decimal(100)


class SellerOrderStatus(StrEnum):
    """Where a seller's part of an order stands."""

    AWAITING_PAYMENT = "awaiting_payment"
    PLACED = "placed"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


S = SellerOrderStatus
TRANSITIONS: dict[SellerOrderStatus, frozenset[SellerOrderStatus]] = {
    S.AWAITING_PAYMENT: frozenset({S.PLACED, S.CANCELLED}),
    S.PLACED: frozenset({S.CONFIRMED, S.CANCELLED}),
    S.CONFIRMED: frozenset({S.SHIPPED, S.CANCELLED}),
    S.SHIPPED: frozenset({S.DELIVERED}),
    S.DELIVERED: frozenset(),
    S.CANCELLED: frozenset(),
}


def may_move(present: SellerOrderStatus, wanted: SellerOrderStatus) -> bool:
    """Say whether the table of states allows the move."""
    return wanted in TRANSITIONS[present]


@dataclass(frozen=True, slots=True)
class Amounts:
    """Net, tax and gross of a line or of a sum of lines, in whole minor units of its currency."""

    net: Decimal
    tax: Decimal
    gross: Decimal

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(self.net + other.net, self.tax + other.tax, self.gross + other.gross)


ZERO = Amounts(Decimal(0), Decimal(0), Decimal(0))


def tax_rate_for(rate: Decimal, seller_country: str, buyer_country: str) -> Decimal:
    """Return the rate, in percent, that the seller charges this buyer.

    A delivery within one country bears its rate; one across a border is zero-rated there (export,
    or the buyer accounts for the tax: EU directive 2006/112, articles 138, 146 and 196).
    """
    return rate if seller_country == buyer_country else Decimal(0)


def line_amounts(
    quantity: Decimal,
    unit_price: Decimal,
    *,
    offer_rate: Decimal,
    charged_rate: Decimal,
    tax_included: bool,
    currency: str,
    discount: Decimal = Decimal(0),
) -> Amounts:
    """Return a line's amounts, each rounded once, half-up; net + tax = gross exactly.

    The base is `quantity × unit_price − discount`, never below zero; the discount is stated as the
    price is, with or without tax. `offer_rate` is the percentage inside a tax-included price;
    `charged_rate` is what this buyer pays (see `tax_rate_for`).
    """
    total = max(quantity * unit_price - discount, Decimal(0))
    if not tax_included:
        net = round_minor(total, currency)
        tax = round_minor(net * charged_rate / HUNDRED, currency)
        return Amounts(net, tax, net + tax)
    net = round_minor(total * HUNDRED / (HUNDRED + offer_rate), currency)
    if charged_rate == 0:
        return Amounts(net, Decimal(0), net)
    gross = round_minor(total, currency)
    return Amounts(net, gross - net, gross)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A cart line on its way into an order: what, from whom, at which price."""

    line_index: int
    offer_id: UUID
    seller_id: UUID
    currency: str
    quantity: Decimal
    unit_price: Decimal
    amounts: Amounts


def split_by_seller(lines: list[PricedLine]) -> list[tuple[UUID, str, list[PricedLine]]]:
    """Group lines into one seller order per seller and currency, in a stable order."""

    def key(line: PricedLine) -> tuple[str, str]:
        return (str(line.seller_id), line.currency)

    ordered = sorted(lines, key=lambda line: (*key(line), line.line_index))
    parts = []
    for _, group in groupby(ordered, key=key):
        members = list(group)
        parts.append((members[0].seller_id, members[0].currency, members))
    return parts


def sum_amounts(lines: list[PricedLine]) -> Amounts:
    """Return the sum of the lines' amounts."""
    total = ZERO
    for line in lines:
        total = total + line.amounts
    return total
