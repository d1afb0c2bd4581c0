"""Placing, confirming and cancelling orders: each one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from entrepot.platform import idempotency, outbox
from entrepot.platform.carts.access import USABLE
from entrepot.platform.carts.budgets.rules import BudgetWarning
from entrepot.platform.carts.budgets.service import give_back as give_back_budgets
from entrepot.platform.clock import Clock
from entrepot.platform.database import Row, execute, fetch, fetch_one, fetch_value, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.inventory import service as inventory
from entrepot.platform.orders.errors import (
    CartEmpty,
    OrderNotCancellable,
    OrderNotConfirmable,
    OrderNotPaid,
)
from entrepot.platform.orders.events import OrderCancelled, OrderConfirmed
from entrepot.platform.orders.placement import Placed, order_carts
from entrepot.platform.orders.rules import SellerOrderStatus, may_move
from entrepot.platform.orders.writing import MAX_PO_NUMBER
from entrepot.platform.payments import service as payments
from entrepot.platform.pricing.promotions.service import give_back as give_back_promotions
from entrepot.platform.quantities import trimmed

MAX_CARTS = 50
LOCK_SELLER_ORDER = """
SELECT s.id, s.number, s.status, s.seller_id, s.gross, s.currency,
       o.legal_entity_id AS buyer_entity_id
  FROM seller_order s JOIN purchase_order o ON o.id = s.order_id
 WHERE s.id = $1
   FOR UPDATE OF s
"""
LINE_IDS = "SELECT array_agg(id) AS ids FROM order_line WHERE seller_order_id = $1"
DEFAULT_CART = """
SELECT id FROM cart
 WHERE legal_entity_id = $1 AND is_default AND status IN ('open','submitted')
"""
USABLE_CARTS = f"""
SELECT c.id FROM cart c JOIN legal_entity e ON e.id = c.legal_entity_id
 WHERE c.id = ANY($3::uuid[]) AND {USABLE}
"""


async def place(
    actor: Actor,
    *,
    clock: Clock,
    cart_ids: Sequence[UUID] | None = None,
    po_number: str | None = None,
    accept_price_changes: bool = False,
    expected_totals: Mapping[str, Decimal] | None = None,
    idempotency_key: str | None = None,
) -> list[UUID]:
    """Order carts and return the orders' ids; see `place_orders`."""
    placed = await place_orders(
        actor,
        clock=clock,
        cart_ids=cart_ids,
        po_number=po_number,
        accept_price_changes=accept_price_changes,
        expected_totals=expected_totals,
        idempotency_key=idempotency_key,
    )
    return list(placed.order_ids)


async def place_orders(
    actor: Actor,
    *,
    clock: Clock,
    cart_ids: Sequence[UUID] | None = None,
    po_number: str | None = None,
    accept_price_changes: bool = False,
    expected_totals: Mapping[str, Decimal] | None = None,
    idempotency_key: str | None = None,
) -> Placed:
    """Order everything in the carts (None: in the default one of the legal entity acted for).

    Carts of one legal entity become one order, with a single seller order and invoice a seller;
    carts of several legal entities of the actor's company one order each. One transaction: stock
    is reserved, budgets charged, every seller gets a seller order with a number, the ledger is
    posted and `OrderPlaced` recorded, or nothing happens. With a key, a repeated call returns the
    first call's orders. Needs `order.place`. Locks the key, then what `order_carts` says. Raises
    what that does, and `InvalidInput`, `IdempotencyConflict`.
    """
    actor.require(Permission.ORDER_PLACE)
    po_number = checked_po_number(po_number)
    if cart_ids is not None and not 1 <= len(cart_ids) <= MAX_CARTS:
        raise InvalidInput("cartIds", f"from 1 to {MAX_CARTS} carts", f"от 1 до {MAX_CARTS} корзин")
    scope = f"placeOrder:{actor.legal_entity_id}"
    request: list[object] = [po_number, accept_price_changes]
    if cart_ids is not None or expected_totals is not None:
        request += [cart_ids, None if expected_totals is None else dict(expected_totals)]
    digest = idempotency.request_hash(request)
    async with transaction():
        if idempotency_key is not None:
            key = idempotency.check_key(idempotency_key)
            earlier = await idempotency.earlier_result(scope, key, digest)
            if earlier is not None:
                return _remembered(earlier)
        placed = await order_carts(
            actor,
            await _usable(actor, cart_ids),
            clock.now(),
            accept_price_changes=accept_price_changes,
            po_number=po_number,
            expected_totals=expected_totals,
            named=cart_ids is not None,
        )
        if idempotency_key is not None:
            await idempotency.remember(scope, idempotency_key, digest, asdict(placed))
    return placed


