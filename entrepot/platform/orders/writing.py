"""Writing checked orders down: numbers, seller orders, lines, deliveries, postings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from entrepot.platform.carts.rules import MAX_NOTE, joined_notes
from entrepot.platform.database import execute, execute_many
from entrepot.platform.ids import new_id
from entrepot.platform.numbering import next_number
from entrepot.platform.orders.buyer_side import BuyerSide
from entrepot.platform.orders.checking import CheckedLine, CheckedOrder, CheckedPart
from entrepot.platform.orders.rules import SellerOrderStatus
from entrepot.platform.payments import service as payments

PAY_WITHIN = timedelta(days=7)
"""How long an order waits for a payment in advance."""
MAX_PO_NUMBER = 50
INSERT_ORDER = """
INSERT INTO purchase_order
       (id, number, buyer_id, legal_entity_id, placed_by_id, on_behalf_of_id, standing_order_id,
        approval_ids, po_number, note, placed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
CLOSE_CARTS = """
WITH closed AS (UPDATE cart SET status = 'placed' WHERE id = ANY($3::uuid[]))
INSERT INTO order_cart (id, order_id, cart_id)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[])
"""
INSERT_SELLER_ORDER = """
INSERT INTO seller_order
       (id, order_id, seller_id, legal_entity_id, number, status, currency, net, tax, gross,
        delivery_net, delivery_tax, delivery_tax_rate, payment, payment_due_on, paid_at, placed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
"""
INSERT_LINE = """
INSERT INTO order_line
       (id, seller_order_id, line_number, offer_id, article_number, title_en, title_ru, unit,
        quantity, unit_price, price_source, price_list_id, discount, promotions, cost_center,
        note, wanted_on, tax_rate, net, tax, gross)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::jsonb, $15, $16, $17, $18,
        $19, $20, $21)
"""
INSERT_DELIVERY = """
INSERT INTO order_line_delivery (id, order_line_id, address_id, address_text, quantity)
VALUES ($1, $2, $3, $4, $5)
"""


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
    numbers: dict[UUID, str] = {}
    for order in sorted(orders, key=lambda one: one.legal_entity_id):
        numbers[order.id] = await next_number(order.legal_entity_id, "PO", now.year)
    parts = [(order, part) for order in orders for part in order.parts]
    for _, part in sorted(parts, key=lambda one: one[1].offer["seller_entity_id"]):
        numbers[part.id] = await next_number(part.offer["seller_entity_id"], "SO", now.year)
    await execute_many(
        INSERT_ORDER,
        [_order_row(one, numbers[one.id], approvals[one.id], signature, now) for one in orders],
    )
    carts = [(new_id(), order.id, cart.id) for order in orders for cart in order.carts]
    await execute(CLOSE_CARTS, *map(list, zip(*carts, strict=True)))
    await execute_many(
        INSERT_SELLER_ORDER,
        [_part_row(order, part, numbers[part.id], side, now) for order, part in parts],
    )
    await execute_many(INSERT_LINE, [row for _, part in parts for row in _line_rows(part)])
    deliveries = [
        (new_id(), line.id, place.address_id, place.text, quantity)
        for _, part in parts
        for line in part.lines
        for place, quantity in side.split(line.cart, line.line)
    ]
    if deliveries:
        await execute_many(INSERT_DELIVERY, deliveries)
    for order, part in parts:
        await payments.order_placed(_posting(order, part), now)


def _order_row(
    order: CheckedOrder,
    number: str,
    approval_ids: Sequence[UUID],
    signature: Signature,
    now: datetime,
) -> tuple[Any, ...]:
    return (
        order.id,
        number,
        order.company_id,
        order.legal_entity_id,
        signature.placed_by,
        signature.on_behalf_of,
        signature.standing_order_id,
        list(approval_ids),
        signature.po_number or _joined_po_numbers(order),
        joined_notes((cart.cart.note for cart in order.carts), MAX_NOTE),
        now,
    )


def _joined_po_numbers(order: CheckedOrder) -> str | None:
    """The numbers of the carts; only the first where together they are too long."""
    found = list(dict.fromkeys(cart.cart.po_number for cart in order.carts if cart.cart.po_number))
    joined = ", ".join(found)
    return (joined if len(joined) <= MAX_PO_NUMBER else found[0]) or None


def _part_row(
    order: CheckedOrder, part: CheckedPart, number: str, side: BuyerSide, now: datetime
) -> tuple[Any, ...]:
    total = part.terms.goods + part.terms.delivery
    advance = order.legal_entity_id in side.pay_in_advance
    waits = advance and total.gross > 0
    status = SellerOrderStatus.AWAITING_PAYMENT if waits else SellerOrderStatus.PLACED
    within = PAY_WITHIN if advance else timedelta(days=part.terms.payment_days)
    return (
        part.id,
        order.id,
        part.terms.seller_id,
        part.offer["seller_entity_id"],
        number,
        status.value,
        part.terms.currency,
        total.net,
        total.tax,
        total.gross,
        part.terms.delivery.net,
        part.terms.delivery.tax,
        part.terms.delivery_tax_rate if part.terms.delivery.net else Decimal(0),
        "advance" if advance else "invoice",
        local_day(now, part.offer["seller_zone"]) + within,
        None if total.gross else now,
        now,
    )


def local_day(now: datetime, zone: str) -> date:
    """Return the day of a moment in a time zone; in UTC where nobody knows the zone."""
    try:
        return now.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError):
        return now.astimezone(UTC).date()


def _line_rows(part: CheckedPart) -> list[tuple[Any, ...]]:
    return [
        (
            line.id,
            part.id,
            number,
            line.line.offer_id,
            line.offer["article_number"],
            line.offer["title_en"],
            line.offer["title_ru"],
            line.offer["unit"],
            line.line.quantity,
            line.price.price.unit_price,
            line.price.price.source,
            line.price.price.price_list_id,
            line.price.discount,
            _promotions(line),
            line.line.cost_center,
            line.line.note,
            line.line.wanted_on,
            line.price.charged_rate,
            line.price.amounts.net,
            line.price.amounts.tax,
            line.price.amounts.gross,
        )
        for number, line in enumerate(part.lines, start=1)
    ]


def _promotions(line: CheckedLine) -> str:
    return orjson.dumps(
        [
            {
                "id": str(one.id),
                "name_en": one.name_en,
                "name_ru": one.name_ru,
                "amount": str(one.amount),
            }
            for one in line.price.promotions
        ]
    ).decode()


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
