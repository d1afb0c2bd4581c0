"""What one consumer of the outbox still has to do: how old, how much, and the events themselves.

Both read the partial indexes of what is open, so they cost as much as there is to do, not as much
as was ever done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.platform.database import fetch, fetch_one
from entrepot.platform.outbox import Event, load

_OPEN = "d.consumer = $1 AND d.done_at IS NULL AND d.dead_at IS NULL"

_BACKLOG = f"""
SELECT count(*) AS waiting, extract(epoch FROM now() - min(recorded_at))::float8 AS seconds,
       (SELECT count(*) FROM outbox_delivery WHERE consumer = $1 AND dead_at IS NOT NULL) AS dead
  FROM (SELECT recorded_at FROM outbox_event
         WHERE relayed_at IS NULL AND kind = ANY ($2)
        UNION ALL
        SELECT e.recorded_at FROM outbox_delivery d JOIN outbox_event e ON e.id = d.event_id
         WHERE {_OPEN}) open
"""

_WAITING = f"""
SELECT id, kind, payload::text AS payload FROM outbox_event
 WHERE relayed_at IS NULL AND kind = ANY ($2)
UNION ALL
SELECT e.id, e.kind, e.payload::text FROM outbox_delivery d JOIN outbox_event e ON e.id = d.event_id
 WHERE {_OPEN}
 ORDER BY id
"""


@dataclass(frozen=True)
class Backlog:
    """Events that a consumer has not dealt with, the age of the oldest, and those given up."""

    waiting: int
    oldest_seconds: float
    dead: int


async def backlog(consumer: str, kinds: Sequence[str]) -> Backlog:
    """Measure what waits for a consumer that listens to these kinds of event."""
    row = await fetch_one(_BACKLOG, consumer, list(kinds))
    if row is None:
        raise RuntimeError("a query of aggregates returned no row")
    return Backlog(row["waiting"], max(row["seconds"] or 0.0, 0.0), row["dead"])


async def waiting_events(consumer: str, kinds: Sequence[str]) -> list[Event]:
    """Return the events that a consumer has not dealt with, oldest first; those given up are not
    among them."""
    return [
        load(row["kind"], row["payload"]) for row in await fetch(_WAITING, consumer, list(kinds))
    ]
