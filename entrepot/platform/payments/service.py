"""What the marketplace's business means in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import Row, execute, fetch_one, fetch_value
from entrepot.platform.ids import new_id
from entrepot.platform.money import to_minor
from entrepot.platform.payments.ledger import Entry, post, reverse

ORDER_PLACED = "order_placed"
ORDER_CANCELLED = "order_cancelled"
PAYMENT_RECEIVED = "payment_received"


@dataclass(frozen=True, slots=True)
class PlacedSellerOrder:
    """What the ledger needs to know of a seller order."""

    id: UUID
    buyer_entity_id: UUID
    seller_entity_id: UUID
    currency: str
    net: Decimal
    tax: Decimal


async def order_placed(placed: PlacedSellerOrder, now: datetime) -> None:
    """The buyer owes the gross amount; net and tax are held for the seller until delivery.

    Debits the buyer's receivable; credits the seller's escrow (net) and tax accounts.
    """
    net = to_minor(placed.net, placed.currency)
    tax = to_minor(placed.tax, placed.currency)
    entries = [
        Entry(placed.buyer_entity_id, "receivable", net + tax),
        Entry(placed.seller_entity_id, "escrow", -net),
        Entry(placed.seller_entity_id, "tax", -tax),
    ]
    await post(ORDER_PLACED, placed.id, placed.currency, entries, now)


async def order_cancelled(seller_order_id: UUID, now: datetime) -> None:
    """Undo what placing the seller order posted."""
    await reverse(ORDER_PLACED, seller_order_id, reversal_kind=ORDER_CANCELLED, now=now)


async def paid_amount(seller_order_id: UUID) -> Decimal:
    """Return what has been paid for a seller order."""
    paid: Decimal = await fetch_value(
        "SELECT coalesce(sum(amount), 0) FROM payment WHERE seller_order_id = $1", seller_order_id
    )
    return paid


@dataclass(frozen=True, slots=True)
class ReceivedPayment:
    """Money on the operator's bank account, for a seller order."""

    seller_order_id: UUID
    buyer_entity_id: UUID
    bank_entity_id: UUID
    amount: Decimal
    currency: str
    reference: str
    received_on: date
    recorded_by: UUID


async def earlier_payment(seller_order_id: UUID, reference: str) -> Row | None:
    """Return the payment of a seller order that has this reference."""
    return await fetch_one(
        "SELECT id, amount, currency, received_on FROM payment"
        " WHERE seller_order_id = $1 AND reference = $2",
        seller_order_id,
        reference,
    )


async def payment_received(received: ReceivedPayment, now: datetime) -> UUID:
    """Write a payment down and post it; return its id. The caller has locked the seller order.

    Debits the operator's bank, credits the buyer's receivable.
    """
    payment_id = new_id()
    await execute(
        "INSERT INTO payment (id, seller_order_id, amount, currency, reference, received_on,"
        " recorded_by_id, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        payment_id,
        received.seller_order_id,
        received.amount,
        received.currency,
        received.reference,
        received.received_on,
        received.recorded_by,
        now,
    )
    amount = to_minor(received.amount, received.currency)
    entries = [
        Entry(received.bank_entity_id, "bank", amount),
        Entry(received.buyer_entity_id, "receivable", -amount),
    ]
    await post(PAYMENT_RECEIVED, payment_id, received.currency, entries, now)
    return payment_id
