"""Who is asked: absences, circles of them, people who left; links; rules that are refused."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.carts.approvals import errors, queries, rule_queries, service
from entrepot.platform.carts.approvals.asking import Asked, Staff, asked_now, stand_in
from entrepot.platform.carts.approvals.service import RuleTerms, Verdict
from entrepot.platform.database import Database, execute, fetch, fetch_value
from entrepot.platform.errors import Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.errors import InvalidToken
from entrepot.platform.identity.tokens import link_token
from entrepot.platform.ids import new_id
from tests.carts.approval_world import KEY, World, asked_by_letter, cart_status, make_world
from tests.factories import make_buyer

A, B, C, D, ME = (UUID(int=number) for number in range(1, 6))


@pytest.fixture
async def world(database: Database) -> World:
    """The company."""
    return await make_world()


def staff(*approvers: UUID, away: dict[UUID, UUID] | None = None, managers: str = "") -> Staff:
    """People of a company."""
    return Staff(frozenset(approvers), frozenset({D} if managers else set()), away or {})


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (staff(A), A),
        (staff(A, B, away={A: B}), B),
        (staff(A, B, C, away={A: B, B: C}), C),
        (staff(A, B, away={A: B, B: A}), A),  # a circle: asked although away
        (staff(A, B, C, away={A: B, B: C, C: B}), A),
        (staff(A, away={A: B}), A),  # the alternate may not decide
        (staff(A, ME, away={A: ME}), A),  # the requester stands in for nobody
        (staff(B, away={A: B}), B),  # left, with an alternate
        (staff(B, away={A: C}), None),
        (staff(B), None),
    ],
)
def test_who_stands_in(people: Staff, expected: UUID | None) -> None:
    assert stand_in(A, people, ME) == expected


def test_a_step_asks_who_is_left() -> None:
    assert asked_now([A, B], staff(A, B), ME) == [Asked(A), Asked(B)]
    assert asked_now([A, B], staff(B), ME) == [Asked(B)]
    assert asked_now([A, B], staff(A, B, away={A: B}), ME) == [Asked(B)]
    assert asked_now([A], staff(C, managers="D"), ME) == [Asked(D, A)]
    assert asked_now([D], staff(D, managers="D"), D) == []
    assert asked_now([A], staff(C), ME) == []


async def test_while_away_the_alternate_is_asked(world: World) -> None:
    await world.rule([world.first])
    await world.away(world.first, world.second)
    await world.away(world.second, world.boss)
    await world.fill()
    approval = await world.submit()
    assert await asked_by_letter() == [world.boss.user_id]
    with pytest.raises(NotFound):  # away as well: asked for nobody
        await world.approve(world.second, approval)
    await world.approve(world.boss, approval)
    [decision] = (await world.view(approval)).decisions
    assert decision.decided_by.id == world.boss.user_id
    assert decision.stands_in_for is not None
    assert decision.stands_in_for.id == world.first.user_id


async def test_back_early_the_approver_decides_all_the_same(world: World) -> None:
    await world.rule([world.first])
    await world.away(world.first, world.second)
    await world.fill()
    approval = await world.submit()
    await world.approve(world.first, approval)
    assert (await world.view(approval)).decisions[0].stands_in_for is None


async def test_an_absence_that_begins_later_asks_anew_and_once(world: World) -> None:
    await world.rule([world.first])
    await world.fill()
    await world.submit()
    assert await asked_by_letter() == [world.first.user_id]
    await world.away(world.first, world.second)
    for _ in range(3):
        await service.ask_anew(KEY, world.clock.now())
    assert await asked_by_letter() == [world.first.user_id, world.second.user_id]


async def test_after_the_absence_the_approver_is_asked_again(world: World) -> None:
    await world.rule([world.first], expires_after_hours=24 * 30)
    await world.away(world.first, world.second, days=2)
    await world.fill()
    approval = await world.submit()
    world.clock.moment += timedelta(days=2)
    view = await world.view(approval)
    assert [one.id for one in view.steps[0].asked] == [world.first.user_id]
    with pytest.raises(NotFound):
        await world.approve(world.second, approval)


async def test_an_approver_who_left_leaves_the_step_to_the_others(world: World) -> None:
    await world.rule([world.first, world.second])
    await world.fill()
    approval = await world.submit()
    await world.dismiss(world.first)
    with pytest.raises(NotFound):
        await world.approve(world.first, approval)
    view = await world.view(approval)
    assert view.steps[0].approvers[0].name  # the name stays
    assert [one.id for one in view.steps[0].asked] == [world.second.user_id]
    await world.approve(world.second, approval)


async def test_a_lost_role_passes_the_step_to_the_alternate(world: World) -> None:
    await world.rule([world.first])
    await world.away(world.first, world.second)
    await execute("UPDATE membership SET roles = '{}' WHERE user_id = $1", world.first.user_id)
    await world.fill()
    approval = await world.submit()
    assert await asked_by_letter() == [world.second.user_id]
    await world.approve(world.second, approval)


async def test_without_anybody_else_administrators_decide(world: World) -> None:
    await world.rule([world.first])
    await world.dismiss(world.first)
    await world.fill()
    approval = await world.submit()
    assert await asked_by_letter() == [world.admin.user_id]
    await world.approve(world.admin, approval)
    [decision] = (await world.view(approval)).decisions
    assert decision.stands_in_for is not None
    assert decision.stands_in_for.id == world.first.user_id


async def test_nobody_left_is_told_at_once_and_later_can_be_withdrawn(world: World) -> None:
    await world.rule([world.boss], [world.first])
    cart = await world.fill()
    await world.dismiss(world.admin)
    await world.dismiss(world.first)
    with pytest.raises(errors.NoApproverLeft) as refused:
        await world.submit()
    assert refused.value.step == 2
    assert await cart_status(cart) == "open"

    other = await make_world()
    await other.rule([other.first])
    cart = await other.fill()
    approval = await other.submit()
    await other.dismiss(other.first)
    await other.dismiss(other.admin)
    view = await other.view(approval, other.buyer)
    assert (view.stuck, view.status.value) == (True, "pending")
    await service.withdraw(other.buyer, approval, clock=other.clock)
    assert await cart_status(cart) == "open"


async def test_absences_are_ones_own_or_an_administrators(world: World) -> None:
    now = world.clock.now()
    day = timedelta(days=1)

    async def send(actor: Actor, away: UUID | None, alternate: UUID, days: int = 1) -> UUID:
        return await service.set_absence(
            actor, away, now, now + days * day, alternate, clock=world.clock
        )

    with pytest.raises(Forbidden):
        await send(world.buyer, None, world.second.user_id)
    with pytest.raises(Forbidden):
        await send(world.first, world.boss.user_id, world.second.user_id)
    with pytest.raises(errors.NotAnApprover):
        await send(world.first, None, world.buyer.user_id)
    with pytest.raises(NotFound):
        await send(world.first, None, (await make_buyer()).user_id)
    with pytest.raises(InvalidInput, match="somebody else"):
        await send(world.first, None, world.first.user_id)
    with pytest.raises(InvalidInput, match="later than startsAt"):
        await send(world.first, None, world.second.user_id, 0)
    assert await fetch("SELECT id FROM approver_absence") == []

    earlier = await send(world.admin, world.first.user_id, world.second.user_id)
    later = await send(world.first, None, world.boss.user_id, 3)  # overlaps: replaces
    shown = await rule_queries.absences(world.first, now)
    assert [row.id for row in shown] == [later]
    assert earlier != later
    assert await rule_queries.absences(world.second, now) == []
    with pytest.raises(NotFound):
        await service.cancel_absence(world.second, later)
    await service.cancel_absence(world.first, later)
    assert await rule_queries.absences(world.admin, now) == []


async def link_of(actor: Actor) -> str:
    """The code in somebody's latest letter."""
    link: UUID = await fetch_value(
        "SELECT id FROM approval_link WHERE user_id = $1 ORDER BY id DESC LIMIT 1", actor.user_id
    )
    return link_token(KEY, "approve", link)


