"""What the marketplace's business means in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import fetch_value
from entrepot.platform.money import to_minor
from entrepot.platform.payments.ledger import Entry, post, reverse

ORDER_PLACED = "order_placed"
ORDER_CANCELLED = "order_cancelled"


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
