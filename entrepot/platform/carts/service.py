"""Changing the cart of the legal entity the actor acts for."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.errors import CartFull
from entrepot.platform.carts.rules import MAX_LINES, ensure_orderable
from entrepot.platform.clock import Clock
from entrepot.platform.database import Row, execute, fetch_one, fetch_value, transaction
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.queries import prices_for

OPEN_CART = """
INSERT INTO cart (id, legal_entity_id, created_by_id, status, created_at)
VALUES ($1, $2, $3, 'open', $4)
ON CONFLICT (legal_entity_id) WHERE status = 'open' DO NOTHING
"""
LOCK_CART = "SELECT id FROM cart WHERE legal_entity_id = $1 AND status = 'open' FOR UPDATE"
OFFER = """
SELECT o.id, o.article_number, o.pack_quantity, o.min_order_quantity, o.order_step
  FROM offer o JOIN company s ON s.id = o.seller_id
 WHERE o.id = $1 AND o.active AND s.active
"""
LINE = """
SELECT l.id, l.offer_id FROM cart_line l JOIN cart c ON c.id = l.cart_id
 WHERE l.id = $1 AND c.legal_entity_id = $2 AND c.status = 'open'
"""
PUT_LINE = """
INSERT INTO cart_line (id, cart_id, offer_id, quantity, seen_unit_price, added_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (cart_id, offer_id)
DO UPDATE SET quantity = EXCLUDED.quantity, seen_unit_price = EXCLUDED.seen_unit_price
"""


async def _offer(offer_id: UUID) -> Row:
    row = await fetch_one(OFFER, offer_id)
    if row is None:
        raise NotFound("offer").at("offerId")
    return row


async def _lock_cart(actor: Actor, clock: Clock) -> UUID:
    found: UUID | None = await fetch_value(LOCK_CART, actor.legal_entity_id)
    if found is None:
        await execute(OPEN_CART, new_id(), actor.legal_entity_id, actor.user_id, clock.now())
        found = await fetch_value(LOCK_CART, actor.legal_entity_id)
    if found is None:  # ordered by a colleague between the two statements
        raise NotFound("cart")
    return found


async def _put(actor: Actor, cart_id: UUID, offer: Row, quantity: Decimal, clock: Clock) -> None:
    ensure_orderable(
        offer["id"],
        quantity,
        pack=offer["pack_quantity"],
        minimum=offer["min_order_quantity"],
        step=offer["order_step"],
    )
    now = clock.now()
    prices = await prices_for(actor.company_id, [(offer["id"], quantity)], now)
    price = prices[offer["id"]].unit_price
    await execute(PUT_LINE, new_id(), cart_id, offer["id"], quantity, price, now)


async def add(actor: Actor, offer_id: UUID, quantity: Decimal, *, clock: Clock) -> UUID:
    """Add a quantity of an offer; what is there already adds up. Returns the cart's id.

    Needs `cart.manage`. Locks the cart. Raises `NotFound`, `CartFull`, `CartTooLarge`,
    `QuantityNotOrderable` (with a proposal that would do).
    """
    actor.require(Permission.CART_MANAGE)
    async with transaction():
        offer = await _offer(offer_id)
        cart_id = await _lock_cart(actor, clock)
        held = await fetch_one(
            "SELECT count(*) AS lines,"
            " coalesce(sum(quantity) FILTER (WHERE offer_id = $2), 0) AS quantity"
            " FROM cart_line WHERE cart_id = $1",
            cart_id,
            offer_id,
        )
        assert held is not None  # an aggregate always has a row
        if held["lines"] >= MAX_LINES and held["quantity"] == 0:
            raise CartFull(MAX_LINES)
        await _put(actor, cart_id, offer, held["quantity"] + quantity, clock)
        return cart_id


async def set_quantity(actor: Actor, line_id: UUID, quantity: Decimal, *, clock: Clock) -> UUID:
    """Change a line's quantity and accept its present price. Returns the cart's id.

    Needs `cart.manage`. Locks the cart. Raises `NotFound`, `QuantityNotOrderable`, `CartTooLarge`.
    """
    actor.require(Permission.CART_MANAGE)
    async with transaction():
        cart_id: UUID | None = await fetch_value(LOCK_CART, actor.legal_entity_id)
        line = await fetch_one(LINE, line_id, actor.legal_entity_id)
        if cart_id is None or line is None:
            raise NotFound("cart line").at("lineId")
        await _put(actor, cart_id, await _offer(line["offer_id"]), quantity, clock)
        return cart_id


async def remove(actor: Actor, line_id: UUID) -> UUID:
    """Take a line out; returns the cart's id.

    Needs `cart.manage`. Locks the cart. Raises `NotFound`.
    """
    actor.require(Permission.CART_MANAGE)
    async with transaction():
        cart_id: UUID | None = await fetch_value(LOCK_CART, actor.legal_entity_id)
        line = await fetch_one(LINE, line_id, actor.legal_entity_id)
        if cart_id is None or line is None:
            raise NotFound("cart line").at("lineId")
        await execute("DELETE FROM cart_line WHERE id = $1", line_id)
        return cart_id
