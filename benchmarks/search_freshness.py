"""From a change of price or stock to the search that finds it, at 200 changes a second.

Real workers on a real Redis and PostgreSQL. Each change is a transaction of the service's kind: the
row and its event; the clock starts at its commit and stops when a reader of the index sees another
checksum of that offer. Beside it, in the same run: one commit a change, which is what a worker
without batches would do.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import psutil

from benchmarks.million import offer_id
from benchmarks.million_database import load
from entrepot.platform.catalog.events import OffersChanged
from entrepot.platform.database import execute, migrate, open_database, transaction
from entrepot.platform.embedded import running
from entrepot.platform.home import Home
from entrepot.platform.inventory.events import StockChanged
from entrepot.platform.outbox import record
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.reindex import rebuild, update_offers
from entrepot.search.verify import verify

LOOK_SECONDS = 0.025
ONE_BY_ONE = 200
_WRITERS = 8


@dataclass(frozen=True, slots=True)
class Results:
    """Delays in seconds, in order; CPU of the workers and of one commit a change in ms."""

    offers: int
    rate: float
    delays: list[float]
    worker_cpu: float
    one_by_one_cpu: float
    one_by_one_wall: float
    faults: int


@contextmanager
def _working(home: Path, url: str, redis_url: str) -> Iterator[psutil.Process]:
    """A worker with all its consumers; it gets the delay of nobody else's work."""
    environment = {
        **os.environ,
        "ENTREPOT_DATABASE_URL": url,
        "ENTREPOT_REDIS_URL": redis_url,
        "ENTREPOT_HOME": str(home),
        "ENTREPOT_SECRET_KEY": Home.at(home).secret_key(),
    }
    command = [sys.executable, "-m", "entrepot", "worker", "--home", str(home)]
    with (home / "bench-worker.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _cpu(worker: psutil.Process) -> float:
    each = [one.cpu_times() for one in (worker, *worker.children(recursive=True))]
    return sum(one.user + one.system for one in each)


class _Watch:
    """Looks for changed checksums of the offers that were changed."""

    def __init__(self, engine: TantivyEngine, before: dict[UUID, int]) -> None:
        self._engine = engine
        self._before = before
        self._changed: dict[UUID, float] = {}
        self.delays: list[float] = []

    def changed(self, offer: UUID) -> None:
        """The change is committed now."""
        self._changed[offer] = time.monotonic()

    @property
    def open(self) -> int:
        """How many changes nobody can find yet."""
        return len(self._changed)

    async def look(self) -> None:
        """Look for ever."""
        while True:
            asked = list(self._changed)[:1_000]
            async for batch in self._engine.checksums(asked):
                now = time.monotonic()
                for offer, checksum in batch:
                    if checksum != self._before[offer]:
                        self.delays.append(now - self._changed.pop(offer))
            await asyncio.sleep(LOOK_SECONDS)


async def _change(offer: UUID, number: int) -> None:
    async with transaction():
        if number % 2:
            await execute(
                "UPDATE offer SET list_price = list_price + 1, updated_at = now() WHERE id = $1",
                offer,
            )
            await record(OffersChanged((offer,)))
        else:
            await execute(
                "UPDATE stock_item SET on_hand = CASE WHEN on_hand > 0 THEN 0 ELSE 9 END,"
                " updated_at = now() WHERE offer_id = $1",
                offer,
            )
            await record(StockChanged((offer,)))


async def _changes(offers: list[UUID], rate: int, watch: _Watch) -> float:
    """Change each offer once, at an even rate as far as the machine gives it; return the rate."""
    began = time.monotonic()
    numbers = iter(enumerate(offers))

    async def writer() -> None:
        for number, offer in numbers:
            await asyncio.sleep(began + number / rate - time.monotonic())
            await _change(offer, number)
            watch.changed(offer)

    await asyncio.gather(*(writer() for _ in range(_WRITERS)))
    return len(offers) / (time.monotonic() - began)


async def _one_by_one(engine: TantivyEngine, offers: list[UUID]) -> tuple[float, float]:
    """CPU and wall ms of indexing each change in a commit of its own."""
    began, spent = time.monotonic(), time.process_time()
    for number, offer in enumerate(offers):
        await execute("UPDATE offer SET list_price = $2 WHERE id = $1", offer, Decimal(number))
        await update_offers(engine, [offer])
    each = 1000 / len(offers)
    return (time.process_time() - spent) * each, (time.monotonic() - began) * each


async def measure(offers: int = 20_000, seconds: int = 60, rate: int = 200) -> Results:
    """Load, index, change, watch, and at the end compare the whole index with the database."""
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-") as folder:
        home = Path(folder) / "home"
        async with running(home, durable=False) as services:
            await migrate(services.database_url)
            await load(services.database_url, offers)
            database = await open_database(services.database_url)
            engine = TantivyEngine(home / "search")
            sys.stderr.write("rebuild …\n")
            await rebuild(engine)
            chance = random.Random(1)
            numbers = chance.sample(range(offers), min(offers, seconds * rate))
            chosen = [offer_id(number) for number in numbers]
            cpu_each, wall_each = await _one_by_one(engine, chosen[:ONE_BY_ONE])
            before: dict[UUID, int] = {}
            for start in range(0, len(chosen), 1_000):
                async for batch in engine.checksums(chosen[start : start + 1_000]):
                    before.update(batch)
            watch = _Watch(engine, before)
            looking = asyncio.create_task(watch.look())
            with _working(home, services.database_url, services.redis_url) as worker:
                await _change(chosen[0], 1)
                watch.changed(chosen[0])
                while watch.open:  # noqa: ASYNC110  the worker starts, and is another process
                    await asyncio.sleep(0.1)
                watch.delays.clear()
                spent = _cpu(worker)
                sys.stderr.write(f"{len(chosen) - 1} changes …\n")
                reached = await _changes(chosen[1:], rate, watch)
                while watch.open:  # noqa: ASYNC110  the worker is another process
                    await asyncio.sleep(0.1)
                spent = (_cpu(worker) - spent) * 1000 / len(chosen)
            looking.cancel()
            faults = (await verify(engine)).faults
            await engine.close()
            await database.close()
    return Results(offers, reached, sorted(watch.delays), spent, cpu_each, wall_each, faults)


def table(results: Results) -> str:
    """Return the delays and costs as Markdown."""
    delays = results.delays

    def part(share: float) -> float:
        return delays[min(len(delays) - 1, int(len(delays) * share))]

    return "\n".join(
        [
            "| offers | changes/s | p50 s | p95 s | p99 s | longest s | worker CPU ms a change"
            " | faults after |",
            "|---|---|---|---|---|---|---|---|",
            f"| {results.offers:,} | {results.rate:.0f} | {part(0.5):.2f} | {part(0.95):.2f}"
            f" | {part(0.99):.2f} | {delays[-1]:.2f} | {results.worker_cpu:.1f}"
            f" | {results.faults} |",
            "",
            f"One commit a change: {results.one_by_one_cpu:.0f} ms CPU,"
            f" {results.one_by_one_wall:.0f} ms each, so at most"
            f" {1000 / results.one_by_one_wall:.0f} changes a second.",
        ]
    )
