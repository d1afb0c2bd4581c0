"""Putting offers into carts: one quickly, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.access import CartRow, ensure_open, open_default, usable_cart
from entrepot.platform.carts.errors import CartFull
from entrepot.platform.carts.lines import HeldLine, held_lines, save_lines
from entrepot.platform.carts.measures import counted
from entrepot.platform.carts.rules import (
    MAX_COST_CENTER,
    MAX_LINE_NOTE,
    MAX_LINES,
    check_wanted_on,
    ensure_orderable,
    joined_notes,
)
from entrepot.platform.carts.seen import entwined_condition, followed
from entrepot.platform.catalog.queries import OfferRow, offers_by_ids
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.clock import Clock
from entrepot.platform.database import Row, execute, fetch_one, fetch_value, transaction
from entrepot.platform.errors import DomainError, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.pricing import offer_pages

OPEN_CART = "SELECT c.id FROM cart c WHERE c.id = $1 AND c.status = 'open' FOR UPDATE"
OPEN_DEFAULT_CART = """
SELECT c.id FROM cart c WHERE c.legal_entity_id = $1 AND c.is_default AND c.status = 'open'
   FOR UPDATE
"""
ADD_LINE = f"""
WITH open_cart AS MATERIALIZED (%s)
INSERT INTO cart_line AS l
       (id, cart_id, offer_id, quantity, seen_unit_price, cost_center, added_at)
SELECT $2, open_cart.id, $3, $4, $5, $6, $7 FROM open_cart
ON CONFLICT (cart_id, offer_id, cost_center) DO UPDATE SET quantity = l.quantity + EXCLUDED.quantity
RETURNING id, cart_id, quantity, seen_unit_price, seen_discount,
          (SELECT count(*) FROM cart_line held WHERE held.cart_id = l.cart_id) AS lines_before,
          EXISTS (SELECT 1 FROM cart_line held WHERE held.cart_id = l.cart_id
                     AND held.offer_id = l.offer_id AND held.id <> l.id) AS shared,
          {entwined_condition("SELECT $3::uuid", "$7")} AS entwined
"""
SET_SEEN = "UPDATE cart_line SET seen_unit_price = $2, seen_discount = 0 WHERE id = $1"
NEARLY_FULL = MAX_LINES - 100


@dataclass(frozen=True, slots=True)
class NewCartLine:
    """What to add: a quantity of an offer, in the product's unit, for a cost centre."""

    offer_id: UUID
    quantity: Decimal
    cost_center: str = ""
    note: str = ""
    wanted_on: date | None = None

    def checked(self) -> NewCartLine:
        """Return it with its texts trimmed. Raises `InvalidInput`."""
        if not self.cost_center and not self.note:
            return self
        return replace(
            self,
            cost_center=clean_text("costCenter", self.cost_center, MAX_COST_CENTER, empty=True),
            note=clean_text("note", self.note, MAX_LINE_NOTE, empty=True),
        )


def ensure_offer_orderable(offer: OfferRow, quantity: Decimal) -> None:
    """Raise `QuantityNotOrderable` or `CartTooLarge` unless the seller sells that much."""
    ensure_orderable(
        offer.id,
        quantity,
        pack=offer.pack_quantity,
        minimum=offer.min_order_quantity,
        step=offer.order_step,
        maximum=offer.max_order_quantity,
    )


