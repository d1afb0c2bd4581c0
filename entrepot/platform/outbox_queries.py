"""SQL of the outbox: route events, choose what to send, find what got lost, measure the lag.

A delivery is *pending* until it is done or dead. While an attempt runs, the worker's session holds
the advisory lock `(DELIVERY_LOCKS, id)`, or `(BATCH_LOCKS, hash of the consumer)` for consumers
that take batches; PostgreSQL lets go of it the moment that worker dies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from entrepot.platform.database import execute, fetch, fetch_one

DELIVERY_LOCKS = 0x656E74
BATCH_LOCKS = 0x656E75
ROUTE_LIMIT = 500
SEND_LIMIT = 1000

_PENDING = "d.done_at IS NULL AND d.dead_at IS NULL"
# objsubid 2 marks locks with two keys; an oid is unsigned, a hash is not.
_LOCKED = f"""EXISTS (
    SELECT FROM pg_locks l
     WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND ((l.classid = {DELIVERY_LOCKS} AND l.objid::bigint = d.id % 2147483647)
         OR (l.classid = {BATCH_LOCKS}
             AND l.objid::bigint = (hashtext(d.consumer)::bigint & 4294967295))))"""

_ROUTE = """
WITH taken AS (
    SELECT id, kind FROM outbox_event
     WHERE relayed_at IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
), routed AS (
    INSERT INTO outbox_delivery (event_id, consumer, attempts)
    SELECT taken.id, route.consumer, 0
      FROM taken JOIN unnest($2::text[], $3::text[]) AS route (kind, consumer) USING (kind)
     ORDER BY taken.id
    ON CONFLICT (event_id, consumer) DO NOTHING
), marked AS (
    UPDATE outbox_event e SET relayed_at = now() FROM taken WHERE e.id = taken.id
)
SELECT count(*) AS taken FROM taken
"""

_TAKE_UNSENT = """
UPDATE outbox_delivery SET enqueued_at = now()
 WHERE id = ANY (ARRAY(
    SELECT id FROM outbox_delivery
     WHERE done_at IS NULL AND dead_at IS NULL AND enqueued_at IS NULL
       AND consumer = ANY ($2) AND (due_at IS NULL OR due_at <= now())
     ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED))
