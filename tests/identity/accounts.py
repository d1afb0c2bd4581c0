"""Accounts to sign in with, and what the tables hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entrepot.platform.database import fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import User
from entrepot.platform.identity.permissions import Role
from entrepot.platform.identity.service import Identity
from tests.factories import make_actor, make_company

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Account:
    """A person with a password."""

    actor: Actor
    email: str


async def make_account(identity: Identity, *roles: Role, **company: bool) -> Account:
    """Create a buying company (unless said otherwise) and a person in it with PASSWORD."""
    firm, entity = await make_company(**(company or {"buyer": True}))
    actor = await make_actor(firm, entity, *(roles or (Role.BUYER, Role.ADMINISTRATOR)))
    user = await User.get(id=actor.user_id)
    user.password_hash = await identity.passwords.hash(PASSWORD)
    await user.save()
    return Account(actor, user.email)


TABLES = (
    "user_account",
    "company",
    "legal_entity",
    "membership",
    "session",
    "api_key",
    "one_time_token",
    "invitation",
    "outbox_event",
)


async def contents() -> dict[str, list[dict[str, Any]]]:
    """Every row of identity's tables and of the outbox."""
    return {
        table: [dict(row) for row in await fetch(f"SELECT * FROM {table} ORDER BY 1")]
        for table in TABLES
    }
