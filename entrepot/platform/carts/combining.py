"""Copying carts and merging them; nothing in them is lost on the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.access import CartRow, ensure_open, usable_cart, usable_carts
from entrepot.platform.carts.errors import CartFull, CartsOfDifferentEntities, CartTooLarge
from entrepot.platform.carts.keeping import (
    CartTerms,
    entity_of_company,
    insert_cart,
    write_terms,
)
from entrepot.platform.carts.lines import (
    HeldLine,
    LineDelivery,
    delete_lines,
    held_lines,
    save_deliveries,
    save_lines,
)
from entrepot.platform.carts.ordering import set_status
from entrepot.platform.carts.rules import (
    MAX_LINE_QUANTITY,
    MAX_LINES,
    MAX_MERGED,
    MAX_NAME,
    MAX_NOTE,
    added_up,
    joined_notes,
)
from entrepot.platform.carts.seen import presently
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.clock import Clock
from entrepot.platform.database import transaction
from entrepot.platform.errors import InvalidInput
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.addresses import addresses_by_ids
from entrepot.platform.ids import new_id
from entrepot.platform.quantities import trimmed

Place = tuple[UUID, str]
Held = Mapping[UUID, Sequence[HeldLine]]
"""The lines of each cart."""


async def copy(
    actor: Actor,
    cart_id: UUID,
    name: str,
    *,
    legal_entity_id: UUID | None = None,
    clock: Clock,
) -> UUID:
    """Copy a cart, an ordered one too, into a new one of the actor's own; returns its id.

    The copy is for the same legal entity of the company unless another is named: then today's
    prices of that one count as seen. Lines that are no longer offered are copied as well and say
    so. Addresses that were retired are left out. Needs `cart.manage`. Locks the cart. Raises
    `NotFound`, `InvalidInput`, `CartClosed`.
    """
    name = clean_text("name", name, MAX_NAME)
    now = clock.now()
    async with transaction():
        cart = await usable_cart(actor, cart_id, lock=True)
        if cart.status not in ("submitted", "placed"):
            await ensure_open(cart)
        entity_id = await entity_of_company(actor, legal_entity_id or cart.legal_entity_id)
        held = (await held_lines([cart.id]))[cart.id]
        usable = await _addresses_in_use(actor, cart, held)
        lines = [replace(_without(line, usable), id=new_id()) for line in held]
        made = await insert_cart(actor, entity_id, name, False, now)
        copied = await usable_cart(actor, made)
        if entity_id != cart.legal_entity_id:
            present = await presently(copied, lines, now)
            lines = [present.get(line.id, line) for line in lines]
        address_id = cart.delivery_address_id if cart.delivery_address_id in usable else None
        terms = CartTerms(
            po_number=cart.po_number,
            cost_center=cart.cost_center,
            wanted_on=cart.wanted_on,
            delivery_address_id=address_id,
            note=cart.note,
        )
        await write_terms(copied, terms)
        await save_lines(made, lines, now)
        await save_deliveries(lines)
        return made


async def _addresses_in_use(actor: Actor, cart: CartRow, lines: Iterable[HeldLine]) -> set[UUID]:
    named = {part.address_id for line in lines for part in line.deliveries}
    if cart.delivery_address_id is not None:
        named.add(cart.delivery_address_id)
    found = await addresses_by_ids(actor, named) if named else {}
    return {key for key, row in found.items() if row.active}


def _without(line: HeldLine, usable: set[UUID]) -> HeldLine:
    kept = tuple(part for part in line.deliveries if part.address_id in usable)
    return line if len(kept) == len(line.deliveries) else replace(line, deliveries=kept)


async def merge(actor: Actor, cart_ids: Sequence[UUID], into_id: UUID, *, clock: Clock) -> UUID:
    """Merge carts of one legal entity into another cart of it; returns that one's id.

    The same offer and cost centre adds up, notes are joined, and what held for a whole cart (cost
    centre, wanted date, address) stays with its lines; where a merged cart left it open, so does
    the target from then on, and its own lines say what it said. The merged carts are closed and
    keep their lines for the record. Needs `cart.manage`. Locks the carts in the order of their ids.
    Raises `NotFound`, `InvalidInput`, `CartsOfDifferentEntities`, `CartFull`, `CartTooLarge`, and
    `CartSubmitted`, `CartAlreadyOrdered` or `CartClosed` where one of them may not change.
    """
    if not 1 <= len(cart_ids) <= MAX_MERGED or len({*cart_ids, into_id}) <= len(cart_ids):
        raise InvalidInput(
            "cartIds",
            f"1 to {MAX_MERGED} carts, each once, other than the one they go into",
            f"от 1 до {MAX_MERGED} корзин, каждая один раз, кроме принимающей",
        )
    now = clock.now()
    async with transaction():
        *sources, target = await usable_carts(actor, [*cart_ids, into_id], lock=True)
        for cart in (*sources, target):
            await ensure_open(cart)
            if cart.legal_entity_id != target.legal_entity_id:
                raise CartsOfDifferentEntities
        held = await held_lines([target.id, *cart_ids])
        opened = _opened(target, sources, held)
        lines = await _merged(target, opened, sources, held, now)
        await delete_lines({line.id for line in held[target.id]} - {line.id for line in lines})
        await save_lines(target.id, lines, now)
        await save_deliveries(lines)
        await write_terms(target, _joined_terms(opened, sources))
        await set_status(cart_ids, "merged")
        return target.id


def _opened(target: CartRow, sources: Sequence[CartRow], held: Held) -> CartRow:
    """Return the target without what it says and a cart whose lines rely on it does not.

    A line cannot say that it has no cost centre, date or address where its cart has one.
    """
    for cart in sources:
        lines = held[cart.id]
        if not cart.cost_center and any(not line.cost_center for line in lines):
            target = replace(target, cost_center="")
        if cart.wanted_on is None and any(line.wanted_on is None for line in lines):
            target = replace(target, wanted_on=None)
        if cart.delivery_address_id is None and any(_undelivered(line) > 0 for line in lines):
            target = replace(target, delivery_address_id=None)
    return target


def _undelivered(line: HeldLine) -> Decimal:
    """Return what goes to the cart's address."""
    return line.quantity - sum((part.quantity for part in line.deliveries), Decimal(0))


