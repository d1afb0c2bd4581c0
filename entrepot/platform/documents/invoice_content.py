"""What an invoice or a pro forma says: plain values, agreed when the order was placed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

ZERO = Decimal(0)
PaperKind = Literal["invoice", "pro_forma"]


@dataclass(frozen=True, slots=True)
class Party:
    """A legal entity as printed; `country` is ISO 3166-1 alpha-2."""

    name: str
    tax_id: str
    country: str
    address: str = ""
    registration_reason_code: str = ""


@dataclass(frozen=True, slots=True)
class NamedDiscount:
    """A promotion's part of a line's discount, under the names it had when it was ordered."""

    name_en: str
    name_ru: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LineDelivery:
    """How much of a line goes to which of the paper's addresses, counted from 1."""

    place: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One position. `unit` is a UN/ECE Rec 20 code, `tax_rate` percent; amounts are rounded.

    `discount` is off quantity × price and inside `net`.
    """

    position: int
    article_number: str
    title_en: str
    title_ru: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    tax_rate: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    discount: Decimal = ZERO
    promotions: tuple[NamedDiscount, ...] = ()
    cost_center: str = ""
    deliveries: tuple[LineDelivery, ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceContent:
    """Everything on the paper. Dates are in the seller's time zone; `net + tax = gross`.

    The totals hold the lines and the delivery charge. `paid_on` is when the whole was paid in
    advance; `payee` to whom a pro forma asks to pay.
    """

    number: str
    issued_on: date
    due_on: date
    order_number: str
    po_number: str
    seller: Party
    buyer: Party
    currency: str
    lines: tuple[InvoiceLine, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal
    payment_days: int = 14
    kind: PaperKind = "invoice"
    delivery_net: Decimal = ZERO
    delivery_tax: Decimal = ZERO
    delivery_tax_rate: Decimal = ZERO
    addresses: tuple[str, ...] = ()
    paid_on: date | None = None
    payee: str = ""

    def tax_by_rate(self) -> list[tuple[Decimal, Decimal, Decimal]]:
        """Return (rate, net, tax) for every rate on the paper, lowest first."""
        bases = [(line.tax_rate, line.net, line.tax) for line in self.lines]
        if self.delivery_net:
            bases.append((self.delivery_tax_rate, self.delivery_net, self.delivery_tax))
        sums: dict[Decimal, tuple[Decimal, Decimal]] = {}
        for rate, net, tax in bases:
            earlier_net, earlier_tax = sums.get(rate, (ZERO, ZERO))
            sums[rate] = (earlier_net + net, earlier_tax + tax)
        return [(rate, *sums[rate]) for rate in sorted(sums)]

    def common_cost_center(self) -> str:
        """Return the cost centre that all lines have, or nothing where they differ."""
        found = {line.cost_center for line in self.lines}
        return found.pop() if len(found) == 1 else ""
