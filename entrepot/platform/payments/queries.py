"""Balances of the ledger, for the legal entity they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

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
