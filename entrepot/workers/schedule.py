"""The schedule: jobs at their times, each once, whoever leads and whoever dies.

A job that falls due becomes a row (name, time), unique, and in the same transaction an event
`JobDue`. From there it is a delivery like any other: retried, never lost, never run by two.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from apscheduler.triggers.cron import CronTrigger

from entrepot.platform.clock import Clock
from entrepot.platform.database import fetch, fetch_value, transaction
from entrepot.platform.outbox import Event, event, record
from entrepot.workers.consumers import Delivery, Undeliverable, consumer
from entrepot.workers.resources import WorkerResources

log = structlog.get_logger("entrepot.schedule")

JobHandler = Callable[[datetime, WorkerResources], Awaitable[None]]
LONGEST_JOB_SECONDS = 6 * 3600.0


@event
@dataclass(frozen=True)
class JobDue(Event):
    """A scheduled job's time has come."""

    job: str
    due_at: datetime


@dataclass(frozen=True)
class Job:
    """What to run, and when: five cron fields, in UTC, weekdays by name.

    Raises `ValueError` for a weekday given as a number: cron counts from Sunday, the library
    that reads the fields from Monday.
    """

    name: str
    cron: str
    run: JobHandler

    def __post_init__(self) -> None:
        if any(character.isdigit() for character in self.cron.split()[-1]):
            raise ValueError(f"job {self.name}: name the weekday (mon, tue …) in {self.cron!r}")

    def following(self, moment: datetime) -> datetime:
        """Return the job's first time after a moment."""
        trigger = CronTrigger.from_crontab(self.cron, timezone=UTC)
        found: datetime = trigger.get_next_fire_time(moment, moment)
        return found


_jobs: dict[str, Job] = {}


def job(name: str, cron: str) -> Callable[[JobHandler], JobHandler]:
    """Register the decorated `run(due_at, resources)`; it must bear being run twice.

    `cron`: minute, hour, day, month, weekday (by name), in UTC. Times missed while no worker ran
    are made up for once, by the latest of them.
    """

    def register(run: JobHandler) -> JobHandler:
        if name in _jobs:
            raise ValueError(f"two jobs are called {name}")
        _jobs[name] = Job(name, cron, run)
        return run

    return register


def registered_jobs() -> list[Job]:
    """Return every registered job."""
    return list(_jobs.values())


class Schedule:
    """Looks at the clock for its jobs. Safe beside another one: the table decides."""

    def __init__(self, jobs: list[Job], clock: Clock) -> None:
        self._jobs = jobs
        self._clock = clock
        self._next: dict[str, datetime] = {}

    async def load(self) -> None:
        """Find each job's next time from its last one; a job never run starts from now."""
        rows = await fetch("SELECT name, max(due_at) AS last FROM job_run GROUP BY name")
        last = {row["name"]: row["last"] for row in rows}
        now = self._clock.now()
        self._next = {one.name: one.following(last.get(one.name, now)) for one in self._jobs}

    async def turn(self) -> int:
        """Record the jobs that are due; return how many of them this call was first to record."""
        now = self._clock.now()
        recorded = 0
        for one in self._jobs:
            due = self._next[one.name]
            if due > now:
                continue
            while (later := one.following(due)) <= now:
                due = later
            recorded += await _record(one.name, due)
            self._next[one.name] = one.following(due)
        return recorded


async def _record(name: str, due: datetime) -> bool:
    async with transaction():
        first = await fetch_value(
            "INSERT INTO job_run (name, due_at, recorded_at) VALUES ($1, $2, now())"
            " ON CONFLICT (name, due_at) DO NOTHING RETURNING id",
            name,
            due,
        )
        if first is None:
            return False
        await record(JobDue(name, due))
    log.info("due", job=name, due_at=due.isoformat())
    return True


@consumer("jobs", on=(JobDue,), queue="schedule", transactional=False, seconds=LONGEST_JOB_SECONDS)
async def run_job(due: JobDue, delivery: Delivery, resources: WorkerResources) -> None:
    """Run the job that is due."""
    found = _jobs.get(due.job)
    if found is None:
        raise Undeliverable(f"no job is called {due.job}")
    await found.run(due.due_at, resources)
    log.info("ran", job=due.job)
