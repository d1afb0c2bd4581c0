"""What became of the dates: one row a date, whoever wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import orjson

from entrepot.platform.database import execute_many, fetch_value
from entrepot.platform.errors import DomainError
from entrepot.platform.ids import new_id

Outcome = Literal["placed", "skipped", "refused", "held"]
INSERT = """
INSERT INTO standing_order_run
       (id, standing_order_id, due_on, outcome, order_id, cart_id, reason, ran_at)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8)
ON CONFLICT (standing_order_id, due_on) DO NOTHING
"""


def told(reason: DomainError | None) -> str:
    """Return a reason as it is stored: its code and its sentences."""
    if reason is None:
        return "{}"
    texts = {"code": reason.code, "en": reason.message("en"), "ru": reason.message("ru")}
    return orjson.dumps(texts).decode()


async def log_run(
    standing_order_id: UUID,
    due_on: date,
    outcome: Outcome,
    now: datetime,
    *,
    order_id: UUID | None = None,
    cart_id: UUID | None = None,
    reason: DomainError | None = None,
) -> UUID | None:
    """Write a date down; returns the row's id, None where the date has one already."""
    found: UUID | None = await fetch_value(
        f"{INSERT} RETURNING id",
        new_id(),
        standing_order_id,
        due_on,
        outcome,
        order_id,
        cart_id,
        told(reason),
        now,
    )
    return found


async def log_skipped(
    standing_order_id: UUID, dates: Sequence[tuple[date, DomainError]], now: datetime
) -> None:
    """Write dates down on which nothing was ordered, each with its reason."""
    await execute_many(
        INSERT,
        [
            (new_id(), standing_order_id, day, "skipped", None, None, told(reason), now)
            for day, reason in dates
        ],
    )
