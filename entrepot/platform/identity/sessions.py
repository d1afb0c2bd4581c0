"""Signing in and out, and who a token is. Tokens themselves are never stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from entrepot.platform import database
from entrepot.platform.clock import Clock, SystemClock
from entrepot.platform.errors import InvalidInput, NotFound, Unauthenticated
from entrepot.platform.identity import rules, tokens
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.errors import (
    EmailNotConfirmed,
    InvalidCredentials,
    NoCompany,
    SessionRequired,
)
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.identity.resources import Identity
from entrepot.platform.ids import new_id

SYSTEM_CLOCK = SystemClock()

_BY_SESSION = """
SELECT s.id, s.user_id, s.legal_entity_id, s.created_at, s.expires_at,
       e.company_id, m.roles, u.locale
  FROM session s
  JOIN user_account u ON u.id = s.user_id
  JOIN legal_entity e ON e.id = s.legal_entity_id
  JOIN company c ON c.id = e.company_id
  JOIN membership m ON m.user_id = u.id AND m.company_id = c.id
 WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2
   AND u.disabled_at IS NULL AND u.email_confirmed_at IS NOT NULL AND e.active AND c.active
"""

_BY_API_KEY = """
SELECT k.id, k.user_id, k.legal_entity_id, k.secret_hash, k.scopes, k.last_used_at,
       e.company_id, m.roles, u.locale
  FROM api_key k
  JOIN user_account u ON u.id = k.user_id
  JOIN legal_entity e ON e.id = k.legal_entity_id
  JOIN company c ON c.id = e.company_id
  JOIN membership m ON m.user_id = u.id AND m.company_id = c.id
 WHERE k.prefix = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)
   AND u.disabled_at IS NULL AND u.email_confirmed_at IS NOT NULL AND e.active AND c.active
"""

_ENTITIES_OF_PERSON = """
SELECT e.id, e.company_id, m.roles
  FROM membership m
  JOIN company c ON c.id = m.company_id
  JOIN legal_entity e ON e.company_id = c.id
 WHERE m.user_id = $1 AND c.active AND e.active
"""

_PERSON_BY_EMAIL = """
SELECT id, password_hash, locale, email_confirmed_at, disabled_at
  FROM user_account
 WHERE email = $1
