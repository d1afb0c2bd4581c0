"""Claims: who works at which delivery, and how many attempts it has had.

A claim is a session-level advisory lock on one connection that the process keeps for nothing
else: when the process dies, however it dies, PostgreSQL closes the session and the lock is gone.
The attempt is counted and committed before the work begins, so that work that kills its process
is counted too. Its number is the fence: only the attempt last counted may finish or fail, also
where the connection broke and somebody else claimed in the meantime.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from entrepot.platform.database import credentials, execute, fetch_one
from entrepot.platform.outbox_queries import BATCH_LOCKS, DELIVERY_LOCKS
from entrepot.workers.consumers import BATCH_LIMIT

ATTEMPTS_MAX = 5
SUSPECT_AFTER = 2
"""A delivery whose worker died this often in a row is worked at one at a time."""
ERROR_LENGTH = 4000

_OPEN = "done_at IS NULL AND dead_at IS NULL"
_WORKER_DIED = "the worker process died during the last attempt"

_COUNT = f"""
WITH counted AS (
    UPDATE outbox_delivery SET attempts = attempts + 1, started_at = now(), due_at = NULL,
           enqueued_at = coalesce(enqueued_at, now())
     WHERE id = ANY ($1) AND {_OPEN} AND attempts < {ATTEMPTS_MAX}
    RETURNING id, event_id, consumer, attempts
)
SELECT c.id, c.event_id, c.consumer, c.attempts, e.kind, e.payload::text AS payload,
       e.request_id, e.recorded_at
  FROM counted c JOIN outbox_event e ON e.id = c.event_id ORDER BY c.event_id
"""

_BURY_CRASHED = f"""
UPDATE outbox_delivery SET dead_at = now(), last_error = '{_WORKER_DIED}'
 WHERE id = ANY ($1) AND {_OPEN} AND attempts >= {ATTEMPTS_MAX} RETURNING id, consumer
"""

_FAIL = f"""
UPDATE outbox_delivery SET last_error = $3, started_at = NULL, enqueued_at = NULL,
       due_at = now() + make_interval(secs => $4),
       dead_at = CASE WHEN $5 OR attempts >= {ATTEMPTS_MAX} THEN now() END
 WHERE id = $1 AND attempts = $2 AND {_OPEN} RETURNING dead_at IS NOT NULL AS dead
