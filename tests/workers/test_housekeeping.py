"""The jobs of housekeeping, run as the schedule runs them: by an event and a delivery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from entrepot.platform.database import execute, fetch
from entrepot.platform.ids import new_id
from entrepot.workers import housekeeping
from entrepot.workers.schedule import Job, JobDue, registered_jobs, run_job
from tests.factories import make_buyer
from tests.workers.conftest import Bench, state

NOW = datetime(2026, 11, 23, 3, 20, tzinfo=UTC)


async def run(bench: Bench, name: str) -> tuple[str, int]:
    """Deliver the job's time and return what became of it."""
    if "jobs" not in bench.consumers.names:
        bench.add(run_job, JobDue, name="jobs", transactional=False)
    (delivery,) = await bench.record(JobDue(name, NOW))
    await bench.worker()[0].deliver("jobs", delivery)
    return await state(delivery)


async def test_uploads_that_never_came_and_old_answers_go(bench: Bench) -> None:
    actor = await make_buyer()
    for name, days, key in (("never", 8, None), ("waited for", 6, None), ("here", 90, "ab" * 32)):
        await execute(
            "INSERT INTO upload (id, token_hash, user_id, company_id, file_name, media_type,"
            " blob_key, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, '', $6, $7, $7)",
            new_id(),
            name,
            actor.user_id,
            actor.company_id,
            name,
            key,
            NOW - timedelta(days=days),
        )
    for key, days in (("old", 31), ("new", 29)):
        await execute(
            "INSERT INTO idempotency_record (id, scope, key, request_hash, result, created_at)"
            " VALUES ($1, 'placeOrder', $2, '', '{}', $3)",
            new_id(),
            key,
            NOW - timedelta(days=days),
        )
    for _ in range(2):
        assert await run(bench, "purge expired") == ("done", 1)
    rows = await fetch("SELECT file_name FROM upload ORDER BY file_name")
    assert [row["file_name"] for row in rows] == ["here", "waited for"]
    assert [row["key"] for row in await fetch("SELECT key FROM idempotency_record")] == ["new"]


async def test_the_outbox_is_purged_by_its_own_means(bench: Bench) -> None:
    assert await run(bench, "purge outbox") == ("done", 1)
    await execute("UPDATE outbox_event SET recorded_at = $1", NOW - timedelta(days=31))
    assert await run(bench, "purge outbox") == ("done", 1)
    rows = await fetch("SELECT id FROM outbox_delivery")
    assert len(rows) == 1  # the first run's went, the second's is fresh


async def test_an_unknown_job_is_given_up(bench: Bench) -> None:
    assert await run(bench, "make coffee") == ("dead", 1)


@pytest.mark.parametrize("job", registered_jobs(), ids=lambda job: job.name)
def test_every_job_has_a_time_to_come(job: Job) -> None:
    assert job.following(NOW) > NOW


def test_the_jobs_are_those_of_the_module() -> None:
    runs = {job.name: job.run for job in registered_jobs()}
    assert runs["purge outbox"] is housekeeping.purge_outbox
    assert runs["purge expired"] is housekeeping.purge_expired_rows
