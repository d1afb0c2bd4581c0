"""The index follows, whatever dies: the worker in the middle of a commit, Redis with all its data.

Real workers, a real Redis of the test's own, prices changed through the service; afterwards
`verify` compares the whole index with the database.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import psutil
import pytest

from entrepot.platform.catalog import offers
from entrepot.platform.catalog.offers import OfferChanges
from entrepot.platform.config import Settings
from entrepot.platform.database import Database, execute, fetch_value
from entrepot.platform.inventory import service as inventory
from entrepot.platform.outbox_queries import dead, lag
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.query import SearchQuery, analyse
from entrepot.search.reindex import rebuild
from entrepot.search.verify import verify
from entrepot.workers.claims import ATTEMPTS_MAX
from tests.search.many_offers import Shop, make_shop
from tests.workers.conftest import until
from tests.workers.parts import PROJECT, RedisServer, Worker, running

OFFERS = 300
MODULE = "tests.search.run_search_worker"


@pytest.fixture
async def worker(
    database: Database, database_url: str, redis_to_kill: RedisServer, tmp_path: Path
) -> AsyncIterator[Worker]:
    """A started worker that keeps the index in `home/search`."""
    settings = Settings(
        home=tmp_path / "home", database_url=database_url, redis_url=redis_to_kill.url
    )
    with running(Worker(settings, MODULE)) as started:
        yield started


@pytest.fixture
async def index(worker: Worker) -> AsyncIterator[TantivyEngine]:
    """The worker's index, to read."""
    engine = TantivyEngine(worker.settings.home / "search")
    yield engine
    await engine.close()


async def change(shop: Shop, chance: random.Random) -> None:
    """Give some offer another price or another stock."""
    offer = chance.choice(shop.offers)
    if chance.random() < 0.5:
        price = Decimal(chance.randint(1, 99_999)).scaleb(-2)
        await offers.update_offer(shop.seller.actor, offer, OfferChanges(list_price=price))
    else:
        stock = Decimal(chance.choice((0, 5)))
        await inventory.set_stock(shop.seller.actor, offer, shop.seller.warehouse.id, stock)


async def nothing_waits() -> bool:
    measured = await lag()
    return measured.unrelayed == 0 and measured.pending == 0


async def everything_is_equal(index: TantivyEngine) -> None:
    await until(nothing_waits, 180)
    assert await dead() == []
    verdict = await verify(index)
    assert (verdict.faults, verdict.under_way) == (0, 0)
    assert verdict.indexed == verdict.listed == OFFERS


async def test_a_worker_killed_in_the_middle_of_commits_loses_nothing(
    worker: Worker, index: TantivyEngine
) -> None:
    shop, chance = await make_shop(OFFERS), random.Random(20261124)
    await rebuild(index)
    kills = ATTEMPTS_MAX - 1  # one more could hit the same delivery every time, and end it
    killed = 0

    async def kill_now_and_then() -> None:
        nonlocal killed
        while killed < kills:
            # Somebody is between reading and the end of the commit: the writer's lock is taken.
            await until(
                lambda: fetch_value(
                    "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND granted"
                    " AND objid = $1",
                    0x73656172,
                )
            )
            await asyncio.sleep(chance.uniform(0, 0.06))
            killed += await worker.kill_child()

    killer = asyncio.create_task(kill_now_and_then())
    for _ in range(400):
        await change(shop, chance)
        await asyncio.sleep(0.01)
    while not killer.done():
        await change(shop, chance)
        await asyncio.sleep(0.01)
    await killer
    await everything_is_equal(index)
    attempts = await fetch_value("SELECT max(attempts) FROM outbox_delivery")
    assert attempts > 1, "no kill hit an attempt"


async def test_redis_may_lose_everything(
    worker: Worker, index: TantivyEngine, redis_to_kill: RedisServer
) -> None:
    shop, chance = await make_shop(OFFERS), random.Random(20261124)
    await rebuild(index)
    for number in range(400):
        await change(shop, chance)
        if number == 100:
            redis_to_kill.kill()
        elif number == 200:
            redis_to_kill.lose_data()
            await redis_to_kill.start()
        elif number == 300:
            redis_to_kill.kill()
            await redis_to_kill.start()
        await asyncio.sleep(0.005)
    await everything_is_equal(index)


async def test_a_worker_follows_from_where_a_rebuild_ended(
    worker: Worker, index: TantivyEngine
) -> None:
    """Changes before, during and after rebuilds, which the worker waits for."""
    shop, chance = await make_shop(OFFERS), random.Random(20261124)
    await rebuild(index)
    changing = True

    async def keep_changing() -> None:
        while changing:
            await change(shop, chance)
            await asyncio.sleep(0.005)

    changer = asyncio.create_task(keep_changing())
    for _ in range(3):
        assert await rebuild(index, alone_up_to=0) == OFFERS
        await asyncio.sleep(0.3)
    changing = False
    await changer
    await everything_is_equal(index)


def start_rebuild(home: Path, url: str) -> subprocess.Popen[bytes]:
    """Start a rebuild in a process of its own."""
    environment = {
        **os.environ,
        "ENTREPOT_HOME": str(home),
        "ENTREPOT_DATABASE_URL": url,
        "PYTHONPATH": str(PROJECT),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.search.run_rebuild"], cwd=PROJECT, env=environment
    )


async def test_a_killed_rebuild_leaves_the_old_index_and_the_next_one_its_litter_swept(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    shop = await make_shop(4_000)
    engine = TantivyEngine(tmp_path / "search")
    assert await rebuild(engine) == 4_000
    used = engine.folders.current()
    await execute("UPDATE offer SET list_price = 7 WHERE id = $1", shop.offers[0])
    rebuilding = start_rebuild(tmp_path, database_url)

    async def has_begun() -> bool:
        return len(list((tmp_path / "search").glob("offers-*"))) == 2

    await until(has_begun)
    await asyncio.sleep(0.5)
    children = psutil.Process(rebuilding.pid).children(recursive=True)
    rebuilding.send_signal(signal.SIGKILL)
    assert await asyncio.to_thread(rebuilding.wait) == -signal.SIGKILL
    gone, alive = await asyncio.to_thread(psutil.wait_procs, children, 20)
    assert (len(gone), alive) == (1, [])  # the second process ends with the first

    assert engine.folders.current() == used
    everything = analyse(SearchQuery(""))
    found = await engine.search(everything, offset=0, limit=1, facets=False)
    assert found.total == 4_000  # the old index, whole
    verdict = await verify(engine)
    assert verdict.first[next(one for one in verdict.counts if verdict.counts[one])] == [
        shop.offers[0]
    ]

    assert await rebuild(engine) == 4_000
    assert (await verify(engine)).faults == 0
    await engine.search(everything, offset=0, limit=1, facets=False)  # lets go of the old folder
    assert list((tmp_path / "search").glob("offers-*")) == [engine.folders.current()]
    await engine.close()