def _remembered(stored: dict[str, Any]) -> Placed:
    if "order_id" in stored:  # kept before orders of several carts
        return Placed((UUID(stored["order_id"]),))
    amounts = ("amount", "spent", "wanted")
    return Placed(
        tuple(UUID(one) for one in stored["order_ids"]),
        tuple(
            BudgetWarning(
                **(
                    one
                    | {"budget_id": UUID(one["budget_id"])}
                    | {name: Decimal(one[name]) for name in amounts}
                )
            )
            for one in stored["warnings"]
        ),
    )


async def _usable(actor: Actor, cart_ids: Sequence[UUID] | None) -> list[UUID]:
    """The carts to order; whether they still can be is seen under their locks."""
    if cart_ids is None:
        default = await fetch_value(DEFAULT_CART, actor.legal_entity_id)
        if default is None:
            raise CartEmpty
        return [default]
    rows = await fetch(USABLE_CARTS, actor.company_id, actor.user_id, list(cart_ids))
    usable = {row["id"] for row in rows}
    for index, cart_id in enumerate(cart_ids):
        if cart_id not in usable:
            raise NotFound("cart").at("cartIds", str(index))
    return list(cart_ids)


def checked_po_number(po_number: str | None) -> str | None:
    """Return the buyer's own number in its stored spelling. Raises `InvalidInput`."""
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


async def confirm(actor: Actor, seller_order_id: UUID, *, clock: Clock) -> None:
    """The seller takes a placed order on; records `OrderConfirmed`.

    Needs `sales.manage`. Locks the seller order. Raises `NotFound`, `OrderNotPaid`,
    `OrderNotConfirmable`.
    """
    actor.require(Permission.SALES_MANAGE)
    async with transaction():
        row = await _lock_seller_order(seller_order_id)
        if row["seller_id"] != actor.company_id:
            raise NotFound("seller order")
        if row["status"] == SellerOrderStatus.AWAITING_PAYMENT.value:
            paid = await payments.paid_amount(seller_order_id)
            raise OrderNotPaid(row["number"], trimmed(row["gross"] - paid), row["currency"])
        if not may_move(SellerOrderStatus(row["status"]), SellerOrderStatus.CONFIRMED):
            raise OrderNotConfirmable(row["number"], row["status"])
        await execute(
            "UPDATE seller_order SET status = 'confirmed', confirmed_at = $2 WHERE id = $1",
            seller_order_id,
            clock.now(),
        )
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
        await cancel_locked(seller_order_id, by, clock.now())


async def cancel_locked(seller_order_id: UUID, by: str, now: datetime) -> None:
    """Undo a seller order whose row the caller has locked and may cancel; records the event.

    Releases its stock, gives its budgets and promotions back, reverses its postings.
    """
    await execute(
        "UPDATE seller_order SET status = 'cancelled', cancelled_by = $2 WHERE id = $1",
        seller_order_id,
        by,
    )
    lines = await fetch_one(LINE_IDS, seller_order_id)
    await inventory.release(lines["ids"] if lines is not None else [])
    await give_back_budgets(seller_order_id, now)
    await give_back_promotions(seller_order_id, now)
    await payments.order_cancelled(seller_order_id, now)
    await outbox.record(OrderCancelled(seller_order_id, by))


def _party(actor: Actor, row: Row) -> str:
    if row["seller_id"] == actor.company_id and actor.may(Permission.SALES_MANAGE):
        return "seller"
    is_buyer = row["buyer_entity_id"] == actor.legal_entity_id
    if is_buyer and actor.may(Permission.ORDER_CANCEL):
        return "buyer"
    raise NotFound("seller order")