"""

_MINE = f"""
FROM unnest($1::bigint[], $2::smallint[]) AS mine (delivery_id, attempt)
WHERE id = mine.delivery_id AND attempts = mine.attempt AND {_OPEN}
"""


@dataclass(frozen=True)
class Claimed:
    """A counted attempt at a delivery, with the event as stored."""

    id: int
    event_id: int
    consumer: str
    attempts: int
    kind: str
    payload: str
    request_id: str | None
    recorded_at: datetime


class ClaimLost(Exception):
    """The delivery was finished or claimed by somebody else meanwhile: undo the work."""


class Claims:
    """The claims of this process. One connection, used by one task at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._turn = asyncio.Lock()
        self._held: set[tuple[int, int]] = set()

    async def close(self) -> None:
        """Close the connection, which releases every claim."""
        if self._connection is not None:
            await self._connection.close()

    async def claim(self, delivery_id: int) -> bool | None:
        """Claim a pending delivery for this process.

        Returns None where it is not to be had (done, dead, claimed), else whether it is a
        suspect: its worker has died repeatedly.
        """
        key = (DELIVERY_LOCKS, delivery_id % 2147483647)
        if not await self._lock(key):
            return None
        rows = await self._fetch(
            "SELECT attempts, started_at IS NOT NULL AS crashed FROM outbox_delivery"
            f" WHERE id = $1 AND {_OPEN}",
            delivery_id,
        )
        if not rows:
            await self._unlock(key)
            return None
        return bool(rows[0]["crashed"] and rows[0]["attempts"] >= SUSPECT_AFTER)

    async def release(self, delivery_id: int) -> None:
        """Give up the claim."""
        await self._unlock((DELIVERY_LOCKS, delivery_id % 2147483647))

    async def claim_batches(self, consumer: str) -> bool:
        """Claim all deliveries of a consumer that takes batches; False where somebody has them."""
        return await self._lock((BATCH_LOCKS, await self._hash(consumer)))

    async def release_batches(self, consumer: str) -> None:
        """Give up the claim of `claim_batches`."""
        await self._unlock((BATCH_LOCKS, await self._hash(consumer)))

    async def batch(self, consumer: str) -> list[int]:
        """Choose what to work at next under `claim_batches`: fresh deliveries together.

        One that failed or crashed before comes alone, so that it cannot spoil the others.
        """
        rows = await self._fetch(
            f"SELECT id, attempts FROM outbox_delivery WHERE consumer = $1 AND {_OPEN}"
            " AND (due_at IS NULL OR due_at <= now()) ORDER BY id LIMIT $2",
            consumer,
            BATCH_LIMIT,
        )
        fresh = [row["id"] for row in rows if row["attempts"] == 0]
        return fresh or [row["id"] for row in rows[:1]]

    async def count(self, delivery_ids: list[int]) -> list[Claimed]:
        """Count an attempt at claimed deliveries and return those to work at, oldest first.

        Those whose last permitted attempt ended with its worker become dead here.
        """
        buried = await self._fetch(_BURY_CRASHED, delivery_ids)
        if len(buried) == len(delivery_ids):
            return []
        return [Claimed(**dict(row)) for row in await self._fetch(_COUNT, delivery_ids)]

    async def _lock(self, key: tuple[int, int]) -> bool:
        # A session may take its own lock again, hence the set.
        if key in self._held:
            return False
        self._held.add(key)
        try:
            rows = await self._fetch("SELECT pg_try_advisory_lock($1, $2) AS locked", *key)
        except BaseException:
            self._held.discard(key)
            raise
        if not rows[0]["locked"]:
            self._held.discard(key)
        return bool(rows[0]["locked"])

    async def _unlock(self, key: tuple[int, int]) -> None:
        try:
            await self._fetch("SELECT pg_advisory_unlock($1, $2)", *key)
        finally:
            self._held.discard(key)

    async def _hash(self, consumer: str) -> int:
        rows = await self._fetch("SELECT hashtext($1) AS key", consumer)
        return int(rows[0]["key"])

    async def _fetch(self, sql: str, *arguments: object) -> list[Any]:
        async with self._turn:
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(**credentials(self._url))
            rows: list[Any] = await self._connection.fetch(sql, *arguments)
            return rows


async def finish(claimed: Sequence[Claimed]) -> None:
    """Mark deliveries done, in the transaction of their effects. Raises `ClaimLost`."""
    marked = await execute(
        f"UPDATE outbox_delivery SET done_at = now() {_MINE}",
        [one.id for one in claimed],
        [one.attempts for one in claimed],
    )
    if marked != len(claimed):
        raise ClaimLost()


async def fail(claimed: Claimed, error: str, *, wait_seconds: float, final: bool = False) -> bool:
    """Write down the failure and when to try again; True where the delivery is dead by it."""
    row = await fetch_one(
        _FAIL, claimed.id, claimed.attempts, error[-ERROR_LENGTH:], float(wait_seconds), final
    )
    return bool(row and row["dead"])


async def hand_back(
    claimed: Sequence[Claimed], reason: str | None = None, wait_seconds: float = 0
) -> None:
    """Give the attempts back: they were interrupted, or something outside is not there now."""
    await execute(
        "UPDATE outbox_delivery SET attempts = attempts - 1, started_at = NULL,"
        " enqueued_at = NULL, last_error = coalesce($3, last_error),"
        f" due_at = now() + make_interval(secs => $4) {_MINE}",
        [one.id for one in claimed],
        [one.attempts for one in claimed],
        reason,
        float(wait_seconds),
    )
