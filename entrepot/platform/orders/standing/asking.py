"""Whether a company's approval rules would ask about a standing order's largest run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.approvals.errors import ApprovalRequired
from entrepot.platform.carts.approvals.service import ensure_may_order, priced_cart
from entrepot.platform.database import transaction
from entrepot.platform.identity.actor import Actor
from entrepot.platform.ids import new_id
from entrepot.platform.orders.standing.terms import StandingLine


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
    wanted = {new_id(): _Line(line.offer_id, line.most, cost_center) for line in lines}
    cart = await priced_cart(standing_order_id, actor.company_id, legal_entity_id, wanted, now)
    limits = {line.offer_id: line.max_unit_price for line in lines}
    dearest = []
    for line in cart.lines:
        limit = limits[line.offer_id]
        if limit is not None and limit > line.unit_price > 0:
            line = replace(line, net=line.net * limit / line.unit_price)
        dearest.append(line)
    try:
        async with transaction():
            await ensure_may_order(actor, [replace(cart, lines=tuple(dearest))], now)
    except ApprovalRequired as asked:
        return asked
    return None
