"""Consumers that only tests have: each leaves a row, so that doing it twice shows."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.platform.database import execute
from entrepot.platform.outbox import Event, event
from entrepot.workers.consumers import Delivery, consumer
from entrepot.workers.resources import WorkerResources

TABLE = "CREATE TABLE effect (consumer text, number integer, request_id text)"
INSERT = "INSERT INTO effect (consumer, number) VALUES ($1, $2)"


@event
@dataclass(frozen=True)
class Counted(Event):
    """Something countable happened."""

    number: int


@event
@dataclass(frozen=True)
class Poisoned(Event):
    """Something no handler can bear; `deadly` ones kill the process."""

    number: int
    deadly: bool


@consumer("effect", on=(Counted,), queue="effects", retry_seconds=0.05)
async def leave_a_row(happened: Counted, delivery: Delivery, resources: WorkerResources) -> None:
    """Insert a row, slowly enough to be killed on either side of it."""
    await execute(INSERT, "effect", happened.number)
    await asyncio.sleep(0.01)


@consumer("batch", on=(Counted,), queue="batches", batch=True, retry_seconds=0.05)
async def leave_rows(happened: Sequence[Counted], resources: WorkerResources) -> None:
    """Insert a row an event."""
    for one in happened:
        await execute(INSERT, "batch", one.number)


@consumer("poison", on=(Poisoned,), queue="effects", retry_seconds=0.05)
async def suffer(happened: Poisoned, delivery: Delivery, resources: WorkerResources) -> None:
    """Leave a row, then fail or kill the process."""
    await execute(INSERT, "poison", happened.number)
    if happened.deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    raise RuntimeError(f"cannot bear {happened.number}")
