"""Carts as things: made, named, shared, deleted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from entrepot.platform.carts.access import CartRow, ensure_open, usable_cart
from entrepot.platform.carts.errors import CartNotYours
from entrepot.platform.carts.queries import colleagues
from entrepot.platform.carts.rules import (
    MAX_COST_CENTER,
    MAX_NAME,
    MAX_NOTE,
    MAX_PO_NUMBER,
    MAX_SHARES,
    check_wanted_on,
)
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.clock import Clock, SystemClock
from entrepot.platform.database import execute, fetch_value, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.addresses import usable_addresses
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id

SYSTEM_CLOCK = SystemClock()
UPDATE = """
UPDATE cart SET name = $2, po_number = $3, cost_center = $4, wanted_on = $5,
                delivery_address_id = $6, note = $7
 WHERE id = $1
"""


class CartTerms(TypedDict, total=False):
    """What may be changed of a cart; what is left out stays as it is."""

    name: str
    po_number: str | None
    cost_center: str
    wanted_on: date | None
    delivery_address_id: UUID | None
    note: str


async def create(
    actor: Actor,
    name: str,
    *,
    legal_entity_id: UUID | None = None,
    shared_with_all: bool = False,
    clock: Clock = SYSTEM_CLOCK,
) -> UUID:
    """Make a named cart and return its id.

    For a legal entity of the actor's company, the one acted for unless given. It is the actor's
    own unless shared with all who buy. Needs `cart.manage`. Raises `InvalidInput`, `NotFound`.
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


async def update(actor: Actor, cart_id: UUID, terms: CartTerms, *, clock: Clock) -> UUID:
    """Change a cart's name, its texts and what holds for lines without their own; returns its id.

    Needs `cart.manage`. Locks the cart. Raises `NotFound`, `InvalidInput`, and `CartSubmitted`,
    `CartAlreadyOrdered` or `CartClosed` where the cart may not change.
    """
    terms = _checked(terms, clock.now())
    async with transaction():
        cart = await usable_cart(actor, cart_id, lock=True)
        await ensure_open(cart)
        address_id = terms.get("delivery_address_id")
        if address_id is not None and not await usable_addresses(actor, [address_id]):
            raise NotFound("delivery address").at("deliveryAddressId")
        await write_terms(cart, terms)
        return cart.id


async def write_terms(cart: CartRow, terms: CartTerms) -> None:
    """Write checked terms of a cart whose row is locked."""
    await execute(
        UPDATE,
        cart.id,
        terms.get("name", cart.name),
        terms.get("po_number", cart.po_number),
        terms.get("cost_center", cart.cost_center),
        terms.get("wanted_on", cart.wanted_on),
        terms.get("delivery_address_id", cart.delivery_address_id),
        terms.get("note", cart.note),
    )


def _checked(terms: CartTerms, now: datetime) -> CartTerms:
    terms = terms.copy()
    if "name" in terms:
        terms["name"] = clean_text("name", terms["name"], MAX_NAME)
    if "po_number" in terms:
        text = clean_text("poNumber", terms["po_number"] or "", MAX_PO_NUMBER, empty=True)
        terms["po_number"] = text or None
    if "cost_center" in terms:
        text = clean_text("costCenter", terms["cost_center"], MAX_COST_CENTER, empty=True)
        terms["cost_center"] = text
    if "note" in terms:
        terms["note"] = clean_text("note", terms["note"], MAX_NOTE, empty=True)
    check_wanted_on(terms.get("wanted_on"), now)
    return terms


async def share(
    actor: Actor, cart_id: UUID, user_ids: Collection[UUID] = (), *, with_all: bool = False
) -> UUID:
    """Let colleagues, or all who buy for the company, use a cart; returns its id.

    Whoever may use the cart may share it on. Colleagues are members of the company with
    `cart.manage`. Needs `cart.manage`. Locks the cart. Raises `NotFound`, `InvalidInput`, and
    `CartAlreadyOrdered` or `CartClosed`.
    """
    if not user_ids and not with_all:
        raise InvalidInput("userIds", "at least one colleague", "хотя бы один коллега")
    async with transaction():
        cart = await _shareable(actor, cart_id)
        known = await colleagues(actor)
        for index, user_id in enumerate(user_ids):
            if user_id not in known:
                raise NotFound("User").at("userIds", str(index))
        wanted = set(user_ids) - {cart.created_by_id} - set(cart.shared_with)
        if len(wanted) + len(cart.shared_with) > MAX_SHARES:
            raise InvalidInput("userIds", f"at most {MAX_SHARES}", f"не более {MAX_SHARES}")
        await execute(
            "INSERT INTO cart_share (id, cart_id, user_id)"
            " SELECT gen_random_uuid(), $1, unnest($2::uuid[])",
            cart_id,
            sorted(wanted),
        )
        if with_all:
            await execute("UPDATE cart SET shared_with_all = true WHERE id = $1", cart_id)
        return cart_id


async def unshare(
    actor: Actor, cart_id: UUID, user_ids: Collection[UUID] = (), *, from_all: bool = False
) -> UUID:
    """Take a cart back from colleagues, or from all they are not named among; returns its id.

    Only who made the cart may, but everyone may leave it. Needs `cart.manage`. Locks the cart.
    Raises `NotFound`, `InvalidInput`, `CartNotYours`, and `CartAlreadyOrdered` or `CartClosed`.
    """
    if not user_ids and not from_all:
        raise InvalidInput("userIds", "at least one colleague", "хотя бы один коллега")
    async with transaction():
        cart = await _shareable(actor, cart_id)
        leaving = not from_all and set(user_ids) == {actor.user_id}
        if cart.created_by_id != actor.user_id and not leaving:
            raise CartNotYours
        await execute(
            "DELETE FROM cart_share WHERE cart_id = $1 AND user_id = ANY($2::uuid[])",
            cart_id,
            list(user_ids),
        )
        if from_all:
            await execute("UPDATE cart SET shared_with_all = false WHERE id = $1", cart_id)
        return cart_id


async def _shareable(actor: Actor, cart_id: UUID) -> CartRow:
    cart = await usable_cart(actor, cart_id, lock=True)
    if cart.status != "submitted":
        await ensure_open(cart)
    if cart.is_default:
        raise InvalidInput(
            "cartId",
            "the default cart is everyone's who buys for the legal entity",
            "основная корзина общая для всех, кто закупает для юридического лица",
        )
    return cart


async def delete(actor: Actor, cart_id: UUID) -> UUID:
    """Delete a cart; returns its id. A new default cart is made when it is next needed.

    Needs `cart.manage`. Locks the cart. Raises `NotFound`, and `CartSubmitted`,
    `CartAlreadyOrdered` or `CartClosed` where the cart may not change.
    """
    async with transaction():
        cart = await usable_cart(actor, cart_id, lock=True)
        await ensure_open(cart)
        await execute("UPDATE cart SET status = 'deleted' WHERE id = $1", cart_id)
        return cart.id
