"""SIGKILL at any moment, to any part: nothing that was told is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.journeys.marketplace import Marketplace, command, environment, eventually
from tests.journeys.order_stream import (
    Stream,
    check_books,
    check_letters,
    drained,
    open_stream,
    tables,
)
from tests.running_processes import none_left, on_folder

CUSTOMERS, ORDERS, KILLS = 4, 8, 3
LINES = 5_000


@pytest.fixture(scope="module")
async def marketplace(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Marketplace]:
    """One started, empty marketplace for all stories here; nothing of it is left afterwards."""
    running = Marketplace(tmp_path_factory.mktemp("kills") / "home")
    await running.start()
    yield running
    await running.stop()
    assert await none_left(running.home) == {}


def part(marketplace: Marketplace, name: str) -> list[psutil.Process]:
    """The processes of a part (`serve`, `worker`) with their children; none while it is down."""
    assert marketplace.process is not None
    for child in psutil.Process(marketplace.process.pid).children():
        with suppress(psutil.NoSuchProcess):
            if name in child.cmdline():
                return [child, *child.children(recursive=True)]
    return []


def kill(processes: list[psutil.Process]) -> int:
    """End processes with SIGKILL; return how many were still there."""
    count = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
            count += 1
    return count


async def kill_now_and_then(stream: Stream, name: str, chance: random.Random) -> int:
    """Kill a part a few times while orders flow, each time after some more orders."""
    killed = 0
    total = CUSTOMERS * ORDERS
    for n in range(KILLS):
        wanted = total * n // KILLS + chance.randint(1, total // KILLS - 2)
        await stream.until(wanted)
        await asyncio.sleep(chance.uniform(0, 0.05))
        processes = await eventually(lambda: part(stream.marketplace, name), f"a running {name}")
        # Sometimes only what works, sometimes with its parent, which would have restarted it.
        killed += bool(
            kill(processes[1:] if chance.random() < 0.5 and processes[1:] else processes)
        )
    return killed


async def finish(stream: Stream) -> None:
    """Wait until the workers have done all, then look at everything."""
    await eventually(lambda: drained(stream.marketplace), "the workers")
    await check_books(stream, ORDERS)
    await check_letters(stream, ORDERS)
    report = await command("doctor", home=stream.marketplace.home)
    assert "FAIL" not in report
    for line in report.splitlines():
        if line.startswith(("search.index", "outbox.")):
            assert " OK " in line, report


async def test_the_web_process_is_killed_while_orders_are_placed(marketplace: Marketplace) -> None:
    stream = await open_stream(marketplace, CUSTOMERS)
    orders = asyncio.create_task(stream.run(ORDERS))
    killed = await kill_now_and_then(stream, "serve", random.Random(20261123))
    await orders
    assert killed == KILLS
    assert sum(customer.retries for customer in stream.customers) > 0, "no kill hit a request"
    await finish(stream)


async def test_the_workers_are_killed_while_orders_are_placed(marketplace: Marketplace) -> None:
    stream = await open_stream(marketplace, CUSTOMERS)
    orders = asyncio.create_task(stream.run(ORDERS))
    killed = await kill_now_and_then(stream, "worker", random.Random(20261124))
    await orders
    assert killed == KILLS
    await finish(stream)


async def seen_past(
    marketplace: Marketplace, file_name: str, line: int, importing: asyncio.subprocess.Process
) -> bool:
    """Whether more than so many lines of a file are in the catalogue, or the command has ended."""
    async with tables(marketplace) as db:
        done: int | None = await db.fetchval(
            "SELECT max(lines_committed) FROM catalog_import WHERE file_name = $1", file_name
        )
    return importing.returncode is not None or (done or 0) > line


async def test_an_import_is_killed_and_run_again(marketplace: Marketplace, tmp_path: Path) -> None:
    stream = await open_stream(marketplace, 1)
    seller = stream.sellers[0]
    path = tmp_path / "price.csv"
    rows = [f"K{n};A-{n};Brand {n % 7};Part {n};{n % 900 + 1},50;RUB;3" for n in range(LINES)]
    path.write_text(
        "\n".join(["external_id;article_number;brand;title;price;currency;quantity", *rows, ""])
    )
    arguments = ("import", "catalog", str(path), "--seller", seller.company.name)
    for share in (0, LINES // 2):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "entrepot", *arguments, "--home", str(marketplace.home),
            stdout=asyncio.subprocess.DEVNULL, env=environment(),
        )  # fmt: skip
        past = partial(seen_past, marketplace, path.name, share, process)
        await eventually(past, f"line {share}")
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()
    await command(*arguments, home=marketplace.home)
    await command(*arguments, home=marketplace.home)  # the same file again changes nothing
    async with tables(marketplace) as db:
        found = await db.fetchrow(
            "SELECT count(*), count(DISTINCT external_id), count(DISTINCT product_id),"
            "       sum(list_price) FROM offer WHERE seller_id = $1 AND external_id ~ '^K[0-9]+$'",
            seller.id,
        )
        stock = await db.fetchval(
            "SELECT sum(on_hand) FROM stock_item s JOIN offer o ON o.id = s.offer_id"
            " WHERE o.seller_id = $1 AND o.external_id ~ '^K[0-9]+$'",
            seller.id,
        )
    prices = sum(n % 900 + 1 for n in range(LINES)) + LINES / 2
    assert tuple(found) == (LINES, LINES, LINES, prices)
    assert stock == 3 * LINES
    await eventually(lambda: drained(marketplace), "the workers")
    report = await command("doctor", home=marketplace.home)
    assert "FAIL" not in report
    assert "WARN  " not in "".join(line for line in report.splitlines() if "search.index" in line)


async def test_everything_is_killed_at_once_and_started_again(marketplace: Marketplace) -> None:
    stream = await open_stream(marketplace, CUSTOMERS)
    orders = asyncio.create_task(stream.run(ORDERS))
    await stream.until(CUSTOMERS * ORDERS // 2)
    for customer in stream.customers:
        customer.outage = True
    assert marketplace.process is not None
    marketplace.process.send_signal(signal.SIGKILL)
    await marketplace.process.communicate()
    old = set(on_folder(marketplace.home))
    await marketplace.start()
    assert old & set(on_folder(marketplace.home)) == set()
    await orders
    for customer in stream.customers:
        customer.outage = False
    await stream.run(ORDERS // 2)  # the same keys again: the same orders
    await finish(stream)
