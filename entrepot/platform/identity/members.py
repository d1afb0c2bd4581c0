"""Members of a company: their roles, and how they leave.

All changes lock the company's row first, so that two of them cannot both remove the last
administrator.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from entrepot.platform import database, outbox
from entrepot.platform.clock import Clock, SystemClock
from entrepot.platform.errors import NotFound
from entrepot.platform.identity import rules
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.errors import LastAdministrator
from entrepot.platform.identity.events import MemberRemoved, MemberRolesChanged
from entrepot.platform.identity.permissions import Permission, Role

SYSTEM_CLOCK = SystemClock()


async def set_member_roles(actor: Actor, user_id: UUID, roles: Sequence[str]) -> None:
    """Replace the roles of a member of the actor's company.

    Needs COMPANY_MANAGE. Raises `NotFound` for people who are no members, `InvalidInput` and
    `RoleNotAllowed` for the roles, `LastAdministrator`. Emits `MemberRolesChanged` if anything
    changed. Takes effect with the member's next request.
    """
    actor.require(Permission.COMPANY_MANAGE)
    async with database.transaction():
        kinds = await lock_company(actor.company_id)
        wanted = rules.check_roles(roles, kinds)
        current = await _roles_of(actor.company_id, user_id)
        if set(current) == set(wanted):
            return
        await database.execute(
            "UPDATE membership SET roles = $3 WHERE company_id = $1 AND user_id = $2",
            actor.company_id,
            user_id,
            wanted,
        )
        await _check_administrator_left(actor.company_id, user_id)
        await outbox.record(
            MemberRolesChanged(user_id, actor.company_id, actor.user_id, tuple(wanted))
        )


async def remove_member(actor: Actor, user_id: UUID, clock: Clock = SYSTEM_CLOCK) -> None:
    """End a membership in the actor's company, with the person's sessions and API keys there.

    Needs COMPANY_MANAGE. Raises `NotFound` for people who are no members, `LastAdministrator`.
    Emits `MemberRemoved`. The person's account and other memberships stay.
    """
    actor.require(Permission.COMPANY_MANAGE)
    async with database.transaction():
        await lock_company(actor.company_id)
        await _roles_of(actor.company_id, user_id)
        await database.execute(
            "DELETE FROM membership WHERE company_id = $1 AND user_id = $2",
            actor.company_id,
            user_id,
        )
        await _check_administrator_left(actor.company_id, user_id)
        await _close_doors(actor.company_id, user_id, clock.now())
        await outbox.record(MemberRemoved(user_id, actor.company_id, actor.user_id))


async def lock_company(company_id: UUID) -> frozenset[str]:
    """Lock a company's row until the transaction ends, and return what kinds it is of."""
    row = await database.fetch_one(
        "SELECT is_buyer, is_seller, is_operator FROM company WHERE id = $1 FOR NO KEY UPDATE",
        company_id,
    )
    if row is None:
        raise NotFound("Company")
    kinds = ("buyer", "seller", "operator")
    return frozenset(kind for kind in kinds if row[f"is_{kind}"])


async def _roles_of(company_id: UUID, user_id: UUID) -> list[str]:
    roles: list[str] | None = await database.fetch_value(
        "SELECT roles FROM membership WHERE company_id = $1 AND user_id = $2",
        company_id,
        user_id,
    )
    if roles is None:
        raise NotFound("User").at("userId")
    return roles


async def _check_administrator_left(company_id: UUID, user_id: UUID) -> None:
    left = await database.fetch_value(
        "SELECT count(*) FROM membership m JOIN user_account u ON u.id = m.user_id"
        " WHERE m.company_id = $1 AND $2 = ANY (m.roles) AND u.disabled_at IS NULL",
        company_id,
        Role.ADMINISTRATOR.value,
    )
    if not left:
        raise LastAdministrator(user_id).at("userId")


async def _close_doors(company_id: UUID, user_id: UUID, now: datetime) -> None:
    for table in ("session", "api_key"):
        await database.execute(
            f"UPDATE {table} SET revoked_at = $3 WHERE user_id = $2 AND revoked_at IS NULL"
            " AND legal_entity_id IN (SELECT id FROM legal_entity WHERE company_id = $1)",
            company_id,
            user_id,
            now,
        )