async def add(
    actor: Actor,
    offer_id: UUID,
    quantity: Decimal,
    *,
    clock: Clock,
    cart_id: UUID | None = None,
    cost_center: str = "",
    note: str = "",
    wanted_on: date | None = None,
    unit: str | None = None,
) -> UUID:
    """Add a quantity of an offer; what is there already adds up. Returns the cart's id.

    Without `cart_id` it goes into the default cart of the legal entity acted for; `unit` is one
    of the offer's others than the product's. Needs `cart.manage`. Locks the cart. Raises
    `NotFound`, `InvalidInput`, `UnitNotSold`, `CartFull`, `CartTooLarge`, `QuantityNotOrderable`
    (with a proposal that would do), and `CartSubmitted`, `CartAlreadyOrdered` or `CartClosed`
    where the cart may not change.
    """
    actor.require(Permission.CART_MANAGE)
    if unit is not None:
        quantity = await counted(actor, offer_id, quantity, unit)
    now = clock.now()
    check_wanted_on(wanted_on, now)
    line = NewCartLine(offer_id, quantity, cost_center, note, wanted_on).checked()
    if line.note or line.wanted_on is not None:
        async with transaction():
            cart = await _open_cart(actor, cart_id, now)
            try:
                await add_to_open(actor, cart, [line], now)
            except DomainError as error:
                raise _without_index(error) from None
            return cart.id
    cart_found = None if cart_id is None else await usable_cart(actor, cart_id)
    entity_id = cart_found.legal_entity_id if cart_found else actor.legal_entity_id
    buyer = replace(actor, legal_entity_id=entity_id)
    pages = await offer_pages.offers_by_ids(buyer, [offer_id], offer_pages.Part.PRICE)
    offer = pages.get(offer_id)
    if offer is None or not offer.offer.active:
        raise NotFound("offer").at("offerId")
    async with transaction():
        return await _add_quickly(actor, cart_found, offer, line, now)


async def _add_quickly(
    actor: Actor,
    cart: CartRow | None,
    offer: offer_pages.PagedOffer,
    line: NewCartLine,
    now: datetime,
) -> UUID:
    """Add with the price read before, in one statement where no other price can follow."""
    assert offer.sheet is not None  # asked for
    price = offer.sheet.price(line.quantity, now).unit_price
    key = cart.id if cart else actor.legal_entity_id
    added = await _insert(key, cart is None, line, price, now)
    if added is None and cart is None:
        await open_default(actor, now)
        added = await _insert(key, True, line, price, now)
    if added is None:
        cart = await _open_cart(actor, cart.id if cart else None, now)
        added = await _insert(cart.id, False, line, price, now)
    assert added is not None  # the cart is open and locked
    cart_id: UUID = added["cart_id"]
    if added["shared"] or added["entwined"]:
        await _follow(actor, cart_id, offer.offer, added["id"], line.quantity, now)
    else:
        ensure_offer_orderable(offer.offer, added["quantity"])
        price = offer.sheet.price(added["quantity"], now).unit_price  # of all that is there now
        if price != added["seen_unit_price"] or added["seen_discount"]:  # no promotion is live
            await execute(SET_SEEN, added["id"], price)
    if added["lines_before"] >= NEARLY_FULL:  # as of the statement's start: others may add
        await _ensure_not_full(cart_id)
    return cart_id


async def _insert(
    key: UUID, default: bool, line: NewCartLine, price: Decimal, now: datetime
) -> Row | None:
    """Add to the open cart, or to the entity's open default cart; None where there is none."""
    sql = ADD_LINE % (OPEN_DEFAULT_CART if default else OPEN_CART)
    values = (line.offer_id, line.quantity, price, line.cost_center, now)
    return await fetch_one(sql, key, new_id(), *values)


async def _follow(
    actor: Actor, cart_id: UUID, offer: OfferRow, line_id: UUID, added: Decimal, now: datetime
) -> None:
    """Let the seen prices of the whole cart follow what was just added to one line."""
    cart = await usable_cart(actor, cart_id)
    after = (await held_lines([cart_id]))[cart_id]
    total = sum((line.quantity for line in after if line.offer_id == offer.id), Decimal(0))
    ensure_offer_orderable(offer, total)
    earlier = [
        replace(line, quantity=line.quantity - added) if line.id == line_id else line
        for line in after
    ]
    before = [line for line in earlier if line.quantity > 0]
    written = await followed(cart, before, after, {line_id}, now)
    await save_lines(cart_id, written, now)


