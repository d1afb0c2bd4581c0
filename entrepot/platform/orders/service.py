"""Placing, confirming and cancelling orders: each one transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from entrepot.platform import idempotency, outbox
from entrepot.platform.clock import Clock
from entrepot.platform.database import Row, execute, fetch_one, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.inventory import service as inventory
from entrepot.platform.orders import placement
from entrepot.platform.orders.errors import OrderNotCancellable, OrderNotConfirmable
from entrepot.platform.orders.events import OrderCancelled, OrderConfirmed, OrderPlaced
from entrepot.platform.orders.rules import SellerOrderStatus, may_move
from entrepot.platform.payments import service as payments

MAX_PO_NUMBER = 50
LOCK_SELLER_ORDER = """
SELECT s.id, s.number, s.status, s.seller_id, o.legal_entity_id AS buyer_entity_id
  FROM seller_order s JOIN purchase_order o ON o.id = s.order_id
 WHERE s.id = $1
   FOR UPDATE OF s
"""
LINE_IDS = "SELECT array_agg(id) AS ids FROM order_line WHERE seller_order_id = $1"


async def place(
    actor: Actor,
    *,
    clock: Clock,
    po_number: str | None = None,
    accept_price_changes: bool = False,
    idempotency_key: str | None = None,
) -> UUID:
    """Order everything in the actor's open cart and return the order's id.

    One transaction: stock is reserved, every seller gets a seller order with a number, the ledger
    is posted and `OrderPlaced` recorded, or nothing happens. With a key, a repeated call returns
    the first call's order. Needs `order.place`. Locks the key, the cart, the stock (sorted), the
    counters. Raises `CartEmpty`, `OfferUnavailable`, `PriceChanged`, `OutOfStock`,
    `QuantityNotOrderable`, `IdempotencyConflict`.
    """
    actor.require(Permission.ORDER_PLACE)
    po_number = _checked_po_number(po_number)
    scope = f"placeOrder:{actor.legal_entity_id}"
    digest = idempotency.request_hash([po_number, accept_price_changes])
    async with transaction():
        if idempotency_key is not None:
            key = idempotency.check_key(idempotency_key)
            earlier = await idempotency.earlier_result(scope, key, digest)
            if earlier is not None:
                return UUID(earlier["order_id"])
        order_id = await _place_cart(actor, clock.now(), po_number, accept_price_changes)
        if idempotency_key is not None:
            result = {"order_id": str(order_id)}
            await idempotency.remember(scope, idempotency_key, digest, result)
    return order_id


async def _place_cart(
    actor: Actor, now: datetime, po_number: str | None, accept_price_changes: bool
) -> UUID:
    cart = await placement.lock_cart(actor)
    lines = await placement.check_lines(actor, cart, now, accept_price_changes=accept_price_changes)
    await inventory.reserve(
        [(line.id, line.priced.offer_id, line.priced.quantity) for line in lines]
    )
    order_id, seller_order_ids = await placement.write_order(actor, cart, lines, po_number, now)
    await outbox.record(OrderPlaced(order_id, tuple(seller_order_ids)))
    return order_id


def _checked_po_number(po_number: str | None) -> str | None:
    if po_number is None or not po_number.strip():
        return None
    stripped = po_number.strip()
    if len(stripped) > MAX_PO_NUMBER or not stripped.isprintable():
        raise InvalidInput(
            "poNumber",
            f"must be at most {MAX_PO_NUMBER} printable characters",
            f"не более {MAX_PO_NUMBER} печатных знаков",
        )
    return stripped


async def _lock_seller_order(seller_order_id: UUID) -> Row:
    row = await fetch_one(LOCK_SELLER_ORDER, seller_order_id)
    if row is None:
        raise NotFound("seller order")
    return row


async def confirm(actor: Actor, seller_order_id: UUID) -> None:
    """The seller takes a placed order on; records `OrderConfirmed`.

    Needs `sales.manage`. Locks the seller order. Raises `NotFound`, `OrderNotConfirmable`.
    """
    actor.require(Permission.SALES_MANAGE)
    async with transaction():
        row = await _lock_seller_order(seller_order_id)
        if row["seller_id"] != actor.company_id:
            raise NotFound("seller order")
        if not may_move(SellerOrderStatus(row["status"]), SellerOrderStatus.CONFIRMED):
            raise OrderNotConfirmable(row["number"], row["status"])
        await _set_status(seller_order_id, SellerOrderStatus.CONFIRMED)
        await outbox.record(OrderConfirmed(seller_order_id))


async def cancel(actor: Actor, seller_order_id: UUID, *, clock: Clock) -> None:
    """Call a seller order off: releases its stock, reverses its postings, records the event.

    The buyer needs `order.cancel` and must act for the ordering legal entity; the seller needs
    `sales.manage`. Locks the seller order, then the stock. Raises `NotFound`,
    `OrderNotCancellable`.
    """
    as_seller = actor.may(Permission.SALES_MANAGE)
    if not as_seller:
        actor.require(Permission.ORDER_CANCEL)
    async with transaction():
        row = await _lock_seller_order(seller_order_id)
        by = _party(actor, row)
        if not may_move(SellerOrderStatus(row["status"]), SellerOrderStatus.CANCELLED):
            raise OrderNotCancellable(row["number"], row["status"])
        await _set_status(seller_order_id, SellerOrderStatus.CANCELLED)
        lines = await fetch_one(LINE_IDS, seller_order_id)
        await inventory.release(lines["ids"] if lines is not None else [])
        await payments.order_cancelled(seller_order_id, clock.now())
        await outbox.record(OrderCancelled(seller_order_id, by))


def _party(actor: Actor, row: Row) -> str:
    if row["seller_id"] == actor.company_id and actor.may(Permission.SALES_MANAGE):
        return "seller"
    is_buyer = row["buyer_entity_id"] == actor.legal_entity_id
    if is_buyer and actor.may(Permission.ORDER_CANCEL):
        return "buyer"
    raise NotFound("seller order")


async def _set_status(seller_order_id: UUID, status: SellerOrderStatus) -> None:
    await execute(
        "UPDATE seller_order SET status = $2 WHERE id = $1", seller_order_id, status.value
    )
