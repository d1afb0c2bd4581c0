"""Deletes what has expired. Idempotent: the schedule may run it at any time, twice too."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from entrepot.platform import database
from entrepot.platform.identity import rules

KEEP_DEAD = timedelta(days=30)
"""How long ended sessions, keys and links stay for whoever looks into an incident."""
BATCH = 500
"""Registrations a run; the next run takes the rest."""

_STALE_PEOPLE = """
SELECT u.id FROM user_account u
 WHERE u.email_confirmed_at IS NULL AND u.created_at < $1
   AND NOT EXISTS (SELECT 1 FROM one_time_token t
                    WHERE t.user_id = u.id AND t.used_at IS NULL AND t.expires_at > $2)
 ORDER BY u.created_at LIMIT $3
"""

_STILL_UNCONFIRMED = """
SELECT id FROM user_account
 WHERE id = $1 AND email_confirmed_at IS NULL FOR UPDATE SKIP LOCKED
"""

_COMPANIES_OF_ONE = """
SELECT m.company_id, ARRAY (SELECT e.id FROM legal_entity e WHERE e.company_id = m.company_id)
       AS entity_ids
  FROM membership m
 WHERE m.user_id = $1
   AND NOT EXISTS (SELECT 1 FROM membership o
                    WHERE o.company_id = m.company_id AND o.user_id <> $1)
"""

_REFERENCES = """
SELECT c.conrelid::regclass::text AS referring, a.attname AS referring_column
  FROM pg_constraint c
  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
 WHERE c.contype = 'f' AND c.confrelid = $1::regclass AND c.conrelid::regclass::text <> ALL ($2)
"""
OWN_TABLES = ["legal_entity", "membership", "session", "api_key", "invitation"]


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows of each kind were deleted."""

    sessions: int
    one_time_tokens: int
    invitations: int
    api_keys: int
    registrations: int


async def purge_expired(now: datetime) -> Purged:
    """Delete what ended more than 30 days before `now`, and registrations nobody confirmed.

    A registration goes, with its company and legal entity, once its link is dead: the e-mail and
    the tax id are free again. API keys that ran out or were revoked go with the rest.
    """
    before = now - KEEP_DEAD
    return Purged(
        sessions=await database.execute(
            "DELETE FROM session WHERE expires_at < $1 OR revoked_at < $1", before
        ),
        one_time_tokens=await database.execute(
            "DELETE FROM one_time_token WHERE expires_at < $1 OR used_at < $1", before
        ),
        invitations=await database.execute("DELETE FROM invitation WHERE expires_at < $1", before),
        api_keys=await database.execute(
            "DELETE FROM api_key WHERE expires_at < $1 OR revoked_at < $1", before
        ),
        registrations=await _purge_registrations(now),
    )


async def _purge_registrations(now: datetime) -> int:
    stale = await database.fetch(_STALE_PEOPLE, now - rules.CONFIRM_WITHIN, now, BATCH)
    removed = 0
    for row in stale:
        with suppress(asyncpg.ForeignKeyViolationError):  # referred to since we looked: it stays
            removed += await _purge_registration(row["id"])
    return removed


async def _referred(table: str, ids: list[UUID]) -> bool:
    """Say whether another slice's table, of any design, refers to one of the rows.

    Asked of the catalogue, since many of those references would be deleted along in silence.
    """
    for row in await database.fetch(_REFERENCES, table, OWN_TABLES):
        found = await database.fetch_value(
            f"SELECT EXISTS (SELECT 1 FROM {row['referring']}"
            f' WHERE "{row["referring_column"]}" = ANY ($1))',
            ids,
        )
        if found:
            return True
    return False


async def _purge_registration(user_id: UUID) -> bool:
    async with database.transaction():
        if await database.fetch_one(_STILL_UNCONFIRMED, user_id) is None:
            return False
        rows = await database.fetch(_COMPANIES_OF_ONE, user_id)
        companies = [row["company_id"] for row in rows]
        entities = [entity_id for row in rows for entity_id in row["entity_ids"]]
        if await _referred("company", companies) or await _referred("legal_entity", entities):
            return False
        await database.execute("DELETE FROM user_account WHERE id = $1", user_id)
        await database.execute("DELETE FROM legal_entity WHERE company_id = ANY ($1)", companies)
        await database.execute("DELETE FROM company WHERE id = ANY ($1)", companies)
    return True
