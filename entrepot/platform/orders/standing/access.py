"""Which standing orders an actor may see and change: those of their company's legal entities."""

from __future__ import annotations

from uuid import UUID

from entrepot.platform.database import fetch_one
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.orders.standing.errors import StandingOrderEnded
from entrepot.platform.orders.standing.rows import COLUMNS, StandingRow, standing_row


async def locked(actor: Actor, standing_order_id: UUID, *, ended: bool = False) -> StandingRow:
    """Return a standing order of the actor's company, its row locked.

    Call it in a transaction. Raises `NotFound`, and `StandingOrderEnded` unless `ended` ones will
    do.
    """
    row = await fetch_one(
        f"{COLUMNS} WHERE s.id = $1 AND e.company_id = $2 FOR UPDATE OF s",
        standing_order_id,
        actor.company_id,
    )
    if row is None:
        raise NotFound("standing order").at("standingOrderId")
    if row["status"] == "ended" and not ended:
        raise StandingOrderEnded
    return standing_row(row)
