"""What a paper says about a seller order, read as it was agreed when the order was placed."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from entrepot.platform.database import Row, fetch, fetch_one
from entrepot.platform.documents.invoice_content import (
    InvoiceContent,
    InvoiceLine,
    LineDelivery,
    NamedDiscount,
    PaperKind,
    Party,
)
from entrepot.platform.money import minor_digits

PAYMENT_DAYS = 14
"""Until an order is due that was placed before sellers could state their terms."""
_ORDER = """
SELECT s.id, s.number, s.status, s.currency, s.net, s.tax, s.gross, s.delivery_net, s.delivery_tax,
       s.delivery_tax_rate, s.payment, s.payment_due_on, s.paid_at, s.legal_entity_id, o.po_number,
       e.name AS seller_name, e.tax_id AS seller_tax_id, e.country AS seller_country,
       e.address AS seller_address, e.registration_reason_code AS seller_reason, e.time_zone,
       b.name AS buyer_name, b.tax_id AS buyer_tax_id, b.country AS buyer_country,
       b.address AS buyer_address, b.registration_reason_code AS buyer_reason
  FROM seller_order s
  JOIN purchase_order o ON o.id = s.order_id
  JOIN legal_entity e ON e.id = s.legal_entity_id
  JOIN legal_entity b ON b.id = o.legal_entity_id
 WHERE s.id = $1
   FOR UPDATE OF s
"""
_LINES = """
SELECT id, line_number AS position, article_number, title_en, title_ru, quantity, unit, unit_price,
       tax_rate, net, tax, gross, discount, promotions, cost_center
  FROM order_line WHERE seller_order_id = $1 ORDER BY line_number
"""
_DELIVERIES = """
SELECT d.order_line_id, d.address_text, d.quantity
  FROM order_line_delivery d JOIN order_line l ON l.id = d.order_line_id
 WHERE l.seller_order_id = $1 ORDER BY l.line_number, d.id
"""
_PAYEE = """
SELECT e.name, e.tax_id FROM legal_entity e JOIN company c ON c.id = e.company_id
 WHERE c.is_operator AND c.active AND e.active ORDER BY e.created_at, e.id LIMIT 1
"""


async def locked_order(seller_order_id: UUID) -> Row | None:
    """Return the seller order with its parties, its row locked until the transaction ends."""
    return await fetch_one(_ORDER, seller_order_id)


def local_day(order: Row, moment: datetime) -> date:
    """Return the day of a moment where the seller is."""
    return moment.astimezone(_zone(order["time_zone"])).date()


async def content_of(order: Row, kind: PaperKind, number: str, issued_on: date) -> InvoiceContent:
    """Return what the paper says; call it in the transaction of `locked_order`."""
    currency = order["currency"]
    due_on = order["payment_due_on"] or issued_on + timedelta(days=PAYMENT_DAYS)
    lines = await fetch(_LINES, order["id"])
    places: dict[str, int] = {}
    deliveries: dict[UUID, list[LineDelivery]] = defaultdict(list)
    for row in await fetch(_DELIVERIES, order["id"]):
        place = places.setdefault(row["address_text"], len(places) + 1)
        deliveries[row["order_line_id"]].append(LineDelivery(place, row["quantity"]))
    paid_ahead = kind == "invoice" and order["payment"] == "advance" and order["paid_at"]
    return InvoiceContent(
        number=number,
        issued_on=issued_on,
        due_on=due_on,
        order_number=order["number"],
        po_number=order["po_number"] or "",
        seller=_party(order, "seller"),
        buyer=_party(order, "buyer"),
        currency=currency,
        lines=tuple(_line(line, currency, tuple(deliveries[line["id"]])) for line in lines),
        net=_amount(order["net"], currency),
        tax=_amount(order["tax"], currency),
        gross=_amount(order["gross"], currency),
        payment_days=max((due_on - issued_on).days, 0),
        kind=kind,
        delivery_net=_amount(order["delivery_net"], currency),
        delivery_tax=_amount(order["delivery_tax"], currency),
        delivery_tax_rate=order["delivery_tax_rate"],
        addresses=tuple(places),
        paid_on=local_day(order, order["paid_at"]) if paid_ahead else None,
        payee=await _payee() if kind == "pro_forma" else "",
    )


async def _payee() -> str:
    row = await fetch_one(_PAYEE)
    return "" if row is None else f"{row['name']}, {row['tax_id']}"


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _party(order: Row, side: str) -> Party:
    return Party(
        name=order[f"{side}_name"],
        tax_id=order[f"{side}_tax_id"],
        country=order[f"{side}_country"],
        address=order[f"{side}_address"],
        registration_reason_code=order[f"{side}_reason"],
    )


def _amount(stored: Decimal, currency: str) -> Decimal:
    """Amounts are stored with four places and were rounded to the minor unit before."""
    return stored.quantize(Decimal(1).scaleb(-minor_digits(currency)))


def _line(line: Row, currency: str, deliveries: tuple[LineDelivery, ...]) -> InvoiceLine:
    values: dict[str, Any] = dict(line)
    del values["id"]
    values |= {name: _amount(line[name], currency) for name in ("net", "tax", "gross")}
    values["promotions"] = tuple(
        NamedDiscount(one["name_en"], one["name_ru"], Decimal(one["amount"]))
        for one in orjson.loads(line["promotions"])
    )
    return InvoiceLine(**values, deliveries=deliveries)
