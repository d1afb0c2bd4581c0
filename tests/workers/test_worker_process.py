"""A real worker, a real Redis and a real PostgreSQL, any of them killed at any moment."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis

from entrepot.platform.config import Settings
from entrepot.platform.database import Database, execute, fetch, fetch_value, transaction
from entrepot.platform.outbox import record
from entrepot.platform.outbox_queries import dead, lag
from entrepot.workers.claims import ATTEMPTS_MAX
from tests.workers.conftest import effects, until
from tests.workers.effects import TABLE, Counted, Poisoned
from tests.workers.parts import RedisServer, Worker, running


@pytest.fixture
async def worker(
    database: Database, database_url: str, redis_to_kill: RedisServer, tmp_path: Path
) -> AsyncIterator[Worker]:
    """A started worker with the tests' consumers."""
    await execute(TABLE)
    settings = Settings(
        home=tmp_path / "home", database_url=database_url, redis_url=redis_to_kill.url
    )
    with running(Worker(settings)) as started:
        yield started


async def say(*numbers: int) -> None:
    """Record one event a number."""
    async with transaction():
        await record(*(Counted(number) for number in numbers))


async def nothing_waits() -> bool:
    measured = await lag()
    return measured.unrelayed == 0 and measured.pending == 0


def once_each(count: int) -> list[tuple[str, int]]:
    """Return what the two consumers of `Counted` leave when all is done once."""
    return [(consumer, number) for consumer in ("batch", "effect") for number in range(count)]


async def test_killed_at_random_points_every_effect_happens_once(worker: Worker) -> None:
    chance = random.Random(20261123)
    kills = ATTEMPTS_MAX - 1  # one more could hit the same delivery every time, and end it
    killed = 0

    async def kill_now_and_then() -> None:
        nonlocal killed
        while killed < kills:
            await until(lambda: fetch_value("SELECT count(*) > 0 FROM pg_locks WHERE classid > 0"))
            await asyncio.sleep(chance.uniform(0, 0.15))
            killed += await worker.kill_child()

    killer = asyncio.create_task(kill_now_and_then())
    for number in range(300):
        await say(number)
        await asyncio.sleep(0.01)
    await killer
    await until(nothing_waits, 180)
    assert killed == kills
    assert await effects() == once_each(300)
    assert await dead() == []
    attempts = await fetch_value("SELECT max(attempts) FROM outbox_delivery")
    assert attempts > 1, "no kill hit an attempt"


async def test_redis_may_lose_everything_twice_over(
    worker: Worker, redis_to_kill: RedisServer
) -> None:
    client = Redis.from_url(redis_to_kill.url)
    for number in range(300):
        await say(number)
        if number in (60, 120):
            await client.flushall()
        elif number == 180:
            redis_to_kill.kill()
        elif number == 210:
            redis_to_kill.lose_data()
            await redis_to_kill.start()
        elif number == 240:
            redis_to_kill.kill()
            await redis_to_kill.start()
        await asyncio.sleep(0.005)
    await client.aclose()
    await until(nothing_waits, 180)
    assert await effects() == once_each(300)
    assert await dead() == []


async def test_postgres_may_drop_every_connection(worker: Worker) -> None:
    for number in range(200):
        await say(number)
        if number in (80, 140):
            await execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await asyncio.sleep(0.005)
    await until(nothing_waits, 180)
    assert await effects() == once_each(200)
    assert await dead() == []


async def test_poison_dies_and_the_others_go_on(worker: Worker) -> None:
    async with transaction():
        await record(
            *(Counted(number) for number in range(20)),
            Poisoned(1000, deadly=True),
            Poisoned(2000, deadly=False),
            *(Counted(number) for number in range(20, 40)),
        )
    await until(nothing_waits, 180)
    assert await effects() == once_each(40)  # and no row of the poisoned
    given_up = await dead()
    assert [(one.consumer, one.attempts) for one in given_up] == [("poison", 5), ("poison", 5)]
    assert "cannot bear 2000" in given_up[0].last_error
    assert "the worker process died" in given_up[1].last_error
    await say(40)
    await until(nothing_waits)
    assert await effects() == once_each(41)


async def test_two_workers_share_the_work_and_one_takes_over(
    worker: Worker, tmp_path: Path
) -> None:
    second = Worker(worker.settings.model_copy(update={"home": tmp_path / "second"}))
    second.start()
    try:
        for number in range(150):
            await say(number)
            await asyncio.sleep(0.005)
        first_children = worker.kill_parent()
        psutil.wait_procs(first_children, timeout=15)
        assert [child for child in first_children if child.is_running()] == []
        await say(*range(150, 200))
        await until(nothing_waits)
        assert await effects() == once_each(200)
        assert await second.stop() == 0
    finally:
        for child in second.kill_parent():
            child.kill()


async def test_a_stop_lets_work_finish_and_leaves_no_process(worker: Worker) -> None:
    await say(*range(50))
    await until(lambda: fetch_value("SELECT count(*) > 5 FROM effect"))
    children = worker.children()
    assert await worker.stop() == 0
    assert [child for child in children if child.is_running()] == []
    rows = await fetch("SELECT DISTINCT attempts FROM outbox_delivery WHERE done_at IS NULL")
    assert {row["attempts"] for row in rows} <= {0}  # nothing was cut off
    worker.start()
    await until(nothing_waits)
    assert await effects() == once_each(50)
