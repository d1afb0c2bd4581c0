"""Writing checked orders down: numbers, seller orders, lines, deliveries, postings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from entrepot.platform.carts.rules import MAX_NOTE, joined_notes
from entrepot.platform.database import execute
from entrepot.platform.ids import new_id
from entrepot.platform.numbering import next_numbers
from entrepot.platform.orders.buyer_side import BuyerSide
from entrepot.platform.orders.checking import CheckedLine, CheckedOrder, CheckedPart
from entrepot.platform.orders.rules import SellerOrderStatus
from entrepot.platform.payments import service as payments

PAY_WITHIN = timedelta(days=7)
"""How long an order waits for a payment in advance."""
MAX_PO_NUMBER = 50
WRITE = """
WITH closed AS (
     UPDATE cart SET status = 'placed'
      WHERE id IN (SELECT cart_id FROM jsonb_populate_recordset(NULL::order_cart, $2::jsonb))),
     ordered AS (
     INSERT INTO purchase_order
     SELECT * FROM jsonb_populate_recordset(NULL::purchase_order, $1::jsonb)),
     kept AS (
     INSERT INTO order_cart SELECT * FROM jsonb_populate_recordset(NULL::order_cart, $2::jsonb)),
     parted AS (
     INSERT INTO seller_order
     SELECT * FROM jsonb_populate_recordset(NULL::seller_order, $3::jsonb)),
     lined AS (
     INSERT INTO order_line SELECT * FROM jsonb_populate_recordset(NULL::order_line, $4::jsonb))
INSERT INTO order_line_delivery
SELECT * FROM jsonb_populate_recordset(NULL::order_line_delivery, $5::jsonb)
"""
"""All of it in one round trip; the rows name every column that is not empty."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who placed orders, for whom, on which occasion, under which number of the buyer."""

    placed_by: UUID
    on_behalf_of: UUID | None
    standing_order_id: UUID | None
    po_number: str | None


async def write_orders(
    orders: Sequence[CheckedOrder],
    approvals: dict[UUID, list[UUID]],
    side: BuyerSide,
    signature: Signature,
    now: datetime,
) -> None:
    """Write the orders with their numbers and postings; close their carts.

    `approvals` are those used, by order. Locks the counters of the buyers, then those of the
    sellers, each in the order of their ids, whichever orders they are for.
    """
    parts = [(order, part) for order in orders for part in order.parts]
    counters = [(order.legal_entity_id, "PO") for order in orders]
    counters += [(part.offer["seller_entity_id"], "SO") for _, part in parts]
    owners = [*(order.id for order in orders), *(part.id for _, part in parts)]
    numbers = dict(zip(owners, await next_numbers(counters, now.year), strict=True))
    await execute(
        WRITE,
        _json(
            [_order_row(one, numbers[one.id], approvals[one.id], signature, now) for one in orders]
        ),
        _json(
            [
                {"id": new_id(), "order_id": order.id, "cart_id": cart.id}
                for order in orders
                for cart in order.carts
            ]
        ),
        _json([_part_row(order, part, numbers[part.id], side, now) for order, part in parts]),
        _json([row for _, part in parts for row in _line_rows(part)]),
        _json(
            [
                {
                    "id": new_id(),
                    "order_line_id": line.id,
                    "address_id": place.address_id,
                    "address_text": place.text,
                    "quantity": quantity,
                }
                for _, part in parts
                for line in part.lines
                for place, quantity in side.split(line.cart, line.line)
            ]
        ),
    )
    for order, part in parts:
        await payments.order_placed(_posting(order, part), now)


def _order_row(
    order: CheckedOrder,
    number: str,
    approval_ids: Sequence[UUID],
    signature: Signature,
    now: datetime,
) -> dict[str, Any]:
    return {
        "id": order.id,
        "number": number,
        "buyer_id": order.company_id,
        "legal_entity_id": order.legal_entity_id,
        "placed_by_id": signature.placed_by,
        "on_behalf_of_id": signature.on_behalf_of,
        "standing_order_id": signature.standing_order_id,
        "approval_ids": list(approval_ids),
        "po_number": signature.po_number or _joined_po_numbers(order),
        "note": joined_notes((cart.cart.note for cart in order.carts), MAX_NOTE),
        "placed_at": now,
    }


