"""Approvals, budgets and orders at once: real orders, real transactions, no overspending."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.carts import service as carts
from entrepot.platform.carts.approvals import errors, service
from entrepot.platform.carts.budgets import keeping
from entrepot.platform.carts.budgets.errors import BudgetExceeded
from entrepot.platform.carts.budgets.keeping import NewBudget
from entrepot.platform.carts.budgets.rules import BudgetMode
from entrepot.platform.carts.errors import CartAlreadyOrdered, CartSubmitted
from entrepot.platform.database import Database, fetch, fetch_value
from entrepot.platform.orders import service as orders
from tests.carts.approval_world import World, cart_status, make_world


@pytest.fixture
async def world(database: Database) -> World:
    """The company."""
    return await make_world()


async def budget(world: World, amount: str, mode: BudgetMode = BudgetMode.BLOCK) -> None:
    """A monthly budget of everything."""
    new = NewBudget("All", Decimal(amount), "RUB", "month", date(2026, 1, 31), mode)
    await keeping.create(world.admin, new, clock=world.clock)


async def test_fifty_orders_and_their_cancellations_at_once(world: World) -> None:
    await budget(world, "1500")
    waiting = []
    for number in range(50):
        waiting.append(await carts.create(world.buyer, f"Cart {number}"))
        await world.fill("1", cart_id=waiting[-1])

    async def order_and_maybe_cancel(number: int) -> str:
        try:
            await orders.place(world.buyer, clock=world.clock, cart_ids=[waiting[number]])
        except BudgetExceeded:
            return "refused"
        if number % 3:
            return "kept"
        key = await fetch_value(
            "SELECT s.id FROM seller_order s JOIN order_cart c ON c.order_id = s.order_id"
            " WHERE c.cart_id = $1",
            waiting[number],
        )
        await orders.cancel(world.buyer, key, clock=world.clock)
        return "cancelled"

    outcomes = await asyncio.gather(*[order_and_maybe_cancel(number) for number in range(50)])
    kept = outcomes.count("kept")
    assert 0 < kept <= 15
    spent = await fetch_value("SELECT spent FROM budget_period")
    live = await fetch_value("SELECT sum(net) FROM seller_order WHERE status <> 'cancelled'")
    assert spent == live == 100 * kept
    assert await fetch_value("SELECT sum(amount) FROM budget_entry") == spent
    assert await fetch_value("SELECT sum(reserved) FROM stock_item") == kept


async def test_agreement_to_something_else_does_not_open_a_budget_that_asks(world: World) -> None:
    """Eight agreed carts of 800 at once, 1000 left: one is ordered, the others ask anew."""
    await world.rule()
    waiting = []
    for number in range(8):
        waiting.append(await carts.create(world.buyer, f"Cart {number}"))
        await world.fill("8", cart_id=waiting[-1])
        await world.approve(world.first, await world.submit(cart_id=waiting[-1]))
    await budget(world, "1000", BudgetMode.ASK)
    outcomes = await asyncio.gather(
        *[orders.place(world.buyer, clock=world.clock, cart_ids=[cart]) for cart in waiting],
        return_exceptions=True,
    )
    kinds = [type(one) for one in outcomes]
    assert sorted(kinds, key=str) == sorted([list, *[errors.ApprovalOutdated] * 7], key=str)
    assert await fetch_value("SELECT spent FROM budget_period") == 800
    assert await fetch_value("SELECT sum(reserved) FROM stock_item") == 8

    left = [cart for cart, kind in zip(waiting, kinds, strict=True) if kind is not list]

    async def ask_anew(cart: UUID) -> None:
        approval = await fetch_value(
            "SELECT id FROM approval WHERE cart_id = $1 AND status = 'approved'", cart
        )
        await service.withdraw(world.buyer, approval, clock=world.clock)
        await world.approve(world.first, await world.submit(cart_id=cart))
        await orders.place(world.buyer, clock=world.clock, cart_ids=[cart])

    await ask_anew(left[0])  # because of the budget itself
    await world.rule([world.second], name="Over", over_budget=True)
    await ask_anew(left[1])  # because of a rule about budgets
    assert await fetch_value("SELECT spent FROM budget_period") == 2400


async def test_an_agreed_cart_is_ordered_once(world: World) -> None:
    await world.rule()
    cart = await world.fill("2")
    approval = await world.submit()
    await world.approve(world.first, approval)
    outcomes = await asyncio.gather(
        *[
            orders.place(actor, clock=world.clock, cart_ids=[cart])
            for actor in (world.buyer, world.colleague, world.boss)
        ],
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in outcomes) == [
        "CartAlreadyOrdered",
        "CartAlreadyOrdered",
        "list",
    ]
    assert (await world.view(approval)).status.value == "ordered"
    with pytest.raises(errors.AlreadyDecided):
        await service.withdraw(world.buyer, approval, clock=world.clock)


async def test_withdrawing_and_ordering_at_once(world: World) -> None:
    await world.rule()
    for _ in range(5):
        cart = await world.fill("2")
        approval = await world.submit()
        await world.approve(world.first, approval)
        placed, withdrawn = await asyncio.gather(
            orders.place(world.buyer, clock=world.clock, cart_ids=[cart]),
            service.withdraw(world.buyer, approval, clock=world.clock),
            return_exceptions=True,
        )
        status = (await world.view(approval)).status.value
        if isinstance(placed, list):
            assert isinstance(withdrawn, errors.AlreadyDecided)
            assert (status, await cart_status(cart)) == ("ordered", "placed")
        else:
            assert isinstance(placed, errors.ApprovalRequired)
            assert (status, await cart_status(cart)) == ("withdrawn", "open")


async def test_expiring_and_deciding_at_once(world: World) -> None:
    await world.rule(expires_after_hours=1)
    cart = await world.fill("2")
    approval = await world.submit()
    view = await world.view(approval)
    decided, expired = await asyncio.gather(
        world.approve(world.first, approval),  # a moment before the end
        service.expire_due(view.expires_at),
        return_exceptions=True,
    )
    status = (await world.view(approval)).status.value
    if decided is None:
        assert (expired, status, await cart_status(cart)) == (0, "approved", "submitted")
    else:
        assert isinstance(decided, errors.AlreadyDecided)
        assert (expired, status, await cart_status(cart)) == (1, "expired", "open")


async def test_submitted_twice_at_once_waits_once(world: World) -> None:
    await world.rule()
    await world.fill("2")
    outcomes = await asyncio.gather(
        *[world.submit(actor) for actor in (world.buyer, world.colleague)],
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["CartSubmitted", "UUID"]
    assert len(await fetch("SELECT id FROM approval")) == 1


async def test_what_waits_does_not_change(world: World) -> None:
    await world.rule()
    cart = await world.fill("2")
    line = await fetch_value("SELECT id FROM cart_line")
    await world.submit()
    for attempt in (
        world.fill("1"),
        carts.set_quantity(world.colleague, line, Decimal(9), clock=world.clock),
        carts.remove(world.colleague, line, clock=world.clock),
        carts.update(world.buyer, cart, carts.CartTerms(cost_center="K"), clock=world.clock),
    ):
        with pytest.raises(CartSubmitted):
            await attempt
    assert await fetch_value("SELECT quantity FROM cart_line") == 2


async def test_a_budget_that_asks_lets_the_agreed_order_through(world: World) -> None:
    await budget(world, "150", BudgetMode.ASK)
    cart = await world.fill("2")
    with pytest.raises(errors.ApprovalRequired):
        await orders.place(world.buyer, clock=world.clock)
    approval = await world.submit()
    await world.approve(world.boss, approval)
    placed = await orders.place_orders(world.buyer, clock=world.clock)
    assert [one.name for one in placed.warnings] == ["All"]
    assert await fetch_value("SELECT spent FROM budget_period") == 200
    with pytest.raises(CartAlreadyOrdered):
        await orders.place(world.buyer, clock=world.clock, cart_ids=[cart])


async def test_a_first_order_makes_the_seller_known(world: World) -> None:
    await world.rule(name="New", new_seller=True)
    await world.fill("1")
    approval = await world.submit()
    await world.approve(world.first, approval)
    await orders.place(world.buyer, clock=world.clock)
    await world.fill("1")
    [second] = await orders.place(world.buyer, clock=world.clock)
    keys = [row["id"] for row in await fetch("SELECT id FROM seller_order")]
    for key in keys:
        await orders.cancel(world.buyer, key, clock=world.clock)
    await world.fill("1")
    with pytest.raises(errors.ApprovalRequired):  # all of it was cancelled: never bought
        await orders.place(world.buyer, clock=world.clock)
    assert second
