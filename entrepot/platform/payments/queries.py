"""Balances of the ledger, for their legal entity; what is open, for who records payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.money import from_minor

BALANCES = """
SELECT a.kind, a.currency, coalesce(sum(p.amount_minor), 0)::bigint AS amount_minor
  FROM ledger_account a
  LEFT JOIN ledger_posting p ON p.account_id = a.id
 WHERE a.legal_entity_id = $1
 GROUP BY a.kind, a.currency
 ORDER BY a.currency, a.kind
"""
OPEN = """
SELECT s.id, s.number, s.status, c.name AS seller_name, o.buyer_id, e.name AS buyer_name,
       s.currency, s.gross, coalesce(m.paid, 0) AS paid, s.payment_due_on
  FROM seller_order s
  JOIN purchase_order o ON o.id = s.order_id
  JOIN legal_entity e ON e.id = o.legal_entity_id
  JOIN company c ON c.id = s.seller_id
  LEFT JOIN LATERAL (
       SELECT sum(amount) AS paid FROM payment WHERE seller_order_id = s.id) m ON true
"""


@dataclass(frozen=True, slots=True)
class Balance:
    """The sum of an account's postings: positive is owed to the marketplace."""

    account: str
    currency: str
    amount: Decimal


async def balances(actor: Actor) -> list[Balance]:
    """Return the balances of the actor's legal entity. Needs `invoice.view`."""
    actor.require(Permission.INVOICE_VIEW)
    rows = await fetch(BALANCES, actor.legal_entity_id)
    return [
        Balance(row["kind"], row["currency"], from_minor(row["amount_minor"], row["currency"]))
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class PayableOrder:
    """A seller order as the bank statement meets it; `buyer_name` is the legal entity's."""

    id: UUID
    number: str
    status: str
    seller_name: str
    buyer_id: UUID
    buyer_name: str
    currency: str
    gross: Decimal
    paid: Decimal
    payment_due_on: date | None


async def open_orders(
    actor: Actor, number: str | None, *, after: UUID | None, limit: int
) -> list[PayableOrder]:
    """Return seller orders that are not paid in full, oldest first, by their ids.

    `number` finds those of that number, one a seller at most. Needs `payment.record`.
    """
    actor.require(Permission.PAYMENT_RECORD)
    rows = await fetch(
        f"{OPEN} WHERE s.paid_at IS NULL AND s.status <> 'cancelled'"
        " AND ($1::text IS NULL OR s.number = $1) AND s.id > $2 ORDER BY s.id LIMIT $3",
        number,
        after or UUID(int=0),
        limit,
    )
    return [PayableOrder(**row) for row in rows]


async def payable_order(actor: Actor, seller_order_id: UUID) -> PayableOrder | None:
    """Return a seller order, open or not. Needs `payment.record`."""
    actor.require(Permission.PAYMENT_RECORD)
    rows = await fetch(f"{OPEN} WHERE s.id = $1", seller_order_id)
    return PayableOrder(**rows[0]) if rows else None
