"""Members, roles and invitations: who may change what, and that refusals change nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from entrepot.platform.clock import FixedClock
from entrepot.platform.config import Settings
from entrepot.platform.database import execute, fetch_value
from entrepot.platform.errors import Forbidden, InvalidInput, NotFound, TooManyAttempts
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.errors import (
    AlreadyMember,
    InvalidCredentials,
    InvalidToken,
    LastAdministrator,
    RoleNotAllowed,
)
from entrepot.platform.identity.events import MemberJoined, MemberRemoved, MemberRolesChanged
from entrepot.platform.identity.models import Company, LegalEntity
from entrepot.platform.identity.permissions import Permission, Role
from entrepot.platform.identity.service import (
    Identity,
    accept_invitation,
    authenticate,
    cancel_invitation,
    create_api_key,
    invite_member,
    login,
    remove_member,
    set_member_roles,
)
from tests.factories import make_actor, make_buyer
from tests.identity.accounts import PASSWORD, contents, make_account
from tests.identity.letters import last_token, letters, recorded
from tests.sql_counter import counted_sql

ADDRESS = "192.0.2.1"
NEW_PASSWORD = "another good password"


async def colleague_of(actor: Actor, *roles: Role) -> Actor:
    """Make one more member of the actor's company."""
    company = await Company.get(id=actor.company_id)
    entity = await LegalEntity.get(id=actor.legal_entity_id)
    return await make_actor(company, entity, *roles)


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


