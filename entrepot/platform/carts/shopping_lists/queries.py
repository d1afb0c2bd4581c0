"""Reads of shopping lists: who may see them, and their lines at today's prices.

A list is its maker's or, when shared or when they left, of everyone of the company who has
`cart.manage`, whichever of the company's legal entities they act for. Hidden and absent look the
same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.queries import OFFERS
from entrepot.platform.database import Row, fetch, fetch_one
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.pricing.queries import price_many
from entrepot.platform.pricing.rules import Resolution

COLUMNS = """
SELECT l.id, l.legal_entity_id, e.company_id, l.created_by_id, l.name, l.shared_with_all,
       l.created_at,
       (SELECT count(*) FROM shopping_list_line n WHERE n.shopping_list_id = l.id) AS line_count
  FROM shopping_list l JOIN legal_entity e ON e.id = l.legal_entity_id
"""
USABLE = """
 e.company_id = $1 AND (l.shared_with_all OR l.created_by_id = $2 OR NOT EXISTS (
    SELECT 1 FROM membership m WHERE m.user_id = l.created_by_id AND m.company_id = $1))
"""
LINES = """
SELECT l.shopping_list_id, l.id, l.offer_id, l.quantity, l.note
  FROM shopping_list_line l
 WHERE l.shopping_list_id = ANY($1::uuid[]) ORDER BY l.shopping_list_id, l.position, l.id
"""


@dataclass(frozen=True, slots=True)
class ShoppingListRow:
    """A list without its lines."""

    id: UUID
    legal_entity_id: UUID
    company_id: UUID
    created_by_id: UUID
    name: str
    shared_with_all: bool
    created_at: datetime
    line_count: int


@dataclass(frozen=True, slots=True)
class ShoppingListLineRow:
    """An offer with its usual quantity, in the product's unit."""

    id: UUID
    offer_id: UUID
    quantity: Decimal
    note: str


@dataclass(frozen=True, slots=True)
class ShoppingListLineView:
    """A line with today's price of its quantity; without a price where it is not offered."""

    line: ShoppingListLineRow
    article_number: str
    seller_name: str
    offered: bool
    available: Decimal
    price: Resolution | None


async def usable_list(actor: Actor, list_id: UUID, locking: str = "") -> ShoppingListRow | None:
    """Return the list, or None where the actor may not use it. Needs `cart.manage`."""
    actor.require(Permission.CART_MANAGE)
    row = await fetch_one(
        f"{COLUMNS} WHERE l.id = $3 AND {USABLE}{locking}",
        actor.company_id,
        actor.user_id,
        list_id,
    )
    return ShoppingListRow(**row) if row is not None else None


async def lists_by_ids(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, ShoppingListRow]:
    """Return those of the lists that the actor may use, by id. Needs `cart.manage`."""
    actor.require(Permission.CART_MANAGE)
    rows = await fetch(
        f"{COLUMNS} WHERE l.id = ANY($3::uuid[]) AND {USABLE}",
        actor.company_id,
        actor.user_id,
        list(ids),
    )
    return {row["id"]: ShoppingListRow(**row) for row in rows}


async def lists_of(
    actor: Actor, legal_entity_id: UUID | None, *, after: tuple[str, UUID] | None, limit: int
) -> list[ShoppingListRow]:
    """Return the lists that the actor may use by (name, id), after that pair.

    Of one legal entity of the actor's company, or (None) of all. Needs `cart.manage`.
    """
    actor.require(Permission.CART_MANAGE)
    name, last = after or ("", UUID(int=0))
    rows = await fetch(
        f"{COLUMNS} WHERE {USABLE} AND ($3::uuid IS NULL OR l.legal_entity_id = $3)"
        " AND (l.name, l.id) > ($4, $5) ORDER BY l.name, l.id LIMIT $6",
        actor.company_id,
        actor.user_id,
        legal_entity_id,
        name,
        last,
        limit,
    )
    return [ShoppingListRow(**row) for row in rows]


async def lines_of(list_ids: Iterable[UUID]) -> dict[UUID, list[ShoppingListLineRow]]:
    """Return the lines of lists, each in its order; every list asked for is a key.

    Check first that the actor may use the lists.
    """
    found: dict[UUID, list[ShoppingListLineRow]] = {list_id: [] for list_id in list_ids}
    for row in await fetch(LINES, list(found)):
        line = ShoppingListLineRow(row["id"], row["offer_id"], row["quantity"], row["note"])
        found[row["shopping_list_id"]].append(line)
    return found


async def views_of(
    lists: Iterable[ShoppingListRow], now: datetime
) -> dict[UUID, list[ShoppingListLineView]]:
    """Return the lines of lists that the actor may use, at today's prices, by list.

    Two statements for all, and those of `price_many` for each legal entity.
    """
    wanted = {one.id: one for one in lists}
    lines = await lines_of(wanted)
    found: dict[UUID, list[ShoppingListLineView]] = {}
    for entity_id in {one.legal_entity_id for one in wanted.values()}:
        members = [one for one in wanted.values() if one.legal_entity_id == entity_id]
        every = [line for one in members for line in lines[one.id]]
        keys = list({line.offer_id for line in every})
        rows = await fetch(OFFERS, keys, members[0].company_id) if keys else []
        offers = {row["id"]: row for row in rows}
        priced = [(line.offer_id, line.quantity) for line in every]
        offered = [one for one in priced if offers[one[0]]["offered"]]
        prices = await price_many(entity_id, offered, now) if offered else {}
        for one in members:
            found[one.id] = [_view(line, offers[line.offer_id], prices) for line in lines[one.id]]
    return found


def _view(
    line: ShoppingListLineRow, offer: Row, prices: dict[tuple[UUID, Decimal], Resolution]
) -> ShoppingListLineView:
    return ShoppingListLineView(
        line=line,
        article_number=offer["article_number"],
        seller_name=offer["seller_name"],
        offered=offer["offered"],
        available=offer["available"] if offer["offered"] else Decimal(0),
        price=prices.get((line.offer_id, line.quantity)),
    )
