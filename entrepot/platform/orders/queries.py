"""Reads of orders: plain frozen rows, batched, only what the actor's side may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import Row, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A buyer's order."""

    id: UUID
    number: str
    buyer_id: UUID
    legal_entity_id: UUID
    po_number: str | None
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class SellerOrderRow:
    """A seller's part of an order."""

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
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class OrderLineRow:
    """An ordered article as it was agreed."""

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
    tax_rate: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal


ORDER = """
SELECT id, number, buyer_id, legal_entity_id, po_number, placed_at FROM purchase_order
 WHERE legal_entity_id = $1
"""
SELLER_ORDER = """
SELECT s.id, s.order_id, s.number, s.status, s.seller_id, c.name AS seller_name,
       o.buyer_id, b.name AS buyer_name, s.currency, s.net, s.tax, s.gross, s.placed_at
  FROM seller_order s
  JOIN purchase_order o ON o.id = s.order_id
  JOIN company c ON c.id = s.seller_id
  JOIN company b ON b.id = o.buyer_id
"""
LINES = """
SELECT id, seller_order_id, line_number, offer_id, article_number, title_en, title_ru, unit,
       quantity, unit_price, price_source, tax_rate, net, tax, gross
  FROM order_line WHERE seller_order_id = ANY($1::uuid[])
 ORDER BY seller_order_id, line_number
"""
OldestKey = tuple[datetime, UUID]
"""Where a page continues: the time and id of the last row shown, newest first."""


def _order(row: Row) -> OrderRow:
    return OrderRow(**row)


def _seller_order(row: Row) -> SellerOrderRow:
    return SellerOrderRow(**row)


async def orders_page(actor: Actor, limit: int, after: OldestKey | None) -> list[OrderRow]:
    """Return orders of the actor's legal entity, newest first. Needs `order.view`."""
    actor.require(Permission.ORDER_VIEW)
    sql, arguments = ORDER, [actor.legal_entity_id, limit]
    if after is not None:
        sql += " AND (placed_at, id) < ($3, $4)"
        arguments += list(after)
    rows = await fetch(f"{sql} ORDER BY placed_at DESC, id DESC LIMIT $2", *arguments)
    return [_order(row) for row in rows]


async def orders_by_ids(actor: Actor, ids: Sequence[UUID]) -> dict[UUID, OrderRow]:
    """Return those of the orders that belong to the actor's legal entity."""
    if not actor.may(Permission.ORDER_VIEW):
        return {}
    rows = await fetch(f"{ORDER} AND id = ANY($2::uuid[])", actor.legal_entity_id, list(ids))
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
        found[row["seller_order_id"]].append(OrderLineRow(**row))
    return found
