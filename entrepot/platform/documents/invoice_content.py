"""What an invoice says: plain values, agreed when the order was placed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Party:
    """A legal entity as printed; `country` is ISO 3166-1 alpha-2."""

    name: str
    tax_id: str
    country: str
    address: str = ""
    registration_reason_code: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One position. `unit` is a UN/ECE Rec 20 code, `tax_rate` percent; amounts are rounded."""

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


@dataclass(frozen=True, slots=True)
class InvoiceContent:
    """Everything on the paper. Dates are in the seller's time zone; `net + tax = gross`."""

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

    def tax_by_rate(self) -> list[tuple[Decimal, Decimal, Decimal]]:
        """Return (rate, net, tax) for every rate on the invoice, lowest first."""
        sums: dict[Decimal, tuple[Decimal, Decimal]] = {}
        for line in self.lines:
            net, tax = sums.get(line.tax_rate, (Decimal(0), Decimal(0)))
            sums[line.tax_rate] = (net + line.net, tax + line.tax)
        return [(rate, *sums[rate]) for rate in sorted(sums)]
