"""Carts as things: made, named, shared, closed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from entrepot.platform.carts.rules import MAX_NAME
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.clock import Clock, SystemClock
from entrepot.platform.database import execute, fetch_value
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id

SYSTEM_CLOCK = SystemClock()


async def create(
    actor: Actor,
    name: str,
    *,
    legal_entity_id: UUID | None = None,
    shared_with_all: bool = False,
    clock: Clock = SYSTEM_CLOCK,
) -> UUID:
    """Make a named cart for a legal entity of the actor's company (the one acted for, unless
    given) and return its id.

    It is the actor's own unless shared with all who buy. Needs `cart.manage`. Raises
    `InvalidInput`, `NotFound`.
    """
    actor.require(Permission.CART_MANAGE)
    name = clean_text("name", name, MAX_NAME)
    entity_id = await entity_of_company(actor, legal_entity_id)
    return await insert_cart(actor, entity_id, name, shared_with_all, clock.now())


async def entity_of_company(actor: Actor, legal_entity_id: UUID | None) -> UUID:
    """Return the legal entity, the one acted for unless given. Raises `NotFound` for others'."""
    if legal_entity_id is None or legal_entity_id == actor.legal_entity_id:
        return actor.legal_entity_id
    found: UUID | None = await fetch_value(
        "SELECT id FROM legal_entity WHERE id = $1 AND company_id = $2 AND active",
        legal_entity_id,
        actor.company_id,
    )
    if found is None:
        raise NotFound("legal entity").at("legalEntityId")
    return found


async def insert_cart(
    actor: Actor, entity_id: UUID, name: str, shared_with_all: bool, now: datetime
) -> UUID:
    """Write a new open cart down and return its id."""
    cart_id = new_id()
    await execute(
        "INSERT INTO cart (id, legal_entity_id, created_by_id, name, is_default, shared_with_all,"
        " status, created_at) VALUES ($1, $2, $3, $4, false, $5, 'open', $6)",
        cart_id,
        entity_id,
        actor.user_id,
        name,
        shared_with_all,
        now,
    )
    return cart_id
