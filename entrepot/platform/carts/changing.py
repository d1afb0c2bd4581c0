"""Changing and removing lines, and accepting what changed from outside."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.access import ensure_open, usable_line
from entrepot.platform.carts.filling import ensure_offer_orderable
from entrepot.platform.carts.lines import HeldLine, delete_lines, held_lines, save_lines
from entrepot.platform.carts.seen import followed
from entrepot.platform.catalog.queries import offers_by_ids
from entrepot.platform.clock import Clock, SystemClock
from entrepot.platform.database import transaction
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor

SYSTEM_CLOCK = SystemClock()


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
        written = await followed(cart.legal_entity_id, before, after, {line_id}, now)
        await delete_lines([line_id])
        await save_lines(cart.id, written, now)
        return cart.id


async def set_quantity(actor: Actor, line_id: UUID, quantity: Decimal, *, clock: Clock) -> UUID:
    """Change a line's quantity and accept its present price. Returns the cart's id.

    Needs `cart.manage`. Locks the cart. Raises `NotFound`, `QuantityNotOrderable`, `CartTooLarge`,
    and `CartSubmitted`, `CartAlreadyOrdered` or `CartClosed` where the cart may not change.
    """
    now = clock.now()
    async with transaction():
        cart = await usable_line(actor, line_id)
        await ensure_open(cart)
        before = (await held_lines([cart.id]))[cart.id]
        line = _line(before, line_id)
        offer = (await offers_by_ids(actor, [line.offer_id])).get(line.offer_id)
        if offer is None or not offer.active:
            raise NotFound("offer").at("lineId")
        after = [replace(one, quantity=quantity) if one.id == line_id else one for one in before]
        total = sum((one.quantity for one in after if one.offer_id == offer.id), Decimal(0))
        ensure_offer_orderable(offer, total)
        written = await followed(cart.legal_entity_id, before, after, {line_id}, now)
        await save_lines(cart.id, written, now)
        return cart.id


def _line(lines: list[HeldLine], line_id: UUID) -> HeldLine:
    for line in lines:
        if line.id == line_id:
            return line
    raise NotFound("cart line").at("lineId")  # a colleague was faster