async def test_a_newcomer_accepts_and_signs_in(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    boss = (await make_account(identity)).actor
    await invite_member(identity, boss, " New@Example.com", ["approver", "buyer"], "ru")
    (letter,) = await letters(settings, clock.moment)
    assert (letter.kind, letter.recipient, letter.locale) == ("invitation", "new@example.com", "ru")
    assert letter.company == (await Company.get(id=boss.company_id)).name
    assert letter.link == f"http://127.0.0.1:8000/accept-invitation#token={letter.token}"
    token = letter.token or ""
    assert token not in repr(await contents())
    before = await contents()
    for name, password, field in ((None, NEW_PASSWORD, "name"), ("Anna", None, "password")):
        with pytest.raises(InvalidInput) as refused:
            await accept_invitation(identity, token, name, password)
        assert refused.value.path == (field,)
    assert await contents() == before
    joined = await accept_invitation(identity, token, "Anna", NEW_PASSWORD, "ru")
    assert (joined.email, joined.company_id) == ("new@example.com", boss.company_id)
    actor = (await login(identity, "new@example.com", NEW_PASSWORD, ADDRESS)).actor
    assert actor.company_id == boss.company_id
    assert (actor.may(Permission.ORDER_PLACE), actor.may(Permission.COMPANY_MANAGE)) == (
        True,
        False,
    )
    with pytest.raises(InvalidToken):
        await accept_invitation(identity, token, "Anna", NEW_PASSWORD)
    assert await letters(settings, clock.moment) == []


async def test_an_invitation_is_the_same_for_known_and_unknown_emails(
    identity: Identity,
) -> None:
    boss = (await make_account(identity)).actor
    known = await make_account(identity)
    sent = []
    for email in (known.email, "nobody@example.test"):
        async with counted_sql() as statements:
            await invite_member(identity, boss, email, ["buyer"])
        sent.append(list(statements))
    assert sent[0] == sent[1]
    assert [type(event).__name__ for event in await recorded()] == ["MemberInvited"] * 2


async def test_a_confirmed_account_keeps_its_name_and_password(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    boss = (await make_account(identity)).actor
    account = await make_account(identity)
    person = await fetch_value("SELECT u::text FROM user_account u WHERE email = $1", account.email)
    await invite_member(identity, boss, account.email, ["buyer"])
    token = await last_token(settings, clock.moment)
    await accept_invitation(identity, token, "Mallory", NEW_PASSWORD)
    assert person == await fetch_value(
        "SELECT u::text FROM user_account u WHERE email = $1", account.email
    )
    assert (await login(identity, account.email, PASSWORD, ADDRESS)).token
    assert (await recorded())[-1] == MemberJoined(account.actor.user_id, boss.company_id)


async def test_an_unconfirmed_account_is_taken_over_by_the_mailboxs_owner(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    boss = (await make_account(identity)).actor
    squatter = await make_account(identity)
    session = await login(identity, squatter.email, PASSWORD, ADDRESS)
    await execute(
        "UPDATE user_account SET email_confirmed_at = NULL WHERE email = $1", squatter.email
    )
    await invite_member(identity, boss, squatter.email, ["buyer"])
    token = await last_token(settings, clock.moment)
    with pytest.raises(InvalidInput):
        await accept_invitation(identity, token, None, None)
    await accept_invitation(identity, token, "Anna", NEW_PASSWORD)
    with pytest.raises(InvalidCredentials):
        await login(identity, squatter.email, PASSWORD, ADDRESS)
    assert await authenticate(session.token, clock) is None
    assert (await login(identity, squatter.email, NEW_PASSWORD, ADDRESS)).token


async def test_inviting_again_replaces_the_link_and_cancelling_kills_it(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    boss = (await make_account(identity)).actor
    stranger = (await make_account(identity)).actor
    await invite_member(identity, boss, "new@example.com", ["buyer"])
    first = await last_token(settings, clock.moment)
    again = await invite_member(identity, boss, "new@example.com", ["approver"])
    second = await last_token(settings, clock.moment)
    with pytest.raises(InvalidToken):
        await accept_invitation(identity, first, "Anna", NEW_PASSWORD)
    with pytest.raises(NotFound):
        await cancel_invitation(stranger, again, clock)
    await cancel_invitation(boss, again, clock)
    with pytest.raises(NotFound):
        await cancel_invitation(boss, again, clock)
    with pytest.raises(InvalidToken):
        await accept_invitation(identity, second, "Anna", NEW_PASSWORD)
    assert await fetch_value("SELECT count(*) FROM user_account") == 2


async def test_refused_invitations_write_nothing(identity: Identity) -> None:
    boss = (await make_account(identity)).actor
    clerk = await colleague_of(boss, Role.BUYER)
    member_email = await fetch_value("SELECT email FROM user_account WHERE id = $1", clerk.user_id)
    before = await contents()
    with pytest.raises(AlreadyMember):
        await invite_member(identity, boss, member_email.upper(), ["buyer"])
    with pytest.raises(InvalidInput):
        await invite_member(identity, boss, "nobody", ["buyer"])
    with pytest.raises(InvalidInput):
        await invite_member(identity, boss, "new@example.com", ["buyer"], "de")
    with pytest.raises(RoleNotAllowed):
        await invite_member(identity, boss, "new@example.com", ["operator"])
    with pytest.raises(Forbidden):
        await invite_member(identity, clerk, "new@example.com", ["buyer"])
    assert await contents() == before


async def test_an_invitation_lives_a_week_and_is_accepted_once_by_two_at_once(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    boss = (await make_account(identity)).actor
    await invite_member(identity, boss, "new@example.com", ["buyer"])
    token = await last_token(settings, clock.moment)
    start = clock.moment
    clock.moment = start + timedelta(days=7)
    with pytest.raises(InvalidToken):
        await accept_invitation(identity, token, "Anna", NEW_PASSWORD)
    clock.moment = start + timedelta(days=7) - timedelta(seconds=1)
    outcomes = await asyncio.gather(
        *(accept_invitation(identity, token, "Anna", NEW_PASSWORD) for _ in range(3)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["InvalidToken"] * 2 + ["Joined"]
    assert await fetch_value("SELECT count(*) FROM membership") == 2


async def test_a_company_cannot_flood_mailboxes(identity: Identity) -> None:
    buyer = await make_buyer(Role.ADMINISTRATOR)
    for number in range(100):
        await invite_member(identity, buyer, f"x{number}@example.test", ["buyer"])
    with pytest.raises(TooManyAttempts):
        await invite_member(identity, buyer, "y@example.test", ["buyer"])
    assert await fetch_value("SELECT count(*) FROM invitation") == 100


async def test_a_repeated_invitation_with_its_key_is_one_letter(identity: Identity) -> None:
    boss = (await make_account(identity)).actor
    invited = {
        await invite_member(identity, boss, "new@example.com", ["buyer"], None, "retry-1")
        for _ in range(3)
    }
    assert len(invited) == 1
    assert [type(event).__name__ for event in await recorded()] == ["MemberInvited"]
