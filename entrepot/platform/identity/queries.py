"""Reads of identity: plain rows, batched where a loader needs them. No secret is ever read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from entrepot.platform.database import Row, fetch, fetch_one
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission

_ENTITY = """
e.id, e.company_id, e.name, e.country, e.tax_id, e.registration_reason_code, e.address,
e.time_zone, e.currency, e.active
"""


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """What everybody may know of a company."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class LegalEntityRow:
    """A legal entity; `registration_reason_code` (KPP) is empty outside Russia."""

    id: UUID
    company_id: UUID
    name: str
    country: str
    tax_id: str
    registration_reason_code: str
    address: str
    time_zone: str
    currency: str
    active: bool


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person, as they and their fellow members see them."""

    id: UUID
    email: str
    name: str
    locale: str


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """A person's roles in a company. `kinds`: what the company is, of buyer, seller, operator."""

    company_id: UUID
    company_name: str
    kinds: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member of the actor's company."""

    person: PersonRow
    roles: tuple[str, ...]
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """An API key without its secret."""

    id: UUID
    prefix: str
    name: str
    user_id: UUID
    legal_entity_id: UUID
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation that has not been accepted."""

    id: UUID
    email: str
    roles: tuple[str, ...]
    created_at: datetime
    expires_at: datetime


async def companies_by_ids(ids: Sequence[UUID]) -> dict[UUID, CompanyRow]:
    """Return companies by id: their public names only. Absent ones are left out."""
    rows = await fetch("SELECT id, name FROM company WHERE id = ANY ($1)", list(ids))
    return {row["id"]: CompanyRow(row["id"], row["name"]) for row in rows}


async def company_for(actor: Actor, company_id: UUID) -> CompanyRow | None:
    """Return a company that the actor may look up: a seller, the operator, or one of their own."""
    row = await fetch_one(
        "SELECT c.id, c.name FROM company c WHERE c.id = $1 AND (c.is_seller OR c.is_operator OR"
        " EXISTS (SELECT 1 FROM membership m WHERE m.company_id = c.id AND m.user_id = $2"
        " AND ($3::uuid IS NULL OR c.id = $3)))",
        company_id,
        actor.user_id,
        None if actor.via == "session" else actor.company_id,
    )
    return None if row is None else CompanyRow(row["id"], row["name"])


async def legal_entities_by_ids(ids: Sequence[UUID]) -> dict[UUID, LegalEntityRow]:
    """Return legal entities by id, whoever's they are: the caller answers for visibility."""
    rows = await fetch(f"SELECT {_ENTITY} FROM legal_entity e WHERE e.id = ANY ($1)", list(ids))
    return {row["id"]: _entity(row) for row in rows}


async def own_legal_entities(actor: Actor) -> list[LegalEntityRow]:
    """Return the active legal entities that the person can act for, in all their companies.

    For an API key only the one it acts for: programs of one company learn nothing of another.
    """
    rows = await fetch(
        f"SELECT {_ENTITY} FROM legal_entity e JOIN company c ON c.id = e.company_id"
        " JOIN membership m ON m.company_id = c.id"
        " WHERE m.user_id = $1 AND e.active AND c.active AND ($2::uuid IS NULL OR e.id = $2)"
        " ORDER BY m.created_at, e.created_at, e.id",
        actor.user_id,
        None if actor.via == "session" else actor.legal_entity_id,
    )
    return [_entity(row) for row in rows]


async def person(user_id: UUID) -> PersonRow | None:
    """Return a person."""
    row = await fetch_one("SELECT id, email, name, locale FROM user_account WHERE id = $1", user_id)
    return None if row is None else _person(row)


async def fellow_member(actor: Actor, user_id: UUID) -> PersonRow | None:
    """Return the actor, or, with COMPANY_MANAGE, another member of their company."""
    if user_id == actor.user_id:
        return await person(user_id)
    if not actor.may(Permission.COMPANY_MANAGE):
        return None
    row = await fetch_one(
        "SELECT u.id, u.email, u.name, u.locale FROM user_account u"
        " JOIN membership m ON m.user_id = u.id WHERE u.id = $1 AND m.company_id = $2",
        user_id,
        actor.company_id,
    )
    return None if row is None else _person(row)


