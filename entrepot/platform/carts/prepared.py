"""Carts that the marketplace fills for somebody who is not there: those of standing orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.lines import HeldLine, save_lines
from entrepot.platform.database import execute
from entrepot.platform.ids import new_id

INSERT = """
INSERT INTO cart (id, legal_entity_id, created_by_id, name, is_default, shared_with_all, status,
                  po_number, cost_center, wanted_on, delivery_address_id, created_at)
VALUES ($1, $2, $3, $4, false, true, 'open', $5, $6, $7, $8, $9)
"""


@dataclass(frozen=True, slots=True)
class PreparedCart:
    """What the cart says beside its lines; everyone who buys for the company may use it."""

    legal_entity_id: UUID
    created_by: UUID
    name: str
    po_number: str | None = None
    cost_center: str = ""
    wanted_on: date | None = None
    delivery_address_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PreparedLine:
    """An offer, each once, with the price that the buyer counts as seen."""

    offer_id: UUID
    quantity: Decimal
    seen_unit_price: Decimal
    seen_discount: Decimal = Decimal(0)


async def prepare(cart: PreparedCart, lines: Sequence[PreparedLine], now: datetime) -> UUID:
    """Write an open cart with its lines, as they are, and return its id; checks nothing.

    Whether its lines can be ordered is seen when they are.
    """
    cart_id = new_id()
    await execute(
        INSERT, cart_id, cart.legal_entity_id, cart.created_by, cart.name, cart.po_number,
        cart.cost_center, cart.wanted_on, cart.delivery_address_id, now,
    )  # fmt: skip
    held = [
        HeldLine(
            id=new_id(),
            offer_id=line.offer_id,
            cost_center=cart.cost_center,
            quantity=line.quantity,
            seen_unit_price=line.seen_unit_price,
            seen_discount=line.seen_discount,
        )
        for line in lines
    ]
    await save_lines(cart_id, held, now)
    return cart_id
