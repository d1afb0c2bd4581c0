"""API keys: ways in for programs, no wider than the person who makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from entrepot.platform import database, idempotency, outbox
from entrepot.platform.clock import Clock, SystemClock
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity import rules, tokens
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.errors import ApiKeyAlreadyMade, ScopeNotAllowed, TooManyApiKeys
from entrepot.platform.identity.events import ApiKeyCreated, ApiKeyRevoked
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id

SYSTEM_CLOCK = SystemClock()
MAX_LIVE_KEYS = 50


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A fresh key; `text` is known to its owner only and cannot be shown again."""

    id: UUID
    text: str


async def create_api_key(
    actor: Actor,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None = None,
    clock: Clock = SYSTEM_CLOCK,
    idempotency_key: str | None = None,
) -> CreatedKey:
    """Make a key that acts as the actor, for their legal entity, within `scopes`.

    `scopes` are permissions, at most the actor's own; what the person loses later, the key loses
    too. The same `idempotency_key` again raises `ApiKeyAlreadyMade`, since secrets are not kept.
    Needs API_KEY_MANAGE. Raises `InvalidInput`, `ScopeNotAllowed`, `TooManyApiKeys`,
    `IdempotencyConflict`. Emits `ApiKeyCreated`. Locks the person's row.
    """
    actor.require(Permission.API_KEY_MANAGE)
    checked_name = rules.check_text(name, "name", 100)
    wanted = _check_scopes(actor, scopes)
    now = clock.now()
    if expires_at is not None and expires_at <= now:
        raise InvalidInput("expiresAt", "a time to come", "момент в будущем")
    key, key_id = tokens.new_api_key(), new_id()
    async with database.transaction():
        if idempotency_key is not None:
            asked = [checked_name, wanted, expires_at]
            await _refuse_repetition(actor, idempotency_key, asked, key_id, key.prefix)
        await database.execute(
            "SELECT id FROM user_account WHERE id = $1 FOR NO KEY UPDATE", actor.user_id
        )
        live = await database.fetch_value(
            "SELECT count(*) FROM api_key WHERE user_id = $1 AND revoked_at IS NULL"
            " AND (expires_at IS NULL OR expires_at > $2)",
            actor.user_id,
            now,
        )
        if live >= MAX_LIVE_KEYS:
            raise TooManyApiKeys(MAX_LIVE_KEYS)
        await database.execute(
            "INSERT INTO api_key (id, prefix, secret_hash, name, user_id, legal_entity_id, scopes,"
            " created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            key_id,
            key.prefix,
            key.secret_hash,
            checked_name,
            actor.user_id,
            actor.legal_entity_id,
            wanted,
            now,
            expires_at,
        )
        await outbox.record(ApiKeyCreated(key_id, actor.user_id, actor.legal_entity_id))
    return CreatedKey(key_id, key.text)


async def _refuse_repetition(
    actor: Actor, given_key: str, asked: object, key_id: UUID, prefix: str
) -> None:
    scope = f"createApiKey:{actor.user_id}"
    digest, checked = idempotency.request_hash(asked), idempotency.check_key(given_key)
    earlier = await idempotency.earlier_result(scope, checked, digest)
    if earlier is not None:
        raise ApiKeyAlreadyMade(UUID(earlier["api_key_id"]), earlier["prefix"])
    made = {"api_key_id": str(key_id), "prefix": prefix}
    await idempotency.remember(scope, checked, digest, made)


def _check_scopes(actor: Actor, scopes: Sequence[str]) -> list[str]:
    wanted = set(scopes)
    if not wanted:
        raise InvalidInput("scopes", "at least one permission", "хотя бы одно право")
    if unknown := sorted(wanted - {permission.value for permission in Permission}):
        raise InvalidInput(
            "scopes", f"unknown permission {unknown[0][:40]}", f"нет права {unknown[0][:40]}"
        )
    by_key = actor.via == "api_key"
    for scope in sorted(wanted):
        if not actor.may(Permission(scope)):
            raise ScopeNotAllowed(Permission(scope).name, by_key=by_key).at("scopes")
    return sorted(wanted)


async def revoke_api_key(actor: Actor, key_id: UUID, clock: Clock = SYSTEM_CLOCK) -> None:
    """Close a key at once: one's own with API_KEY_MANAGE, any of the company with COMPANY_MANAGE.

    Raises `NotFound` for keys of others and absent ones alike. Emits `ApiKeyRevoked`; revoking
    again changes nothing.
    """
    if not actor.may(Permission.COMPANY_MANAGE):
        actor.require(Permission.API_KEY_MANAGE)
    async with database.transaction():
        row = await database.fetch_one(
            "SELECT k.revoked_at FROM api_key k JOIN legal_entity e ON e.id = k.legal_entity_id"
            " WHERE k.id = $1 AND e.company_id = $2 AND (k.user_id = $3 OR $4) FOR UPDATE OF k",
            key_id,
            actor.company_id,
            actor.user_id,
            actor.may(Permission.COMPANY_MANAGE),
        )
        if row is None:
            raise NotFound("ApiKey").at("apiKeyId")
        if row["revoked_at"] is None:
            await database.execute(
                "UPDATE api_key SET revoked_at = $2 WHERE id = $1", key_id, clock.now()
            )
            await outbox.record(ApiKeyRevoked(key_id, actor.user_id))
