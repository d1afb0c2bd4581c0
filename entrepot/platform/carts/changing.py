"""Changing and removing lines, and accepting what changed from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from entrepot.platform.carts.access import CartRow, ensure_open, usable_cart, usable_line
from entrepot.platform.carts.errors import DeliveriesExceedLine
from entrepot.platform.carts.filling import ensure_offer_orderable
from entrepot.platform.carts.lines import (
    HeldLine,
    LineDelivery,
    delete_lines,
    held_lines,
    save_deliveries,
    save_lines,
)
from entrepot.platform.carts.rules import (
    MAX_COST_CENTER,
    MAX_DELIVERIES,
    MAX_LINE_NOTE,
    added_up,
    check_wanted_on,
)
from entrepot.platform.carts.seen import followed, presently
from entrepot.platform.catalog.queries import offers_by_ids
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.clock import Clock, SystemClock
from entrepot.platform.database import transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.addresses import usable_addresses
from entrepot.platform.quantities import check_quantity_range, trimmed

SYSTEM_CLOCK = SystemClock()
PRICED = frozenset({"quantity", "cost_center"})
"""Terms of a line whose change can change prices."""


class LineTerms(TypedDict, total=False):
    """What may be changed of a line; what is left out stays as it is."""

    quantity: Decimal
    cost_center: str
    note: str
    wanted_on: date | None
    deliveries: Sequence[LineDelivery]


async def set_quantity(actor: Actor, line_id: UUID, quantity: Decimal, *, clock: Clock) -> UUID:
    """Change a line's quantity and accept its present price, as `set_line` does."""
    return await set_line(actor, line_id, LineTerms(quantity=quantity), clock=clock)


async def set_line(actor: Actor, line_id: UUID, terms: LineTerms, *, clock: Clock) -> UUID:
    """Change a line; a new quantity accepts its present price. Returns the cart's id.

    With the cost centre of another line of the same offer, both become one and add up. Needs
    `cart.manage`. Locks the cart. Raises `NotFound`, `InvalidInput`, `QuantityNotOrderable`,
    `CartTooLarge`, `DeliveriesExceedLine`, and `CartSubmitted`, `CartAlreadyOrdered` or
    `CartClosed` where the cart may not change.
    """
    now = clock.now()
    terms = checked_terms(terms, now)
    async with transaction():
        cart = await usable_line(actor, line_id)
        await ensure_open(cart)
        before = (await held_lines([cart.id]))[cart.id]
        held = _line(before, line_id)
        line = _changed(held, terms)
        twin = next((one for one in before if one.place == line.place and one.id != line_id), None)
        if twin is not None:
            line = added_up(line, twin)
            await delete_lines([twin.id])
        if line.deliveries != held.deliveries:
            await _ensure_addresses(actor, line.deliveries)
        ensure_deliveries_fit(line)
        kept = [one for one in before if twin is None or one.id != twin.id]
        after = [line if one.id == line_id else one for one in kept]
        if "quantity" in terms:
            await _ensure_orderable(actor, line.offer_id, after)
        written = [line]
        if PRICED & terms.keys():
            written = await followed(cart, before, after, {line_id}, now)
        await save_lines(cart.id, written, now)
        if line.deliveries != held.deliveries:
            await save_deliveries([line])
        return cart.id


def checked_terms(terms: LineTerms, now: datetime) -> LineTerms:
    """Return the terms with their texts trimmed. Raises `InvalidInput`."""
    terms = terms.copy()
    if "cost_center" in terms:
        text = clean_text("costCenter", terms["cost_center"], MAX_COST_CENTER, empty=True)
        terms["cost_center"] = text
    if "note" in terms:
        terms["note"] = clean_text("note", terms["note"], MAX_LINE_NOTE, empty=True)
    if "wanted_on" in terms:
        check_wanted_on(terms["wanted_on"], now)
    parts = terms.get("deliveries", ())
    for index, part in enumerate(parts):
        check_quantity_range(f"deliveries.{index}.quantity", part.quantity)
    if len(parts) > MAX_DELIVERIES or len({part.address_id for part in parts}) < len(parts):
        raise InvalidInput(
            "deliveries",
            f"at most {MAX_DELIVERIES} addresses, each once",
            f"не более {MAX_DELIVERIES} адресов, каждый один раз",
        )
    return terms


def _changed(line: HeldLine, terms: LineTerms) -> HeldLine:
    return replace(
        line,
        quantity=terms.get("quantity", line.quantity),
        cost_center=terms.get("cost_center", line.cost_center),
        note=terms.get("note", line.note),
        wanted_on=terms.get("wanted_on", line.wanted_on),
        deliveries=tuple(terms.get("deliveries", line.deliveries)),
    )


def ensure_deliveries_fit(line: HeldLine) -> None:
    """Raise `DeliveriesExceedLine` where more goes to addresses than the line holds."""
    assigned = sum((part.quantity for part in line.deliveries), Decimal(0))
    if assigned > line.quantity:
        raise DeliveriesExceedLine(trimmed(assigned), trimmed(line.quantity)).at("deliveries")


async def _ensure_addresses(actor: Actor, parts: Sequence[LineDelivery]) -> None:
    usable = await usable_addresses(actor, [part.address_id for part in parts])
    for index, part in enumerate(parts):
        if part.address_id not in usable:
            raise NotFound("delivery address").at("deliveries", str(index), "addressId")


async def _ensure_orderable(actor: Actor, offer_id: UUID, lines: Sequence[HeldLine]) -> None:
    offer = (await offers_by_ids(actor, [offer_id])).get(offer_id)
    if offer is None or not offer.active:
        raise NotFound("offer").at("lineId")
    total = sum((one.quantity for one in lines if one.offer_id == offer_id), Decimal(0))
    ensure_offer_orderable(offer, total)


async def remove(actor: Actor, line_id: UUID, *, clock: Clock = SYSTEM_CLOCK) -> UUID:
    """Take a line out; returns the cart's id.

    Needs `cart.manage`. Locks the cart. Raises `NotFound`, and `CartSubmitted`,
    `CartAlreadyOrdered` or `CartClosed` where the cart may not change.
    """
    now = clock.now()
    async with transaction():
        cart = await usable_line(actor, line_id)
        await ensure_open(cart)
        before = (await held_lines([cart.id]))[cart.id]
        _line(before, line_id)
        after = [line for line in before if line.id != line_id]
        written = await followed(cart, before, after, {line_id}, now)
        await delete_lines([line_id])
        await save_lines(cart.id, written, now)
        return cart.id


async def accept_changes(actor: Actor, cart_id: UUID | None, *, clock: Clock) -> UUID:
    """Take today's prices and discounts of all lines on offer as seen. Returns the cart's id.

    Needs `cart.manage`. Locks the cart. Raises `NotFound`, and `CartSubmitted`,
    `CartAlreadyOrdered` or `CartClosed` where the cart may not change.
    """
    now = clock.now()
    async with transaction():
        cart = await usable_cart(actor, cart_id, lock=True, now=now)
        await ensure_open(cart)
        await save_lines(cart.id, await _drifted(cart, now), now)
        return cart.id


async def _drifted(cart: CartRow, now: datetime) -> list[HeldLine]:
    held = (await held_lines([cart.id]))[cart.id]
    present = await presently(cart, held, now)
    return [line for one in held if (line := present.get(one.id, one)) != one]


def _line(lines: Sequence[HeldLine], line_id: UUID) -> HeldLine:
    for line in lines:
        if line.id == line_id:
            return line
    raise NotFound("cart line").at("lineId")  # a colleague was faster