async def _merged(
    target: CartRow, opened: CartRow, sources: Sequence[CartRow], held: Held, now: datetime
) -> list[HeldLine]:
    """Return the lines of all the carts as those of the opened target."""
    lines: dict[Place, HeldLine] = {}
    outdated: dict[Place, HeldLine] = {}
    for cart in (target, *sources):
        present = await presently(cart, held[cart.id], now) if held[cart.id] else {}
        for line in held[cart.id]:
            moved = _moved(line, cart, opened)
            if cart is not target:
                moved = replace(moved, id=new_id())
            if present.get(line.id) != line:
                outdated.setdefault(moved.place, line)
            earlier = lines.get(moved.place)
            lines[moved.place] = _joined(earlier, moved, opened) if earlier else moved
    _ensure_room(lines.values())
    present = await presently(target, list(lines.values()), now) if lines else {}
    return [
        replace(line, seen_unit_price=outdated[place].seen_unit_price)
        if place in outdated
        else present[line.id]
        for place, line in lines.items()
    ]


def _joined(line: HeldLine, other: HeldLine, cart: CartRow) -> HeldLine:
    """Add two lines up; a date that the cart says for one of them counts as well."""
    if line.wanted_on != other.wanted_on:
        line = replace(line, wanted_on=line.wanted_on or cart.wanted_on)
        other = replace(other, wanted_on=other.wanted_on or cart.wanted_on)
    return added_up(line, other)


def _moved(line: HeldLine, cart: CartRow, target: CartRow) -> HeldLine:
    """Return a line that says itself what its cart said, where the target says otherwise."""
    parts, rest = line.deliveries, _undelivered(line)
    elsewhere = cart.delivery_address_id
    if elsewhere is not None and elsewhere != target.delivery_address_id and rest > 0:
        there = sum((p.quantity for p in parts if p.address_id == elsewhere), rest)
        others = tuple(part for part in parts if part.address_id != elsewhere)
        parts = (*others, LineDelivery(elsewhere, there))
    cost_center = line.cost_center
    if not cost_center and cart.cost_center != target.cost_center:
        cost_center = cart.cost_center
    wanted_on = line.wanted_on
    if wanted_on is None and cart.wanted_on != target.wanted_on:
        wanted_on = cart.wanted_on
    return replace(line, cost_center=cost_center, wanted_on=wanted_on, deliveries=parts)


def _ensure_room(lines: Collection[HeldLine]) -> None:
    if len(lines) > MAX_LINES:
        raise CartFull(MAX_LINES)
    for line in lines:
        if line.quantity > MAX_LINE_QUANTITY:
            raise CartTooLarge(trimmed(line.quantity), MAX_LINE_QUANTITY)


def _joined_terms(target: CartRow, sources: Sequence[CartRow]) -> CartTerms:
    numbers = [cart.po_number for cart in (target, *sources) if cart.po_number]
    return CartTerms(
        po_number=numbers[0] if numbers else None,
        cost_center=target.cost_center,
        wanted_on=target.wanted_on,
        delivery_address_id=target.delivery_address_id,
        note=joined_notes((cart.note for cart in (target, *sources)), MAX_NOTE),
    )


@dataclass(frozen=True, slots=True)
class MergedLine:
    """Where a line of a merged cart went, with the quantity that it brought."""

    cart_id: UUID
    cart_name: str
    offer_id: UUID
    quantity: Decimal
    line_id: UUID | None
    """The line of the target; None where it has been taken out since."""


async def merge_report(actor: Actor, cart_ids: Sequence[UUID], into_id: UUID) -> list[MergedLine]:
    """Say of every line of the merged carts where it is now. Needs `cart.manage`."""
    *sources, target = await usable_carts(actor, [*cart_ids, into_id])
    held = await held_lines([target.id, *(cart.id for cart in sources)])
    places = {line.place: line.id for line in held[target.id]}
    return [
        MergedLine(
            cart_id=cart.id,
            cart_name=cart.name,
            offer_id=line.offer_id,
            quantity=line.quantity,
            line_id=places.get(_moved(line, cart, target).place),
        )
        for cart in sources
        for line in held[cart.id]
    ]
