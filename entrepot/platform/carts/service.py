"""Changing the cart of the legal entity the actor acts for."""

from __future__ import annotations

from datetime import datetime
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
from entrepot.platform.pricing.offer_pages import PagedOffer, Part, offers_by_ids

OPEN_CART = """
INSERT INTO cart (id, legal_entity_id, created_by_id, status, created_at)
VALUES ($1, $2, $3, 'open', $4)
ON CONFLICT (legal_entity_id) WHERE is_default AND status IN ('open','submitted') DO NOTHING
"""
LOCK_CART = "SELECT id FROM cart WHERE legal_entity_id = $1 AND status = 'open' FOR UPDATE"
ADD_LINE = f"""
WITH open_cart AS MATERIALIZED ({LOCK_CART})
INSERT INTO cart_line AS l (id, cart_id, offer_id, quantity, seen_unit_price, added_at)
SELECT $2, open_cart.id, $3, $4, $5, $6 FROM open_cart
ON CONFLICT (cart_id, offer_id, cost_center) DO UPDATE SET quantity = l.quantity + EXCLUDED.quantity
RETURNING id, cart_id, quantity, seen_unit_price,
          (SELECT count(*) FROM cart_line held WHERE held.cart_id = l.cart_id) AS lines_before
"""
LINE = """
SELECT l.id, l.offer_id FROM cart_line l JOIN cart c ON c.id = l.cart_id
 WHERE l.id = $1 AND c.legal_entity_id = $2 AND c.status = 'open'
"""
SET_LINE = "UPDATE cart_line SET quantity = $2, seen_unit_price = $3 WHERE id = $1"
NEARLY_FULL = MAX_LINES - 100


async def _offer(actor: Actor, offer_id: UUID) -> PagedOffer:
    found = (await offers_by_ids(actor, [offer_id], Part.PRICE)).get(offer_id)
    if found is None or not found.offer.active:
        raise NotFound("offer").at("offerId")
    return found


def _price(found: PagedOffer, quantity: Decimal, now: datetime) -> Decimal:
    """The unit price of an orderable quantity; raises what `ensure_orderable` does."""
    offer = found.offer
    ensure_orderable(
        offer.id,
        quantity,
        pack=offer.pack_quantity,
        minimum=offer.min_order_quantity,
        step=offer.order_step,
    )
    assert found.sheet is not None  # asked for
    return found.sheet.price(quantity, now).unit_price


async def _add_line(actor: Actor, offer: PagedOffer, quantity: Decimal, now: datetime) -> Row:
    assert offer.sheet is not None  # asked for
    price = offer.sheet.price(quantity, now).unit_price
    wanted = (actor.legal_entity_id, new_id(), offer.offer.id, quantity, price, now)
    line = await fetch_one(ADD_LINE, *wanted)
    if line is None:
        await execute(OPEN_CART, new_id(), actor.legal_entity_id, actor.user_id, now)
        line = await fetch_one(ADD_LINE, *wanted)
    if line is None:  # ordered by a colleague between the two statements
        raise NotFound("cart")
    return line


async def add(actor: Actor, offer_id: UUID, quantity: Decimal, *, clock: Clock) -> UUID:
    """Add a quantity of an offer; what is there already adds up. Returns the cart's id.

    Needs `cart.manage`. Locks the cart. Raises `NotFound`, `CartFull`, `CartTooLarge`,
    `QuantityNotOrderable` (with a proposal that would do).
    """
    actor.require(Permission.CART_MANAGE)
    offer, now = await _offer(actor, offer_id), clock.now()
    async with transaction():
        line = await _add_line(actor, offer, quantity, now)
        price = _price(offer, line["quantity"], now)  # of all that is there now
        if price != line["seen_unit_price"]:
            await execute(SET_LINE, line["id"], line["quantity"], price)
        if line["lines_before"] >= NEARLY_FULL:  # as of the statement's start: others may add
            lines = await fetch_value(
                "SELECT count(*) FROM cart_line WHERE cart_id = $1", line["cart_id"]
            )
            if lines > MAX_LINES:
                raise CartFull(MAX_LINES)
        cart_id: UUID = line["cart_id"]
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
        price = _price(await _offer(actor, line["offer_id"]), quantity, clock.now())
        await execute(SET_LINE, line_id, quantity, price)
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
