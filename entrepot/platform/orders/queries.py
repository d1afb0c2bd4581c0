"""Reads of orders: plain frozen rows, batched, only what the actor's side may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import orjson

from entrepot.platform.database import Row, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A buyer's order; `placed_by` and `on_behalf_of` are names of people."""

    id: UUID
    number: str
    buyer_id: UUID
    legal_entity_id: UUID
    legal_entity_name: str
    po_number: str | None
    note: str
    placed_at: datetime
    placed_by: str
    on_behalf_of: str | None
    cart_ids: tuple[UUID, ...]
    standing_order_id: UUID | None
    approval_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class SellerOrderRow:
    """A seller's part of an order; `net` and `tax` hold those of the delivery."""

    id: UUID
    order_id: UUID
    number: str
    status: str
    seller_id: UUID
    seller_name: str
    buyer_id: UUID
    buyer_name: str
    currency: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    delivery_net: Decimal
    delivery_tax: Decimal
    payment: str
    payment_due_on: date | None
    paid_at: datetime | None
    paid: Decimal
    placed_at: datetime
    placed_by: str
    on_behalf_of: str | None


@dataclass(frozen=True, slots=True)
class LinePromotion:
    """A promotion in a line's discount, under the names it had when it was ordered."""

    name_en: str
    name_ru: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LineDelivery:
    """How much of a line goes to an address, as it was when ordered."""

    address: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class OrderLineRow:
    """An ordered article as it was agreed; `discount` is off quantity × price."""

    id: UUID
    seller_order_id: UUID
    line_number: int
    offer_id: UUID
    article_number: str
    title_en: str
    title_ru: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    price_source: str
    discount: Decimal
    promotions: tuple[LinePromotion, ...]
    cost_center: str
    note: str
    wanted_on: date | None
    deliveries: tuple[LineDelivery, ...]
    tax_rate: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal


ORDER = """
SELECT o.id, o.number, o.buyer_id, o.legal_entity_id, e.name AS legal_entity_name, o.po_number,
       o.note, o.placed_at, p.name AS placed_by, f.name AS on_behalf_of, o.standing_order_id,
       o.approval_ids,
       ARRAY(SELECT k.cart_id FROM order_cart k WHERE k.order_id = o.id ORDER BY k.id) AS cart_ids
  FROM purchase_order o
  JOIN legal_entity e ON e.id = o.legal_entity_id
  JOIN user_account p ON p.id = o.placed_by_id
  LEFT JOIN user_account f ON f.id = o.on_behalf_of_id
"""
OWN_ORDER = f"{ORDER} WHERE o.legal_entity_id = $1"
SELLER_ORDER = """
SELECT s.id, s.order_id, s.number, s.status, s.seller_id, c.name AS seller_name,
       o.buyer_id, b.name AS buyer_name, s.currency, s.net, s.tax, s.gross, s.delivery_net,
       s.delivery_tax, s.payment, s.payment_due_on, s.paid_at,
       (SELECT coalesce(sum(m.amount), 0) FROM payment m WHERE m.seller_order_id = s.id) AS paid,
       s.placed_at, p.name AS placed_by, f.name AS on_behalf_of
  FROM seller_order s
  JOIN purchase_order o ON o.id = s.order_id
  JOIN company c ON c.id = s.seller_id
  JOIN company b ON b.id = o.buyer_id
  JOIN user_account p ON p.id = o.placed_by_id
  LEFT JOIN user_account f ON f.id = o.on_behalf_of_id
"""
LINES = """
SELECT l.id, l.seller_order_id, l.line_number, l.offer_id, l.article_number, l.title_en, l.title_ru,
       l.unit, l.quantity, l.unit_price, l.price_source, l.discount, l.promotions, l.cost_center,
       l.note, l.wanted_on, l.tax_rate, l.net, l.tax, l.gross,
       ARRAY(SELECT d.address_text FROM order_line_delivery d WHERE d.order_line_id = l.id
              ORDER BY d.id) AS addresses,
       ARRAY(SELECT d.quantity FROM order_line_delivery d WHERE d.order_line_id = l.id
              ORDER BY d.id) AS parts
  FROM order_line l WHERE l.seller_order_id = ANY($1::uuid[])
 ORDER BY l.seller_order_id, l.line_number
"""
OldestKey = tuple[datetime, UUID]
"""Where a page continues: the time and id of the last row shown, newest first."""


def _order(row: Row) -> OrderRow:
    lists = {name: tuple(row[name]) for name in ("cart_ids", "approval_ids")}
    return OrderRow(**(dict(row) | lists))