RETURNING id, consumer
"""


@dataclass(frozen=True)
class Unsent:
    """A delivery whose message is to be sent now."""

    id: int
    consumer: str


@dataclass(frozen=True)
class Lag:
    """How far the outbox is behind. Seconds are 0 where nothing waits."""

    unrelayed: int
    pending: int
    dead: int
    oldest_seconds: float


@dataclass(frozen=True)
class Dead:
    """A delivery given up after its last attempt."""

    id: int
    consumer: str
    kind: str
    request_id: str | None
    attempts: int
    dead_at: datetime
    last_error: str


async def route_events(routes: Sequence[tuple[str, str]], limit: int = ROUTE_LIMIT) -> int:
    """Turn events into deliveries by `(kind, consumer)` routes; return how many were taken.

    One statement, so all or nothing; events that another relay holds are passed over.
    """
    kinds = [kind for kind, _ in routes]
    row = await fetch_one(_ROUTE, limit, kinds, [consumer for _, consumer in routes])
    return int(row["taken"]) if row else 0


async def take_unsent(consumers: Sequence[str], limit: int = SEND_LIMIT) -> list[Unsent]:
    """Stamp deliveries that are due as sent and return them, oldest first.

    Stamped before they are sent: an attempt may fail, and ask for a later one, before a stamp
    that came afterwards would land. What is stamped and not sent comes back by `forget_sent`.
    """
    rows = await fetch(_TAKE_UNSENT, limit, list(consumers))
    return sorted((Unsent(row["id"], row["consumer"]) for row in rows), key=lambda one: one.id)


async def put_back(deliveries: Sequence[Unsent]) -> None:
    """Undo `take_unsent` for messages that the broker did not accept."""
    await execute(
        "UPDATE outbox_delivery SET enqueued_at = NULL WHERE id = ANY ($1) AND started_at IS NULL",
        [delivery.id for delivery in deliveries],
    )


async def forget_sent(consumers: Sequence[str], older_than_seconds: float = 0) -> int:
    """Have pending deliveries sent again that nobody works at; return how many.

    Harmless where the first message still exists: a delivery is worked at once and done once.
    """
    return await execute(
        f"UPDATE outbox_delivery d SET enqueued_at = NULL WHERE {_PENDING}"
        " AND d.consumer = ANY ($1) AND d.enqueued_at <= now() - make_interval(secs => $2)"
        f" AND NOT {_LOCKED}",
        list(consumers),
        float(older_than_seconds),
    )


async def forget_crashed(consumers: Sequence[str]) -> int:
    """Have deliveries sent again whose attempt began and whose worker is gone."""
    return await execute(
        f"UPDATE outbox_delivery d SET enqueued_at = NULL WHERE {_PENDING}"
        " AND d.consumer = ANY ($1) AND d.started_at IS NOT NULL AND d.enqueued_at IS NOT NULL"
        f" AND NOT {_LOCKED}",
        list(consumers),
    )


async def sent_counts(older_than_seconds: float) -> Mapping[str, int]:
    """Return, by consumer, how many pending deliveries were sent longer ago than that."""
    rows = await fetch(
        f"SELECT d.consumer, count(*) AS sent FROM outbox_delivery d WHERE {_PENDING}"
        " AND d.enqueued_at <= now() - make_interval(secs => $1) GROUP BY d.consumer",
        float(older_than_seconds),
    )
    return {row["consumer"]: row["sent"] for row in rows}


async def lag() -> Lag:
    """Measure the outbox, for metrics and `entrepot doctor`; reads partial indexes only."""
    row = await fetch_one(
        f"""
        WITH unrelayed AS (
            SELECT count(*) AS events, min(recorded_at) AS oldest
              FROM outbox_event WHERE relayed_at IS NULL
        ), pending AS (
            SELECT count(*) AS deliveries, min(d.event_id) AS oldest
              FROM outbox_delivery d WHERE {_PENDING}
        )
        SELECT unrelayed.events AS unrelayed, pending.deliveries AS pending,
               (SELECT count(*) FROM outbox_delivery WHERE dead_at IS NOT NULL) AS dead,
               greatest(0, extract(epoch FROM now() - least(unrelayed.oldest, (
                   SELECT recorded_at FROM outbox_event WHERE id = pending.oldest))))::float8
                   AS oldest_seconds
          FROM unrelayed, pending
        """
    )
    if row is None:
        raise RuntimeError("a query of aggregates returned no row")
    return Lag(row["unrelayed"], row["pending"], row["dead"], row["oldest_seconds"] or 0.0)


async def dead(limit: int = 100) -> list[Dead]:
    """Return the deliveries given up, the latest first."""
    rows = await fetch(
        "SELECT d.id, d.consumer, e.kind, e.request_id, d.attempts, d.dead_at,"
        " coalesce(d.last_error, '') AS last_error"
        " FROM outbox_delivery d JOIN outbox_event e ON e.id = d.event_id"
        " WHERE d.dead_at IS NOT NULL ORDER BY d.id DESC LIMIT $1",
        limit,
    )
    return [Dead(**dict(row)) for row in rows]


async def revive(delivery_id: int) -> bool:
    """Give a dead delivery its attempts back; False where it is not dead."""
    return bool(
        await execute(
            "UPDATE outbox_delivery SET dead_at = NULL, attempts = 0, started_at = NULL,"
            " enqueued_at = NULL, due_at = NULL WHERE id = $1 AND dead_at IS NOT NULL",
            delivery_id,
        )
    )


async def purge(before: datetime, limit: int = 5000) -> int:
    """Delete relayed events recorded before a time whose deliveries are all done.

    Dead deliveries and their events stay until somebody revives or deletes them. Returns the
    number of events deleted, at most `limit`: call again until it is 0.
    """
    return await execute(
        "DELETE FROM outbox_event WHERE id IN (SELECT e.id FROM outbox_event e"
        " WHERE e.recorded_at < $1 AND e.relayed_at IS NOT NULL AND NOT EXISTS ("
        " SELECT FROM outbox_delivery d WHERE d.event_id = e.id AND d.done_at IS NULL) LIMIT $2)",
        before,
        limit,
    )
