"""Forgotten passwords: who may set a new one, and that asking tells nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from entrepot.platform.clock import FixedClock
from entrepot.platform.config import Settings
from entrepot.platform.database import Database, credentials, execute, fetch_value
from entrepot.platform.errors import InvalidInput, TooManyAttempts
from entrepot.platform.identity.errors import InvalidCredentials, InvalidToken
from entrepot.platform.identity.service import (
    Identity,
    authenticate,
    login,
    request_password_reset,
    reset_password,
)
from tests.identity.accounts import PASSWORD, contents, make_account
from tests.identity.letters import last_token, letters, recorded
from tests.sql_counter import counted_sql

ADDRESS = "192.0.2.1"
NEW_PASSWORD = "another good password"


async def test_a_reset_sets_the_password_and_ends_every_session(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    account = await make_account(identity)
    stranger = await make_account(identity)
    mine = [await login(identity, account.email, PASSWORD, ADDRESS) for _ in range(3)]
    others = await login(identity, stranger.email, PASSWORD, ADDRESS)
    await request_password_reset(identity, account.email.upper(), ADDRESS)
    token = await last_token(settings, clock.moment)
    assert await reset_password(identity, token, NEW_PASSWORD) == account.email
    for session in mine:
        assert await authenticate(session.token, clock) is None
    assert await authenticate(others.token, clock) == others.actor
    with pytest.raises(InvalidCredentials):
        await login(identity, account.email, PASSWORD, ADDRESS)
    assert (await login(identity, account.email, NEW_PASSWORD, ADDRESS)).token
    assert (await letters(settings, clock.moment))[-1].kind == "password_changed"


async def test_asking_is_the_same_work_for_known_and_unknown_emails(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    account = await make_account(identity)
    computations = identity.passwords.computations
    sent = []
    for email in (account.email, "nobody@example.test"):
        async with counted_sql() as statements:
            await request_password_reset(identity, email, ADDRESS)
        sent.append(list(statements))
    assert sent[0] == sent[1]
    assert len(sent[0]) == 1
    assert identity.passwords.computations == computations
    kinds = [type(event).__name__ for event in await recorded()]
    assert kinds == ["PasswordResetRequested", "PasswordResetRequested"]
    assert [letter.recipient for letter in await letters(settings, clock.moment)] == [account.email]


async def test_the_letter_is_the_same_however_often_the_worker_writes_it(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    account = await make_account(identity)
    await request_password_reset(identity, account.email, ADDRESS)
    first = await letters(settings, clock.moment)
    clock.moment += timedelta(minutes=5)
    assert await letters(settings, clock.moment) == first
    assert await fetch_value("SELECT count(*) FROM one_time_token") == 1
    await reset_password(identity, first[0].token or "", NEW_PASSWORD)
    kinds = [letter.kind for letter in await letters(settings, clock.moment)]
    assert kinds == ["password_changed"]


async def test_a_disabled_person_gets_no_letter(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    account = await make_account(identity)
    await execute("UPDATE user_account SET disabled_at = now()")
    await request_password_reset(identity, account.email, ADDRESS)
    assert await letters(settings, clock.moment) == []


async def test_a_link_works_once_even_for_two_at_once(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    account = await make_account(identity)
    await request_password_reset(identity, account.email, ADDRESS)
    token = await last_token(settings, clock.moment)
    passwords = [f"{NEW_PASSWORD} {number}" for number in range(5)]
    outcomes = await asyncio.gather(
        *(reset_password(identity, token, password) for password in passwords),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["InvalidToken"] * 4 + ["str"]
    works = []
    for password in passwords:
        try:
            works.append((await login(identity, account.email, password, ADDRESS)).token)
        except InvalidCredentials:
            continue
    assert len(works) == 1


async def test_one_used_link_kills_the_others(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    account = await make_account(identity)
    for _ in range(2):
        await request_password_reset(identity, account.email, ADDRESS)
    one, other = [letter.token or "" for letter in await letters(settings, clock.moment)]
    assert one != other
    await reset_password(identity, other, NEW_PASSWORD)
    with pytest.raises(InvalidToken):
        await reset_password(identity, one, "a third good password")


async def test_a_link_lives_an_hour_and_a_dead_one_costs_no_hash(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    account = await make_account(identity)
    await request_password_reset(identity, account.email, ADDRESS)
    token = await last_token(settings, clock.moment)
    clock.moment += timedelta(hours=1)
    before, computations = await contents(), identity.passwords.computations
    for dead in (token, "", "nonsense", "z" * 10_000):
        with pytest.raises(InvalidToken):
            await reset_password(identity, dead, NEW_PASSWORD)
    assert identity.passwords.computations == computations
    assert await contents() == before


async def test_a_weak_password_leaves_the_link_good(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    account = await make_account(identity)
    await request_password_reset(identity, account.email, ADDRESS)
    token = await last_token(settings, clock.moment)
    before = await contents()
    for weak in ("short", "password123", account.email, "x" * 201):
        with pytest.raises(InvalidInput) as refused:
            await reset_password(identity, token, weak)
        assert refused.value.path == ("password",)
    assert await contents() == before
    await reset_password(identity, token, NEW_PASSWORD)


async def test_a_reset_confirms_the_email(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    account = await make_account(identity)
    await execute("UPDATE user_account SET email_confirmed_at = NULL")
    await request_password_reset(identity, account.email, ADDRESS)
    await reset_password(identity, await last_token(settings, clock.moment), NEW_PASSWORD)
    assert (await login(identity, account.email, NEW_PASSWORD, ADDRESS)).token


async def test_letters_are_limited_by_email_and_address(identity: Identity) -> None:
    for number in range(5):
        await request_password_reset(identity, "x@example.test", f"192.0.2.{number}")
    with pytest.raises(TooManyAttempts):
        await request_password_reset(identity, "X@example.test ", "198.51.100.1")
    for number in range(30):
        await request_password_reset(identity, f"x{number}@example.test", "203.0.113.1")
    with pytest.raises(TooManyAttempts):
        await request_password_reset(identity, "y@example.test", "203.0.113.1")
    assert await fetch_value("SELECT count(*) FROM outbox_event") == 35


async def test_what_is_no_email_is_refused(identity: Identity) -> None:
    with pytest.raises(InvalidInput) as refused:
        await request_password_reset(identity, "anna", ADDRESS)
    assert refused.value.path == ("email",)
    assert await recorded() == []


async def test_a_sign_in_that_a_reset_overtakes_opens_nothing(
    identity: Identity, database: Database
) -> None:
    account = await make_account(identity)
    other = await asyncpg.connect(**credentials(database.url))
    try:
        async with other.transaction():
            await other.execute("UPDATE user_account SET password_hash = '!'")
            signing_in = asyncio.create_task(login(identity, account.email, PASSWORD, ADDRESS))
            while not await fetch_value("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                assert not signing_in.done()
                await asyncio.sleep(0.005)
        with pytest.raises(InvalidCredentials):  # the old password was right when it was checked
            await signing_in
    finally:
        await other.close()
    assert await fetch_value("SELECT count(*) FROM session") == 0
