"""What is deleted when its time is over. Deletes by age only: running twice changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from entrepot.platform.database import execute

IDEMPOTENCY_DAYS = 30


async def delete_expired(now: datetime) -> dict[str, int]:
    """Delete sessions and one-time tokens that ended, and old answers to idempotency keys.

    Returns the number of rows by kind.
    """
    return {
        "sessions": await execute("DELETE FROM session WHERE expires_at < $1", now),
        "one_time_tokens": await execute("DELETE FROM one_time_token WHERE expires_at < $1", now),
        "idempotency_records": await execute(
            "DELETE FROM idempotency_record WHERE created_at < $1",
            now - timedelta(days=IDEMPOTENCY_DAYS),
        ),
    }


async def delete_job_runs(before: datetime) -> int:
    """Delete records of scheduled runs due before a time, keeping each job's latest."""
    return await execute(
        "DELETE FROM job_run r WHERE due_at < $1"
        " AND EXISTS (SELECT FROM job_run later WHERE later.name = r.name"
        " AND later.due_at > r.due_at)",
        before,
    )
