"""More members for a company."""

from __future__ import annotations

from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import Company, LegalEntity
from entrepot.platform.identity.permissions import Role
from tests.factories import make_actor


async def colleague_of(actor: Actor, *roles: Role) -> Actor:
    """Make one more member of the actor's company."""
    company = await Company.get(id=actor.company_id)
    entity = await LegalEntity.get(id=actor.legal_entity_id)
    return await make_actor(company, entity, *roles)
