"""Working at deliveries: claim, count, handle, finish or fail.

Nothing here raises because of a handler: what goes wrong ends in the delivery's row.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from entrepot.platform.database import transaction
from entrepot.platform.outbox import current_request_id, load
from entrepot.workers.claims import (
    ATTEMPTS_MAX,
    Claimed,
    ClaimLost,
    Claims,
    fail,
    finish,
    hand_back,
)
from entrepot.workers.consumers import Consumer, Consumers, Delivery, Postpone, Undeliverable
from entrepot.workers.resources import WorkerResources

log = structlog.get_logger("entrepot.worker")


class Deliverer:
    """Works at deliveries of this process's consumers, many at once on one event loop.

    `concurrency`: how many of each queue at a time.
    """

    def __init__(
        self,
        consumers: Consumers,
        claims: Claims,
        resources: WorkerResources,
        concurrency: int = 4,
    ) -> None:
        self._consumers = consumers
        self._claims = claims
        self._resources = resources
        self._slots = {queue: asyncio.Semaphore(concurrency) for queue in consumers.queues}
        self._suspects = asyncio.Lock()

    async def deliver(self, consumer_name: str, delivery_id: int) -> None:
        """Work at a delivery, or at all of the consumer's where it takes batches.

        Returns at once where somebody else does. Raises only what the database raises.
        """
        consumer = self._consumers[consumer_name]
        async with self._slots[consumer.queue]:
            if consumer.batch:
                await self._batches(consumer)
            else:
                await self._single(consumer, delivery_id)

    async def _single(self, consumer: Consumer, delivery_id: int) -> None:
        suspect = await self._claims.claim(delivery_id)
        if suspect is None:
            return
        try:
            async with self._alone(suspect):
                for claimed in await self._claims.count([delivery_id]):
                    await self._attempt(consumer, [claimed])
        finally:
            await asyncio.shield(self._claims.release(delivery_id))

    async def _batches(self, consumer: Consumer) -> None:
        """Take batches until nothing is pending.

        A message that found the consumer claimed is dropped; its delivery was committed before,
        so the look after each release sees it.
        """
        while await self._claims.claim_batches(consumer.name):
            try:
                chosen = await self._claims.batch(consumer.name)
                claimed = await self._claims.count(chosen) if chosen else []
                if claimed:
                    await self._attempt(consumer, claimed)
            finally:
                await asyncio.shield(self._claims.release_batches(consumer.name))
            if not chosen and not await self._claims.batch(consumer.name):
                return

    @asynccontextmanager
    async def _alone(self, suspect: bool) -> AsyncIterator[None]:
        # Deliveries that may kill the process must not share it with each other: the innocent
        # one would be counted to death with the guilty.
        if suspect:
            async with self._suspects:
                yield
        else:
            yield

    async def _attempt(self, consumer: Consumer, claimed: list[Claimed]) -> None:
        first = claimed[0]
        token = current_request_id.set(first.request_id)
        with structlog.contextvars.bound_contextvars(
            request_id=first.request_id,
            consumer=consumer.name,
            delivery=first.id,
            attempt=first.attempts,
        ):
            try:
                async with asyncio.timeout(consumer.seconds):
                    await self._work(consumer, claimed)
            except asyncio.CancelledError:
                await asyncio.shield(hand_back(claimed))
                raise
            except ClaimLost:
                log.warning("another worker has this delivery; effects undone")
            except Postpone as reason:
                log.info("postponed", reason=str(reason), seconds=reason.seconds)
                await hand_back(claimed, str(reason), reason.seconds)
            except Exception as error:
                await self._failed(consumer, claimed, error)
            else:
                log.debug("delivered", events=len(claimed))
            finally:
                current_request_id.reset(token)

    async def _work(self, consumer: Consumer, claimed: list[Claimed]) -> None:
        if consumer.transactional:
            async with transaction():
                await self._handle(consumer, claimed)
                await finish(claimed)
        else:
            await self._handle(consumer, claimed)
            await finish(claimed)

    async def _handle(self, consumer: Consumer, claimed: list[Claimed]) -> None:
        events = [load(one.kind, one.payload) for one in claimed]
        if consumer.handle_batch is not None:
            await consumer.handle_batch(events, self._resources)
        elif consumer.handle is not None:
            await consumer.handle(events[0], _delivery(claimed[0]), self._resources)

    async def _failed(self, consumer: Consumer, claimed: list[Claimed], error: Exception) -> None:
        text = "".join(traceback.format_exception(error))
        final = isinstance(error, Undeliverable)
        for one in claimed:
            wait = consumer.retry_seconds * 2 ** (one.attempts - 1)
            dead = await fail(one, text, wait_seconds=wait, final=final)
            tell = log.error if dead else log.warning
            tell(
                "dead: given up" if dead else "failed, will be tried again",
                delivery=one.id,
                kind=one.kind,
                attempt=one.attempts,
                of=ATTEMPTS_MAX,
                exc_info=error if one is claimed[0] else None,
            )


def _delivery(claimed: Claimed) -> Delivery:
    return Delivery(
        id=claimed.id,
        event_id=claimed.event_id,
        consumer=claimed.consumer,
        attempt=claimed.attempts,
        request_id=claimed.request_id,
        recorded_at=claimed.recorded_at,
    )
