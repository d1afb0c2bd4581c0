"""Legal entities, languages, reads, and what time takes away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from entrepot.platform.clock import FixedClock
from entrepot.platform.config import Settings
from entrepot.platform.database import execute, fetch_value
from entrepot.platform.errors import Forbidden, IdempotencyConflict, InvalidInput
from entrepot.platform.identity import queries
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.errors import LegalEntityTaken
from entrepot.platform.identity.events import LegalEntityAdded
from entrepot.platform.identity.models import Company
from entrepot.platform.identity.permissions import ROLE_PERMISSIONS, Role
from entrepot.platform.identity.service import (
    Identity,
    LegalEntityDraft,
    Purged,
    add_legal_entity,
    authenticate,
    confirm_email,
    create_api_key,
    invite_member,
    login,
    purge_expired,
    register_company,
    set_locale,
)
from tests.factories import make_buyer, make_company, make_seller
from tests.identity.accounts import PASSWORD, contents, make_account
from tests.identity.letters import last_token, recorded
from tests.identity.test_registration import ADDRESS, NEWCOMER

DRAFT = LegalEntityDraft(
    name="Blume GmbH", country="DE", tax_id="DE 136695976", currency="EUR", address=" Berlin "
)


async def test_a_company_gets_one_more_legal_entity(identity: Identity, clock: FixedClock) -> None:
    boss = (await make_account(identity)).actor
    added = await add_legal_entity(boss, DRAFT, clock, idempotency_key="k1")
    assert await add_legal_entity(boss, DRAFT, clock, idempotency_key="k1") == added
    row = (await queries.legal_entities_by_ids([added, uuid4()]))[added]
    assert (row.company_id, row.tax_id, row.address) == (boss.company_id, "DE136695976", "Berlin")
    assert await recorded() == [LegalEntityAdded(added, boss.company_id, boss.user_id)]
    own = {entity.id for entity in await queries.own_legal_entities(boss)}
    assert own == {boss.legal_entity_id, added}
    with pytest.raises(IdempotencyConflict):
        await add_legal_entity(boss, replace(DRAFT, name="X"), clock, idempotency_key="k1")


async def test_refused_legal_entities_are_not_written(
    identity: Identity, clock: FixedClock
) -> None:
    boss = (await make_account(identity)).actor
    other = (await make_account(identity)).actor
    await add_legal_entity(other, DRAFT, clock)
    before = await contents()
    with pytest.raises(LegalEntityTaken) as taken:
        await add_legal_entity(boss, DRAFT, clock, idempotency_key="k2")
    assert (taken.value.tax_id, taken.value.path) == ("DE136695976", ("taxId",))
    with pytest.raises(InvalidInput):
        await add_legal_entity(boss, replace(DRAFT, tax_id="DE136695977"), clock)
    with pytest.raises(Forbidden):
        await add_legal_entity(as_role(boss, Role.BUYER), DRAFT, clock)
    assert await contents() == before
    assert await fetch_value("SELECT count(*) FROM idempotency_record") == 0


def as_role(actor: Actor, role: Role) -> Actor:
    """The same person with another role."""
    return replace(actor, permissions=ROLE_PERMISSIONS[role])


async def test_the_language_counts_from_the_next_request(
    identity: Identity, clock: FixedClock
) -> None:
    account = await make_account(identity)
    signed_in = await login(identity, account.email, PASSWORD, ADDRESS)
    await set_locale(signed_in.actor, "ru")
    actor = await authenticate(signed_in.token, clock)
    assert actor is not None
    assert actor.locale == "ru"
    with pytest.raises(InvalidInput):
        await set_locale(signed_in.actor, "de")


async def test_reads_show_companies_as_far_as_each_may_see(identity: Identity) -> None:
    buyer, other = await make_buyer(), await make_buyer()
    seller = await make_seller("Nagel & Sohn")
    strange = other.company_id
    assert (await queries.companies_by_ids([seller.id, strange]))[seller.id].name == "Nagel & Sohn"
    assert await queries.company_for(buyer, strange) is None
    assert await queries.company_for(buyer, seller.id) is not None
    assert await queries.company_for(other, strange) is not None
    assert await queries.fellow_member(buyer, other.user_id) is None
    assert await queries.fellow_member(buyer, buyer.user_id) is not None
    with pytest.raises(Forbidden):
        await queries.members(buyer, None, 10)


async def test_members_come_in_pages(identity: Identity) -> None:
    boss = (await make_account(identity)).actor
    for number in range(5):
        await execute(
            "INSERT INTO user_account (id, email, name, password_hash, locale, created_at)"
            " VALUES (gen_random_uuid(), $1, 'M', '!', 'en', now())",
            f"m{number}@example.test",
        )
    await execute(
        "INSERT INTO membership (id, user_id, company_id, roles, created_at)"
        " SELECT gen_random_uuid(), id, $1, '{buyer}', '2030-01-01Z' FROM user_account"
        " WHERE email LIKE 'm%'",
        boss.company_id,
    )
    seen = []
    after = None
    while rows := await queries.members(boss, after, 2):
        seen += [row.person.email for row in rows]
        after = (rows[-1].joined_at, rows[-1].person.id)
    assert len(seen) == len(set(seen)) == 6


async def test_the_purge_takes_what_ended_and_nothing_else(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    account = await make_account(identity)
    start = clock.moment
    await login(identity, account.email, PASSWORD, ADDRESS)
    await create_api_key(account.actor, "short", ["order.view"], start + timedelta(days=1), clock)
    await create_api_key(account.actor, "long", ["order.view"], clock=clock)
    await invite_member(identity, account.actor, "new@example.com", ["buyer"])
    await register_company(identity, NEWCOMER, ADDRESS)
    before = await contents()
    assert await purge_expired(start + timedelta(days=2)) == Purged(0, 0, 0, 0, 0)
    assert await contents() == before
    assert await purge_expired(start + timedelta(days=4)) == Purged(0, 0, 0, 0, 1)
    assert await fetch_value("SELECT count(*) FROM company") == 1
    assert await fetch_value("SELECT count(*) FROM legal_entity") == 1
    later = start + timedelta(days=45)
    assert await purge_expired(later) == Purged(1, 0, 1, 1, 0)
    assert await purge_expired(later) == Purged(0, 0, 0, 0, 0)
    assert await fetch_value("SELECT name FROM api_key") == "long"
    assert await fetch_value("SELECT count(*) FROM membership") == 1


async def test_a_purged_registration_can_be_made_again(
    identity: Identity, settings: Settings, clock: FixedClock
) -> None:
    await register_company(identity, NEWCOMER, ADDRESS)
    clock.moment += timedelta(days=4)
    assert (await purge_expired(clock.moment)).registrations == 1
    await register_company(identity, NEWCOMER, ADDRESS)
    await confirm_email(identity, await last_token(settings, clock.moment))
    clock.moment += timedelta(days=40)
    assert (await purge_expired(clock.moment)).registrations == 0
    assert await fetch_value("SELECT count(*) FROM legal_entity") == 1


async def test_a_registration_that_something_refers_to_stays(
    identity: Identity, clock: FixedClock
) -> None:
    await register_company(identity, replace(NEWCOMER, kind="seller"), ADDRESS)
    company = await Company.get(name="Romashka")
    await execute(
        "INSERT INTO warehouse (id, seller_id, code, name) VALUES ($1, $2, 'MAIN', 'Main')",
        uuid4(),
        company.id,
    )
    await make_company(buyer=True)
    before = await contents()
    await purge_expired(clock.moment + timedelta(days=4))
    assert await contents() == before