def _seller_order(row: Row) -> SellerOrderRow:
    return SellerOrderRow(**row)


async def orders_page(actor: Actor, limit: int, after: OldestKey | None) -> list[OrderRow]:
    """Return orders of the actor's legal entity, newest first. Needs `order.view`."""
    actor.require(Permission.ORDER_VIEW)
    sql, arguments = OWN_ORDER, [actor.legal_entity_id, limit]
    if after is not None:
        sql += " AND (o.placed_at, o.id) < ($3, $4)"
        arguments += list(after)
    rows = await fetch(f"{sql} ORDER BY o.placed_at DESC, o.id DESC LIMIT $2", *arguments)
    return [_order(row) for row in rows]


async def orders_by_ids(actor: Actor, ids: Sequence[UUID]) -> dict[UUID, OrderRow]:
    """Return those of the orders that belong to the actor's legal entity."""
    if not actor.may(Permission.ORDER_VIEW):
        return {}
    rows = await fetch(f"{OWN_ORDER} AND o.id = ANY($2::uuid[])", actor.legal_entity_id, list(ids))
    return {row["id"]: _order(row) for row in rows}


async def placed_orders(actor: Actor, ids: Sequence[UUID]) -> dict[UUID, OrderRow]:
    """Return those of the orders that belong to any legal entity of the actor's company.

    For who has just placed them: one placing may be for several legal entities.
    """
    if not actor.may(Permission.ORDER_VIEW):
        return {}
    rows = await fetch(
        f"{ORDER} WHERE o.buyer_id = $1 AND o.id = ANY($2::uuid[])", actor.company_id, list(ids)
    )
    return {row["id"]: _order(row) for row in rows}


async def seller_orders_page(
    actor: Actor, limit: int, after: OldestKey | None
) -> list[SellerOrderRow]:
    """Return seller orders that the actor's company sells, newest first. Needs `sales.view`."""
    actor.require(Permission.SALES_VIEW)
    sql, arguments = f"{SELLER_ORDER} WHERE s.seller_id = $1", [actor.company_id, limit]
    if after is not None:
        sql += " AND (s.placed_at, s.id) < ($3, $4)"
        arguments += list(after)
    rows = await fetch(f"{sql} ORDER BY s.placed_at DESC, s.id DESC LIMIT $2", *arguments)
    return [_seller_order(row) for row in rows]


def _sees(actor: Actor, row: Row) -> bool:
    if row["seller_id"] == actor.company_id and actor.may(Permission.SALES_VIEW):
        return True
    is_buyer: bool = row["legal_entity_id"] == actor.legal_entity_id
    return is_buyer and actor.may(Permission.ORDER_VIEW)


async def seller_orders_by_ids(actor: Actor, ids: Sequence[UUID]) -> dict[UUID, SellerOrderRow]:
    """Return those of the seller orders that the actor buys or sells."""
    sql = SELLER_ORDER.replace("SELECT s.id", "SELECT o.legal_entity_id, s.id", 1)
    rows = await fetch(f"{sql} WHERE s.id = ANY($1::uuid[])", list(ids))
    return {
        row["id"]: _seller_order({k: v for k, v in row.items() if k != "legal_entity_id"})
        for row in rows
        if _sees(actor, row)
    }


async def seller_orders_of(order_ids: Sequence[UUID]) -> dict[UUID, list[SellerOrderRow]]:
    """Return the seller orders of orders that the caller already let the actor see."""
    rows = await fetch(
        f"{SELLER_ORDER} WHERE s.order_id = ANY($1::uuid[]) ORDER BY s.order_id, s.number, s.id",
        list(order_ids),
    )
    found: dict[UUID, list[SellerOrderRow]] = defaultdict(list)
    for row in rows:
        found[row["order_id"]].append(_seller_order(row))
    return found


async def lines_of(seller_order_ids: Sequence[UUID]) -> dict[UUID, list[OrderLineRow]]:
    """Return the lines of seller orders that the caller already let the actor see."""
    found: dict[UUID, list[OrderLineRow]] = defaultdict(list)
    for row in await fetch(LINES, list(seller_order_ids)):
        found[row["seller_order_id"]].append(_line(row))
    return found


def _line(row: Row) -> OrderLineRow:
    values = dict(row)
    values["deliveries"] = tuple(map(LineDelivery, values.pop("addresses"), values.pop("parts")))
    values["promotions"] = tuple(
        LinePromotion(one["name_en"], one["name_ru"], Decimal(one["amount"]))
        for one in orjson.loads(row["promotions"])
    )
    return OrderLineRow(**values)
