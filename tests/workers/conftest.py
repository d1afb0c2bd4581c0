"""Fixtures of the worker frame: resources, claims, and a bench to run deliveries on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from entrepot.platform.config import Settings
from entrepot.platform.database import execute, fetch, fetch_value, transaction
from entrepot.platform.outbox import Event, record
from entrepot.platform.outbox_queries import route_events
from entrepot.workers.claims import Claims
from entrepot.workers.consumers import Consumer, Consumers
from entrepot.workers.deliveries import Deliverer
from entrepot.workers.resources import WorkerResources, open_resources
from tests.workers.effects import TABLE


@pytest.fixture
async def resources(settings: Settings) -> AsyncIterator[WorkerResources]:
    """What a worker opens, on this test's database; with the table that effects go to."""
    async with open_resources(settings) as opened:
        await execute(TABLE)
        yield opened


@dataclass
class Bench:
    """Consumers of this test and means to deliver to them without a broker."""

    resources: WorkerResources
    url: str
    consumers: Consumers = field(default_factory=Consumers)
    _claims: list[Claims] = field(default_factory=list)

    def add(
        self,
        handle: Callable[..., Awaitable[None]],
        *kinds: type[Event],
        name: str = "one",
        batch: bool = False,
        transactional: bool = True,
        seconds: float = 30.0,
    ) -> None:
        """Register a handler."""
        self.consumers.add(
            Consumer(
                name=name,
                kinds=tuple(kind.__name__ for kind in kinds),
                queue="bench",
                handle=None if batch else handle,
                handle_batch=handle if batch else None,
                transactional=transactional,
                seconds=seconds,
                retry_seconds=0.0,
            )
        )

    def worker(self) -> tuple[Deliverer, Claims]:
        """Return what a worker process has: a deliverer with a session of its own."""
        claims = Claims(self.url)
        self._claims.append(claims)
        return Deliverer(self.consumers, claims, self.resources), claims

    async def record(self, *events: Event) -> list[int]:
        """Record events, route them, return the ids of the new deliveries."""
        last = await fetch_value("SELECT coalesce(max(id), 0) FROM outbox_delivery")
        async with transaction():
            await record(*events)
        await route_events(self.consumers.routes)
        rows = await fetch("SELECT id FROM outbox_delivery WHERE id > $1 ORDER BY id", last)
        return [row["id"] for row in rows]

    async def close(self) -> None:
        """Close the sessions."""
        for claims in self._claims:
            await claims.close()


@pytest.fixture
async def bench(resources: WorkerResources, database_url: str) -> AsyncIterator[Bench]:
    """A bench on this test's database."""
    made = Bench(resources, database_url)
    yield made
    await made.close()


async def until(true: Callable[[], Awaitable[object]], seconds: float = 60) -> None:
    """Wait until something asked of the parts is so. Raises `TimeoutError`."""
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110  other processes set no event of ours
            await asyncio.sleep(0.02)


async def state(delivery_id: int) -> tuple[str, int]:
    """Return a delivery's state and how many attempts it has had."""
    rows = await fetch(
        "SELECT attempts, CASE WHEN done_at IS NOT NULL THEN 'done' WHEN dead_at IS NOT NULL"
        " THEN 'dead' ELSE 'pending' END AS state FROM outbox_delivery WHERE id = $1",
        delivery_id,
    )
    return rows[0]["state"], rows[0]["attempts"]


async def effects() -> list[tuple[str, int]]:
    """Return the rows that handlers left."""
    rows = await fetch("SELECT consumer, number FROM effect ORDER BY consumer, number")
    return [(row["consumer"], row["number"]) for row in rows]
