"""Members and their roles: who may change what, and that refusals change nothing."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from entrepot.platform.clock import FixedClock
from entrepot.platform.database import execute, fetch_value
from entrepot.platform.errors import Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.errors import (
    LastAdministrator,
    RoleNotAllowed,
)
from entrepot.platform.identity.events import MemberRemoved, MemberRolesChanged
from entrepot.platform.identity.permissions import Permission, Role
from entrepot.platform.identity.service import (
    Identity,
    authenticate,
    cancel_invitation,
    create_api_key,
    login,
    remove_member,
    set_member_roles,
)
from tests.identity.accounts import PASSWORD, contents, make_account
from tests.identity.colleagues import colleague_of
from tests.identity.letters import recorded

ADDRESS = "192.0.2.1"


async def test_roles_are_replaced_and_count_from_the_next_request(
    identity: Identity, clock: FixedClock
) -> None:
    boss = (await make_account(identity)).actor
    account = await make_account(identity)
    await execute(
        "UPDATE membership SET company_id = $1 WHERE user_id = $2",
        boss.company_id,
        account.actor.user_id,
    )
    token = (await login(identity, account.email, PASSWORD, ADDRESS)).token
    await set_member_roles(boss, account.actor.user_id, ["accountant", "approver", "approver"])
    actor = await authenticate(token, clock)
    assert actor is not None
    assert not actor.may(Permission.COMPANY_MANAGE)
    assert actor.may(Permission.ORDER_CANCEL)
    expected = MemberRolesChanged(
        account.actor.user_id, boss.company_id, boss.user_id, ("approver", "accountant")
    )
    assert await recorded() == [expected]
    await set_member_roles(boss, account.actor.user_id, ["approver", "accountant"])
    assert await recorded() == [expected]  # no change, no event


async def test_refused_changes_of_members_change_nothing(identity: Identity) -> None:
    boss = (await make_account(identity)).actor
    buyer = await colleague_of(boss, Role.BUYER)
    stranger = (await make_account(identity)).actor
    before = await contents()
    for person in (stranger.user_id, uuid4()):
        with pytest.raises(NotFound) as hidden:
            await set_member_roles(boss, person, ["buyer"])
        assert hidden.value.path == ("userId",)
        with pytest.raises(NotFound):
            await remove_member(boss, person)
    with pytest.raises(RoleNotAllowed):
        await set_member_roles(boss, buyer.user_id, ["operator"])
    with pytest.raises(RoleNotAllowed):
        await set_member_roles(boss, boss.user_id, ["administrator", "seller_manager"])
    with pytest.raises(InvalidInput):
        await set_member_roles(boss, buyer.user_id, [])
    with pytest.raises(InvalidInput):
        await set_member_roles(boss, buyer.user_id, ["root"])
    with pytest.raises(LastAdministrator):
        await set_member_roles(boss, boss.user_id, ["buyer"])
    with pytest.raises(LastAdministrator):
        await remove_member(boss, boss.user_id)
    for low in (buyer, await _same_tables(stranger, Role.APPROVER)):
        with pytest.raises(Forbidden):
            await set_member_roles(low, boss.user_id, ["buyer"])
        with pytest.raises(Forbidden):
            await remove_member(low, boss.user_id)
        with pytest.raises(Forbidden):
            await cancel_invitation(low, uuid4())
    assert await contents() == before


async def _same_tables(actor: Actor, role: Role) -> Actor:
    return Actor(
        user_id=actor.user_id,
        company_id=actor.company_id,
        legal_entity_id=actor.legal_entity_id,
        permissions=frozenset({Permission.CATALOG_VIEW}),
    )


async def test_only_the_operating_company_has_operators(identity: Identity) -> None:
    boss = (await make_account(identity, Role.ADMINISTRATOR, operator=True)).actor
    clerk = await colleague_of(boss, Role.ADMINISTRATOR)
    await set_member_roles(boss, clerk.user_id, ["operator"])
    roles = await fetch_value("SELECT roles FROM membership WHERE user_id = $1", clerk.user_id)
    assert roles == ["operator"]


async def test_two_administrators_cannot_remove_each_other_at_once(identity: Identity) -> None:
    one = (await make_account(identity)).actor
    other = await colleague_of(one, Role.ADMINISTRATOR)
    outcomes = await asyncio.gather(
        remove_member(one, other.user_id),
        set_member_roles(other, one.user_id, ["buyer"]),
        return_exceptions=True,
    )
    assert sorted(map(repr, map(type, outcomes))) == sorted(
        map(repr, [type(None), LastAdministrator])
    )
    left = await fetch_value("SELECT count(*) FROM membership WHERE 'administrator' = ANY (roles)")
    assert left == 1


async def test_a_disabled_administrator_does_not_count(identity: Identity) -> None:
    boss = (await make_account(identity)).actor
    other = await colleague_of(boss, Role.ADMINISTRATOR)
    await execute("UPDATE user_account SET disabled_at = now() WHERE id = $1", other.user_id)
    with pytest.raises(LastAdministrator):
        await remove_member(boss, boss.user_id)


async def test_who_leaves_loses_sessions_and_keys_of_that_company_only(
    identity: Identity, clock: FixedClock
) -> None:
    boss = (await make_account(identity)).actor
    account = await make_account(identity)
    own = await login(identity, account.email, PASSWORD, ADDRESS)
    await execute(
        "INSERT INTO membership (id, user_id, company_id, roles, created_at)"
        " VALUES ($1, $2, $3, '{buyer}', now())",
        uuid4(),
        account.actor.user_id,
        boss.company_id,
    )
    guest = Actor(
        user_id=account.actor.user_id,
        company_id=boss.company_id,
        legal_entity_id=boss.legal_entity_id,
        permissions=frozenset({Permission.API_KEY_MANAGE, Permission.ORDER_VIEW}),
    )
    key = await create_api_key(guest, "erp", ["order.view"], clock=clock)
    assert await authenticate(key.text, clock) is not None
    await remove_member(boss, account.actor.user_id, clock)
    assert await authenticate(key.text, clock) is None
    assert await authenticate(own.token, clock) == own.actor
    assert (await recorded())[-1] == MemberRemoved(
        account.actor.user_id, boss.company_id, boss.user_id
    )