def _joined_po_numbers(order: CheckedOrder) -> str | None:
    """The numbers of the carts; only the first where together they are too long."""
    found = list(dict.fromkeys(cart.cart.po_number for cart in order.carts if cart.cart.po_number))
    joined = ", ".join(found)
    return (joined if len(joined) <= MAX_PO_NUMBER else found[0]) or None


def _part_row(
    order: CheckedOrder, part: CheckedPart, number: str, side: BuyerSide, now: datetime
) -> dict[str, Any]:
    total = part.terms.goods + part.terms.delivery
    advance = order.legal_entity_id in side.pay_in_advance
    waits = advance and total.gross > 0
    status = SellerOrderStatus.AWAITING_PAYMENT if waits else SellerOrderStatus.PLACED
    within = PAY_WITHIN if advance else timedelta(days=part.terms.payment_days)
    return {
        "id": part.id,
        "order_id": order.id,
        "seller_id": part.terms.seller_id,
        "legal_entity_id": part.offer["seller_entity_id"],
        "number": number,
        "status": status.value,
        "currency": part.terms.currency,
        "net": total.net,
        "tax": total.tax,
        "gross": total.gross,
        "delivery_net": part.terms.delivery.net,
        "delivery_tax": part.terms.delivery.tax,
        "delivery_tax_rate": part.terms.delivery_tax_rate if part.terms.delivery.net else 0,
        "payment": "advance" if advance else "invoice",
        "payment_due_on": local_day(now, part.offer["seller_zone"]) + within,
        "paid_at": None if total.gross else now,
        "placed_at": now,
    }


def local_day(now: datetime, zone: str) -> date:
    """Return the day of a moment in a time zone; in UTC where nobody knows the zone."""
    try:
        return now.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError):
        return now.astimezone(UTC).date()


def _line_rows(part: CheckedPart) -> list[dict[str, Any]]:
    return [
        {
            "id": line.id,
            "seller_order_id": part.id,
            "line_number": number,
            "offer_id": line.line.offer_id,
            "article_number": line.offer["article_number"],
            "title_en": line.offer["title_en"],
            "title_ru": line.offer["title_ru"],
            "unit": line.offer["unit"],
            "quantity": line.line.quantity,
            "unit_price": line.price.price.unit_price,
            "price_source": line.price.price.source,
            "price_list_id": line.price.price.price_list_id,
            "discount": line.price.discount,
            "promotions": _promotions(line),
            "cost_center": line.line.cost_center,
            "note": line.line.note,
            "wanted_on": line.line.wanted_on,
            "tax_rate": line.price.charged_rate,
            "net": line.price.amounts.net,
            "tax": line.price.amounts.tax,
            "gross": line.price.amounts.gross,
        }
        for number, line in enumerate(part.lines, start=1)
    ]


def _promotions(line: CheckedLine) -> list[dict[str, str]]:
    return [
        {
            "id": str(one.id),
            "name_en": one.name_en,
            "name_ru": one.name_ru,
            "amount": str(one.amount),
        }
        for one in line.price.promotions
    ]


def _json(rows: list[dict[str, Any]]) -> str:
    """Decimals travel as text: exact."""
    return orjson.dumps(rows, default=str).decode()


def _posting(order: CheckedOrder, part: CheckedPart) -> payments.PlacedSellerOrder:
    total = part.terms.goods + part.terms.delivery
    return payments.PlacedSellerOrder(
        id=part.id,
        buyer_entity_id=order.legal_entity_id,
        seller_entity_id=part.offer["seller_entity_id"],
        currency=part.terms.currency,
        net=total.net,
        tax=total.tax,
    )
