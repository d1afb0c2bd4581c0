"""Reserving is all or nothing, in real transactions on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.database import Database, fetch, fetch_value, transaction
from entrepot.platform.errors import InvalidInput
from entrepot.platform.ids import new_id
from entrepot.platform.inventory import queries, service
from entrepot.platform.inventory.errors import OutOfStock
from entrepot.platform.inventory.models import StockItem, Warehouse
from tests.factories import make_offer, make_seller

D = Decimal


async def reserve(*lines: tuple[UUID, UUID, Decimal]) -> None:
    async with transaction():
        await service.reserve(lines)


async def release(*line_ids: UUID) -> dict[UUID, Decimal]:
    async with transaction():
        return await service.release(line_ids)


async def counts() -> tuple[int, int]:
    return (
        await fetch_value("SELECT count(*) FROM reservation"),
        await fetch_value("SELECT count(*) FROM outbox_event WHERE kind = 'StockChanged'"),
    )


async def test_a_line_is_split_over_warehouses_in_the_order_of_their_codes(
    database: Database,
) -> None:
    seller = await make_seller()
    offer = await make_offer(seller, stock="5")  # warehouse MAIN
    first = await Warehouse.create(seller=seller.company, code="A", name="First")
    last = await Warehouse.create(seller=seller.company, code="Z", name="Last")
    await StockItem.create(offer=offer, warehouse=first, on_hand=D(3))
    await StockItem.create(offer=offer, warehouse=last, on_hand=D(100))

    await reserve((new_id(), offer.id, D("8.5")))

    stock = await queries.stock_by_warehouse(seller.actor, [offer.id])
    assert [(row.warehouse_code, row.reserved) for row in stock[offer.id]] == [
        ("A", D(3)), ("MAIN", D(5)), ("Z", D("0.5")),
    ]  # fmt: skip
    assert await counts() == (3, 1)
    assert (await queries.availability([offer.id]))[offer.id].available == D("99.5")


async def test_one_short_line_reserves_nothing_at_all(database: Database) -> None:
    seller = await make_seller()
    plenty, scarce = await make_offer(seller, stock="100"), await make_offer(seller, stock="2")
    with pytest.raises(OutOfStock) as refusal:
        await reserve((new_id(), plenty.id, D(1)), (new_id(), scarce.id, D(3)))
    error = refusal.value
    assert (error.offer_id, error.requested, error.available) == (scarce.id, D(3), D(2))
    assert (error.line_index, error.path) == (1, ("lines", "1", "quantity"))
    assert error.message("ru") == "В наличии только 2, запрошено 3. Уменьшите количество."
    assert error.message("en") == "Only 2 available, 3 requested. Reduce the quantity."
    assert await counts() == (0, 0)
    stock = await queries.availability([plenty.id, scarce.id])
    assert [stock[offer.id].reserved for offer in (plenty, scarce)] == [0, 0]


async def test_lines_of_one_offer_share_its_stock(database: Database) -> None:
    offer = await make_offer(await make_seller(), stock="10")
    with pytest.raises(OutOfStock) as refusal:
        await reserve((new_id(), offer.id, D(7)), (new_id(), offer.id, D(4)))
    assert (refusal.value.line_index, refusal.value.available) == (1, D(3))
    await reserve((new_id(), offer.id, D(7)), (new_id(), offer.id, D(3)))
    assert (await queries.availability([offer.id]))[offer.id].available == 0


@pytest.mark.parametrize("quantity", ["0", "-1", "1e400", "NaN", "0.0001", "Infinity"])
async def test_impossible_quantities_are_refused(database: Database, quantity: str) -> None:
    offer = await make_offer(await make_seller(), stock="10")
    with pytest.raises(InvalidInput) as refusal:
        await reserve((new_id(), offer.id, D(1)), (new_id(), offer.id, D(quantity)))
    assert refusal.value.line_index == 1
    assert await counts() == (0, 0)


async def test_an_offer_without_stock_rows_or_at_all_has_none(database: Database) -> None:
    with pytest.raises(OutOfStock) as refusal:
        await reserve((new_id(), new_id(), D(1)))
    assert refusal.value.available == 0


async def test_releasing_gives_back_once(database: Database) -> None:
    offer = await make_offer(await make_seller(), stock="10")
    kept, dropped = new_id(), new_id()
    await reserve((kept, offer.id, D(4)), (dropped, offer.id, D(6)))

    assert await release(dropped) == {dropped: D(6)}
    assert await release(dropped) == {}
    assert await release(new_id()) == {}

    stock = (await queries.availability([offer.id]))[offer.id]
    assert (stock.on_hand, stock.reserved, stock.available) == (10, 4, 6)
    assert await counts() == (2, 2)


async def test_of_100_buyers_for_the_last_unit_exactly_one_wins(database: Database) -> None:
    offer = await make_offer(await make_seller(), stock="1")

    async def buy() -> OutOfStock | None:
        try:
            await reserve((new_id(), offer.id, D(1)))
        except OutOfStock as error:
            return error
        return None

    results = await asyncio.gather(*(buy() for _ in range(100)))
    assert results.count(None) == 1
    assert {error.available for error in results if error} == {D(0)}
    assert await counts() == (1, 1)
    stock = (await queries.availability([offer.id]))[offer.id]
    assert (stock.on_hand, stock.reserved) == (1, 1)


async def test_random_buyers_and_cancellations_keep_the_invariants(database: Database) -> None:
    seller = await make_seller()
    offers = [await make_offer(seller, stock="20") for _ in range(6)]
    second = await Warehouse.create(seller=seller.company, code="B", name="Second")
    for offer in offers[:3]:
        await StockItem.create(offer=offer, warehouse=second, on_hand=D(7))
    dice = random.Random(7)
    plans = [
        [(offer.id, D(dice.randint(1, 9))) for offer in dice.sample(offers, dice.randint(1, 6))]
        for _ in range(120)
    ]
    held: dict[UUID, tuple[UUID, Decimal]] = {}
    refused = 0

    async def act(plan: list[tuple[UUID, Decimal]], cancel: bool) -> None:
        nonlocal refused
        lines = [(new_id(), offer_id, quantity) for offer_id, quantity in plan]
        try:
            await reserve(*lines)
        except OutOfStock:
            refused += 1
            return
        if cancel:
            await asyncio.gather(
                *(release(*(line_id for line_id, _, _ in reversed(lines))) for _ in range(2))
            )
        else:
            held.update({line_id: (offer_id, q) for line_id, offer_id, q in lines})

    await asyncio.gather(*(act(plan, dice.random() < 0.6) for plan in plans))

    assert refused > 0
    assert held
    expected = {offer.id: D(0) for offer in offers}
    for offer_id, quantity in held.values():
        expected[offer_id] += quantity
    stock = await queries.availability(expected)
    assert {offer_id: stock[offer_id].reserved for offer_id in expected} == expected
    open_lines = await fetch(
        "SELECT order_line_id, sum(quantity) AS quantity FROM reservation"
        " WHERE released_at IS NULL GROUP BY order_line_id"
    )
    assert {row["order_line_id"]: row["quantity"] for row in open_lines} == {
        line_id: quantity for line_id, (_, quantity) in held.items()
    }
    assert await fetch_value("SELECT bool_and(on_hand >= reserved) FROM stock_item") is True
