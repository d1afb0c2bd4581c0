"""Money for seller orders: recorded from the operator's bank statement, missed when it is late."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from entrepot.platform import outbox
from entrepot.platform.clock import Clock
from entrepot.platform.database import Row, execute, fetch, fetch_one, fetch_value, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.money import round_minor
from entrepot.platform.orders.events import SellerOrderPaid
from entrepot.platform.orders.rules import SellerOrderStatus
from entrepot.platform.orders.service import cancel_locked
from entrepot.platform.orders.writing import local_day
from entrepot.platform.payments import service as payments
from entrepot.platform.payments.errors import (
    OrderNotPayable,
    PaymentExceedsOpenAmount,
    PaymentReferenceUsed,
)
from entrepot.platform.quantities import trimmed

MAX_REFERENCE = 100
MARKETPLACE = "marketplace"
LATEST_DAY = timedelta(hours=14)
"""How far ahead of UTC the date is where it is latest."""
LOCK = """
SELECT s.id, s.number, s.status, s.gross, s.currency, s.payment_due_on, e.time_zone,
       o.legal_entity_id AS buyer_entity_id
  FROM seller_order s
  JOIN purchase_order o ON o.id = s.order_id
  JOIN legal_entity e ON e.id = s.legal_entity_id
 WHERE s.id = $1
   FOR UPDATE OF s
"""
LATE = """
SELECT id FROM seller_order
 WHERE status = 'awaiting_payment' AND payment_due_on < $1 ORDER BY id
"""


async def record_payment(
    actor: Actor,
    seller_order_id: UUID,
    amount: Decimal,
    currency: str,
    reference: str,
    received_on: date,
    *,
    clock: Clock,
) -> UUID:
    """Record money that came for a seller order and return the payment's id.

    `reference` is the bank statement's own key of the line: with the same one, amount and day,
    a second call changes nothing and returns the same payment. Parts add up. With the whole
    amount here the order is paid as of the last day of receipt; one that waited for it becomes
    `placed`, and `SellerOrderPaid` is recorded. Needs `payment.record`; the money is on the bank
    account of the legal entity the actor acts for. Locks the seller order. Raises `NotFound`,
    `InvalidInput`, `OrderNotPayable`, `PaymentReferenceUsed`, `PaymentExceedsOpenAmount`.
    """
    actor.require(Permission.PAYMENT_RECORD)
    now = clock.now()
    reference = _checked_reference(reference)
    if received_on > (now + LATEST_DAY).date():
        raise InvalidInput("receivedOn", "not in the future", "не позже сегодняшнего дня")
    async with transaction():
        order = await _locked(seller_order_id)
        _check_amount(order, amount, currency)
        earlier = await payments.earlier_payment(seller_order_id, reference)
        if earlier is not None:
            return _same(earlier, amount, reference, received_on)
        if order["status"] == SellerOrderStatus.CANCELLED.value:
            raise OrderNotPayable(order["number"], order["status"]).at("sellerOrderId")
        open_amount = order["gross"] - await payments.paid_amount(seller_order_id)
        if amount > open_amount:
            raise PaymentExceedsOpenAmount(
                order["number"], trimmed(open_amount), order["currency"]
            ).at("amount")
        payment_id = await payments.payment_received(
            payments.ReceivedPayment(
                seller_order_id=seller_order_id,
                buyer_entity_id=order["buyer_entity_id"],
                bank_entity_id=actor.legal_entity_id,
                amount=amount,
                currency=order["currency"],
                reference=reference,
                received_on=received_on,
                recorded_by=actor.user_id,
            ),
            now,
        )
        if amount == open_amount:
            await _set_paid(order)
    return payment_id


async def cancel_unpaid(now: datetime) -> int:
    """Cancel the orders whose payment in advance did not come by the day it was due.

    That day counts to its end where the seller is. Each in a transaction of its own, once,
    however many call this at a time; returns how many this call cancelled. Records
    `OrderCancelled` by "marketplace". Parts that were paid stay on the buyer's account.
    """
    cancelled = 0
    for row in await fetch(LATE, (now + LATEST_DAY).date()):
        async with transaction():
            order = await _locked(row["id"])
            waits = order["status"] == SellerOrderStatus.AWAITING_PAYMENT.value
            if waits and order["payment_due_on"] < local_day(now, order["time_zone"]):
                await cancel_locked(order["id"], MARKETPLACE, now)
                cancelled += 1
    return cancelled


async def _locked(seller_order_id: UUID) -> Row:
    row = await fetch_one(LOCK, seller_order_id)
    if row is None:
        raise NotFound("seller order").at("sellerOrderId")
    return row


def _checked_reference(given: str) -> str:
    reference = given.strip()
    if not 1 <= len(reference) <= MAX_REFERENCE or not reference.isprintable():
        raise InvalidInput(
            "reference",
            f"from 1 to {MAX_REFERENCE} printable characters",
            f"от 1 до {MAX_REFERENCE} печатных знаков",
        )
    return reference


def _check_amount(order: Row, amount: Decimal, currency: str) -> None:
    if currency != order["currency"]:
        raise InvalidInput(
            "currency",
            f"the order is in {order['currency']}",
            f"валюта заказа — {order['currency']}",
        )
    if not amount.is_finite() or amount <= 0 or amount >= Decimal(10) ** 14:
        raise InvalidInput("amount", "must be above 0", "должна быть больше 0")
    if amount != round_minor(amount, currency):
        raise InvalidInput(
            "amount",
            f"whole minor units of {currency}",
            f"целое число минимальных единиц {currency}",
        )


def _same(earlier: Row, amount: Decimal, reference: str, received_on: date) -> UUID:
    """The payment recorded before, if it is this one."""
    if (earlier["amount"], earlier["received_on"]) != (amount, received_on):
        raise PaymentReferenceUsed(
            reference,
            trimmed(earlier["amount"]),
            earlier["currency"],
            earlier["received_on"].isoformat(),
        ).at("reference")
    payment_id: UUID = earlier["id"]
    return payment_id


async def _set_paid(order: Row) -> None:
    """Mark it paid as of noon (UTC) of the last day of receipt: the statement tells no hour."""
    last: date = await fetch_value(
        "SELECT max(received_on) FROM payment WHERE seller_order_id = $1", order["id"]
    )
    advance = order["status"] == SellerOrderStatus.AWAITING_PAYMENT.value
    await execute(
        "UPDATE seller_order SET paid_at = $2, status = $3 WHERE id = $1",
        order["id"],
        datetime.combine(last, time(12), UTC),
        SellerOrderStatus.PLACED.value if advance else order["status"],
    )
    await outbox.record(SellerOrderPaid(order["id"], advance))
