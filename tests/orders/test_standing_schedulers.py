"""Two schedulers at the same moment, and one that is killed: every date is ordered once."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from datetime import date, timedelta
from decimal import Decimal

from entrepot.platform.database import Database, fetch_value
from entrepot.platform.orders.standing import service
from entrepot.platform.orders.standing.calendar import Calendar
from tests.factories import make_buyer, make_offer, make_seller
from tests.orders.standing_orders import Run, at, in_moscow, make_standing, runs, terms

DAILY = Calendar("weekly", date(2026, 1, 1), weekdays=(1, 2, 3, 4, 5, 6, 7))
TRIES = 20


async def scheduler(url: str, moment: str, *more: str) -> Process:
    """Start a scheduler and wait until it could begin."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.orders.run_standing_orders", url, moment, *more,
        stdin=PIPE, stdout=PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def test_two_tasks_at_once_order_each_date_once(database: Database) -> None:
    """Twenty days, each with two runs of the schedule at the same moment."""
    buyer = await in_moscow(await make_buyer())
    offer = await make_offer(await make_seller(), stock="1000")
    keys = [
        await make_standing(buyer, terms(offer, quantity, calendar=DAILY), "2026-01-01")
        for quantity in ("2", "1")
    ]
    for number in range(TRIES):
        clock = at((date(2026, 1, 1) + timedelta(days=number)).isoformat())
        found = await asyncio.gather(service.run_due(clock), service.run_due(clock))
        assert sum(found) == 2, (number, found)
    expected = [
        Run((date(2026, 1, 1) + timedelta(days=number)).isoformat(), "placed", None)
        for number in range(TRIES)
    ]
    assert [await runs(key) for key in keys] == [expected, expected]
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 2 * TRIES
    assert await fetch_value("SELECT reserved FROM stock_item") == Decimal(3 * TRIES)


async def test_two_processes_at_once(database: Database, database_url: str) -> None:
    """Two processes let go together, each on its own connections; five standing orders."""
    buyer = await in_moscow(await make_buyer())
    offer = await make_offer(await make_seller(), stock="1000")
    keys = [
        await make_standing(buyer, terms(offer, "2", calendar=DAILY), "2026-01-01")
        for _ in range(5)
    ]
    both = [await scheduler(database_url, "2026-01-01T05:00:00+00:00") for _ in range(2)]
    outputs = await asyncio.gather(*(one.communicate(b"go\n") for one in both))
    assert sum(int(output) for output, _ in outputs) == 5
    assert [await runs(key) for key in keys] == [[Run("2026-01-01", "placed", None)]] * 5
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 5
    assert await fetch_value("SELECT reserved FROM stock_item") == Decimal(10)


async def test_a_scheduler_killed_before_it_commits_has_ordered_nothing(
    database: Database, database_url: str
) -> None:
    """kill -9 with the order, its stock and the log written: the date is still due, once."""
    buyer = await in_moscow(await make_buyer())
    offer = await make_offer(await make_seller(), stock="1000")
    key = await make_standing(buyer, terms(offer, calendar=DAILY), "2026-01-01")
    process = await scheduler(database_url, "2026-01-01T05:00:00+00:00", "--hang")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"go\n")
    await process.stdin.drain()
    assert await process.stdout.readline() == b"written\n"
    process.kill()
    await process.wait()

    assert await runs(key) == []
    assert await service.run_due(at("2026-01-01")) == 1
    assert await runs(key) == [Run("2026-01-01", "placed", None)]
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 1
    assert await fetch_value("SELECT reserved FROM stock_item") == Decimal(10)
