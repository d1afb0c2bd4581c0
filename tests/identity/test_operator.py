"""The operating company: founded once, its administrator signs in through the letter."""

from __future__ import annotations

import asyncio

import pytest

from entrepot.platform.clock import FixedClock
from entrepot.platform.config import Settings
from entrepot.platform.database import Database, execute, fetch_value
from entrepot.platform.errors import InvalidInput
from entrepot.platform.identity.companies import LegalEntityDraft
from entrepot.platform.identity.errors import InvalidCredentials, LegalEntityTaken
from entrepot.platform.identity.operator import NO_PASSWORD, OperatorExists, found_operator
from entrepot.platform.identity.permissions import Role, permissions_of
from entrepot.platform.identity.service import Identity, login, reset_password
from tests.factories import make_buyer
from tests.identity.letters import last_token, letters

DRAFT = LegalEntityDraft("Market GmbH", "DE", "DE136695976", "EUR")
ADDRESS, PASSWORD = "192.0.2.1", "correct horse battery"


async def companies() -> int:
    count: int = await fetch_value("SELECT count(*) FROM company")
    return count


async def test_the_letter_sets_the_password_and_the_roles_are_there(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    company = await found_operator("Anna@Market.example", "Anna", DRAFT, "ru", clock.now())
    (letter,) = await letters(settings, clock.now())
    assert (letter.kind, letter.recipient, letter.locale) == (
        "reset_password",
        "anna@market.example",
        "ru",
    )
    for guess in (NO_PASSWORD, "", PASSWORD):
        with pytest.raises(InvalidCredentials):
            await login(identity, "anna@market.example", guess, ADDRESS)
    await reset_password(identity, await last_token(settings, clock.now()), PASSWORD)
    signed_in = await login(identity, "anna@market.example", PASSWORD, ADDRESS)
    assert signed_in.actor.company_id == company
    wanted = permissions_of([Role.OPERATOR.value, Role.ADMINISTRATOR.value])
    assert signed_in.actor.permissions == wanted


async def test_there_is_one_operator_however_many_ask_at_once(
    database: Database, clock: FixedClock
) -> None:
    drafts = [DRAFT, LegalEntityDraft("Другая", "RU", "500100732259", "RUB")]
    outcomes = await asyncio.gather(
        *(
            found_operator(f"a{n}@m.example", "A", draft, "en", clock.now())
            for n, draft in enumerate(drafts)
        ),
        return_exceptions=True,
    )
    assert [type(one) for one in outcomes if isinstance(one, Exception)] == [OperatorExists]
    assert await companies() == 1
    assert await fetch_value("SELECT count(*) FROM user_account") == 1


async def test_a_person_with_an_account_keeps_it(database: Database, clock: FixedClock) -> None:
    buyer = await make_buyer(Role.BUYER)
    email = await fetch_value("SELECT email FROM user_account WHERE id = $1", buyer.user_id)
    company = await found_operator(email, "Somebody", DRAFT, "en", clock.now())
    roles = "SELECT roles FROM membership WHERE user_id = $1 AND company_id = $2"
    assert await fetch_value(roles, buyer.user_id, company) == ["operator", "administrator"]
    assert await fetch_value("SELECT count(*) FROM outbox_event") == 0  # no letter, no new password


async def test_what_is_refused_leaves_nothing(database: Database, clock: FixedClock) -> None:
    with pytest.raises(InvalidInput):
        await found_operator("nobody", "A", DRAFT, "en", clock.now())
    wrong = LegalEntityDraft("X", "DE", "DE136695978", "EUR")
    with pytest.raises(InvalidInput):
        await found_operator("a@m.example", "A", wrong, "en", clock.now())
    buyer = await make_buyer(Role.BUYER)
    await execute(
        "UPDATE legal_entity SET country = $2, tax_id = $3, registration_reason_code = ''"
        " WHERE id = $1",
        buyer.legal_entity_id,
        DRAFT.country,
        DRAFT.tax_id,
    )
    before = await companies()
    with pytest.raises(LegalEntityTaken):
        await found_operator("a@m.example", "A", DRAFT, "en", clock.now())
    assert await companies() == before
    assert await fetch_value("SELECT count(*) FROM user_account WHERE email = 'a@m.example'") == 0
