"""The schedule: each time of a job once, over all workers, also the times that were missed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from entrepot.platform.clock import FixedClock
from entrepot.platform.database import execute, fetch, fetch_value
from entrepot.platform.outbox import load
from entrepot.platform.retention import delete_job_runs
from entrepot.workers.leadership import Leadership
from entrepot.workers.resources import WorkerResources
from entrepot.workers.schedule import Job, JobDue, Schedule
from tests.workers.conftest import until

MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


async def nothing(due_at: datetime, resources: WorkerResources) -> None:
    raise AssertionError("only the schedule is tested")


HOURLY = Job("hourly", "10 * * * *", nothing)
WEEKLY = Job("weekly", "0 2 * * mon", nothing)


async def due() -> list[tuple[str, datetime]]:
    """Return the jobs that were announced, in order."""
    rows = await fetch("SELECT kind, payload::text AS payload FROM outbox_event ORDER BY id")
    events = [load(row["kind"], row["payload"]) for row in rows]
    return [(one.job, one.due_at) for one in events if isinstance(one, JobDue)]


async def test_two_schedules_announce_each_time_once(resources: WorkerResources) -> None:
    clock = FixedClock(MONDAY)
    schedules = [Schedule([HOURLY, WEEKLY], clock) for _ in range(2)]
    for schedule in schedules:
        await schedule.load()
    announced = 0
    for _ in range(25):
        announced += sum(await asyncio.gather(*(one.turn() for one in schedules)))
        clock.moment += timedelta(minutes=10)
    expected = [("hourly", MONDAY.replace(hour=hour, minute=10)) for hour in (2, 3, 4, 5)]
    expected.insert(0, ("weekly", MONDAY.replace(hour=2, minute=0)))
    assert await due() == expected
    assert announced == len(expected)


async def test_missed_times_are_made_up_for_once(resources: WorkerResources) -> None:
    clock = FixedClock(MONDAY)
    before = Schedule([HOURLY], clock)
    await before.load()
    clock.moment += timedelta(hours=1)
    assert await before.turn() == 1
    clock.moment += timedelta(hours=7)  # no worker ran
    after = Schedule([HOURLY], clock)
    await after.load()
    assert await after.turn() == 1
    assert await after.turn() == 0
    assert await due() == [
        ("hourly", MONDAY.replace(hour=2, minute=10)),
        ("hourly", MONDAY.replace(hour=9, minute=10)),
    ]


async def test_a_new_job_waits_for_its_time(resources: WorkerResources) -> None:
    schedule = Schedule([WEEKLY], FixedClock(MONDAY.replace(hour=2, minute=1)))
    await schedule.load()
    assert await schedule.turn() == 0
    assert await due() == []


async def test_records_of_runs_go_but_the_latest_of_each_job(resources: WorkerResources) -> None:
    for name, days in (("a", 50), ("a", 40), ("b", 60), ("c", 45), ("c", 1)):
        await execute(
            "INSERT INTO job_run (name, due_at, recorded_at) VALUES ($1, $2, now())",
            name,
            MONDAY - timedelta(days=days),
        )
    assert await delete_job_runs(MONDAY - timedelta(days=30)) == 2
    rows = await fetch("SELECT name, due_at FROM job_run ORDER BY name")
    assert [(row["name"], (MONDAY - row["due_at"]).days) for row in rows] == [
        ("a", 40),
        ("b", 60),
        ("c", 1),
    ]


async def test_one_leads_and_the_next_follows_when_its_session_ends(
    resources: WorkerResources, database_url: str
) -> None:
    first, second = Leadership(database_url), Leadership(database_url)
    assert await first.ask()
    assert not await second.ask()
    assert await first.ask()
    pid = await fetch_value(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    await execute("SELECT pg_terminate_backend($1)", pid)
    await until(second.ask)

    async def stepped_down() -> bool:
        return not await first.ask()

    await until(stepped_down)  # it learns of its lost session from the socket, a moment later
    assert await second.ask()
    await second.close()
    await first.close()


@pytest.mark.parametrize("cron", ["0 2 * * 1", "0 2 * * mon-5"])
async def test_a_weekday_by_number_is_refused(cron: str) -> None:
    with pytest.raises(ValueError, match="name the weekday"):
        Job("odd", cron, nothing)
