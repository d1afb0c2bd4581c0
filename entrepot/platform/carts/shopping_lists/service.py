"""Making, changing and deleting shopping lists."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from asyncpg import UniqueViolationError

from entrepot.platform.carts.keeping import entity_of_company
from entrepot.platform.carts.rules import MAX_LINE_NOTE, MAX_NAME
from entrepot.platform.carts.shopping_lists.errors import (
    ShoppingListFull,
    ShoppingListNameTaken,
    ShoppingListNotYours,
)
from entrepot.platform.carts.shopping_lists.queries import ShoppingListRow, usable_list
from entrepot.platform.catalog.queries import offers_by_ids
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.clock import Clock
from entrepot.platform.database import execute, fetch_value, transaction
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.quantities import check_quantity_range

MAX_LIST_LINES = 1000
SET_LINE = """
INSERT INTO shopping_list_line (id, shopping_list_id, offer_id, quantity, note, position)
VALUES ($1, $2, $3, $4, $5,
        (SELECT coalesce(max(position), 0) + 1 FROM shopping_list_line
          WHERE shopping_list_id = $2))
ON CONFLICT (shopping_list_id, offer_id)
DO UPDATE SET quantity = EXCLUDED.quantity, note = EXCLUDED.note
"""


async def create(
    actor: Actor,
    name: str,
    *,
    legal_entity_id: UUID | None = None,
    shared_with_all: bool = False,
    clock: Clock,
) -> UUID:
    """Make a list for a legal entity of the actor's company and return its id.

    Needs `cart.manage`. Raises `InvalidInput`, `NotFound`, `ShoppingListNameTaken`.
    """
    actor.require(Permission.CART_MANAGE)
    name = clean_text("name", name, MAX_NAME)
    entity_id = await entity_of_company(actor, legal_entity_id)
    made: UUID | None = await fetch_value(
        "INSERT INTO shopping_list"
        " (id, legal_entity_id, created_by_id, name, shared_with_all, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (legal_entity_id, created_by_id, name) DO NOTHING RETURNING id",
        new_id(),
        entity_id,
        actor.user_id,
        name,
        shared_with_all,
        clock.now(),
    )
    if made is None:
        raise ShoppingListNameTaken(name).at("name")
    return made


async def update(
    actor: Actor, list_id: UUID, *, name: str | None = None, shared_with_all: bool | None = None
) -> UUID:
    """Rename a list, share it with all who buy, or make it private (its maker); returns its id.

    Needs `cart.manage`. Locks the list. Raises `InvalidInput`, `NotFound`,
    `ShoppingListNameTaken`, `ShoppingListNotYours`.
    """
    async with transaction():
        found = await _locked(actor, list_id)
        name = found.name if name is None else clean_text("name", name, MAX_NAME)
        shared = found.shared_with_all if shared_with_all is None else shared_with_all
        if found.shared_with_all and not shared and found.created_by_id != actor.user_id:
            raise ShoppingListNotYours
        try:
            async with transaction():
                await execute(
                    "UPDATE shopping_list SET name = $2, shared_with_all = $3 WHERE id = $1",
                    list_id,
                    name,
                    shared,
                )
        except UniqueViolationError:
            raise ShoppingListNameTaken(name).at("name") from None
        return list_id


async def delete(actor: Actor, list_id: UUID) -> UUID:
    """Delete a list with its lines; returns the id it had.

    Needs `cart.manage`. Locks the list. Raises `NotFound`.
    """
    async with transaction():
        await _locked(actor, list_id)
        await execute("DELETE FROM shopping_list WHERE id = $1", list_id)
        return list_id


async def set_line(
    actor: Actor, list_id: UUID, offer_id: UUID, quantity: Decimal, note: str = ""
) -> UUID:
    """Set an offer's usual quantity and note, adding it at the end; returns the list's id.

    Needs `cart.manage`. Locks the list. Raises `InvalidInput`, `NotFound`, `ShoppingListFull`.
    """
    note = clean_text("note", note, MAX_LINE_NOTE, empty=True)
    check_quantity_range("quantity", quantity)
    async with transaction():
        found = await _locked(actor, list_id)
        offer = (await offers_by_ids(actor, [offer_id])).get(offer_id)
        if offer is None or not offer.active:
            raise NotFound("offer").at("offerId")
        await execute(SET_LINE, new_id(), list_id, offer_id, quantity, note)
        lines = await fetch_value(
            "SELECT count(*) FROM shopping_list_line WHERE shopping_list_id = $1", found.id
        )
        if lines > MAX_LIST_LINES:
            raise ShoppingListFull(MAX_LIST_LINES)
        return list_id


async def remove_line(actor: Actor, line_id: UUID) -> UUID:
    """Take a line out; returns the list's id.

    Needs `cart.manage`. Locks the list. Raises `NotFound`.
    """
    actor.require(Permission.CART_MANAGE)
    async with transaction():
        list_id: UUID | None = await fetch_value(
            "SELECT shopping_list_id FROM shopping_list_line WHERE id = $1", line_id
        )
        if list_id is None or await usable_list(actor, list_id, " FOR UPDATE OF l") is None:
            raise NotFound("shopping list line").at("lineId")
        if not await execute("DELETE FROM shopping_list_line WHERE id = $1", line_id):
            raise NotFound("shopping list line").at("lineId")  # a colleague was faster
        return list_id


async def _locked(actor: Actor, list_id: UUID) -> ShoppingListRow:
    found = await usable_list(actor, list_id, " FOR UPDATE OF l")
    if found is None:
        raise NotFound("shopping list").at("listId")
    return found
