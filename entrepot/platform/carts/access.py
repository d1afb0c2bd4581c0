"""Which carts an actor may use, found and, where a change follows, locked.

A cart is usable by people of its legal entity's company who have `cart.manage`, whichever of the
company's legal entities they act for: the default cart, those shared with all and those whose maker
left the company by everyone, others by their maker and the colleagues they are shared with. Hidden
and absent look the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from entrepot.platform.carts.errors import CartAlreadyOrdered, CartClosed, CartSubmitted
from entrepot.platform.database import Row, execute, fetch, fetch_one, fetch_value
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id

CartStatus = Literal["open", "submitted", "placed", "merged", "deleted"]

COLUMNS = """
SELECT c.id, c.legal_entity_id, e.company_id, e.country, c.created_by_id, c.name, c.is_default,
       c.shared_with_all, c.status, c.po_number, c.cost_center, c.wanted_on,
       c.delivery_address_id, c.note, c.created_at,
       ARRAY(SELECT g.user_id FROM cart_share g WHERE g.cart_id = c.id ORDER BY g.user_id)
           AS shared_with
  FROM cart c JOIN legal_entity e ON e.id = c.legal_entity_id
"""
USABLE = """
 e.company_id = $1 AND (c.is_default OR c.shared_with_all OR c.created_by_id = $2 OR EXISTS (
    SELECT 1 FROM cart_share g WHERE g.cart_id = c.id AND g.user_id = $2) OR NOT EXISTS (
    SELECT 1 FROM membership m WHERE m.user_id = c.created_by_id AND m.company_id = $1))
"""
"""Whether the person $2 of the company $1 may use the cart `c` of the legal entity `e`."""

LIVE_DEFAULT = "c.legal_entity_id = $3 AND c.is_default AND c.status IN ('open','submitted')"
OPEN_DEFAULT = """
INSERT INTO cart (id, legal_entity_id, created_by_id, status, created_at)
VALUES ($1, $2, $3, 'open', coalesce($4, now()))
ON CONFLICT (legal_entity_id) WHERE is_default AND status IN ('open','submitted') DO NOTHING
"""
ORDER_NUMBER = """
SELECT o.number FROM order_cart k JOIN purchase_order o ON o.id = k.order_id
 WHERE k.cart_id = $1 LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class CartRow:
    """A cart without its lines; `country` is the legal entity's."""

    id: UUID
    legal_entity_id: UUID
    company_id: UUID
    country: str
    created_by_id: UUID
    name: str
    is_default: bool
    shared_with_all: bool
    status: CartStatus
    po_number: str | None
    cost_center: str
    wanted_on: date | None
    delivery_address_id: UUID | None
    note: str
    created_at: datetime
    shared_with: tuple[UUID, ...]


def cart_row(row: Row) -> CartRow:
    """Return the cart in a row that has exactly these columns."""
    values = dict(row)
    values["shared_with"] = tuple(values["shared_with"])
    return CartRow(**values)


async def open_default(actor: Actor, now: datetime | None = None) -> None:
    """Make the default cart of the actor's legal entity unless it is there."""
    await execute(OPEN_DEFAULT, new_id(), actor.legal_entity_id, actor.user_id, now)


async def find_cart(actor: Actor, cart_id: UUID | None) -> CartRow | None:
    """Return the cart, or None where the actor may not use it. Needs `cart.manage`.

    None as id: the default cart of the legal entity acted for, if there is one.
    """
    actor.require(Permission.CART_MANAGE)
    return await _found(actor, cart_id, "")


async def usable_cart(
    actor: Actor, cart_id: UUID | None, *, lock: bool = False, now: datetime | None = None
) -> CartRow:
    """Return a cart the actor may use, in whatever state; `ensure_open` says if it may change.

    None as id: the default cart of the legal entity acted for; with `lock` it is made when
    missing. `lock` holds the cart's row until the transaction ends. Needs `cart.manage`. Raises
    `NotFound`.
    """
    actor.require(Permission.CART_MANAGE)
    locking = " FOR UPDATE OF c" if lock else ""
    row = await _found(actor, cart_id, locking)
    if row is None and cart_id is None and lock:
        await open_default(actor, now)
        row = await _found(actor, None, locking)
    if row is None:
        raise NotFound("cart").at("cartId")
    return row


async def usable_carts(
    actor: Actor, cart_ids: Sequence[UUID], *, lock: bool = False
) -> list[CartRow]:
    """Return the carts in the order asked for; with `lock`, locked in the order of their ids.

    Needs `cart.manage`. Raises `NotFound` where the actor may not use one of them.
    """
    actor.require(Permission.CART_MANAGE)
    rows = await fetch(
        f"{COLUMNS} WHERE c.id = ANY($3::uuid[]) AND {USABLE} ORDER BY c.id"
        + (" FOR UPDATE OF c" if lock else ""),
        actor.company_id,
        actor.user_id,
        list(cart_ids),
    )
    found = {row["id"]: cart_row(row) for row in rows}
    for index, cart_id in enumerate(cart_ids):
        if cart_id not in found:
            raise NotFound("cart").at("cartIds", str(index))
    return [found[cart_id] for cart_id in cart_ids]


async def usable_line(actor: Actor, line_id: UUID) -> CartRow:
    """Return the cart of a line, its row locked until the transaction ends.

    Needs `cart.manage`. Raises `NotFound` (of the line).
    """
    actor.require(Permission.CART_MANAGE)
    row = await fetch_one(
        f"{COLUMNS} WHERE c.id = (SELECT l.cart_id FROM cart_line l WHERE l.id = $3)"
        f" AND {USABLE} FOR UPDATE OF c",
        actor.company_id,
        actor.user_id,
        line_id,
    )
    if row is None:
        raise NotFound("cart line").at("lineId")
    return cart_row(row)


async def ensure_open(cart: CartRow) -> None:
    """Raise `CartSubmitted`, `CartAlreadyOrdered` or `CartClosed` unless the cart may change."""
    if cart.status == "submitted":
        raise CartSubmitted
    if cart.status == "placed":
        number: str | None = await fetch_value(ORDER_NUMBER, cart.id)
        raise CartAlreadyOrdered(number or "")
    if cart.status != "open":
        raise CartClosed(cart.status)


async def _found(actor: Actor, cart_id: UUID | None, locking: str) -> CartRow | None:
    chosen = LIVE_DEFAULT if cart_id is None else "c.id = $3"
    row = await fetch_one(
        f"{COLUMNS} WHERE {chosen} AND {USABLE}{locking}",
        actor.company_id,
        actor.user_id,
        cart_id or actor.legal_entity_id,
    )
    return cart_row(row) if row is not None else None
