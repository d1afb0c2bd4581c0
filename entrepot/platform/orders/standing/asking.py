"""Whether a company's approval rules ask about a standing order's largest run, and whom."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.approvals.errors import ApprovalRequired
from entrepot.platform.carts.approvals.rules import RequestedCart
from entrepot.platform.carts.approvals.service import (
    Deciders,
    ensure_may_order,
    priced_cart,
    who_agrees_beforehand,
)
from entrepot.platform.database import fetch_one, transaction
from entrepot.platform.identity.actor import Actor
from entrepot.platform.ids import new_id
from entrepot.platform.orders.standing.rows import COLUMNS, StandingRow, standing_row, terms_of
from entrepot.platform.orders.standing.terms import StandingLine, StandingTerms


@dataclass(frozen=True, slots=True)
class _Line:
    offer_id: UUID
    quantity: Decimal
    cost_center: str


async def what_asks(
    actor: Actor,
    legal_entity_id: UUID,
    standing_order_id: UUID,
    lines: Sequence[StandingLine],
    cost_center: str,
    now: datetime,
) -> ApprovalRequired | None:
    """Return why a run at the largest quantities and prices would need agreement; None: it won't.

    Prices are today's where the envelope names none, or a lower one.
    """
    cart = await _largest(
        actor.company_id, legal_entity_id, standing_order_id, lines, cost_center, now
    )
    try:
        async with transaction():
            await ensure_may_order(actor, [cart], now)
    except ApprovalRequired as asked:
        return asked
    return None


async def _largest(
    company_id: UUID,
    legal_entity_id: UUID,
    standing_order_id: UUID,
    lines: Sequence[StandingLine],
    cost_center: str,
    now: datetime,
) -> RequestedCart:
    wanted = {new_id(): _Line(line.offer_id, line.most, cost_center) for line in lines}
    cart = await priced_cart(standing_order_id, company_id, legal_entity_id, wanted, now)
    limits = {line.offer_id: line.max_unit_price for line in lines}
    dearest = []
    for line in cart.lines:
        limit = limits[line.offer_id]
        if limit is not None and limit > line.unit_price > 0:
            line = replace(line, net=line.net * limit / line.unit_price)
        dearest.append(line)
    return replace(cart, lines=tuple(dearest))


async def who_agrees(row: StandingRow, terms: StandingTerms, now: datetime) -> Deciders:
    """Return who may agree to the whole envelope: who has the last word on its dearest cart.

    Lines without a highest price are taken to cost, alike, what the largest total leaves them, so
    that a low price of today does not spare the approvers of the sum that is agreed to.
    """
    cart = await _largest(
        row.company_id, row.legal_entity_id, row.id, terms.lines, terms.cost_center, now
    )
    if terms.max_total is not None:
        open_ended = {line.offer_id for line in terms.lines if line.max_unit_price is None}
        cart = _filled_up(cart, open_ended, terms.max_total, row.currency)
    return await who_agrees_beforehand(cart, row.created_by_id, now)


async def who_is_asked(standing_order_id: UUID, now: datetime) -> frozenset[UUID]:
    """Return the people who may agree to a standing order; for the letters to them."""
    found = await fetch_one(f"{COLUMNS} WHERE s.id = $1", standing_order_id)
    if found is None:
        return frozenset()
    row = standing_row(found)
    return frozenset((await who_agrees(row, await terms_of(row), now)).people)


def _filled_up(
    cart: RequestedCart, open_ended: Container[UUID], total: Decimal, currency: str
) -> RequestedCart:
    free = [line for line in cart.lines if line.offer_id in open_ended and line.net > 0]
    spare = total - cart.totals().get(currency, Decimal(0))
    if not free or spare <= 0:
        return cart
    factor = 1 + spare / sum((line.net for line in free), Decimal(0))
    chosen = {line.line_id for line in free}
    return replace(
        cart,
        lines=tuple(
            replace(line, net=line.net * factor) if line.line_id in chosen else line
            for line in cart.lines
        ),
    )
