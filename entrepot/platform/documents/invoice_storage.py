"""An invoice's content as JSON: what was agreed stays readable whatever the tables become."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from entrepot.platform.documents.invoice_content import InvoiceContent, InvoiceLine, Party

_LINE_DECIMALS = ("quantity", "unit_price", "tax_rate", "net", "tax", "gross")
_TOTALS = ("net", "tax", "gross")


def dump_content(content: InvoiceContent) -> str:
    """Return the content as JSON; decimals as texts, dates in ISO form."""
    return orjson.dumps(asdict(content), default=_plain).decode()


def load_content(stored: str) -> InvoiceContent:
    """Rebuild the content from `dump_content`."""
    values: dict[str, Any] = orjson.loads(stored)
    lines = [
        InvoiceLine(**(line | {name: Decimal(line[name]) for name in _LINE_DECIMALS}))
        for line in values["lines"]
    ]
    return InvoiceContent(
        **(
            values
            | {name: Decimal(values[name]) for name in _TOTALS}
            | {name: date.fromisoformat(values[name]) for name in ("issued_on", "due_on")}
            | {"lines": tuple(lines)}
            | {name: Party(**values[name]) for name in ("seller", "buyer")}
        )
    )


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot stand in an invoice")
