"""Single dates that differ: skipped, or with other quantities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import orjson

from entrepot.platform.clock import Clock
from entrepot.platform.database import execute, fetch_value, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.orders.standing.access import locked
from entrepot.platform.orders.standing.calendar import due_dates
from entrepot.platform.orders.standing.errors import AboveEnvelope, NotAStandingDate
from entrepot.platform.orders.standing.rows import StandingRow, lines_of
from entrepot.platform.quantities import trimmed

LOOK_AHEAD = timedelta(days=3 * 366)
SAVE = """
INSERT INTO standing_order_exception (id, standing_order_id, due_on, skipped, quantities)
VALUES ($1, $2, $3, $4, $5::jsonb)
ON CONFLICT (standing_order_id, due_on) DO UPDATE SET skipped = $4, quantities = $5::jsonb
"""


async def _check_date(row: StandingRow, due_on: date, clock: Clock) -> None:
    """Raise `NotAStandingDate` unless the date is still to come and not yet ordered."""
    first = row.today(clock.now())
    if not first <= due_on <= first + LOOK_AHEAD or not due_dates(row.calendar, due_on, due_on):
        raise NotAStandingDate(due_on).at("dueOn")
    if await fetch_value(
        "SELECT true FROM standing_order_run WHERE standing_order_id = $1 AND due_on = $2",
        row.id,
        due_on,
    ):
        raise NotAStandingDate(due_on).at("dueOn")


async def skip(
    actor: Actor, standing_order_id: UUID, due_on: date, *, clock: Clock, skipped: bool = True
) -> UUID:
    """Order nothing on a date, or (`skipped` false) order on it after all; returns the id.

    Needs `order.place`. Locks the standing order. Raises `NotFound`, `StandingOrderEnded`,
    `NotAStandingDate`.
    """
    actor.require(Permission.ORDER_PLACE)
    async with transaction():
        row = await locked(actor, standing_order_id)
        await _check_date(row, due_on, clock)
        if skipped:
            await execute(SAVE, new_id(), row.id, due_on, True, "{}")
        else:
            await _forget(row.id, due_on)
        return row.id


async def change(
    actor: Actor,
    standing_order_id: UUID,
    due_on: date,
    quantities: Mapping[UUID, Decimal],
    *,
    clock: Clock,
) -> UUID:
    """Order other quantities on one date, by offer; lines not named keep theirs. Returns the id.

    Within the envelope nobody is asked again. No quantities: the date is as all others. Needs
    `order.place`. Locks the standing order. Raises `NotFound`, `StandingOrderEnded`,
    `NotAStandingDate`, `AboveEnvelope`, `InvalidInput`.
    """
    actor.require(Permission.ORDER_PLACE)
    async with transaction():
        row = await locked(actor, standing_order_id)
        await _check_date(row, due_on, clock)
        lines = {line.offer_id: line for line in (await lines_of([row.id]))[row.id]}
        for index, (offer_id, quantity) in enumerate(quantities.items()):
            if offer_id not in lines:
                raise NotFound("offer").at("quantities", str(index), "offerId", line_index=index)
            if quantity <= 0:
                raise InvalidInput("quantity", "must be above 0", "должно быть больше 0")
            most = lines[offer_id].most
            if quantity > most:
                raise AboveEnvelope(offer_id, trimmed(most)).at(
                    "quantities", str(index), "quantity", line_index=index
                )
        if not quantities:
            await _forget(row.id, due_on)
            return row.id
        texts = {str(key): str(value) for key, value in quantities.items()}
        await execute(SAVE, new_id(), row.id, due_on, False, orjson.dumps(texts).decode())
        return row.id


async def _forget(standing_order_id: UUID, due_on: date) -> None:
    await execute(
        "DELETE FROM standing_order_exception WHERE standing_order_id = $1 AND due_on = $2",
        standing_order_id,
        due_on,
    )