async def memberships(actor: Actor) -> list[MembershipRow]:
    """Return the person's memberships in active companies, oldest first.

    For an API key only the one in the company it acts for.
    """
    rows = await fetch(
        "SELECT c.id, c.name, c.is_buyer, c.is_seller, c.is_operator, m.roles"
        " FROM membership m JOIN company c ON c.id = m.company_id"
        " WHERE m.user_id = $1 AND c.active AND ($2::uuid IS NULL OR c.id = $2)"
        " ORDER BY m.created_at, m.id",
        actor.user_id,
        None if actor.via == "session" else actor.company_id,
    )
    return [
        MembershipRow(
            row["id"],
            row["name"],
            tuple(kind for kind in ("buyer", "seller", "operator") if row[f"is_{kind}"]),
            tuple(row["roles"]),
        )
        for row in rows
    ]


async def members(actor: Actor, after: tuple[datetime, UUID] | None, limit: int) -> list[MemberRow]:
    """Return members of the actor's company, oldest first, after `(joined_at, user id)`.

    Needs COMPANY_MANAGE.
    """
    actor.require(Permission.COMPANY_MANAGE)
    arguments: list[Any] = [actor.company_id, limit]
    condition = ""
    if after is not None:
        condition = " AND (m.created_at, m.user_id) > ($3, $4)"
        arguments += after
    rows = await fetch(
        "SELECT u.id, u.email, u.name, u.locale, m.roles, m.created_at FROM membership m"
        f" JOIN user_account u ON u.id = m.user_id WHERE m.company_id = $1{condition}"
        " ORDER BY m.created_at, m.user_id LIMIT $2",
        *arguments,
    )
    return [MemberRow(_person(row), tuple(row["roles"]), row["created_at"]) for row in rows]


async def member(actor: Actor, user_id: UUID) -> MemberRow | None:
    """Return one member of the actor's company. Needs COMPANY_MANAGE."""
    actor.require(Permission.COMPANY_MANAGE)
    row = await fetch_one(
        "SELECT u.id, u.email, u.name, u.locale, m.roles, m.created_at FROM membership m"
        " JOIN user_account u ON u.id = m.user_id WHERE m.company_id = $1 AND m.user_id = $2",
        actor.company_id,
        user_id,
    )
    return None if row is None else MemberRow(_person(row), tuple(row["roles"]), row["created_at"])


_KEY = """
k.id, k.prefix, k.name, k.user_id, k.legal_entity_id, k.scopes, k.created_at, k.expires_at,
k.last_used_at, k.revoked_at
"""


async def api_keys(actor: Actor) -> list[ApiKeyRow]:
    """Return the keys in the actor's company, newest first: all of them with COMPANY_MANAGE,
    their own otherwise, none for API keys without API_KEY_MANAGE."""
    if actor.via == "api_key" and not actor.may(Permission.API_KEY_MANAGE):
        return []
    rows = await fetch(
        f"SELECT {_KEY} FROM api_key k JOIN legal_entity e ON e.id = k.legal_entity_id"
        " WHERE e.company_id = $1 AND (k.user_id = $2 OR $3) ORDER BY k.created_at DESC, k.id DESC",
        actor.company_id,
        actor.user_id,
        actor.may(Permission.COMPANY_MANAGE),
    )
    return [_key(row) for row in rows]


async def invitations(actor: Actor, now: datetime) -> list[InvitationRow]:
    """Return the open invitations of the actor's company, newest first. Needs COMPANY_MANAGE."""
    actor.require(Permission.COMPANY_MANAGE)
    rows = await fetch(
        "SELECT id, email, roles, created_at, expires_at FROM invitation"
        " WHERE company_id = $1 AND accepted_at IS NULL AND expires_at > $2"
        " ORDER BY created_at DESC, id DESC",
        actor.company_id,
        now,
    )
    return [
        InvitationRow(
            row["id"], row["email"], tuple(row["roles"]), row["created_at"], row["expires_at"]
        )
        for row in rows
    ]


def _person(row: Row) -> PersonRow:
    return PersonRow(row["id"], row["email"], row["name"], row["locale"])


def _entity(row: Row) -> LegalEntityRow:
    return LegalEntityRow(**row)


def _key(row: Row) -> ApiKeyRow:
    return ApiKeyRow(**{**row, "scopes": tuple(row["scopes"])})