async def test_a_link_decides_once(world: World) -> None:
    await world.rule([world.first, world.second], [world.boss])
    cart = await world.fill()
    approval = await world.submit()
    token = await link_of(world.first)
    assert token not in str(await fetch("SELECT l::text FROM approval_link l"))
    view = await queries.by_link(token, world.clock.now())
    assert (view.id, view.may_decide) == (approval, True)
    outcomes = await asyncio.gather(
        *[service.decide_by_link(KEY, token, Verdict(True), clock=world.clock) for _ in range(5)],
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in outcomes if isinstance(one, Exception)) in (
        ["AlreadyDecided"] * 4,
        ["AlreadyDecided"] * 3 + ["InvalidToken"],
        ["AlreadyDecided"] * 2 + ["InvalidToken"] * 2,
        ["AlreadyDecided"] + ["InvalidToken"] * 3,
        ["InvalidToken"] * 4,
    )
    view = await world.view(approval)
    assert [(one.by_link, one.decided_by.id) for one in view.decisions] == [
        (True, world.first.user_id)
    ]
    assert view.current_step == 2
    with pytest.raises(InvalidToken):
        await queries.by_link(token, world.clock.now())
    with pytest.raises(errors.AlreadyDecided):  # the other's link is of a step that is over
        await service.decide_by_link(
            KEY, await link_of(world.second), Verdict(True), clock=world.clock
        )
    await service.decide_by_link(KEY, await link_of(world.boss), Verdict(True), clock=world.clock)
    assert await world.gate(cart) == [approval]