async def _ensure_not_full(cart_id: UUID) -> None:
    lines = await fetch_value("SELECT count(*) FROM cart_line WHERE cart_id = $1", cart_id)
    if lines > MAX_LINES:
        raise CartFull(MAX_LINES)


async def _open_cart(actor: Actor, cart_id: UUID | None, now: datetime) -> CartRow:
    cart = await usable_cart(actor, cart_id, lock=True, now=now)
    await ensure_open(cart)
    return cart


async def add_lines(
    actor: Actor, cart_id: UUID | None, lines: Sequence[NewCartLine], *, clock: Clock
) -> UUID:
    """Add many lines, all or none; the same offer and cost centre adds up. Returns the cart's id.

    Without `cart_id` they go into the default cart of the legal entity acted for. Up to
    `MAX_LINES`; a fixed number of statements. Needs `cart.manage`. Locks the cart. Raises what
    `add` does, with the index of the line.
    """
    actor.require(Permission.CART_MANAGE)
    if len(lines) > MAX_LINES:
        raise CartFull(MAX_LINES)
    now = clock.now()
    checked = [_checked_at(index, line, now) for index, line in enumerate(lines)]
    async with transaction():
        cart = await _open_cart(actor, cart_id, now)
        await add_to_open(actor, cart, checked, now)
        return cart.id


def _checked_at(index: int, line: NewCartLine, now: datetime) -> NewCartLine:
    try:
        check_wanted_on(line.wanted_on, now)
        return line.checked()
    except DomainError as error:
        raise error.at("lines", str(index), *error.path, line_index=index) from None


async def add_to_open(
    actor: Actor, cart: CartRow, lines: Sequence[NewCartLine], now: datetime
) -> None:
    """Add checked lines to an open cart whose row is locked. Raises what `add_lines` does."""
    if not lines:
        return
    offers = await offers_by_ids(actor, {line.offer_id for line in lines})
    for index, line in enumerate(lines):
        if line.offer_id not in offers or not offers[line.offer_id].active:
            raise NotFound("offer").at("lines", str(index), "offerId", line_index=index)
    before = (await held_lines([cart.id]))[cart.id]
    after, touched = merged(before, lines)
    if len(after) > MAX_LINES:
        raise CartFull(MAX_LINES)
    _ensure_totals(lines, after, offers)
    written = await followed(cart, before, after, touched, now)
    await save_lines(cart.id, written, now)


def merged(
    held: Sequence[HeldLine], new: Sequence[NewCartLine]
) -> tuple[list[HeldLine], set[UUID]]:
    """Return the lines after adding, and the ids of those that are new or changed."""
    lines = {line.place: line for line in held}
    touched = set()
    for one in new:
        place = (one.offer_id, one.cost_center)
        line = lines.get(place) or HeldLine(new_id(), *place, Decimal(0))
        lines[place] = replace(
            line,
            quantity=line.quantity + one.quantity,
            note=joined_notes((line.note, one.note)),
            wanted_on=one.wanted_on or line.wanted_on,
        )
        touched.add(line.id)
    return list(lines.values()), touched


def _ensure_totals(
    new: Sequence[NewCartLine], after: Sequence[HeldLine], offers: Mapping[UUID, OfferRow]
) -> None:
    """Check each offer's quantity over all lines, since packs and minimums go by it."""
    totals: dict[UUID, Decimal] = {}
    for line in after:
        totals[line.offer_id] = totals.get(line.offer_id, Decimal(0)) + line.quantity
    for offer_id, index in {one.offer_id: index for index, one in enumerate(new)}.items():
        try:
            ensure_offer_orderable(offers[offer_id], totals[offer_id])
        except DomainError as error:
            raise error.at("lines", str(index), "quantity", line_index=index) from None


def _without_index(error: DomainError) -> DomainError:
    path = error.path[2:] if error.path[:1] == ("lines",) else error.path
    return error.at(*path)
