"""Postings to the double-entry ledger: always inside the transaction of what they record.

Accounts belong to legal entities and hold one currency; amounts are whole minor units, positive
debits and negative credits. The database refuses an imbalance, an update and a delete.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from entrepot.platform.database import execute, execute_many, fetch, fetch_one
from entrepot.platform.ids import new_id


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount (minor units) on the account of a legal entity."""

    legal_entity_id: UUID
    account: str
    amount_minor: int


OPEN_ACCOUNTS = """
INSERT INTO ledger_account (id, legal_entity_id, kind, currency)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], array_fill($4::text, ARRAY[$5::int]))
ON CONFLICT (legal_entity_id, kind, currency) DO NOTHING
"""
FIND_ACCOUNTS = """
SELECT a.id, a.legal_entity_id, a.kind
  FROM ledger_account a
  JOIN unnest($1::uuid[], $2::text[]) AS wanted (legal_entity_id, kind)
    ON a.legal_entity_id = wanted.legal_entity_id AND a.kind = wanted.kind
 WHERE a.currency = $3
"""
INSERT_TRANSACTION = """
INSERT INTO ledger_transaction (id, kind, subject_id, currency, posted_at, reverses_id)
VALUES ($1, $2, $3, $4, $5, $6)
"""
POST = """
WITH posted AS (
    INSERT INTO ledger_transaction (id, kind, subject_id, currency, posted_at)
    VALUES ($1, $2, $3, $4, $5) RETURNING id)
INSERT INTO ledger_posting (id, transaction_id, account_id, amount_minor)
SELECT p.id, posted.id, p.account_id, p.amount_minor
  FROM posted, unnest($6::uuid[], $7::uuid[], $8::bigint[]) AS p (id, account_id, amount_minor)
"""
INSERT_POSTING = """
INSERT INTO ledger_posting (id, transaction_id, account_id, amount_minor) VALUES ($1, $2, $3, $4)
"""


async def _accounts(entries: Sequence[Entry], currency: str) -> dict[tuple[UUID, str], UUID]:
    wanted = sorted({(entry.legal_entity_id, entry.account) for entry in entries})
    entities, kinds = [entity for entity, _ in wanted], [kind for _, kind in wanted]
    found = await fetch(FIND_ACCOUNTS, entities, kinds, currency)
    if len(found) < len(wanted):
        ids = [new_id() for _ in wanted]
        await execute(OPEN_ACCOUNTS, ids, entities, kinds, currency, len(wanted))
        found = await fetch(FIND_ACCOUNTS, entities, kinds, currency)
    return {(row["legal_entity_id"], row["kind"]): row["id"] for row in found}


async def post(
    kind: str, subject_id: UUID, currency: str, entries: Sequence[Entry], now: datetime
) -> UUID:
    """Write one balanced transaction and return its id; zero amounts are left out.

    A second transaction of the same kind for the same subject violates `ledger_once`.
    """
    accounts = await _accounts(entries, currency)
    transaction_id = new_id()
    posted = [entry for entry in entries if entry.amount_minor]
    await execute(
        POST,
        transaction_id,
        kind,
        subject_id,
        currency,
        now,
        [new_id() for _ in posted],
        [accounts[entry.legal_entity_id, entry.account] for entry in posted],
        [entry.amount_minor for entry in posted],
    )
    return transaction_id


async def reverse(kind: str, subject_id: UUID, *, reversal_kind: str, now: datetime) -> UUID | None:
    """Post the opposite of an earlier transaction; `None` if there is none.

    Locks nothing itself: callers hold the lock of the subject.
    """
    earlier = await fetch_one(
        "SELECT id, currency FROM ledger_transaction WHERE kind = $1 AND subject_id = $2",
        kind,
        subject_id,
    )
    if earlier is None:
        return None
    transaction_id = new_id()
    await execute(
        INSERT_TRANSACTION,
        transaction_id,
        reversal_kind,
        subject_id,
        earlier["currency"],
        now,
        earlier["id"],
    )
    postings = await fetch(
        "SELECT account_id, amount_minor FROM ledger_posting WHERE transaction_id = $1",
        earlier["id"],
    )
    await execute_many(
        INSERT_POSTING,
        [(new_id(), transaction_id, row["account_id"], -row["amount_minor"]) for row in postings],
    )
    return transaction_id
