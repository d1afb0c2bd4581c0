"""Handing carts in, deciding on them, and the gate that orders pass."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.carts import service as carts
from entrepot.platform.carts.approvals import errors, queries, service
from entrepot.platform.carts.errors import CartSubmitted, QuantityNotOrderable
from entrepot.platform.carts.models import CartLine
from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import Database, execute, fetch, fetch_value
from entrepot.platform.errors import Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.models import LegalEntity
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.orders.errors import CartEmpty, OfferUnavailable
from tests.carts.approval_world import (
    World,
    asked_by_letter,
    cart_status,
    events,
    make_world,
)
from tests.factories import make_buyer, make_category, make_offer, make_product

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def world(database: Database) -> World:
    """The company."""
    return await make_world()


async def test_nothing_asks_and_the_cart_may_be_ordered(world: World) -> None:
    await world.above("200")
    cart = await world.fill("2")  # exactly the limit
    with pytest.raises(errors.ApprovalNotNeeded):
        await world.submit()
    assert await world.gate(cart) == []
    assert await cart_status(cart) == "open"
    assert await fetch("SELECT id FROM approval") == []


async def test_above_the_limit_it_goes_its_way(world: World) -> None:
    await world.above("200", [world.first])
    cart = await world.fill("3")
    with pytest.raises(errors.ApprovalRequired) as refused:
        await world.gate(cart)
    assert refused.value.reasons == ("Rule “Limit”: 300 RUB is above 200 RUB",)
    assert [one.id for one in refused.value.approvers] == [world.first.user_id]
    assert "Правило «Limit»: 300 RUB — больше 200 RUB." in refused.value.message("ru")

    approval = await world.submit(note="Urgent")
    assert await cart_status(cart) == "submitted"
    assert await asked_by_letter() == [world.first.user_id]
    with pytest.raises(CartSubmitted):
        await world.fill("1", cart_id=cart)
    with pytest.raises(CartSubmitted):
        await world.submit()
    with pytest.raises(errors.ApprovalRequired) as waiting:
        await world.gate(cart)
    assert waiting.value.pending_approval_id == approval

    await world.approve(world.first, approval)
    assert await events("ApprovalDecided") == [{"approval_id": str(approval), "approved": True}]
    assert await world.gate(cart) == [approval]
    view = await world.view(approval)
    assert view.status.value == "ordered"
    assert view.note == "Urgent"
    assert view.snapshot.totals() == {"RUB": Decimal(300)}
    assert [(one.step, one.decided_by.id, one.approved) for one in view.decisions] == [
        (1, world.first.user_id, True)
    ]


async def test_a_refusal_says_why_and_opens_the_cart(world: World) -> None:
    await world.rule([world.first], [world.second])
    cart = await world.fill()
    approval = await world.submit()
    with pytest.raises(InvalidInput, match="say why"):
        await world.refuse(world.first, approval, "  ")
    assert await cart_status(cart) == "submitted"
    await world.refuse(world.first, approval)
    assert await cart_status(cart) == "open"
    view = await world.view(approval)
    assert (view.status.value, view.decisions[0].reason) == ("refused", "Too dear")
    assert await events("ApprovalDecided") == [{"approval_id": str(approval), "approved": False}]
    assert await asked_by_letter() == [world.first.user_id]  # the second step never was
    await world.fill("1", cart_id=cart)
    assert await world.submit() != approval


async def test_steps_are_asked_in_turn_and_one_of_each_decides(world: World) -> None:
    await world.rule([world.first, world.second], [world.boss])
    cart = await world.fill()
    approval = await world.submit()
    assert await asked_by_letter() == [world.first.user_id, world.second.user_id]
    with pytest.raises(errors.NotAsked):
        await world.approve(world.boss, approval)
    await world.approve(world.second, approval)
    assert (await asked_by_letter())[2:] == [world.boss.user_id]
    with pytest.raises(errors.AlreadyDecided):
        await world.approve(world.first, approval)
    with pytest.raises(errors.ApprovalRequired):
        await world.gate(cart)
    await world.approve(world.boss, approval, step=2)
    assert await world.gate(cart) == [approval]


async def test_a_decision_meant_for_a_step_decides_no_other(world: World) -> None:
    await world.rule([world.first], [world.first])
    await world.fill()
    approval = await world.submit()
    await world.approve(world.first, approval, step=1)
    with pytest.raises(errors.AlreadyDecided):  # the same click once more
        await world.approve(world.first, approval, step=1)
    assert (await world.view(approval)).current_step == 2


async def test_rules_are_joined_step_by_step(world: World) -> None:
    await world.rule([world.first], [world.boss], name="A")
    await world.rule([world.second], name="B", expires_after_hours=5)
    await world.fill()
    view = await world.view(await world.submit())
    assert [[one.id for one in step.approvers] for step in view.steps] == [
        [world.first.user_id, world.second.user_id],
        [world.boss.user_id],
    ]
    assert [reason.en for reason in view.reasons] == [
        "Rule “A”: every order",
        "Rule “B”: every order",
    ]
    assert view.expires_at == world.clock.now() + timedelta(hours=5)


async def test_nobody_decides_for_themselves(world: World) -> None:
    await world.rule([world.boss, world.first])
    cart = await world.fill(actor=world.boss)
    approval = await world.submit(world.boss)
    assert await asked_by_letter() == [world.first.user_id]
    with pytest.raises(errors.OwnApproval):
        await world.approve(world.boss, approval)
    await world.away(world.first, world.boss)  # not as an alternate either
    with pytest.raises(errors.OwnApproval):
        await world.approve(world.boss, approval)
    with pytest.raises(errors.ApprovalRequired):
        await world.gate(cart, actor=world.boss)
    assert await fetch("SELECT id FROM approval_decision") == []


async def test_others_do_not_see_it(world: World) -> None:
    await world.rule([world.first])
    await world.fill()
    approval = await world.submit()
    stranger = await make_buyer()
    for actor in (world.second, world.colleague, stranger):
        with pytest.raises((NotFound, Forbidden)):
            await world.approve(actor, approval)
        assert await queries.by_ids(actor, [approval], world.clock.now()) == {}
        with pytest.raises(NotFound):
            await service.withdraw(
                actor if actor is not world.second else stranger, approval, clock=world.clock
            )
    with pytest.raises(errors.NotAsked):
        await world.approve(world.admin, approval)
    assert (await world.view(approval)).status.value == "pending"


async def test_two_at_once_make_one_decision(world: World) -> None:
    await world.rule([world.first, world.second])
    await world.fill()
    approval = await world.submit()
    outcomes = await asyncio.gather(
        world.approve(world.first, approval),
        world.refuse(world.second, approval),
        return_exceptions=True,
    )
    refused = [one for one in outcomes if one is not None]
    assert [type(one) for one in refused] == [errors.AlreadyDecided]
    assert await fetch_value("SELECT count(*) FROM approval_decision") == 1
    assert len(await events("ApprovalDecided")) == 1


async def test_withdrawn_by_who_asked_or_an_administrator(world: World) -> None:
    await world.rule()
    cart = await world.fill()
    approval = await world.submit()
    with pytest.raises(NotFound):
        await service.withdraw(world.colleague, approval, clock=world.clock)
    await service.withdraw(world.buyer, approval, clock=world.clock)
    assert await cart_status(cart) == "open"
    with pytest.raises(errors.AlreadyDecided):
        await service.withdraw(world.buyer, approval, clock=world.clock)
    with pytest.raises(errors.AlreadyDecided):
        await world.approve(world.first, approval)
    again = await world.submit()
    await world.approve(world.first, again)
    await service.withdraw(world.admin, again, clock=world.clock)
    assert await cart_status(cart) == "open"
    with pytest.raises(errors.ApprovalRequired):
        await world.gate(cart)


async def test_a_higher_price_is_shown_and_must_be_accepted(world: World) -> None:
    await world.rule()
    cart = await world.fill("2")
    approval = await world.submit()
    await world.price("110")
    with pytest.raises(errors.PriceDrift) as drift:
        await world.approve(world.first, approval)
    assert (drift.value.then, drift.value.now, drift.value.currency) == (200, 220, "RUB")
    assert (await world.view(approval)).decisions == ()
    await world.approve(world.first, approval, accept=True)
    assert await world.gate(cart) == [approval]
    assert (await world.view(approval)).snapshot.totals() == {"RUB": Decimal(220)}


async def test_a_lower_price_needs_nothing(world: World) -> None:
    await world.rule()
    cart = await world.fill("2")
    approval = await world.submit()
    await world.price("90")
    await world.approve(world.first, approval)
    await world.price("100")  # what was agreed is what was asked for
    assert await world.gate(cart) == [approval]


async def test_dearer_after_the_agreement_is_outdated(world: World) -> None:
    await world.rule()
    cart = await world.fill("2")
    approval = await world.submit()
    await world.approve(world.first, approval)
    await world.price("100.01")
    with pytest.raises(errors.ApprovalOutdated, match=r"200 RUB was agreed and it costs 200.02"):
        await world.gate(cart)
    assert (await world.view(approval)).status.value == "approved"
    await service.withdraw(world.buyer, approval, clock=world.clock)
    again = await world.submit()
    await world.approve(world.first, again)
    assert await world.gate(cart) == [again]


async def test_other_lines_than_agreed_are_outdated(world: World) -> None:
    await world.rule()
    cart = await world.fill("2")
    approval = await world.submit()
    await world.approve(world.first, approval)
    await execute("UPDATE cart_line SET quantity = 1 WHERE cart_id = $1", cart)
    with pytest.raises(errors.ApprovalOutdated, match="other lines"):
        await world.gate(cart)


async def test_a_reason_that_nobody_saw_is_outdated(world: World) -> None:
    await world.rule(name="Old")
    cart = await world.fill("2")
    approval = await world.submit()
    await world.approve(world.first, approval)
    await world.rule([world.boss], name="New")
    with pytest.raises(errors.ApprovalOutdated, match="Rule “New”"):
        await world.gate(cart)


async def test_the_approver_changes_quantities(world: World) -> None:
    await world.rule()
    cart = await world.fill("5")
    approval = await world.submit()
    line = (await world.view(approval)).snapshot.lines[0].line_id
    await Offer.filter(id=world.offer.id).update(pack_quantity=2)
    with pytest.raises(QuantityNotOrderable) as odd:
        await world.approve(world.first, approval, changes={line: "3"})
    assert (odd.value.path, odd.value.line_index) == (("changes", "0", "quantity"), 0)
    with pytest.raises(NotFound):
        await world.approve(world.first, approval, changes={world.offer.id: "2"})
    assert (await CartLine.get(id=line)).quantity == 5
    await world.approve(world.first, approval, changes={line: "2"})
    assert (await CartLine.get(id=line)).quantity == 2
    view = await world.view(approval)
    assert view.decisions[0].changes == ((line, Decimal(5), Decimal(2)),)
    assert view.snapshot.totals() == {"RUB": Decimal(200)}
    assert await world.gate(cart) == [approval]


async def test_empty_and_unavailable_carts_are_not_handed_in(world: World) -> None:
    await world.rule()
    with pytest.raises(CartEmpty):
        await world.submit()
    cart = await world.fill()
    await Offer.filter(id=world.offer.id).update(active=False)
    with pytest.raises(OfferUnavailable):
        await world.submit()
    assert await cart_status(cart) == "open"


async def test_categories_cost_centres_people_and_new_sellers(world: World) -> None:
    tools = await make_category("tools")
    saw = await make_offer(
        world.seller, await make_product(path="tools/saws"), price="50", stock="100"
    )
    near = await make_offer(world.seller, await make_product(path="toolsets"), stock="100")
    await world.rule(name="Tools", category_id=tools.id, above_amount=Decimal(100), currency="RUB")
    cart = await world.fill("9", offer=near)
    await world.fill("2", offer=saw)
    assert await world.gate(cart) == []  # the saws make 100, the rest is no tool
    await world.fill("1", offer=saw)
    with pytest.raises(errors.ApprovalRequired) as found:
        await world.gate(cart)
    assert found.value.reasons == ("Rule “Tools”: 150 RUB is above 100 RUB; goods of tools",)

    other = await make_world()
    await other.rule(name="Centre", cost_center="K1")
    cart = await other.fill("1", cost_center="K2")
    assert await other.gate(cart) == []
    await other.fill("1", cost_center="K1")
    with pytest.raises(errors.ApprovalRequired, match="cost centre K1"):
        await other.gate(cart)

    third = await make_world()
    await third.rule(name="Trainee", requester_id=third.colleague.user_id)
    cart = await third.fill()
    assert await third.gate(cart) == []
    with pytest.raises(errors.ApprovalRequired, match="orders of this person"):
        await third.gate(cart, actor=third.colleague)

    fourth = await make_world()
    await fourth.rule(name="New", new_seller=True)
    cart = await fourth.fill()
    with pytest.raises(errors.ApprovalRequired, match="a seller you have not bought from"):
        await fourth.gate(cart)


async def test_another_currency_is_above_any_limit(world: World) -> None:
    await world.rule(name="Euro", above_amount=Decimal(10**6), currency="EUR")
    cart = await world.fill("1")
    with pytest.raises(errors.ApprovalRequired, match="100 RUB is above 1000000 EUR"):
        await world.gate(cart)


async def test_rules_of_other_legal_entities_and_inactive_ones_do_not_ask(world: World) -> None:
    other = await LegalEntity.create(
        company=world.company, name="Other", country="RU", tax_id="1", currency="RUB"
    )
    await world.rule(name="Other", legal_entity_id=other.id)
    await world.rule(name="Sleeping", active=False)
    cart = await world.fill()
    assert await world.gate(cart) == []


async def test_several_carts_are_judged_each_and_together(world: World) -> None:
    await world.above("250")
    small = await world.fill("2")
    big = await carts.create(world.buyer, "Big")
    await world.fill("3", cart_id=big)
    with pytest.raises(errors.ApprovalRequired) as refused:
        await world.gate(small, big)
    assert refused.value.cart_id == big
    approval = await world.submit(cart_id=big)
    await world.approve(world.first, approval)
    assert await world.gate(small, big) == [approval]


async def test_an_order_is_not_cut_into_carts_below_the_limit(world: World) -> None:
    await world.above("250")
    first = await world.fill("2")
    second = await carts.create(world.buyer, "Second")
    await world.fill("1", cart_id=second)
    assert await world.gate(first) == []
    with pytest.raises(
        errors.ApprovalRequired, match=r"300 RUB is above .* Merge the carts"
    ) as one:
        await world.gate(first, second)
    assert one.value.cart_id is None
    await carts.merge(world.buyer, [second], first, clock=world.clock)
    approval = await world.submit(cart_id=first)
    await world.approve(world.first, approval)
    assert await world.gate(first) == [approval]


async def test_what_expired_is_not_decided(world: World) -> None:
    await world.rule(expires_after_hours=2)
    cart = await world.fill()
    approval = await world.submit()
    world.clock.moment += timedelta(hours=2)
    with pytest.raises(errors.ApprovalExpired):
        await world.approve(world.first, approval)
    assert await cart_status(cart) == "submitted"
    ended = await asyncio.gather(*[service.expire_due(world.clock.now()) for _ in range(5)])
    assert sum(ended) == 1
    assert await events("ApprovalExpired") == [{"approval_id": str(approval)}]
    assert await cart_status(cart) == "open"
    assert (await world.view(approval)).status.value == "expired"
    with pytest.raises(errors.AlreadyDecided):
        await world.approve(world.first, approval)


async def test_what_has_time_left_does_not_expire(world: World) -> None:
    await world.rule(expires_after_hours=2)
    await world.fill()
    approval = await world.submit()
    world.clock.moment += timedelta(hours=2, seconds=-1)
    assert await service.expire_due(world.clock.now()) == 0
    await world.approve(world.first, approval)


async def ids_waiting(world: World, actor: object) -> list[UUID]:
    """What waits for somebody."""
    rows = await queries.newest(
        actor, "waiting_for_me", world.clock.now(), after=None, limit=50,  # type: ignore[arg-type]
    )  # fmt: skip
    return [row.id for row in rows]


async def test_lists(world: World) -> None:
    await world.rule([world.first], [world.boss])
    await world.fill()
    mine = await world.submit()
    other = await carts.create(world.colleague, "Second")
    await world.fill(cart_id=other, actor=world.colleague)
    theirs = await world.submit(world.colleague, other)
    assert await ids_waiting(world, world.first) == [theirs, mine]
    assert await ids_waiting(world, world.boss) == []
    await world.approve(world.first, mine)
    assert await ids_waiting(world, world.first) == [theirs]
    assert await ids_waiting(world, world.boss) == [mine]
    now = world.clock.now()
    own = await queries.newest(world.buyer, "mine", now, after=None, limit=9)
    assert [row.id for row in own] == [mine]
    everything = await queries.newest(world.admin, "all", now, after=None, limit=1)
    assert [row.id for row in everything] == [theirs]
    rest = await queries.newest(
        world.admin, "all", now, after=(everything[0].requested_at, theirs), limit=9
    )
    assert [row.id for row in rest] == [mine]
    for actor, which in ((world.first, "mine"), (world.buyer, "waiting_for_me"),
                         (world.buyer, "all"), (world.first, "all")):  # fmt: skip
        with pytest.raises(Forbidden):
            await queries.newest(actor, which, now, after=None, limit=9)  # type: ignore[arg-type]


async def test_a_key_without_the_scope_decides_nothing(world: World) -> None:
    await world.rule()
    await world.fill()
    approval = await world.submit()
    program = replace(world.first, permissions=frozenset({Permission.ORDER_VIEW}), via="api_key")
    with pytest.raises(Forbidden):
        await world.approve(program, approval)
    carts_only = replace(program, permissions=frozenset({Permission.CART_MANAGE}))
    with pytest.raises(Forbidden):
        await world.approve(carts_only, approval)
    assert (await world.view(approval)).decisions == ()


async def test_waiting_is_found_behind_many_that_wait_for_others(world: World) -> None:
    await world.rule([world.second], name="Colleague's", requester_id=world.colleague.user_id)
    await world.rule([world.first], name="Buyer's", requester_id=world.buyer.user_id)
    await world.fill()
    mine = await world.submit()
    copies = """
        INSERT INTO approval (id, cart_id, legal_entity_id, requested_by_id, note, status, reasons,
               steps, current_step, snapshot, requested_at, expires_at)
        SELECT gen_random_uuid(), gen_random_uuid(), legal_entity_id, requested_by_id, '',
               'pending', reasons, jsonb_build_array(jsonb_build_array($2::text)), 1, snapshot,
               requested_at + make_interval(secs => number), expires_at
          FROM approval, generate_series(1, 450) AS number WHERE id = $1
    """
    await execute(copies, mine, str(world.second.user_id))
    assert await ids_waiting(world, world.first) == [mine]
    assert len(await ids_waiting(world, world.second)) == 50
