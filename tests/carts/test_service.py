"""Filling the cart on a real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from entrepot.platform.carts import queries, service
from entrepot.platform.carts.errors import CartTooLarge, QuantityNotOrderable
from entrepot.platform.carts.rules import MAX_LINES
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database, execute, fetch, fetch_value
from entrepot.platform.errors import Forbidden, NotFound
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from tests.factories import (
    make_actor,
    make_buyer,
    make_company,
    make_offer,
    make_price_list,
    make_seller,
)
from tests.sql_counter import counted_sql

CLOCK = FixedClock(datetime(2026, 11, 23, 12, tzinfo=UTC))


async def test_the_cart_shows_own_prices_totals_and_what_changed(database: Database) -> None:
    one, two = await make_seller("One"), await make_seller("Two")
    bolt = await make_offer(one, price="10", stock="100")
    nut = await make_offer(two, price="5", stock="3")
    buyer = await make_buyer()
    await make_price_list(one, buyer.company_id, {bolt.id: {"1": "9", "10": "8"}})
    await service.add(buyer, bolt.id, Decimal(4), clock=CLOCK)
    await service.add(buyer, nut.id, Decimal(4), clock=CLOCK)
    await service.add(buyer, bolt.id, Decimal(6), clock=CLOCK)
    await execute("UPDATE offer SET list_price = 6 WHERE id = $1", nut.id)

    cart = await queries.cart_view(buyer, None, CLOCK.now())

    assert cart is not None
    shown = [
        (line.offer_id, line.quantity, line.price.unit_price, line.price_changed, line.short)
        for line in cart.lines
    ]
    assert shown == [
        (bolt.id, Decimal(10), Decimal(8), False, False),
        (nut.id, Decimal(4), Decimal(6), True, True),
    ]
    assert [(t.seller_name, t.currency, t.amounts.gross) for t in cart.totals] == [
        ("One", "RUB", Decimal("96.00")),
        ("Two", "RUB", Decimal("28.80")),
    ]


async def test_adding_at_once_loses_nothing(database: Database) -> None:
    offer = await make_offer(await make_seller(), stock="1")
    company, entity = await make_company(buyer=True)
    people = [await make_actor(company, entity, Role.BUYER) for _ in range(10)]
    await asyncio.gather(
        *(service.add(actor, offer.id, Decimal(1), clock=CLOCK) for actor in people)
    )
    assert await fetch_value("SELECT count(*) FROM cart") == 1
    assert [row["quantity"] for row in await fetch("SELECT quantity FROM cart_line")] == [10]


async def test_quantities_that_the_seller_does_not_sell(database: Database) -> None:
    offer = await make_offer(await make_seller(), pack="10", minimum="20", step="10")
    buyer = await make_buyer()
    with pytest.raises(QuantityNotOrderable) as refused:
        await service.add(buyer, offer.id, Decimal(24), clock=CLOCK)
    assert (refused.value.proposed, refused.value.outcome) == (30, "PACK_ROUNDED")
    assert refused.value.message("en") == "24 → 30: sold by 10. Order 30."
    assert refused.value.message("ru") == "24 → 30: кратно 10. Закажите 30."
    with pytest.raises(CartTooLarge):
        await service.add(buyer, offer.id, Decimal(10**9 + 10), clock=CLOCK)
    assert await fetch_value("SELECT count(*) FROM cart_line") == 0
    cart = await service.add(buyer, offer.id, Decimal(30), clock=CLOCK)
    line = await fetch_value("SELECT id FROM cart_line")
    with pytest.raises(QuantityNotOrderable):
        await service.set_quantity(buyer, line, Decimal(5), clock=CLOCK)
    assert await fetch_value("SELECT quantity FROM cart_line") == 30
    assert await service.set_quantity(buyer, line, Decimal(20), clock=CLOCK) == cart
    assert await fetch_value("SELECT quantity FROM cart_line") == 20
    await service.remove(buyer, line)
    assert await fetch_value("SELECT count(*) FROM cart_line") == 0


async def test_others_and_hidden_offers(database: Database) -> None:
    seller = await make_seller()
    offer, hidden = await make_offer(seller), await make_offer(seller, active=False)
    buyer, stranger = await make_buyer(), await make_buyer()
    await service.add(buyer, offer.id, Decimal(1), clock=CLOCK)
    line = await fetch_value("SELECT id FROM cart_line")
    for unknown in (hidden.id, new_id()):
        with pytest.raises(NotFound):
            await service.add(buyer, unknown, Decimal(1), clock=CLOCK)
    with pytest.raises(NotFound):
        await service.set_quantity(stranger, line, Decimal(2), clock=CLOCK)
    with pytest.raises(NotFound):
        await service.remove(stranger, line)
    with pytest.raises(Forbidden):
        await service.add(seller.actor, offer.id, Decimal(1), clock=CLOCK)
    assert await queries.cart_view(stranger, None, CLOCK.now()) is None
    assert [row["quantity"] for row in await fetch("SELECT quantity FROM cart_line")] == [1]


async def test_a_full_cart_takes_no_more_lines(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    offers = [await make_offer(seller) for _ in range(4)]
    cart = await service.add(buyer, offers[0].id, Decimal(1), clock=CLOCK)
    await execute("ALTER TABLE cart_line DISABLE TRIGGER ALL")  # filled up with lines of no offer
    await execute(
        "INSERT INTO cart_line (id, cart_id, offer_id, quantity, seen_unit_price, added_at)"
        " SELECT gen_random_uuid(), $1, gen_random_uuid(), 1, 1, now()"
        "   FROM generate_series(1, $2)",
        cart,
        MAX_LINES - 2,
    )
    await execute("ALTER TABLE cart_line ENABLE TRIGGER ALL")
    added = await asyncio.gather(
        *(service.add(buyer, offer.id, Decimal(1), clock=CLOCK) for offer in offers[1:]),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in added) == ["CartFull", "CartFull", "UUID"]
    assert await fetch_value("SELECT count(*) FROM cart_line") == MAX_LINES
    await service.add(buyer, offers[0].id, Decimal(2), clock=CLOCK)
    quantity = "SELECT quantity FROM cart_line WHERE offer_id = $1"
    assert await fetch_value(quantity, offers[0].id) == 3


async def test_adding_takes_two_statements(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    offer = await make_offer(seller, price="10")
    await make_price_list(seller, buyer.company_id, {offer.id: {"1": "9", "10": "8"}})
    counts = []
    for quantity in (1, 2, 7, 1):
        async with counted_sql() as statements:
            await service.add(buyer, offer.id, Decimal(quantity), clock=CLOCK)
        counts.append(len(statements))
    assert counts == [4, 2, 3, 2], "opens the cart; adds; reaches the next tier; adds"
    assert await fetch_value("SELECT seen_unit_price FROM cart_line") == 8
