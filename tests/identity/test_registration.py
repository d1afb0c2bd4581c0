"""Registering, confirming, and that neither tells who is here already."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from entrepot.platform.clock import FixedClock
from entrepot.platform.config import Settings
from entrepot.platform.database import fetch, fetch_one, fetch_value
from entrepot.platform.errors import IdempotencyConflict, InvalidInput, TooManyAttempts
from entrepot.platform.identity.errors import EmailNotConfirmed, InvalidToken
from entrepot.platform.identity.events import (
    CompanyAlreadyRegistered,
    EmailAlreadyRegistered,
    EmailConfirmed,
    PersonRegistered,
)
from entrepot.platform.identity.permissions import Role, permissions_of
from entrepot.platform.identity.service import (
    Identity,
    LegalEntityDraft,
    Registration,
    confirm_email,
    login,
    register_company,
    reset_password,
)
from tests.identity.accounts import PASSWORD, contents, make_account
from tests.identity.letters import last_token, letters, recorded
from tests.sql_counter import counted_sql

ADDRESS = "192.0.2.1"
NEWCOMER = Registration(
    email="Anna@Example.com",
    password=PASSWORD,
    name=" Anna Smith ",
    company_name="Romashka",
    kind="buyer",
    legal_entity=LegalEntityDraft(
        name="ООО «Ромашка»",
        country="ru",
        tax_id="7707 083 893",
        registration_reason_code="773601001",
        currency="rub",
        time_zone="Europe/Moscow",
    ),
    locale="ru",
)
OTHER_ENTITY = LegalEntityDraft(name="Blume GmbH", country="DE", tax_id="136695976", currency="EUR")
BUSINESS = ("user_account", "company", "legal_entity", "membership", "session", "api_key")


async def test_a_newcomer_registers_confirms_and_signs_in(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    await register_company(identity, NEWCOMER, ADDRESS)
    with pytest.raises(EmailNotConfirmed):
        await login(identity, "anna@example.com", PASSWORD, ADDRESS)
    (letter,) = await letters(settings, clock.moment)
    assert (letter.kind, letter.recipient, letter.locale) == (
        "confirm_email",
        "anna@example.com",
        "ru",
    )
    assert (letter.name, letter.company) == ("Anna Smith", "Romashka")
    assert letter.link == f"http://127.0.0.1:8000/confirm-email#token={letter.token}"
    assert letter.expires_at == clock.moment + timedelta(days=3)
    assert await confirm_email(identity, letter.token or "") == "anna@example.com"
    actor = (await login(identity, "anna@example.com", PASSWORD, ADDRESS)).actor
    assert actor.permissions == permissions_of([Role.BUYER.value, Role.ADMINISTRATOR.value])
    assert actor.locale == "ru"
    entity = await fetch_one("SELECT * FROM legal_entity WHERE id = $1", actor.legal_entity_id)
    assert entity is not None
    assert (entity["country"], entity["tax_id"], entity["currency"]) == ("RU", "7707083893", "RUB")
    assert [type(event) for event in await recorded()] == [PersonRegistered, EmailConfirmed]


async def test_a_seller_becomes_manager_and_administrator(identity: Identity) -> None:
    await register_company(identity, replace(NEWCOMER, kind="seller"), ADDRESS)
    row = await fetch_one(
        "SELECT c.is_buyer, c.is_seller, c.is_operator, m.roles FROM company c"
        " JOIN membership m ON m.company_id = c.id"
    )
    assert row is not None
    assert tuple(row.values()) == (False, True, False, ["seller_manager", "administrator"])


async def test_a_known_email_gets_the_same_answer_and_effort_and_its_owner_a_letter(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    async with counted_sql() as for_a_stranger:
        started = identity.passwords.computations
        fresh = await register_company(identity, NEWCOMER, ADDRESS)  # type: ignore[func-returns-value]  # compared below
        effort = identity.passwords.computations - started
    account = await make_account(identity)
    before = await contents()
    async with counted_sql() as for_the_known:
        started = identity.passwords.computations
        again = await register_company(  # type: ignore[func-returns-value]  # compared below
            identity, replace(NEWCOMER, email=account.email, legal_entity=OTHER_ENTITY), ADDRESS
        )
        assert identity.passwords.computations - started == effort == 1
    assert fresh is again is None
    assert abs(len(for_a_stranger) - len(for_the_known)) <= 1
    after = await contents()
    assert {table: after[table] for table in BUSINESS} == {
        table: before[table] for table in BUSINESS
    }
    event = (await recorded())[-1]
    assert isinstance(event, EmailAlreadyRegistered)
    letter = (await letters(settings, clock.moment))[-1]
    assert (letter.kind, letter.recipient) == ("email_already_registered", account.email)
    assert letter.link == f"http://127.0.0.1:8000/reset-password#token={letter.token}"
    await reset_password(identity, letter.token or "", "another good password")
    assert (await login(identity, account.email, "another good password", ADDRESS)).token


async def test_a_known_legal_entity_is_told_by_letter_only(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    await register_company(identity, NEWCOMER, ADDRESS)
    before = await contents()
    await register_company(
        identity, replace(NEWCOMER, email="boris@example.com", name="Boris"), ADDRESS
    )
    after = await contents()
    event = (await recorded())[-1]
    assert event == CompanyAlreadyRegistered("boris@example.com", "Boris", "ООО «Ромашка»", "ru")
    assert {**after, "outbox_event": after["outbox_event"][:-1]} == before
    letter = (await letters(settings, clock.moment))[-1]
    assert (letter.kind, letter.recipient, letter.link) == (
        "company_already_registered",
        "boris@example.com",
        None,
    )


async def test_eight_at_once_with_one_email_make_one_account(identity: Identity) -> None:
    drafts = [
        replace(NEWCOMER.legal_entity, tax_id=inn, registration_reason_code="")
        for inn in ("500100732259", "7707083893")
    ]
    drafts[1] = replace(drafts[1], registration_reason_code="773601001")
    await asyncio.gather(
        *(
            register_company(
                identity, replace(NEWCOMER, legal_entity=drafts[number % 2]), f"192.0.2.{number}"
            )
            for number in range(4)
        )
    )
    assert await fetch_value("SELECT count(*) FROM user_account") == 1
    assert await fetch_value("SELECT count(*) FROM company") == 1
    assert await fetch_value("SELECT count(*) FROM legal_entity") == 1
    kinds = sorted(type(event).__name__ for event in await recorded())
    assert kinds == ["EmailAlreadyRegistered"] * 3 + ["PersonRegistered"]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"email": "anna"}, ("email",)),
        ({"password": "short"}, ("password",)),
        ({"password": "anna@example.com"}, ("password",)),
        ({"name": "  "}, ("name",)),
        ({"name": "a\x00b"}, ("name",)),
        ({"company_name": "x" * 201}, ("companyName",)),
        ({"kind": "operator"}, ("kind",)),
        ({"locale": "de"}, ("locale",)),
        (
            {"legal_entity": replace(NEWCOMER.legal_entity, tax_id="7707083894")},
            ("legalEntity", "taxId"),
        ),
        (
            {"legal_entity": replace(NEWCOMER.legal_entity, currency="BTC")},
            ("legalEntity", "currency"),
        ),
        (
            {"legal_entity": replace(NEWCOMER.legal_entity, time_zone="Mars/Base")},
            ("legalEntity", "timeZone"),
        ),
        ({"legal_entity": replace(NEWCOMER.legal_entity, name="")}, ("legalEntity", "name")),
    ],
)
def test_bad_input_names_its_field(wrong: dict[str, object], path: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        replace(NEWCOMER, **wrong).checked()  # type: ignore[arg-type]  # wrong on purpose
    assert refused.value.path == path
    assert refused.value.message("en") != refused.value.message("ru")


async def test_bad_input_writes_and_hashes_nothing(identity: Identity) -> None:
    before = await contents()
    with pytest.raises(InvalidInput):
        await register_company(identity, replace(NEWCOMER, password="short"), ADDRESS)
    assert identity.passwords.computations == 0
    assert await contents() == before


async def test_registrations_are_limited_by_address_and_by_email(identity: Identity) -> None:
    for _ in range(5):
        await register_company(identity, NEWCOMER, ADDRESS)
    before = await contents()
    with pytest.raises(TooManyAttempts):  # nobody's mailbox is flooded
        await register_company(identity, NEWCOMER, "198.51.100.7")
    assert await contents() == before
    for number in range(15):
        await register_company(identity, replace(NEWCOMER, email=f"x{number}@x.ru"), ADDRESS)
    with pytest.raises(TooManyAttempts):
        await register_company(identity, replace(NEWCOMER, email="y@x.ru"), ADDRESS)


async def test_a_confirmation_works_once_and_for_three_days(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    await register_company(identity, NEWCOMER, ADDRESS)
    token = await last_token(settings, clock.moment)
    start = clock.moment
    clock.moment = start + timedelta(days=3)
    for late in (token, "x", "", "y" * 100_000):
        with pytest.raises(InvalidToken):
            await confirm_email(identity, late)
    assert await fetch_value("SELECT email_confirmed_at FROM user_account") is None
    clock.moment = start + timedelta(days=3) - timedelta(seconds=1)
    await confirm_email(identity, token)
    before = await contents()
    with pytest.raises(InvalidToken):
        await confirm_email(identity, token)
    assert await contents() == before


async def test_a_link_for_one_purpose_opens_no_other_door(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    await register_company(identity, NEWCOMER, ADDRESS)
    token = await last_token(settings, clock.moment)
    with pytest.raises(InvalidToken):
        await reset_password(identity, token, "another good password")
    await confirm_email(identity, token)


async def test_no_table_holds_a_link_or_a_password(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    await register_company(identity, NEWCOMER, ADDRESS)
    token = await last_token(settings, clock.moment)
    tables = await fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    for row in tables:
        dump = repr([dict(r) for r in await fetch(f'SELECT * FROM "{row["table_name"]}"')])
        assert token not in dump
        assert PASSWORD not in dump


async def test_a_repeated_request_with_its_key_is_one_registration(identity: Identity) -> None:
    for _ in range(3):
        await register_company(identity, NEWCOMER, ADDRESS, idempotency_key="retry-1")
    assert [type(event) for event in await recorded()] == [PersonRegistered]
    before = await contents()
    with pytest.raises(IdempotencyConflict):
        other = replace(NEWCOMER, company_name="Another")
        await register_company(identity, other, ADDRESS, idempotency_key="retry-1")
    assert await contents() == before
