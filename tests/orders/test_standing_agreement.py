"""Who agrees to the envelope of a standing order: those whom the company's rules name."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from entrepot.platform.carts.approvals.errors import NotAsked
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database, fetch_value
from entrepot.platform.errors import Forbidden
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.notifications.standing_letters import letters_asking
from entrepot.platform.orders.standing import queries, service
from entrepot.platform.orders.standing.errors import OwnStandingOrder, StandingOrderChanged
from tests.carts.approval_world import World, make_world
from tests.orders.standing_orders import at, make_standing, terms

NOW = at("2026-01-10")


@pytest.fixture
async def world(database: Database) -> World:
    """One offer at 100 RUB; `first`, `second` and `boss` are approvers."""
    made = await make_world()
    made.clock = FixedClock(NOW.now())
    return made


async def standing(world: World, quantity: str = "10", **values: Any) -> UUID:
    """A standing order of the buyer, 10 at up to 120 RUB a month unless told otherwise."""
    limits = values or {"line_max_unit_price": Decimal(120)}
    return await make_standing(world.buyer, terms(world.offer, quantity, **limits))


async def may_agree(world: World, key: UUID, *people: Actor) -> list[bool]:
    """Let people try one after another; says who could."""
    outcomes = []
    for person in people:
        try:
            await service.approve(person, key, clock=NOW)
        except NotAsked:
            agreed_by = await fetch_value(
                "SELECT approved_by_id FROM standing_order WHERE id = $1", key
            )
            assert agreed_by != person.user_id
            outcomes.append(False)
        else:
            outcomes.append(True)
    return outcomes


async def asked(world: World, key: UUID) -> set[UUID]:
    """Who gets a letter."""
    found = set()
    for letter in await letters_asking(key, NOW.now()):
        found.add(
            await fetch_value("SELECT id FROM user_account WHERE email = $1", letter.recipient)
        )
    return found


async def test_only_those_whom_the_rule_names(world: World) -> None:
    """Anybody else with the role may not, and gets no letter."""
    await world.above("900", [world.first])
    key = await standing(world)
    assert await asked(world, key) == {world.first.user_id}
    assert await may_agree(world, key, world.second, world.boss, world.first) == [
        False,
        False,
        True,
    ]


async def test_of_several_steps_the_last_decides(world: World) -> None:
    """Steps of several rules are joined as for carts; who is asked first does not suffice."""
    await world.above("500", [world.first], name="Team")
    await world.above("900", [world.first], [world.boss], name="Board")
    key = await standing(world)
    with pytest.raises(NotAsked) as refused:
        await service.approve(world.first, key, clock=NOW)
    assert refused.value.step == 2
    assert await asked(world, key) == {world.boss.user_id}
    assert await may_agree(world, key, world.second, world.boss) == [False, True]


async def test_the_price_that_is_agreed_to_counts_not_todays(world: World) -> None:
    """10 cost 1000 today and may cost 1200, or whatever the largest total allows."""
    await world.above("1100", [world.boss])
    key = await standing(world)
    assert await may_agree(world, key, world.first, world.boss) == [False, True]
    dear = await standing(world, max_total=Decimal(5000))
    assert await may_agree(world, dear, world.first, world.boss) == [False, True]
    cheap = await standing(world, max_total=Decimal(1100))
    assert await may_agree(world, cheap, world.first) == [True]


async def test_conditions_of_rules_hold_for_envelopes_too(world: World) -> None:
    """Cost centre and person; a rule that does not match names nobody."""
    await world.rule([world.boss], name="Workshop", cost_center="W")
    await world.rule([world.second], name="Somebody", requester_id=world.colleague.user_id)
    plain = await standing(world)
    assert await may_agree(world, plain, world.first) == [True]
    given = terms(world.offer, cost_center="W", line_max_unit_price=Decimal(120))
    key = await make_standing(world.buyer, given)
    assert await may_agree(world, key, world.first, world.boss) == [False, True]


async def test_terms_that_changed_under_the_approvers_eyes_are_not_agreed_to(
    world: World,
) -> None:
    """Made dearer between looking and agreeing; a new name or number changes nothing agreed."""
    given = terms(world.offer, line_max_unit_price=Decimal(120))
    key = await make_standing(world.buyer, given)

    async def version() -> str:
        row = (await queries.by_ids(world.buyer, [key]))[key]
        return queries.whole_terms(row, (await queries.lines_of([key]))[key]).version

    shown = await version()
    assert shown == given.version
    for other in (
        replace(given, cost_center="W"),
        replace(given, max_total=Decimal(9)),
        replace(given, calendar=replace(given.calendar, interval=2)),
        replace(given, lines=(replace(given.lines[0], quantity=Decimal(11)),)),
        replace(given, lines=(replace(given.lines[0], max_unit_price=Decimal("120.01")),)),
    ):
        assert other.version != shown
        await service.update(world.buyer, key, other, clock=NOW)
        with pytest.raises(StandingOrderChanged):
            await service.approve(world.first, key, clock=NOW, version=shown)
    assert await fetch_value("SELECT count(approved_by_id) FROM standing_order") == 0
    await service.update(world.buyer, key, replace(given, name="B", po_number="7"), clock=NOW)
    await service.approve(world.first, key, clock=NOW, version=shown)


async def test_an_absence_and_a_departure(world: World) -> None:
    """The alternate of who is away; administrators where nobody of the last step is left."""
    await world.above("900", [world.first], [world.boss])
    key = await standing(world)
    await world.away(world.boss, world.second)
    assert await may_agree(world, key, world.first, world.second, world.boss) == [
        False,
        True,
        True,
    ]
    await world.dismiss(world.boss)
    await world.dismiss(world.second)
    assert await may_agree(world, key, world.first, world.admin) == [False, True]
    assert await asked(world, await standing(world)) == {world.admin.user_id}


async def test_administrators_who_are_not_asked_and_keys_without_the_right(world: World) -> None:
    await world.above("900", [world.first])
    key = await standing(world)
    assert await may_agree(world, key, world.admin) == [False]
    narrow = replace(world.first, permissions=frozenset({Permission.APPROVAL_MANAGE}))
    with pytest.raises(Forbidden):
        await service.approve(narrow, key, clock=NOW)
    with pytest.raises(Forbidden):
        await service.approve(world.colleague, key, clock=NOW)
    assert await fetch_value("SELECT count(approved_by_id) FROM standing_order") == 0


async def test_who_changed_it_does_not_agree_though_the_rule_names_them(world: World) -> None:
    """The only approver made it: it falls to the administrators."""
    await world.above("900", [world.boss])
    given = terms(world.offer, line_max_unit_price=Decimal(120))
    key = await make_standing(world.boss, given)
    with pytest.raises(OwnStandingOrder):
        await service.approve(world.boss, key, clock=NOW)
    assert await may_agree(world, key, world.first, world.admin) == [False, True]
