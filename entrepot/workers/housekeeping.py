"""Jobs that keep tables small. Each deletes by age, so running twice changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from entrepot.platform import outbox_queries, retention
from entrepot.workers.resources import WorkerResources
from entrepot.workers.schedule import job

log = structlog.get_logger("entrepot.schedule")

EVENT_DAYS = 30


@job("purge outbox", cron="20 3 * * *")
async def purge_outbox(due_at: datetime, resources: WorkerResources) -> None:
    """Delete events delivered more than 30 days ago, and records of job runs as old."""
    before = due_at - timedelta(days=EVENT_DAYS)
    events = 0
    while deleted := await outbox_queries.purge(before):
        events += deleted
    runs = await retention.delete_job_runs(before)
    log.info("purged the outbox", events=events, job_runs=runs)


@job("expire accesses", cron="10 * * * *")
async def expire_accesses(due_at: datetime, resources: WorkerResources) -> None:
    """Delete sessions, one-time tokens and idempotency records whose time is over."""
    deleted = await retention.delete_expired(due_at)
    log.info("expired", **deleted)
