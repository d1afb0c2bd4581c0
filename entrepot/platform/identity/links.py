"""Links in letters: issued for one purpose, used once, dead after a while.

The token of a link is derived from its record's id (`tokens.link_token`); only its digest is
stored, so a copy of the database opens nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from entrepot.platform import database
from entrepot.platform.identity import tokens
from entrepot.platform.identity.errors import InvalidToken
from entrepot.platform.ids import new_id

PersonalPurpose = Literal["confirm_email", "reset_password"]


async def issue(
    secret_key: bytes,
    purpose: PersonalPurpose,
    user_id: UUID,
    now: datetime,
    within: timedelta,
    record_id: UUID | None = None,
) -> UUID:
    """Make a link's record and return its id; with a `record_id` given, make it once."""
    record_id = record_id or new_id()
    await database.execute(
        "INSERT INTO one_time_token (id, token_hash, purpose, user_id, expires_at, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        record_id,
        tokens.digest(tokens.link_token(secret_key, purpose, record_id)),
        purpose,
        user_id,
        now + within,
        now,
    )
    return record_id


async def owner(purpose: PersonalPurpose, token: str, now: datetime) -> UUID:
    """Return whose live link this is, without using it up. Raises `InvalidToken`."""
    user_id: UUID | None = await database.fetch_value(
        "SELECT user_id FROM one_time_token"
        " WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3",
        _digest(token),
        purpose,
        now,
    )
    if user_id is None:
        raise InvalidToken
    return user_id


async def use(purpose: PersonalPurpose, token: str, now: datetime) -> UUID:
    """Use the link up, and the person's other links of that purpose; return whose it was.

    Call it in a transaction: of two callers with one link the second waits and then gets
    `InvalidToken`.
    """
    user_id: UUID | None = await database.fetch_value(
        "UPDATE one_time_token SET used_at = $3"
        " WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3"
        " RETURNING user_id",
        _digest(token),
        purpose,
        now,
    )
    if user_id is None:
        raise InvalidToken
    await database.execute(
        "UPDATE one_time_token SET used_at = $3"
        " WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL",
        user_id,
        purpose,
        now,
    )
    return user_id


def _digest(token: str) -> str:
    if len(token) > tokens.MAX_TOKEN_LENGTH:
        raise InvalidToken
    return tokens.digest(token)
