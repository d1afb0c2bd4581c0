"""Colleagues in the same carts at once: everything adds up, or somebody is told."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from entrepot.platform.carts import service
from entrepot.platform.carts.errors import CartClosed
from entrepot.platform.database import Database, fetch_value
from entrepot.platform.errors import NotFound
from tests.carts.cart_people import CLOCK, held, make_buyers
from tests.factories import make_offer, make_product, make_seller

New = service.NewCartLine


async def test_adding_one_and_many_at_once_adds_up(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"))
    nut = await make_offer(seller, await make_product("NUT"))
    both = [New(bolt.id, Decimal(1)), New(nut.id, Decimal(1))]
    carts = await asyncio.gather(
        *(service.add(person, bolt.id, Decimal(1), clock=CLOCK)
          for person in (people.anna, people.boris) for _ in range(5)),
        *(service.add_lines(person, None, both[:: 1 if turn % 2 else -1], clock=CLOCK)
          for turn, person in enumerate((people.anna, people.boris) * 5)),
    )  # fmt: skip
    assert len(set(carts)) == 1
    assert await held(carts[0]) == [("BOLT", 20, "", ""), ("NUT", 10, "", "")]


async def test_adding_while_the_cart_is_merged_loses_nothing(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"))
    target = await service.create(people.anna, "Target", shared_with_all=True, clock=CLOCK)
    source = await service.create(people.anna, "Source", shared_with_all=True, clock=CLOCK)
    await service.add(people.anna, bolt.id, Decimal(1), cart_id=source, clock=CLOCK)

    async def add() -> object:
        return await service.add(people.boris, bolt.id, Decimal(1), cart_id=source, clock=CLOCK)

    async def add_many() -> object:
        lines = [New(bolt.id, Decimal(1))]
        return await service.add_lines(people.boris, source, lines, clock=CLOCK)

    done = await asyncio.gather(
        add(), add_many(), add(), service.merge(people.anna, [source], target, clock=CLOCK),
        add(), add_many(), add(),
        return_exceptions=True,
    )  # fmt: skip
    added = [one for index, one in enumerate(done) if index != 3]
    refused = [one for one in added if isinstance(one, BaseException)]
    assert all(isinstance(one, CartClosed) for one in refused), refused
    assert await held(target) == [("BOLT", 1 + len(added) - len(refused), "", "")]


async def test_two_merge_the_same_cart_at_once(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"))
    carts = [
        await service.create(people.anna, name, shared_with_all=True, clock=CLOCK)
        for name in ("One", "Two", "Source")
    ]
    await service.add(people.anna, bolt.id, Decimal(3), cart_id=carts[2], clock=CLOCK)
    done = await asyncio.gather(
        service.merge(people.anna, [carts[2]], carts[0], clock=CLOCK),
        service.merge(people.boris, [carts[2]], carts[1], clock=CLOCK),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["CartClosed", "UUID"]
    assert await held(carts[0]) + await held(carts[1]) == [("BOLT", 3, "", "")]


async def test_carts_are_merged_crosswise_without_a_deadlock(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"))
    one, two = [
        await service.create(people.anna, name, shared_with_all=True, clock=CLOCK)
        for name in ("One", "Two")
    ]
    for cart in (one, two):
        await service.add(people.anna, bolt.id, Decimal(1), cart_id=cart, clock=CLOCK)
    done = await asyncio.gather(
        service.merge(people.anna, [one], two, clock=CLOCK),
        service.merge(people.boris, [two], one, clock=CLOCK),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["CartClosed", "UUID"]
    left = await fetch_value("SELECT id FROM cart WHERE status = 'open'")
    assert await held(left) == [("BOLT", 2, "", "")]


async def test_changing_and_removing_a_line_while_the_cart_is_deleted(database: Database) -> None:
    people, seller = await make_buyers(), await make_seller()
    bolt = await make_offer(seller, await make_product("BOLT"))
    cart = await service.add(people.anna, bolt.id, Decimal(1), clock=CLOCK)
    line = await fetch_value("SELECT id FROM cart_line")
    done = await asyncio.gather(
        service.set_quantity(people.boris, line, Decimal(2), clock=CLOCK),
        service.remove(people.anna, line, clock=CLOCK),
        service.remove(people.boris, line, clock=CLOCK),
        service.delete(people.anna, cart),
        return_exceptions=True,
    )
    assert not [one for one in done if not isinstance(one, (type(cart), CartClosed, NotFound))]
    assert await fetch_value("SELECT status FROM cart") == "deleted"
