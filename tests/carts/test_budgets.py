"""Budgets against a real database: what orders take and give back, many at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from entrepot.platform.carts import service as carts
from entrepot.platform.carts.approvals import errors as approval_errors
from entrepot.platform.carts.budgets import errors, keeping, queries, service
from entrepot.platform.carts.budgets.keeping import NewBudget
from entrepot.platform.carts.budgets.rules import BudgetItem, BudgetMode, BudgetWarning
from entrepot.platform.database import Database, fetch, transaction
from entrepot.platform.errors import Forbidden, InvalidInput, NotFound
from entrepot.platform.ids import new_id
from tests.carts.approval_world import NOW, World, asked_by_letter, make_world
from tests.factories import make_actor, make_buyer


@pytest.fixture
async def world(database: Database) -> World:
    """The company."""
    return await make_world(time_zone="Europe/Moscow")


async def budget(world: World, mode: BudgetMode, amount: str = "100", **values: Any) -> UUID:
    """Set a monthly budget up."""
    new = NewBudget("Tools", Decimal(amount), "RUB", "month", date(2026, 1, 31), mode)
    return await keeping.create(world.admin, replace(new, **values), clock=world.clock)


def item(
    net: str, center: str = "", order: UUID | None = None, currency: str = "RUB"
) -> BudgetItem:
    """What an order takes."""
    return BudgetItem(order or new_id(), center, currency, Decimal(net))


async def charge(
    world: World, *items: BudgetItem, now: datetime = NOW, approved: bool = False
) -> list[BudgetWarning]:
    """Take, as an order does."""
    async with transaction():
        return await service.charge(world.entity.id, items, now, approved=approved)


async def spent(world: World, budget_id: UUID, now: datetime = NOW) -> Decimal:
    """What was spent in the period of `now`."""
    row = (await queries.by_ids(world.admin, [budget_id], now))[budget_id]
    assert row.state is not None
    return row.state.spent


async def test_fifty_orders_at_once_never_overspend(world: World) -> None:
    key = await budget(world, BudgetMode.BLOCK, "100")
    outcomes = await asyncio.gather(
        *[charge(world, item("7")) for _ in range(50)], return_exceptions=True
    )
    assert sum(1 for one in outcomes if one == []) == 14
    assert {type(one) for one in outcomes if one != []} == {errors.BudgetExceeded}
    assert await spent(world, key) == 98
    assert len(await fetch("SELECT id FROM budget_entry")) == 14


async def test_what_is_refused_takes_nothing(world: World) -> None:
    first = await budget(world, BudgetMode.WARN, "1", name="A")
    second = await budget(world, BudgetMode.BLOCK, "50", name="B")
    with pytest.raises(errors.BudgetExceeded) as refused:
        await charge(world, item("50.01"), approved=True)
    assert (refused.value.left, refused.value.wanted) == (50, Decimal("50.01"))
    assert await spent(world, first) == 0
    assert await spent(world, second) == 0
    assert await charge(world, item("50")) != []
    assert await spent(world, second) == 50


async def test_a_warning_lets_it_through(world: World) -> None:
    key = await budget(world, BudgetMode.WARN)
    assert await charge(world, item("100")) == []
    [warning] = await charge(world, item("5"))
    assert (warning.name, warning.amount, warning.spent, warning.wanted) == ("Tools", 100, 100, 5)
    assert await spent(world, key) == 105


async def test_one_that_asks_takes_more_only_when_agreed(world: World) -> None:
    key = await budget(world, BudgetMode.ASK)
    with pytest.raises(approval_errors.ApprovalRequired, match="Budget “Tools”"):
        await charge(world, item("101"))
    assert len(await charge(world, item("101"), approved=True)) == 1
    assert await spent(world, key) == 101


async def test_cost_centres_and_currencies(world: World) -> None:
    everything = await budget(world, BudgetMode.WARN, name="All")
    centre = await budget(world, BudgetMode.WARN, name="K1", cost_center="K1")
    order = new_id()
    await charge(
        world,
        item("10", "K1", order),
        item("20", "K2", order),
        item("3", "", order),
        item("40", "K1", order, "EUR"),
    )
    assert await spent(world, everything) == 33
    assert await spent(world, centre) == 10


async def test_a_cancelled_order_gives_back_to_its_own_period(world: World) -> None:
    key = await budget(world, BudgetMode.BLOCK)
    order, other = new_id(), new_id()
    await charge(world, item("60", order=order), item("40", order=other))
    later = NOW + timedelta(days=40)
    await charge(world, item("100"), now=later)
    async with transaction():
        await service.give_back(order, later)
    async with transaction():
        await service.give_back(order, later)  # a second time nothing
    assert await spent(world, key) == 40
    assert await spent(world, key, later) == 100
    entries = [row["amount"] for row in await fetch("SELECT amount FROM budget_entry ORDER BY id")]
    assert entries == [60, 40, 100, -60]
    await charge(world, item("60"))


async def test_giving_back_at_once_gives_back_once(world: World) -> None:
    key = await budget(world, BudgetMode.BLOCK)
    order = new_id()
    await charge(world, item("60", order=order))

    async def back() -> None:
        async with transaction():
            await service.give_back(order, NOW)

    await asyncio.gather(*[back() for _ in range(8)])
    assert await spent(world, key) == 0
    assert len(await fetch("SELECT id FROM budget_entry")) == 2


async def test_months_end_where_the_legal_entity_is(world: World) -> None:
    key = await budget(world, BudgetMode.BLOCK)
    before = datetime(2026, 2, 27, 20, 59, tzinfo=UTC)  # 23:59 in Moscow, still January's
    after = datetime(2026, 2, 27, 21, 0, tzinfo=UTC)  # 28 February there: the month's last day
    await charge(world, item("100"), now=before)
    await charge(world, item("100"), now=after)
    rows = await fetch("SELECT starts_on, spent FROM budget_period ORDER BY starts_on")
    assert [tuple(row) for row in rows] == [
        (date(2026, 1, 31), Decimal(100)),
        (date(2026, 2, 28), Decimal(100)),
    ]
    early = datetime(2026, 1, 30, 20, tzinfo=UTC)
    assert await charge(world, item("999"), now=early) == []  # it has not begun
    row = (await queries.by_ids(world.admin, [key], early))[key]
    assert row.state is None


async def test_closed_budgets_count_nothing(world: World) -> None:
    key = await budget(world, BudgetMode.BLOCK, "1")
    await keeping.close(world.admin, key)
    assert await charge(world, item("100")) == []
    with pytest.raises(errors.BudgetClosed):
        await keeping.update(world.admin, key, amount=Decimal(5))
    with pytest.raises(errors.BudgetClosed):
        await keeping.close(world.admin, key)


async def test_an_update_counts_from_now(world: World) -> None:
    key = await budget(world, BudgetMode.BLOCK, "10")
    await charge(world, item("10"))
    await keeping.update(world.admin, key, amount=Decimal(15), name="Drills")
    await charge(world, item("5"))
    with pytest.raises(errors.BudgetExceeded, match="Drills"):
        await charge(world, item("1"))
    await keeping.update(world.admin, key, mode=BudgetMode.WARN)
    assert len(await charge(world, item("1"))) == 1


async def test_who_may_see_and_change(world: World) -> None:
    key = await budget(world, BudgetMode.BLOCK)
    stranger = await make_buyer()
    nobody = await make_actor(world.company, world.entity)
    now = world.clock.now()
    new = NewBudget("X", Decimal(1), "RUB", "month", date(2026, 1, 1), BudgetMode.WARN)
    for actor in (world.buyer, world.first, stranger):
        for attempt in (
            keeping.create(actor, new, clock=world.clock),
            keeping.update(actor, key, amount=Decimal(1)),
            keeping.close(actor, key),
        ):
            with pytest.raises(Forbidden):
                await attempt
    other = await make_world()
    with pytest.raises(NotFound):
        await keeping.close(other.admin, key)
    with pytest.raises(NotFound):
        await keeping.create(
            other.admin, replace(new, legal_entity_id=world.entity.id), clock=world.clock
        )
    assert list(await queries.by_ids(world.buyer, [key], now)) == [key]
    assert list(await queries.by_ids(world.first, [key], now)) == [key]
    assert await queries.by_ids(stranger, [key], now) == {}
    assert await queries.by_ids(nobody, [key], now) == {}
    with pytest.raises(Forbidden):
        await queries.of_entity(nobody, None, now, after=None, limit=9)
    with pytest.raises(Forbidden):
        await queries.of_entity(stranger, world.entity.id, now, after=None, limit=9)
    assert await queries.of_entity(other.admin, world.entity.id, now, after=None, limit=9) == []
    with pytest.raises(errors.BudgetNameTaken):
        await budget(world, BudgetMode.WARN)
    with pytest.raises(InvalidInput):
        await budget(world, BudgetMode.WARN, "-1", name="Y")
    for wrong in ({"currency": "XXX"}, {"period": "week"}, {"starts_on": date(1999, 1, 1)}):
        with pytest.raises(InvalidInput):
            await budget(world, BudgetMode.WARN, name="Y", **wrong)


async def test_a_budget_asks_every_approver_but_the_requester(world: World) -> None:
    await budget(world, BudgetMode.ASK, "250")
    cart = await world.fill("2", actor=world.boss)
    assert await world.gate(cart) == []
    await world.fill("1", actor=world.boss)
    with pytest.raises(approval_errors.ApprovalRequired) as refused:
        await world.gate(cart, actor=world.boss)
    assert refused.value.reasons == ("Budget “Tools”: 250 RUB left, 300 RUB needed",)
    assert [one.id for one in refused.value.approvers] == [
        world.first.user_id,
        world.second.user_id,
    ]
    approval = await world.submit(world.boss)
    assert await asked_by_letter() == [world.first.user_id, world.second.user_id]
    await world.approve(world.second, approval)
    assert await world.gate(cart, actor=world.boss) == [approval]


async def test_a_rule_over_budget_names_its_own_approvers(world: World) -> None:
    await budget(world, BudgetMode.ASK, "100")
    await world.rule([world.boss], name="Over", over_budget=True)
    cart = await world.fill("1")
    assert await world.gate(cart) == []
    await charge(world, item("0.01"))
    with pytest.raises(approval_errors.ApprovalRequired) as refused:
        await world.gate(cart)
    assert refused.value.reasons == ("Rule “Over”: Budget “Tools”: 99.99 RUB left, 100 RUB needed",)
    assert [one.id for one in refused.value.approvers] == [world.boss.user_id]


async def test_carts_ordered_together_share_a_budget(world: World) -> None:
    await budget(world, BudgetMode.ASK, "300")
    small = await world.fill("2")
    other = await carts.create(world.buyer, "Other")
    await world.fill("2", cart_id=other)
    assert await world.gate(small) == []
    assert await world.gate(other) == []
    with pytest.raises(approval_errors.ApprovalRequired):
        await world.gate(small, other)
