"""The relay: events become deliveries, deliveries become messages, lost messages are sent again.

One process at a time leads (`leadership`); two would do no harm: each statement skips what
another holds, and a message sent twice is worked at once.
"""

from __future__ import annotations

import asyncio

import structlog

from entrepot.platform import outbox_queries
from entrepot.workers.broker import OutboxBroker, mark, messages_held, send
from entrepot.workers.consumers import Consumers

log = structlog.get_logger("entrepot.relay")

STALE_SECONDS = 30.0
"""A message sent this long ago and neither held by Redis nor worked at is lost."""


class BrokerRefused(Exception):
    """Redis did not take messages; they are sent again at the next turn."""


class Relay:
    """Moves events on to the consumers of this process. Methods may be called at any time."""

    def __init__(self, broker: OutboxBroker, consumers: Consumers) -> None:
        self._broker = broker
        self._consumers = consumers
        self._routes = consumers.routes
        self._names = consumers.names

    async def turn(self) -> int:
        """Route events and send deliveries that are due; return how many of both.

        Raises `BrokerRefused`.
        """
        routed = await outbox_queries.route_events(self._routes)
        return routed + await self.send_due()

    async def send_due(self) -> int:
        """Send messages for deliveries that have none; return how many. Raises `BrokerRefused`."""
        unsent = await outbox_queries.take_unsent(self._names)
        if not unsent:
            return 0
        refused = await asyncio.to_thread(send, self._broker, self._consumers, unsent)
        if refused:
            await outbox_queries.put_back(refused)
            raise BrokerRefused(f"Redis refused {len(refused)} messages")
        return len(unsent)

    async def take_over(self) -> None:
        """Send everything pending again: whoever led before may have died between two steps."""
        await self._mark()
        await outbox_queries.forget_sent(self._names)

    async def sweep(self) -> int:
        """Find what got lost and have it sent again; return how many.

        Lost: everything, where Redis has lost our mark; attempts whose worker died; and messages
        sent `STALE_SECONDS` ago of which Redis holds fewer than are pending.
        """
        if not await self._mark():
            lost = await outbox_queries.forget_sent(self._names)
            log.warning("Redis lost its data: all pending deliveries are sent again", count=lost)
            return lost
        lost = await outbox_queries.forget_crashed(self._names)
        stale = await self._stale()
        if stale:
            lost += await outbox_queries.forget_sent(stale, STALE_SECONDS)
        if lost:
            log.info("deliveries are sent again", count=lost)
        return lost

    async def _mark(self) -> bool:
        return await asyncio.to_thread(mark, self._broker)

    async def _stale(self) -> list[str]:
        sent = await outbox_queries.sent_counts(STALE_SECONDS)
        queues: dict[str, int] = {}
        for name in self._names:
            consumer = self._consumers[name]
            expected = min(sent.get(name, 0), 1) if consumer.batch else sent.get(name, 0)
            queues[consumer.queue] = queues.get(consumer.queue, 0) + expected
        short: set[str] = set()
        for queue, expected in queues.items():
            if expected and await asyncio.to_thread(messages_held, self._broker, queue) < expected:
                short.add(queue)
        return [name for name in self._names if self._consumers[name].queue in short]
