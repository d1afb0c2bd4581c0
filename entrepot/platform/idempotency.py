"""Idempotency keys: the same key with the same request returns the first answer again.

Keys live per scope (operation and legal entity) in the database, written in the transaction of the
work itself: an answer exists exactly when the work was committed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson

from entrepot.platform.database import execute, fetch_one, transaction
from entrepot.platform.errors import IdempotencyConflict, InvalidInput
from entrepot.platform.ids import new_id

MAX_KEY_LENGTH = 100


def request_hash(request: object) -> bytes:
    """Return a digest of the request's values (anything JSON can hold, plus str-able values)."""
    return hashlib.sha256(orjson.dumps(request, default=str, option=orjson.OPT_SORT_KEYS)).digest()


def check_key(key: str) -> str:
    """Return the key if it is usable, else raise `InvalidInput`."""
    if not 1 <= len(key) <= MAX_KEY_LENGTH or not key.isprintable():
        raise InvalidInput(
            "idempotencyKey",
            f"must be 1–{MAX_KEY_LENGTH} printable characters",
            f"от 1 до {MAX_KEY_LENGTH} печатных знаков",
        )
    return key


async def earlier_result(scope: str, key: str, digest: bytes) -> dict[str, Any] | None:
    """Return the stored answer, or `None` the first time; call inside the transaction.

    Locks the key until the transaction ends, so a second request with it waits for the first.
    Raises `IdempotencyConflict` if the key came with another request before.
    """
    await execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"idempotency:{scope}:{key}"
    )
    row = await fetch_one(
        "SELECT request_hash, result FROM idempotency_record WHERE scope = $1 AND key = $2",
        scope,
        key,
    )
    if row is None:
        return None
    if bytes(row["request_hash"]) != digest:
        raise IdempotencyConflict(key)
    result: dict[str, Any] = orjson.loads(row["result"])
    return result


async def remember(scope: str, key: str, digest: bytes, result: dict[str, Any]) -> None:
    """Store the answer in the transaction of the work."""
    await execute(
        "INSERT INTO idempotency_record (id, scope, key, request_hash, result, created_at)"
        " VALUES ($1, $2, $3, $4, $5::jsonb, now())",
        new_id(),
        scope,
        key,
        digest,
        orjson.dumps(result, default=str).decode(),
    )


async def once(
    scope: str, key: str | None, request: object, work: Callable[[], Awaitable[UUID]]
) -> UUID:
    """Do the work, or return the id that it gave when the same key came first.

    The id is stored in the transaction of the work, so a call that failed may be repeated with
    its key. Without a key the work is simply done. Locks the key. Raises what `earlier_result`,
    `check_key` and the work do.
    """
    if key is None:
        return await work()
    check_key(key)
    digest = request_hash(request)
    async with transaction():
        earlier = await earlier_result(scope, key, digest)
        if earlier is not None:
            return UUID(earlier["id"])
        made = await work()
        await remember(scope, key, digest, {"id": str(made)})
    return made
