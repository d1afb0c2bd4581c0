"""Whether a buying company pays in advance: the operator's word after its registration."""

from __future__ import annotations

from uuid import UUID

from entrepot.platform import database, outbox
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.events import PaysInAdvanceSet
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.identity.queries import CompanyRow


async def set_pays_in_advance(actor: Actor, company_id: UUID, value: bool) -> CompanyRow:
    """Say whether a buying company's next orders wait for their payment; the present ones stay.

    Needs MARKETPLACE_OPERATE. Raises `NotFound` for companies that do not buy. Emits
    `PaysInAdvanceSet` where it changes something. Locks the company.
    """
    actor.require(Permission.MARKETPLACE_OPERATE)
    async with database.transaction():
        row = await database.fetch_one(
            "SELECT id, name, pays_in_advance FROM company WHERE id = $1 AND is_buyer FOR UPDATE",
            company_id,
        )
        if row is None:
            raise NotFound("company").at("companyId")
        if row["pays_in_advance"] != value:
            await database.execute(
                "UPDATE company SET pays_in_advance = $2 WHERE id = $1", company_id, value
            )
            await outbox.record(PaysInAdvanceSet(company_id, value, actor.user_id))
    return CompanyRow(row["id"], row["name"])
