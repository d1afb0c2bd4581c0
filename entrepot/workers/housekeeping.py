"""Jobs that keep tables small. Each deletes by age, so running twice changes nothing."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import datetime, timedelta

import structlog

from entrepot.platform import outbox_queries, retention
from entrepot.platform.identity.purge import purge_expired
from entrepot.workers.resources import WorkerResources
from entrepot.workers.schedule import job

log = structlog.get_logger("entrepot.schedule")

EVENTS_KEEP = timedelta(days=30)


@job("purge outbox", cron="20 3 * * *")
async def purge_outbox(due_at: datetime, resources: WorkerResources) -> None:
    """Delete events delivered more than 30 days ago, and records of job runs as old."""
    before = due_at - EVENTS_KEEP
    events = 0
    while deleted := await outbox_queries.purge(before):
        events += deleted
    runs = await retention.delete_job_runs(before)
    log.info("purged the outbox", events=events, job_runs=runs)


@job("purge expired", cron="10 * * * *")
async def purge_expired_rows(due_at: datetime, resources: WorkerResources) -> None:
    """Delete ended sessions, links, registrations, abandoned uploads, old keys and lists."""
    log.info(
        "purged what expired",
        **asdict(await purge_expired(due_at)),
        idempotency_records=await retention.delete_idempotency_records(due_at),
        uploads=await retention.delete_abandoned_uploads(due_at),
        quick_orders=await retention.delete_old_quick_orders(due_at),
        unmet_queries=await retention.delete_unmet_demand(due_at),
        unfinished_files=await asyncio.to_thread(resources.blobs.forget_unfinished, 86_400),
    )
