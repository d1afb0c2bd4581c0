"""Rewriting a cart's lines as a split says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.access import ensure_open, usable_cart
from entrepot.platform.carts.errors import CartFull
from entrepot.platform.carts.filling import ensure_offer_orderable
from entrepot.platform.carts.lines import (
    HeldLine,
    LineDelivery,
    delete_lines,
    held_lines,
    save_deliveries,
    save_lines,
)
from entrepot.platform.carts.rules import MAX_LINES, joined_notes
from entrepot.platform.carts.seen import followed
from entrepot.platform.catalog.queries import OfferRow, all_offers_by_ids, offers_by_ids
from entrepot.platform.clock import Clock
from entrepot.platform.database import transaction
from entrepot.platform.errors import DomainError, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.ids import new_id

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class NewPart:
    """How much to buy of an offer."""

    offer_id: UUID
    quantity: Decimal


@dataclass(slots=True)
class _Need:
    """What one line wants for one address; None: the cart's."""

    line: HeldLine
    address_id: UUID | None
    quantity: Decimal


async def apply(
    actor: Actor, cart_id: UUID | None, parts: Sequence[NewPart], *, clock: Clock
) -> UUID:
    """Buy the products of these offers from these offers instead; returns the cart's id.

    Every line of the cart with a product that the parts name is rewritten: the parts are dealt out
    to the cost centres and addresses of the old lines in their order, the last one takes what packs
    add, and the last one lacks what the parts do not cover. Lines of other products stay. Needs
    `cart.manage`. Locks the cart. Raises `NotFound` (an offer that is hidden, or of a product that
    the cart does not hold), `InvalidInput`, `QuantityNotOrderable`, `CartTooLarge`, `CartFull`,
    and `CartSubmitted`, `CartAlreadyOrdered` or `CartClosed` where the cart may not change.
    """
    _check(parts)
    now = clock.now()
    async with transaction():
        cart = await usable_cart(actor, cart_id, lock=True, now=now)
        await ensure_open(cart)
        before = (await held_lines([cart.id]))[cart.id]
        shown = await offers_by_ids(actor, {part.offer_id for part in parts})
        held = await all_offers_by_ids({line.offer_id for line in before})
        _check_offers(parts, shown, {offer.product_id for offer in held.values()})
        products = {shown[part.offer_id].product_id for part in parts}
        replaced = [line for line in before if held[line.offer_id].product_id in products]
        made: list[HeldLine] = []
        for product_id in sorted(products):
            needs = _needs([x for x in replaced if held[x.offer_id].product_id == product_id])
            of_product = [p for p in parts if shown[p.offer_id].product_id == product_id]
            made += _dealt(needs, of_product)
        gone = {line.id for line in replaced}
        after = [line for line in before if line.id not in gone] + made
        if len(after) > MAX_LINES:
            raise CartFull(MAX_LINES)
        fresh = {line.id for line in made}
        written = await followed(cart, before, after, fresh, now)
        await delete_lines(gone)
        await save_lines(cart.id, written, now)
        await save_deliveries(made)
        return cart.id


def _check(parts: Sequence[NewPart]) -> None:
    if not parts:
        raise InvalidInput("splits", "must not be empty", "не должно быть пустым")
    if len(parts) > MAX_LINES:
        raise CartFull(MAX_LINES)
    seen: set[UUID] = set()
    for index, part in enumerate(parts):
        if part.offer_id in seen:
            error = InvalidInput("splits", "names an offer twice", "предложение названо дважды")
            raise error.at("splits", str(index), "offerId", line_index=index)
        seen.add(part.offer_id)


def _check_offers(
    parts: Sequence[NewPart], shown: Mapping[UUID, OfferRow], products: set[UUID]
) -> None:
    for index, part in enumerate(parts):
        offer = shown.get(part.offer_id)
        if offer is None or not offer.active or offer.product_id not in products:
            raise NotFound("offer").at("splits", str(index), "offerId", line_index=index)
        try:
            ensure_offer_orderable(offer, part.quantity)
        except DomainError as error:
            raise error.at("splits", str(index), "quantity", line_index=index) from None


def _needs(lines: Sequence[HeldLine]) -> list[_Need]:
    needs: list[_Need] = []
    for line in lines:
        needs += [_Need(line, one.address_id, one.quantity) for one in line.deliveries]
        rest = line.quantity - sum((one.quantity for one in line.deliveries), ZERO)
        if rest > 0:
            needs.append(_Need(line, None, rest))
    return needs


def _dealt(needs: list[_Need], parts: Sequence[NewPart]) -> list[HeldLine]:
    """Deal the parts out to the needs, in order; whoever is last takes the rest."""
    lines: dict[tuple[UUID, str], HeldLine] = {}
    turn = 0
    for part in parts:
        left = part.quantity
        while left > 0:
            need = needs[turn]
            is_last = turn == len(needs) - 1
            taken = left if is_last else min(left, need.quantity)
            _put(lines, part.offer_id, need, taken)
            left -= taken
            need.quantity -= taken
            if need.quantity <= 0 and not is_last:
                turn += 1
    return list(lines.values())


def _put(
    lines: dict[tuple[UUID, str], HeldLine], offer_id: UUID, need: _Need, quantity: Decimal
) -> None:
    place = (offer_id, need.line.cost_center)
    line = lines.get(place) or HeldLine(new_id(), *place, ZERO)
    deliveries = {one.address_id: one.quantity for one in line.deliveries}
    if need.address_id is not None:
        deliveries[need.address_id] = deliveries.get(need.address_id, ZERO) + quantity
    lines[place] = replace(
        line,
        quantity=line.quantity + quantity,
        note=joined_notes((line.note, need.line.note)),
        wanted_on=_earlier(line.wanted_on, need.line.wanted_on),
        deliveries=tuple(LineDelivery(key, value) for key, value in deliveries.items()),
    )


def _earlier(first: date | None, second: date | None) -> date | None:
    if first is None or second is None:
        return first or second
    return min(first, second)