"""

_LAST_USED_FIRST = """
 ORDER BY (SELECT max(s.created_at) FROM session s
            WHERE s.user_id = $1 AND s.legal_entity_id = e.id) DESC NULLS LAST,
          m.created_at, e.created_at, e.id
 LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session; `token` is known to its owner only and cannot be shown again."""

    token: str
    expires_at: datetime
    actor: Actor


async def authenticate(token: str, clock: Clock = SYSTEM_CLOCK) -> Actor | None:
    """Return who a session token or API key is, or `None`.

    `None` for unknown, expired and revoked ones, for disabled and unconfirmed people, inactive
    companies and former members: the caller cannot tell which. One SQL statement; once an hour a
    second one that notes the use.
    """
    if len(token) > tokens.MAX_TOKEN_LENGTH:
        return None
    if token.startswith(tokens.SESSION_MARK):
        return await _session_actor(token, clock.now())
    return await _api_key_actor(token, clock.now())


async def _session_actor(token: str, now: datetime) -> Actor | None:
    row = await database.fetch_one(_BY_SESSION, tokens.digest(token), now)
    if row is None:
        return None
    expiry = rules.session_expiry(row["created_at"], now)
    if expiry - row["expires_at"] >= rules.TOUCH_EVERY:
        await database.execute(
            "UPDATE session SET expires_at = $2 WHERE id = $1 AND revoked_at IS NULL",
            row["id"],
            expiry,
        )
    return Actor(
        user_id=row["user_id"],
        company_id=row["company_id"],
        legal_entity_id=row["legal_entity_id"],
        permissions=_permissions(tuple(row["roles"])),
        via="session",
        locale=row["locale"],
        session_id=row["id"],
    )


async def _api_key_actor(token: str, now: datetime) -> Actor | None:
    parts = tokens.split_api_key(token)
    if parts is None:
        return None
    row = await database.fetch_one(_BY_API_KEY, parts.prefix, now)
    if row is None or not tokens.matches(parts.secret, row["secret_hash"]):
        return None
    if rules.worth_writing(row["last_used_at"], now):
        await database.execute("UPDATE api_key SET last_used_at = $2 WHERE id = $1", row["id"], now)
    return Actor(
        user_id=row["user_id"],
        company_id=row["company_id"],
        legal_entity_id=row["legal_entity_id"],
        permissions=_permissions(tuple(row["roles"]), tuple(row["scopes"])),
        via="api_key",
        locale=row["locale"],
    )


@lru_cache(maxsize=1024)
def _permissions(
    roles: tuple[str, ...], scopes: tuple[str, ...] | None = None
) -> frozenset[Permission]:
    return rules.permissions_with(roles, scopes)


async def login(identity: Identity, email: str, password: str, address: str) -> SignedIn:
    """Sign a person in; they act for the legal entity they used last.

    `address` is the caller's network address. Raises `TooManyAttempts` (by account and by
    address, before anything is looked up), `InvalidCredentials` for an unknown e-mail, a wrong
    password and a disabled person alike, and, only where the password is right,
    `EmailNotConfirmed` and `NoCompany`. Locks the person's row against a password change.
    """
    account = _stored_spelling(email)
    counted = account or email.strip().lower()  # what is not an e-mail counts under itself
    await identity.throttles.login(counted, address)
    person = await database.fetch_one(_PERSON_BY_EMAIL, account)
    verdict = await identity.passwords.verify(
        password[: rules.MAX_PASSWORD + 1], person["password_hash"] if person else None
    )
    if person is None or not verdict.right or person["disabled_at"] is not None:
        raise InvalidCredentials
    if person["email_confirmed_at"] is None:
        raise EmailNotConfirmed
    async with database.transaction():
        unchanged = await database.fetch_value(
            "SELECT id FROM user_account WHERE id = $1 AND password_hash = $2 FOR NO KEY UPDATE",
            person["id"],
            person["password_hash"],
        )
        if unchanged is None:  # reset meanwhile: the old password no longer opens anything
            raise InvalidCredentials
        if verdict.renewed_hash is not None:
            await database.execute(
                "UPDATE user_account SET password_hash = $2 WHERE id = $1",
                person["id"],
                verdict.renewed_hash,
            )
        signed_in = await _open(identity.clock.now(), person["id"], person["locale"], None)
    await identity.throttles.login_succeeded(counted)
    return signed_in


def _stored_spelling(email: str) -> str | None:
    try:
        return rules.check_email(email)
    except InvalidInput:
        return None


async def open_session(
    user_id: UUID, legal_entity_id: UUID | None = None, clock: Clock = SYSTEM_CLOCK
) -> SignedIn:
    """Open a session without a password: for the operator's tools, demo data and tests.

    Raises `NoCompany` where the person is no member of the legal entity's company.
    """
    locale = await database.fetch_value("SELECT locale FROM user_account WHERE id = $1", user_id)
    async with database.transaction():
        return await _open(clock.now(), user_id, locale or "en", legal_entity_id)


async def _open(
    now: datetime, user_id: UUID, locale: str, legal_entity_id: UUID | None
) -> SignedIn:
    entity = await _entity_of(user_id, legal_entity_id)
    if entity is None:
        raise NoCompany
    token, session_id = tokens.new_session_token(), new_id()
    expires_at = rules.session_expiry(now, now)
    await database.execute(
        "INSERT INTO session (id, token_hash, user_id, legal_entity_id, created_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        session_id,
        tokens.digest(token),
        user_id,
        entity["id"],
        now,
        expires_at,
    )
    return SignedIn(token, expires_at, _actor(user_id, locale, session_id, entity))


async def _entity_of(user_id: UUID, legal_entity_id: UUID | None) -> database.Row | None:
    if legal_entity_id is None:
        return await database.fetch_one(_ENTITIES_OF_PERSON + _LAST_USED_FIRST, user_id)
    return await database.fetch_one(
        _ENTITIES_OF_PERSON + " AND e.id = $2", user_id, legal_entity_id
    )


def _actor(user_id: UUID, locale: str, session_id: UUID, entity: database.Row) -> Actor:
    roles: Sequence[Any] = entity["roles"]
    return Actor(
        user_id=user_id,
        company_id=entity["company_id"],
        legal_entity_id=entity["id"],
        permissions=_permissions(tuple(roles)),
        via="session",
        locale=locale,
        session_id=session_id,
    )


async def logout(actor: Actor, clock: Clock = SYSTEM_CLOCK) -> None:
    """End the actor's session at once. Raises `SessionRequired` for API keys."""
    await database.execute(
        "UPDATE session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        session_of(actor),
        clock.now(),
    )


async def switch_legal_entity(actor: Actor, legal_entity_id: UUID) -> Actor:
    """Let the session act for another legal entity, and return the actor it is now.

    Permissions are those of the person's membership there. Raises `NotFound` for entities of
    companies where the person is no member and for absent ones alike, `SessionRequired` for API
    keys, `Unauthenticated` where the session ended meanwhile.
    """
    session_id = session_of(actor)
    async with database.transaction():
        entity = await _entity_of(actor.user_id, legal_entity_id)
        if entity is None:
            raise NotFound("LegalEntity").at("legalEntityId")
        moved = await database.execute(
            "UPDATE session SET legal_entity_id = $2 WHERE id = $1 AND revoked_at IS NULL",
            session_id,
            legal_entity_id,
        )
        if not moved:
            raise Unauthenticated
    return _actor(actor.user_id, actor.locale, session_id, entity)


def session_of(actor: Actor) -> UUID:
    """Return the actor's session. Raises `SessionRequired` where they came another way."""
    if actor.session_id is None:
        raise SessionRequired
    return actor.session_id
