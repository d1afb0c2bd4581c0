"""API keys: no wider than their maker, shown once, closed at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entrepot.platform.clock import FixedClock
from entrepot.platform.database import execute, fetch_value
from entrepot.platform.errors import Forbidden, IdempotencyConflict, InvalidInput, NotFound
from entrepot.platform.identity import queries
from entrepot.platform.identity.errors import (
    ApiKeyAlreadyMade,
    ScopeNotAllowed,
    SessionRequired,
    TooManyApiKeys,
)
from entrepot.platform.identity.events import ApiKeyCreated, ApiKeyRevoked
from entrepot.platform.identity.models import Membership
from entrepot.platform.identity.permissions import Permission, Role
from entrepot.platform.identity.service import (
    Identity,
    authenticate,
    create_api_key,
    revoke_api_key,
    set_locale,
    set_member_roles,
)
from tests.factories import make_buyer, make_company, make_seller
from tests.identity.accounts import contents, make_account
from tests.identity.letters import recorded


async def test_a_key_acts_within_its_scopes(identity: Identity, clock: FixedClock) -> None:
    account = await make_account(identity)
    key = await create_api_key(
        account.actor, " ERP ", ["order.view", "order.place", "order.view"], clock=clock
    )
    actor = await authenticate(key.text, clock)
    assert actor is not None
    assert (actor.user_id, actor.legal_entity_id, actor.via, actor.session_id) == (
        account.actor.user_id,
        account.actor.legal_entity_id,
        "api_key",
        None,
    )
    assert actor.permissions == {Permission.ORDER_VIEW, Permission.ORDER_PLACE}
    assert key.text.partition("_")[2].partition("_")[2] not in repr(await contents())
    assert await recorded() == [
        ApiKeyCreated(key.id, account.actor.user_id, account.actor.legal_entity_id)
    ]
    (row,) = await queries.api_keys(account.actor)
    assert (row.name, row.scopes) == ("ERP", ("order.place", "order.view"))
    assert row.last_used_at == clock.moment


async def test_a_tampered_key_is_nobody(identity: Identity, clock: FixedClock) -> None:
    account = await make_account(identity)
    key = (await create_api_key(account.actor, "erp", ["order.view"], clock=clock)).text
    for tampered in (key[:-1], key + "x", key[:-1] + ("a" if key[-1] != "a" else "b"), key.upper()):
        assert await authenticate(tampered, clock) is None
    assert await authenticate(key, clock) is not None


async def test_a_key_loses_what_its_maker_loses(identity: Identity, clock: FixedClock) -> None:
    boss = (await make_account(identity)).actor
    key = await create_api_key(boss, "erp", ["order.place", "order.view"], clock=clock)
    await execute(
        "INSERT INTO user_account (id, email, name, password_hash, locale, created_at)"
        " VALUES (gen_random_uuid(), 'b@example.test', 'B', '!', 'en', now())"
    )
    await execute(
        "INSERT INTO membership (id, user_id, company_id, roles, created_at) SELECT"
        " gen_random_uuid(), id, $1, '{administrator}', now() FROM user_account"
        " WHERE email = 'b@example.test'",
        boss.company_id,
    )
    await set_member_roles(boss, boss.user_id, ["accountant"])
    actor = await authenticate(key.text, clock)
    assert actor is not None
    assert actor.permissions == {Permission.ORDER_VIEW}


async def test_refused_keys_are_not_made(identity: Identity, clock: FixedClock) -> None:
    actor = (await make_account(identity)).actor
    approver = await make_buyer(Role.APPROVER)
    before = await contents()
    with pytest.raises(ScopeNotAllowed) as refused:
        await create_api_key(actor, "erp", ["order.view", "prices.manage"], clock=clock)
    assert refused.value.message("en") == (
        "You cannot give the permission PRICES_MANAGE: you do not have it yourself."
    )
    for scopes in ([], ["root"], [""]):
        with pytest.raises(InvalidInput):
            await create_api_key(actor, "erp", scopes, clock=clock)
    for name in ("", "  ", "x" * 101, "a\nb"):
        with pytest.raises(InvalidInput):
            await create_api_key(actor, name, ["order.view"], clock=clock)
    with pytest.raises(InvalidInput):
        await create_api_key(actor, "erp", ["order.view"], clock.moment, clock)
    with pytest.raises(Forbidden):
        await create_api_key(approver, "erp", ["order.view"], clock=clock)
    assert await contents() == before


async def test_a_key_that_makes_keys_makes_none_wider(
    identity: Identity, clock: FixedClock
) -> None:
    owner = (await make_account(identity)).actor
    key = await create_api_key(owner, "maker", ["api_key.manage", "order.view"], clock=clock)
    actor = await authenticate(key.text, clock)
    assert actor is not None
    before = await contents()
    with pytest.raises(ScopeNotAllowed) as refused:
        await create_api_key(actor, "wider", ["order.place"], clock=clock)
    assert refused.value.message("en") == (
        "The permission ORDER_PLACE cannot be given: the scopes of this API key lack it."
    )
    assert refused.value.message("ru") == (
        "Нельзя передать право ORDER_PLACE: у этого ключа API его нет."
    )
    assert await contents() == before


async def test_what_is_lacking_is_named_as_clients_send_it(
    identity: Identity, clock: FixedClock
) -> None:
    owner = (await make_account(identity)).actor
    with pytest.raises(Forbidden) as refused:
        owner.require(Permission.PRICES_MANAGE)
    assert refused.value.message("en") == (
        "Your role lacks the permission PRICES_MANAGE. Ask an administrator of your company."
    )
    key = await create_api_key(owner, "ERP", ["order.view"], clock=clock)
    program = await authenticate(key.text, clock)
    assert program is not None
    with pytest.raises(Forbidden) as refused:
        program.require(Permission.ORDER_PLACE)
    assert refused.value.message("en") == (
        "The scopes of this API key lack ORDER_PLACE. Use a key that has it."
    )
    assert refused.value.message("ru") == (
        "У этого ключа API нет права ORDER_PLACE. Возьмите ключ с этим правом."
    )


async def test_a_key_ends_at_its_time(identity: Identity, clock: FixedClock) -> None:
    actor = (await make_account(identity)).actor
    end = clock.moment + timedelta(days=1)
    key = await create_api_key(actor, "erp", ["order.view"], end, clock)
    assert await authenticate(key.text, clock) is not None
    clock.moment = end
    assert await authenticate(key.text, clock) is None


async def test_who_may_revoke_a_key(identity: Identity, clock: FixedClock) -> None:
    boss = (await make_account(identity)).actor
    seller = (await make_seller()).actor
    stranger = (await make_account(identity)).actor
    key = await create_api_key(boss, "erp", ["order.view"], clock=clock)
    before = await contents()
    for other in (seller, stranger):
        with pytest.raises(NotFound):
            await revoke_api_key(other, key.id, clock)
    with pytest.raises(Forbidden):
        await revoke_api_key(await make_buyer(Role.APPROVER), key.id, clock)
    assert (await contents())["api_key"] == before["api_key"]
    await revoke_api_key(boss, key.id, clock)
    assert await authenticate(key.text, clock) is None
    await revoke_api_key(boss, key.id, clock)
    assert (await recorded())[1:] == [ApiKeyRevoked(key.id, boss.user_id)]


async def test_there_is_an_end_to_keys(identity: Identity, clock: FixedClock) -> None:
    actor = (await make_account(identity)).actor
    made = [await create_api_key(actor, f"k{n}", ["order.view"], clock=clock) for n in range(50)]
    with pytest.raises(TooManyApiKeys):
        await create_api_key(actor, "one more", ["order.view"], clock=clock)
    await revoke_api_key(actor, made[0].id, clock)
    await create_api_key(actor, "one more", ["order.view"], clock=clock)
    assert await fetch_value("SELECT count(*) FROM api_key WHERE revoked_at IS NULL") == 50


async def test_a_repeated_request_makes_one_key(identity: Identity, clock: FixedClock) -> None:
    actor = (await make_account(identity)).actor
    made = await create_api_key(actor, "erp", ["order.view"], None, clock, "retry-1")
    before = await contents()
    with pytest.raises(ApiKeyAlreadyMade) as repeated:
        await create_api_key(actor, "erp", ["order.view"], None, clock, "retry-1")
    assert repeated.value.api_key_id == made.id
    with pytest.raises(IdempotencyConflict):
        await create_api_key(actor, "crm", ["order.view"], None, clock, "retry-1")
    assert await contents() == before
    assert await authenticate(made.text, clock) is not None


async def test_a_key_learns_nothing_of_its_owners_other_companies(
    identity: Identity, clock: FixedClock
) -> None:
    owner = (await make_account(identity)).actor
    other, other_entity = await make_company(buyer=True)
    await Membership.create(user_id=owner.user_id, company=other, roles=["buyer"])
    assert len(await queries.own_legal_entities(owner)) == 2
    assert len(await queries.memberships(owner)) == 2
    key = await create_api_key(owner, "erp", ["order.view"], clock=clock)
    program = await authenticate(key.text, clock)
    assert program is not None
    seen = [entity.id for entity in await queries.own_legal_entities(program)]
    assert seen == [owner.legal_entity_id]
    assert [row.company_id for row in await queries.memberships(program)] == [owner.company_id]
    assert await queries.company_for(program, other.id) is None
    assert await queries.company_for(owner, other.id) is not None
    assert await queries.api_keys(program) == []
    with pytest.raises(SessionRequired):
        await set_locale(program, "ru")
    assert other_entity.id not in seen
