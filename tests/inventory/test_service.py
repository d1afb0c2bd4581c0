"""Warehouses and stock are set by their seller, never below what orders hold."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from entrepot.platform.catalog.errors import NotSelling
from entrepot.platform.database import Database, fetch, transaction
from entrepot.platform.errors import DomainError, Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.inventory import queries, service
from entrepot.platform.inventory.errors import OutOfStock, StockBelowReserved, WarehouseCodeTaken
from tests.factories import make_actor, make_buyer, make_company, make_offer, make_seller
from tests.sql_counter import counted_sql

D = Decimal


async def state() -> list[object]:
    return [
        [tuple(row.values()) for row in await fetch(f"SELECT * FROM {table} ORDER BY id")]
        for table in ("warehouse", "stock_item", "reservation", "outbox_event")
    ]


async def test_stock_is_stated_for_each_warehouse(database: Database) -> None:
    seller = await make_seller()
    offer = await make_offer(seller, stock="10")
    second = await service.create_warehouse(seller.actor, "A", "First")
    await service.set_stock(seller.actor, offer.id, second.id, D("2.5"), D(7))
    await service.set_stock(seller.actor, offer.id, second.id, D(3))  # incoming stays
    await service.set_stock(seller.actor, offer.id, seller.warehouse.id, D(0))
    rows = (await queries.stock_by_warehouse(seller.actor, [offer.id]))[offer.id]
    assert [(row.warehouse_code, row.on_hand, row.incoming) for row in rows] == [
        ("A", D(3), D(7)), ("MAIN", D(0), D(0)),
    ]  # fmt: skip
    total = (await queries.availability([offer.id]))[offer.id]
    assert (total.on_hand, total.reserved, total.available, total.incoming) == (3, 0, 3, 7)
    assert [row.code for row in await queries.own_warehouses(seller.actor)] == ["A", "MAIN"]
    kinds = await fetch("SELECT kind FROM outbox_event")
    assert [row["kind"] for row in kinds] == ["StockChanged"] * 3


async def test_stock_never_falls_below_what_orders_hold(database: Database) -> None:
    seller = await make_seller()
    offer = await make_offer(seller, stock="10")
    async with transaction():
        await service.reserve([(new_id(), offer.id, D(4))])
    before = await state()
    with pytest.raises(StockBelowReserved) as refusal:
        await service.set_stock(seller.actor, offer.id, seller.warehouse.id, D("3.5"))
    error = refusal.value
    assert (error.on_hand, error.reserved, error.path) == (D("3.5"), D(4), ("onHand",))
    assert error.message("ru").startswith("Заказы держат 4;")
    assert await state() == before
    await service.set_stock(seller.actor, offer.id, seller.warehouse.id, D(4))
    assert (await queries.availability([offer.id]))[offer.id].available == 0


async def test_what_cannot_be_stock_or_a_warehouse_is_refused(database: Database) -> None:
    seller, other = await make_seller(), await make_seller()
    offer, foreign = await make_offer(seller), await make_offer(other)
    place, actor = seller.warehouse.id, seller.actor
    before = await state()
    attempts: list[tuple[type[DomainError], str, object]] = [
        (NotFound, "offerId", service.set_stock(actor, foreign.id, place, D(1))),
        (NotFound, "offerId", service.set_stock(actor, new_id(), place, D(1))),
        (NotFound, "warehouseId", service.set_stock(actor, offer.id, other.warehouse.id, D(1))),
        (NotFound, "warehouseId", service.set_stock(actor, offer.id, new_id(), D(1))),
        (WarehouseCodeTaken, "code", service.create_warehouse(actor, "MAIN", "Again")),
        (InvalidInput, "code", service.create_warehouse(actor, "", "Empty")),
        (InvalidInput, "code", service.create_warehouse(actor, "X" * 21, "Long")),
        (InvalidInput, "name", service.create_warehouse(actor, "B", "a\nb")),
        *(
            (InvalidInput, "onHand", service.set_stock(actor, offer.id, place, D(value)))
            for value in ("-1", "NaN", "1e400", "0.0001", "1e-400")
        ),
        (InvalidInput, "incoming", service.set_stock(actor, offer.id, place, D(1), D(-1))),
    ]
    for error, path, attempt in attempts:
        with pytest.raises(error) as refusal:
            await attempt  # type: ignore[misc]
        assert refusal.value.path == (path,)
    assert await state() == before


async def test_only_the_sellers_own_stock_keepers_write(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    offer = await make_offer(seller)
    accountant = await make_actor(seller.company, seller.entity, Role.ACCOUNTANT)
    outsider = await make_actor(*await make_company(buyer=True), Role.WAREHOUSE)
    before = await state()
    for actor in (buyer, accountant):
        with pytest.raises(Forbidden):
            await service.set_stock(actor, offer.id, seller.warehouse.id, D(1))
        with pytest.raises(Forbidden):
            await service.create_warehouse(actor, "B", "Second")
    with pytest.raises(NotSelling):
        await service.create_warehouse(outsider, "B", "Second")
    with pytest.raises(NotFound):
        await service.set_stock(outsider, offer.id, seller.warehouse.id, D(1))
    assert await state() == before
    assert (await queries.stock_by_warehouse(buyer, [offer.id]))[offer.id] == []


async def test_availability_of_many_offers_takes_one_statement(database: Database) -> None:
    seller = await make_seller()
    offers = [await make_offer(seller, stock=str(number)) for number in range(1, 21)]
    unknown = new_id()
    async with counted_sql() as statements:
        found = await queries.availability([*(offer.id for offer in offers), unknown])
    assert len(statements) == 1, statements
    assert [found[offer.id].available for offer in offers] == list(range(1, 21))
    assert found[unknown].available == 0


async def test_recounts_and_orders_at_once_keep_the_invariants(database: Database) -> None:
    seller = await make_seller()
    offer = await make_offer(seller, stock="10")
    outcomes: list[str] = []

    async def order() -> None:
        try:
            async with transaction():
                await service.reserve([(new_id(), offer.id, D(2))])
            outcomes.append("reserved")
        except OutOfStock:
            outcomes.append("short")

    async def recount(on_hand: int) -> None:
        try:
            await service.set_stock(seller.actor, offer.id, seller.warehouse.id, D(on_hand))
            outcomes.append("set")
        except StockBelowReserved:
            outcomes.append("below")

    await asyncio.gather(*(order() if n % 2 else recount(n % 12) for n in range(60)))
    assert set(outcomes) <= {"reserved", "short", "set", "below"}
    assert {"reserved", "set"} <= set(outcomes)
    stock = (await queries.availability([offer.id]))[offer.id]
    assert stock.reserved == 2 * outcomes.count("reserved")
    assert stock.available >= 0
