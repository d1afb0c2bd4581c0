"""Writes of stock: warehouses, quantities, reservations."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from entrepot.platform.catalog.errors import NotSelling
from entrepot.platform.catalog.queries import all_offers_by_ids, is_selling
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.database import execute, fetch_one, transaction
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.inventory.errors import StockBelowReserved, WarehouseCodeTaken
from entrepot.platform.inventory.events import StockChanged
from entrepot.platform.inventory.queries import WarehouseRow
from entrepot.platform.inventory.reservations import release, reserve
from entrepot.platform.outbox import record
from entrepot.platform.quantities import check_quantity_range, trimmed

__all__ = ["create_warehouse", "release", "reserve", "set_stock"]

CODE_LENGTH = 20
NAME_LENGTH = 200


async def create_warehouse(actor: Actor, code: str, name: str) -> WarehouseRow:
    """Open a warehouse of the actor's selling company.

    Raises `Forbidden`, `NotSelling`, `InvalidInput`, `WarehouseCodeTaken`.
    """
    actor.require(Permission.STOCK_MANAGE)
    if not await is_selling(actor.company_id):
        raise NotSelling()
    code = clean_text("code", code, CODE_LENGTH)
    name = clean_text("name", name, NAME_LENGTH)
    row = await fetch_one(
        "INSERT INTO warehouse (id, seller_id, code, name) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (seller_id, code) DO NOTHING RETURNING id",
        new_id(),
        actor.company_id,
        code,
        name,
    )
    if row is None:
        raise WarehouseCodeTaken(code).at("code")
    return WarehouseRow(row["id"], actor.company_id, code, name)


async def set_stock(
    actor: Actor,
    offer_id: UUID,
    warehouse_id: UUID,
    on_hand: Decimal,
    incoming: Decimal | None = None,
) -> None:
    """State what lies in a warehouse; `incoming` stays as it is when None.

    Locks the stock item. Records `StockChanged`. Raises `Forbidden`, `NotFound` (an offer or
    warehouse that is not the actor's company's), `InvalidInput`, `StockBelowReserved`.
    """
    actor.require(Permission.STOCK_MANAGE)
    check_quantity_range("onHand", on_hand, zero=True)
    if incoming is not None:
        check_quantity_range("incoming", incoming, zero=True)
    async with transaction():
        offer = (await all_offers_by_ids([offer_id])).get(offer_id)
        if offer is None or offer.seller_id != actor.company_id:
            raise NotFound("offer").at("offerId")
        warehouse = await fetch_one(
            "SELECT 1 FROM warehouse WHERE id = $1 AND seller_id = $2",
            warehouse_id,
            actor.company_id,
        )
        if warehouse is None:
            raise NotFound("warehouse").at("warehouseId")
        touched = await execute(
            "INSERT INTO stock_item"
            " (id, offer_id, warehouse_id, on_hand, reserved, incoming, updated_at)"
            " VALUES ($1, $2, $3, $4, 0, coalesce($5::numeric, 0), now())"
            " ON CONFLICT (offer_id, warehouse_id) DO UPDATE"
            "    SET on_hand = EXCLUDED.on_hand,"
            "        incoming = coalesce($5::numeric, stock_item.incoming), updated_at = now()"
            "  WHERE stock_item.reserved <= EXCLUDED.on_hand",
            new_id(),
            offer_id,
            warehouse_id,
            on_hand,
            incoming,
        )
        if touched == 0:
            held = await fetch_one(
                "SELECT reserved FROM stock_item WHERE offer_id = $1 AND warehouse_id = $2",
                offer_id,
                warehouse_id,
            )
            reserved = held["reserved"] if held else Decimal(0)
            raise StockBelowReserved(offer_id, trimmed(on_hand), trimmed(reserved)).at("onHand")
        await record(StockChanged((offer_id,)))
