"""A buyer's leave for a seller's representatives to order for a legal entity: given, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from entrepot.platform import outbox
from entrepot.platform.clock import Clock
from entrepot.platform.database import Row, execute, fetch, fetch_one, fetch_value, transaction
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission, permissions_of
from entrepot.platform.ids import new_id
from entrepot.platform.orders.behalf.events import BuyingMandateGranted, BuyingMandateRevoked

NEEDED = frozenset({Permission.ORDER_PLACE, Permission.CART_MANAGE})
"""What a person must be allowed for somebody to order on their behalf."""
GRANT = """
INSERT INTO buying_mandate (id, legal_entity_id, company_id, granted_by_id, granted_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (legal_entity_id, company_id) WHERE revoked_at IS NULL DO NOTHING
"""
LIVE = """
SELECT id FROM buying_mandate
 WHERE legal_entity_id = $1 AND company_id = $2 AND revoked_at IS NULL
"""
LOCK_OWN = """
SELECT m.id, m.legal_entity_id, m.company_id, m.revoked_at
  FROM buying_mandate m JOIN legal_entity e ON e.id = m.legal_entity_id
 WHERE m.id = $1 AND e.company_id = $2
   FOR UPDATE OF m
"""
MANDATE = """
SELECT m.id, m.legal_entity_id, e.name AS legal_entity_name, e.company_id AS buyer_id,
       b.name AS buyer_name, m.company_id, c.name AS company_name, u.name AS granted_by,
       m.granted_at, m.revoked_at
  FROM buying_mandate m
  JOIN legal_entity e ON e.id = m.legal_entity_id
  JOIN company b ON b.id = e.company_id
  JOIN company c ON c.id = m.company_id
  JOIN user_account u ON u.id = m.granted_by_id
"""
BUYERS = """
SELECT m.company_id, m.roles, u.id, u.name
  FROM membership m JOIN user_account u ON u.id = m.user_id
 WHERE m.company_id = ANY($1::uuid[]) AND u.disabled_at IS NULL
 ORDER BY u.name, u.id
"""
NewestKey = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class MandateRow:
    """A mandate; `buyer_…` is the granting company, `company_…` the one that may order."""

    id: UUID
    legal_entity_id: UUID
    legal_entity_name: str
    buyer_id: UUID
    buyer_name: str
    company_id: UUID
    company_name: str
    granted_by: str
    granted_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class BuyerPerson:
    """Somebody for whom may be ordered; nothing but the name is told."""

    id: UUID
    name: str


async def grant(actor: Actor, company_id: UUID, *, clock: Clock) -> UUID:
    """Let a selling company's representatives order for the legal entity acted for.

    Returns the mandate's id; that of the live one if there is one. Needs `company.manage`. Raises
    `NotFound` for companies that do not sell, and for the actor's own. Records
    `BuyingMandateGranted`.
    """
    actor.require(Permission.COMPANY_MANAGE)
    async with transaction():
        sells = await fetch_value(
            "SELECT 1 FROM company WHERE id = $1 AND is_seller AND active AND id <> $2",
            company_id,
            actor.company_id,
        )
        if sells is None:
            raise NotFound("seller").at("companyId")
        mandate_id = new_id()
        made = await execute(
            GRANT, mandate_id, actor.legal_entity_id, company_id, actor.user_id, clock.now()
        )
        if not made:
            found: UUID | None = await fetch_value(LIVE, actor.legal_entity_id, company_id)
            return mandate_id if found is None else found
        await outbox.record(
            BuyingMandateGranted(mandate_id, actor.legal_entity_id, company_id, actor.user_id)
        )
    return mandate_id


async def revoke(actor: Actor, mandate_id: UUID, *, clock: Clock) -> None:
    """Take a mandate of the actor's company back; doing it again changes nothing.

    Waits for orders that are being placed under it. Needs `company.manage`. Raises `NotFound`.
    Records `BuyingMandateRevoked`.
    """
    actor.require(Permission.COMPANY_MANAGE)
    async with transaction():
        row = await fetch_one(LOCK_OWN, mandate_id, actor.company_id)
        if row is None:
            raise NotFound("mandate").at("mandateId")
        if row["revoked_at"] is not None:
            return
        await execute(
            "UPDATE buying_mandate SET revoked_at = $2 WHERE id = $1", mandate_id, clock.now()
        )
        await outbox.record(
            BuyingMandateRevoked(
                mandate_id, row["legal_entity_id"], row["company_id"], actor.user_id
            )
        )


async def hold_mandate(company_id: UUID, legal_entity_id: UUID) -> bool:
    """Say whether the company has a live mandate, and keep it so until the transaction ends."""
    return await fetch_value(f"{LIVE} FOR SHARE", legal_entity_id, company_id) is not None


async def granted(actor: Actor, after: NewestKey | None, limit: int) -> list[MandateRow]:
    """Return the live mandates that the actor's company gave, newest first. Needs
    `company.manage`."""
    actor.require(Permission.COMPANY_MANAGE)
    return await _page("e.company_id", actor.company_id, after, limit)


async def held(actor: Actor, after: NewestKey | None, limit: int) -> list[MandateRow]:
    """Return the live mandates that the actor's company has, newest first. Needs
    `order.on_behalf`."""
    actor.require(Permission.ORDER_ON_BEHALF)
    return await _page("m.company_id", actor.company_id, after, limit)


async def _page(
    side: str, company_id: UUID, after: NewestKey | None, limit: int
) -> list[MandateRow]:
    sql = f"{MANDATE} WHERE {side} = $1 AND m.revoked_at IS NULL"
    arguments: list[object] = [company_id, limit]
    if after is not None:
        sql += " AND (m.granted_at, m.id) < ($3, $4)"
        arguments += after
    rows = await fetch(f"{sql} ORDER BY m.granted_at DESC, m.id DESC LIMIT $2", *arguments)
    return [MandateRow(**row) for row in rows]


async def mandates_by_ids(actor: Actor, ids: Sequence[UUID]) -> dict[UUID, MandateRow]:
    """Return those of the mandates that the actor's side gave or has and the actor may see."""
    rows = await fetch(f"{MANDATE} WHERE m.id = ANY($1::uuid[])", list(ids))
    return {row["id"]: MandateRow(**row) for row in rows if _sees(actor, row)}


def _sees(actor: Actor, row: Row) -> bool:
    if row["buyer_id"] == actor.company_id and actor.may(Permission.COMPANY_MANAGE):
        return True
    has: bool = row["company_id"] == actor.company_id and row["revoked_at"] is None
    return has and actor.may(Permission.ORDER_ON_BEHALF)


async def people_of(company_ids: Sequence[UUID]) -> dict[UUID, list[BuyerPerson]]:
    """Return the people of buying companies for whom may be ordered, by name.

    Call it for companies whose mandate the actor has.
    """
    found: dict[UUID, list[BuyerPerson]] = {company_id: [] for company_id in company_ids}
    for row in await fetch(BUYERS, list(found)):
        if permissions_of(row["roles"]) >= NEEDED:
            found[row["company_id"]].append(BuyerPerson(row["id"], row["name"]))
    return found
