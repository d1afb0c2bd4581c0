"""Reads of stock: batched, one round trip each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import fetch
from entrepot.platform.identity.actor import Actor

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Availability:
    """An offer's stock over all warehouses, in the product's unit."""

    on_hand: Decimal = _ZERO
    reserved: Decimal = _ZERO
    incoming: Decimal = _ZERO

    @property
    def available(self) -> Decimal:
        """Return what can still be ordered."""
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class StockRow:
    """An offer's stock in one warehouse."""

    offer_id: UUID
    warehouse_id: UUID
    warehouse_code: str
    warehouse_name: str
    on_hand: Decimal
    reserved: Decimal
    incoming: Decimal


@dataclass(frozen=True, slots=True)
class WarehouseRow:
    """A place where a seller keeps stock."""

    id: UUID
    seller_id: UUID
    code: str
    name: str


async def availability(offer_ids: Iterable[UUID]) -> dict[UUID, Availability]:
    """Return the stock of every offer asked for; nothing recorded means zeros."""
    wanted = list(offer_ids)
    rows = await fetch(
        "SELECT offer_id, sum(on_hand) AS on_hand, sum(reserved) AS reserved,"
        "       sum(incoming) AS incoming"
        "  FROM stock_item WHERE offer_id = ANY($1::uuid[]) GROUP BY offer_id",
        wanted,
    )
    found = dict.fromkeys(wanted, Availability())
    for row in rows:
        found[row["offer_id"]] = Availability(row["on_hand"], row["reserved"], row["incoming"])
    return found


async def stock_by_warehouse(actor: Actor, offer_ids: Iterable[UUID]) -> dict[UUID, list[StockRow]]:
    """Return the stock of the actor's company's offers in each warehouse, by warehouse code.

    Every offer asked for is a key; other sellers' offers have no rows.
    """
    wanted = list(offer_ids)
    rows = await fetch(
        "SELECT s.offer_id, s.warehouse_id, w.code AS warehouse_code, w.name AS warehouse_name,"
        "       s.on_hand, s.reserved, s.incoming"
        "  FROM stock_item s JOIN warehouse w ON w.id = s.warehouse_id"
        " WHERE s.offer_id = ANY($1::uuid[]) AND w.seller_id = $2 ORDER BY w.code",
        wanted,
        actor.company_id,
    )
    found: dict[UUID, list[StockRow]] = {offer_id: [] for offer_id in wanted}
    for row in rows:
        found[row["offer_id"]].append(StockRow(**row))
    return found


async def own_warehouses(actor: Actor) -> list[WarehouseRow]:
    """Return the warehouses of the actor's company, by code."""
    rows = await fetch(
        "SELECT id, seller_id, code, name FROM warehouse WHERE seller_id = $1 ORDER BY code",
        actor.company_id,
    )
    return [WarehouseRow(**row) for row in rows]