async def test_a_link_that_was_refused_can_be_used_again(world: World) -> None:
    await world.rule()
    await world.fill()
    approval = await world.submit()
    token = await link_of(world.first)
    await world.price("101")
    with pytest.raises(errors.PriceDrift):
        await service.decide_by_link(KEY, token, Verdict(True), clock=world.clock)
    with pytest.raises(InvalidInput):
        await service.decide_by_link(KEY, token, Verdict(False), clock=world.clock)
    await service.decide_by_link(KEY, token, Verdict(False, "No"), clock=world.clock)
    assert (await world.view(approval)).status.value == "refused"


async def test_dead_links(world: World) -> None:
    await world.rule(expires_after_hours=1)
    await world.fill()
    await world.submit()
    token = await link_of(world.first)
    for wrong in ("", "x", "x" * 10_000, token + "x", link_token(KEY, "approve", new_id())):
        with pytest.raises(InvalidToken):
            await service.decide_by_link(KEY, wrong, Verdict(True), clock=world.clock)
        with pytest.raises(InvalidToken):
            await queries.by_link(wrong, world.clock.now())
    await world.dismiss(world.first)
    with pytest.raises(InvalidToken):
        await service.decide_by_link(KEY, token, Verdict(True), clock=world.clock)
    with pytest.raises(InvalidToken):
        await queries.by_link(token, world.clock.now())

    other = await make_world()
    await other.rule(expires_after_hours=1)
    await other.fill()
    approval = await other.submit()
    token = await link_of(other.first)
    other.clock.moment += timedelta(hours=1)
    with pytest.raises(InvalidToken):
        await service.decide_by_link(KEY, token, Verdict(True), clock=other.clock)
    assert (await other.view(approval)).decisions == ()


async def test_an_alternate_who_asked_does_not_decide_by_link(world: World) -> None:
    """A link that was made for somebody who later became the requester's equal is of no use."""
    await world.rule([world.first, world.boss])
    await world.fill(actor=world.boss)
    approval = await world.submit(world.boss)
    await execute(
        "UPDATE approval_link SET user_id = $1 WHERE approval_id = $2",
        world.boss.user_id,
        approval,
    )
    with pytest.raises(errors.OwnApproval):
        await service.decide_by_link(
            KEY, await link_of(world.boss), Verdict(True), clock=world.clock
        )


async def test_rules_are_checked(world: World) -> None:
    stranger = await make_buyer()
    good = RuleTerms(name="R", steps=[[world.first.user_id]])

    async def refused(kind: type[Exception], **changes: object) -> None:
        values = {"name": good.name, "steps": good.steps} | changes
        with pytest.raises(kind):
            await service.create_rule(world.admin, RuleTerms(**values), clock=world.clock)  # type: ignore[arg-type]

    await refused(errors.NotAnApprover, steps=[[world.first.user_id], [world.buyer.user_id]])
    await refused(errors.NotAnApprover, steps=[[stranger.user_id]])
    await refused(InvalidInput, steps=[])
    await refused(InvalidInput, steps=[[]])
    await refused(InvalidInput, name=" ")
    await refused(InvalidInput, above_amount=Decimal(1))
    await refused(InvalidInput, currency="RUB")
    await refused(InvalidInput, above_amount=Decimal(-1), currency="RUB")
    await refused(InvalidInput, above_amount=Decimal(1), currency="XXX")
    await refused(InvalidInput, expires_after_hours=0)
    await refused(InvalidInput, cost_center=" ")
    await refused(NotFound, requester_id=stranger.user_id)
    await refused(NotFound, legal_entity_id=stranger.legal_entity_id)
    await refused(NotFound, category_id=new_id())
    with pytest.raises(Forbidden):
        await service.create_rule(world.first, good, clock=world.clock)
    assert await fetch("SELECT id FROM approval_rule") == []

    rule = await service.create_rule(world.admin, good, clock=world.clock)
    await refused(errors.ApprovalRuleNameTaken)
    changed = RuleTerms(name="R", steps=[[world.second.user_id], [world.boss.user_id]])
    await service.update_rule(world.admin, rule, changed, clock=world.clock)
    [row] = await rule_queries.own_rules(world.admin, after=None, limit=9)
    assert [[one.id for one in step] for step in row.steps] == [
        [world.second.user_id],
        [world.boss.user_id],
    ]
    other = await make_world()
    with pytest.raises(NotFound):
        await service.update_rule(other.admin, rule, RuleTerms("R", [[other.first.user_id]]),
                                  clock=world.clock)  # fmt: skip
    with pytest.raises(NotFound):
        await service.delete_rule(other.admin, rule)
    assert await rule_queries.rules_by_ids(other.admin, [rule]) == {}
    assert await rule_queries.rules_by_ids(world.buyer, [rule]) == {}
    await service.delete_rule(world.admin, rule)
    assert await rule_queries.own_rules(world.admin, after=None, limit=9) == []
