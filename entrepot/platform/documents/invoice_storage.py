"""A paper's content as JSON: what was agreed stays readable whatever the tables become."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from entrepot.platform.documents.invoice_content import (
    InvoiceContent,
    InvoiceLine,
    LineDelivery,
    NamedDiscount,
    Party,
)

_LINE_DECIMALS = ("quantity", "unit_price", "tax_rate", "net", "tax", "gross", "discount")
_TOTALS = ("net", "tax", "gross", "delivery_net", "delivery_tax", "delivery_tax_rate")
_DATES = ("issued_on", "due_on", "paid_on")


def dump_content(content: InvoiceContent) -> str:
    """Return the content as JSON; decimals as texts, dates in ISO form."""
    return orjson.dumps(asdict(content), default=_plain).decode()


def load_content(stored: str) -> InvoiceContent:
    """Rebuild the content from `dump_content`; what an older one did not know has its default."""
    values: dict[str, Any] = orjson.loads(stored)
    return InvoiceContent(
        **(
            values
            | {name: Decimal(values[name]) for name in _TOTALS if name in values}
            | {name: date.fromisoformat(values[name]) for name in _DATES if values.get(name)}
            | {"lines": tuple(_line(line) for line in values["lines"])}
            | {"addresses": tuple(values.get("addresses", ()))}
            | {name: Party(**values[name]) for name in ("seller", "buyer")}
        )
    )


def _line(stored: dict[str, Any]) -> InvoiceLine:
    return InvoiceLine(
        **(
            stored
            | {name: Decimal(stored[name]) for name in _LINE_DECIMALS if name in stored}
            | {
                "promotions": tuple(
                    NamedDiscount(**(one | {"amount": Decimal(one["amount"])}))
                    for one in stored.get("promotions", ())
                ),
                "deliveries": tuple(
                    LineDelivery(one["place"], Decimal(one["quantity"]))
                    for one in stored.get("deliveries", ())
                ),
            }
        )
    )


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot stand in an invoice")
