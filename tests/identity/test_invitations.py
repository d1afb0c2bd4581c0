"""Invitations: the inviter learns nothing, only the mailbox's owner can accept."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from entrepot.platform.clock import FixedClock
from entrepot.platform.config import Settings
from entrepot.platform.database import execute, fetch_value
from entrepot.platform.errors import Forbidden, InvalidInput, NotFound, TooManyAttempts
from entrepot.platform.identity.errors import (
    AlreadyMember,
    InvalidCredentials,
    InvalidToken,
    RoleNotAllowed,
)
from entrepot.platform.identity.events import MemberJoined
from entrepot.platform.identity.models import Company
from entrepot.platform.identity.permissions import Permission, Role
from entrepot.platform.identity.service import (
    Identity,
    accept_invitation,
    authenticate,
    cancel_invitation,
    invite_member,
    login,
)
from tests.factories import make_buyer
from tests.identity.accounts import PASSWORD, contents, make_account
from tests.identity.colleagues import colleague_of
from tests.identity.letters import last_token, letters, recorded
from tests.sql_counter import counted_sql

ADDRESS = "192.0.2.1"
NEW_PASSWORD = "another good password"


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
