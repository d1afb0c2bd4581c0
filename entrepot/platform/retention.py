"""What is deleted when its time is over. Deletes by age only: running twice changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from entrepot.platform.database import execute

IDEMPOTENCY_KEEP = timedelta(days=30)
"""A client that repeats a request after that long gets it done again."""
UPLOAD_KEEP = timedelta(days=7)
QUICK_ORDER_KEEP = timedelta(days=90)
UNMET_KEEP = timedelta(days=396)
"""Thirteen months, so that a season can be laid beside the last one."""


async def delete_idempotency_records(now: datetime) -> int:
    """Delete answers given more than 30 days ago; return how many."""
    return await execute(
        "DELETE FROM idempotency_record WHERE created_at < $1", now - IDEMPOTENCY_KEEP
    )


async def delete_abandoned_uploads(now: datetime) -> int:
    """Delete uploads announced whose file never came; return how many.

    Those that have a file stay: their contents may be shared with a product or an import.
    """
    return await execute(
        "DELETE FROM upload WHERE blob_key IS NULL AND expires_at < $1", now - UPLOAD_KEEP
    )


async def delete_old_quick_orders(now: datetime) -> int:
    """Delete quick orders prepared more than 90 days ago with their lines; return how many.

    What they put into carts stays, and so does what they taught.
    """
    return await execute("DELETE FROM quick_order WHERE created_at < $1", now - QUICK_ORDER_KEEP)


async def delete_unmet_demand(now: datetime) -> int:
    """Delete what was looked for in vain more than 13 months ago; return how many rows.

    Words of an operator that a question is done go with it; that it is spam stays.
    """
    before = now - UNMET_KEEP
    await execute(
        "DELETE FROM unmet_dismissal WHERE verdict = 'done' AND dismissed_at < $1", before
    )
    return await execute("DELETE FROM unmet_query WHERE last_at < $1", before)


async def delete_job_runs(before: datetime) -> int:
    """Delete records of scheduled runs due before a time, keeping each job's latest."""
    return await execute(
        "DELETE FROM job_run r WHERE due_at < $1"
        " AND EXISTS (SELECT FROM job_run later WHERE later.name = r.name"
        " AND later.due_at > r.due_at)",
        before,
    )
