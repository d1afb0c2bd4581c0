"""Signing in and out, and what a token is worth."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from argon2 import PasswordHasher as Argon2

from entrepot.platform.clock import FixedClock
from entrepot.platform.database import execute, fetch_value
from entrepot.platform.errors import NotFound, TooManyAttempts, Unauthenticated
from entrepot.platform.identity.errors import (
    EmailNotConfirmed,
    InvalidCredentials,
    NoCompany,
    SessionRequired,
)
from entrepot.platform.identity.models import LegalEntity, Membership
from entrepot.platform.identity.permissions import ROLE_PERMISSIONS, Permission, Role
from entrepot.platform.identity.service import (
    Identity,
    authenticate,
    create_api_key,
    login,
    logout,
    open_session,
    switch_legal_entity,
)
from tests.factories import make_company
from tests.identity.accounts import PASSWORD, contents, make_account
from tests.sql_counter import counted_sql

ADDRESS = "192.0.2.1"


async def test_a_signed_in_token_is_the_actor(identity: Identity, clock: FixedClock) -> None:
    account = await make_account(identity)
    signed_in = await login(identity, f"  {account.email.upper()} ", PASSWORD, ADDRESS)
    actor = await authenticate(signed_in.token, clock)
    assert actor == signed_in.actor
    assert actor is not None
    assert (actor.user_id, actor.via) == (account.actor.user_id, "session")
    assert actor.permissions == account.actor.permissions


async def test_the_token_itself_is_nowhere_in_the_database(identity: Identity) -> None:
    account = await make_account(identity)
    signed_in = await login(identity, account.email, PASSWORD, ADDRESS)
    assert signed_in.token[3:] not in repr(await contents())


async def test_a_wrong_password_and_an_unknown_email_are_one_answer_and_one_effort(
    identity: Identity,
) -> None:
    account = await make_account(identity)
    before = await contents()
    answers, efforts, statements = [], [], []
    for email in (account.email, "nobody@example.test", "not an e-mail", "nul\x00@example.test"):
        started = identity.passwords.computations
        async with counted_sql() as sent:
            with pytest.raises(InvalidCredentials) as refused:
                await login(identity, email, "wrong horse battery", ADDRESS)
        answers.append((refused.value.message("en"), refused.value.message("ru")))
        efforts.append(identity.passwords.computations - started)
        statements.append(list(sent))
    assert len(set(answers)) == 1
    assert efforts == [1, 1, 1, 1]
    assert statements[0] == statements[1] == statements[2] == statements[3]
    assert await contents() == before


async def test_only_the_right_password_learns_that_the_email_waits(identity: Identity) -> None:
    account = await make_account(identity)
    await execute("UPDATE user_account SET email_confirmed_at = NULL")
    with pytest.raises(InvalidCredentials):
        await login(identity, account.email, "wrong horse battery", ADDRESS)
    with pytest.raises(EmailNotConfirmed):
        await login(identity, account.email, PASSWORD, ADDRESS)
    assert await fetch_value("SELECT count(*) FROM session") == 0


async def test_a_disabled_person_is_refused_like_a_stranger(identity: Identity) -> None:
    account = await make_account(identity)
    await execute("UPDATE user_account SET disabled_at = now()")
    with pytest.raises(InvalidCredentials):
        await login(identity, account.email, PASSWORD, ADDRESS)


async def test_a_person_without_a_company_is_told_so(identity: Identity) -> None:
    account = await make_account(identity)
    await execute("DELETE FROM membership")
    with pytest.raises(NoCompany):
        await login(identity, account.email, PASSWORD, ADDRESS)
    assert await fetch_value("SELECT count(*) FROM session") == 0


async def test_attempts_are_limited_by_account_known_or_not(identity: Identity) -> None:
    account = await make_account(identity)
    for email in (account.email, "nobody@example.test"):
        for number in range(10):
            with pytest.raises(InvalidCredentials):
                await login(identity, email, "wrong horse battery", f"192.0.2.{number}")
        with pytest.raises(TooManyAttempts) as refused:  # the right password does not help now
            await login(identity, email.upper(), PASSWORD, "198.51.100.1")
        assert 0 < refused.value.retry_after_seconds <= 15 * 60
    assert await fetch_value("SELECT count(*) FROM session") == 0


async def test_attempts_are_limited_by_address(identity: Identity) -> None:
    account = await make_account(identity)
    for number in range(100):
        with pytest.raises(InvalidCredentials):
            await login(identity, f"x{number}@example.test", "wrong horse", "2001:db8::1")
    started = identity.passwords.computations
    with pytest.raises(TooManyAttempts):
        await login(identity, account.email, PASSWORD, "2001:db8::2")  # the same /64
    assert identity.passwords.computations == started
    assert (await login(identity, account.email, PASSWORD, "2001:db8:0:1::1")).token


async def test_success_forgives_the_accounts_mistakes(identity: Identity) -> None:
    account = await make_account(identity)
    for _ in range(2):
        for _ in range(9):
            with pytest.raises(InvalidCredentials):
                await login(identity, account.email, "wrong horse battery", ADDRESS)
        await login(identity, account.email, PASSWORD, ADDRESS)


async def test_a_hash_of_other_parameters_is_renewed_at_sign_in(identity: Identity) -> None:
    account = await make_account(identity)

    stored = Argon2(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=16,t=1,p=1$")
    await execute("UPDATE user_account SET password_hash = $1", stored)
    await login(identity, account.email, PASSWORD, ADDRESS)
    renewed = await fetch_value("SELECT password_hash FROM user_account")
    assert renewed.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    await login(identity, account.email, PASSWORD, ADDRESS)
    assert await fetch_value("SELECT password_hash FROM user_account") == renewed


@pytest.mark.parametrize(
    "blow",
    [
        "UPDATE session SET revoked_at = now()",
        "UPDATE user_account SET disabled_at = now()",
        "UPDATE user_account SET email_confirmed_at = NULL",
        "UPDATE company SET active = false",
        "UPDATE legal_entity SET active = false",
        "DELETE FROM membership",
        "DELETE FROM session",
        "DELETE FROM user_account",
    ],
)
async def test_what_ends_a_session_and_its_keys_at_once(
    identity: Identity, clock: FixedClock, blow: str
) -> None:
    account = await make_account(identity)
    signed_in = await login(identity, account.email, PASSWORD, ADDRESS)
    key = await create_api_key(account.actor, "erp", ["order.view"], clock=clock)
    await execute(blow)
    assert await authenticate(signed_in.token, clock) is None
    if "session" not in blow:
        assert await authenticate(key.text, clock) is None


async def test_other_tokens_are_nobody(identity: Identity, clock: FixedClock) -> None:
    await login(identity, (await make_account(identity)).email, PASSWORD, ADDRESS)
    shapes = ["", "es_", "es_" + "x" * 43, "ek_", "ek_abcdefghijkm_x", "es_\x00", "é", "ek_é_é"]
    for token in (*shapes, "x" * 100_000, "es_" + "y" * 100_000):
        assert await authenticate(token, clock) is None, token[:20]


async def test_a_session_slides_but_ends_after_ninety_days(
    identity: Identity, clock: FixedClock
) -> None:
    account = await make_account(identity)
    start = clock.moment
    token = (await login(identity, account.email, PASSWORD, ADDRESS)).token
    clock.moment = start + timedelta(days=13, hours=23)
    assert await authenticate(token, clock) is not None
    clock.moment += timedelta(days=13, hours=23)
    assert await authenticate(token, clock) is not None  # 28 days after the sign-in
    clock.moment += timedelta(days=14)
    assert await authenticate(token, clock) is None
    await execute("UPDATE session SET expires_at = $1", start + timedelta(days=89, hours=23))
    clock.moment = start + timedelta(days=89)
    assert await authenticate(token, clock) is not None
    clock.moment = start + timedelta(days=90)
    assert await authenticate(token, clock) is None


async def test_a_request_costs_one_statement_and_a_write_at_most_once_an_hour(
    identity: Identity, clock: FixedClock
) -> None:
    account = await make_account(identity)
    signed_in = await login(identity, account.email, PASSWORD, ADDRESS)
    key = await create_api_key(account.actor, "erp", ["order.view"], clock=clock)
    for token, first in ((signed_in.token, 1), (key.text, 2)):
        counts = []
        start = clock.moment
        for minutes in (0, 0, 59, 60, 61):
            clock.moment = start + timedelta(minutes=minutes)
            async with counted_sql() as statements:
                assert await authenticate(token, clock) is not None
            counts.append(len(statements))
        clock.moment = start
        assert counts == [first, 1, 1, 2, 1]


async def test_logout_ends_this_session_only(identity: Identity, clock: FixedClock) -> None:
    account = await make_account(identity)
    one, other = [await login(identity, account.email, PASSWORD, ADDRESS) for _ in range(2)]
    await logout(one.actor, clock)
    assert await authenticate(one.token, clock) is None
    assert await authenticate(other.token, clock) == other.actor


async def test_an_api_key_can_neither_log_out_nor_switch(
    identity: Identity, clock: FixedClock
) -> None:
    account = await make_account(identity)
    key = await create_api_key(account.actor, "erp", ["order.view"], clock=clock)
    actor = await authenticate(key.text, clock)
    assert actor is not None
    before = await contents()
    with pytest.raises(SessionRequired):
        await logout(actor, clock)
    with pytest.raises(SessionRequired):
        await switch_legal_entity(actor, account.actor.legal_entity_id)
    assert await contents() == before


async def test_switching_brings_the_permissions_held_there(
    identity: Identity, clock: FixedClock
) -> None:
    account = await make_account(identity)
    company, entity = await make_company(seller=True)
    await Membership.create(
        user_id=account.actor.user_id, company=company, roles=[Role.WAREHOUSE.value]
    )
    signed_in = await login(identity, account.email, PASSWORD, ADDRESS)
    assert signed_in.actor.company_id == account.actor.company_id
    moved = await switch_legal_entity(signed_in.actor, entity.id)
    assert (moved.company_id, moved.legal_entity_id) == (company.id, entity.id)
    assert moved.permissions == ROLE_PERMISSIONS[Role.WAREHOUSE]
    assert not moved.may(Permission.ORDER_PLACE)
    assert await authenticate(signed_in.token, clock) == moved
    clock.moment += timedelta(minutes=1)
    again = await login(identity, account.email, PASSWORD, ADDRESS)  # the one used last
    assert again.actor.legal_entity_id == entity.id


async def test_nobody_switches_to_a_stranger_or_an_absent_or_idle_entity(
    identity: Identity,
) -> None:
    account = await make_account(identity)
    _, strange = await make_company(seller=True)
    company, idle = await make_company(buyer=True)
    await Membership.create(user_id=account.actor.user_id, company=company, roles=["buyer"])
    await LegalEntity.filter(id=idle.id).update(active=False)
    signed_in = await login(identity, account.email, PASSWORD, ADDRESS)
    before = await contents()
    for wanted in (strange.id, idle.id, uuid4()):
        with pytest.raises(NotFound) as refused:
            await switch_legal_entity(signed_in.actor, wanted)
        assert refused.value.path == ("legalEntityId",)
    assert await contents() == before


async def test_an_ended_session_does_not_switch(identity: Identity, clock: FixedClock) -> None:
    account = await make_account(identity)
    signed_in = await login(identity, account.email, PASSWORD, ADDRESS)
    await logout(signed_in.actor, clock)
    with pytest.raises(Unauthenticated):
        await switch_legal_entity(signed_in.actor, account.actor.legal_entity_id)


async def test_a_session_can_be_opened_for_a_member_only(
    identity: Identity, clock: FixedClock
) -> None:
    account = await make_account(identity)
    _, strange = await make_company(buyer=True)
    opened = await open_session(account.actor.user_id, clock=clock)
    assert await authenticate(opened.token, clock) == opened.actor
    with pytest.raises(NoCompany):
        await open_session(account.actor.user_id, strange.id, clock)


async def test_many_sign_ins_at_once_make_as_many_sessions(identity: Identity) -> None:
    account = await make_account(identity)
    signed_in = await asyncio.gather(
        *(login(identity, account.email, PASSWORD, ADDRESS) for _ in range(8))
    )
    assert len({one.token for one in signed_in}) == 8
    assert await fetch_value("SELECT count(*) FROM session") == 8
