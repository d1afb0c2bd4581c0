"""What a buyer has seen of prices and discounts.

It follows the buyer's own changes, so that what differs from it later changed from outside.

A line's price can depend on others: on lines of the same offer (tiers go by the total), and on the
seller's other lines where a price list asks for an order value or a promotion is live.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.access import CartRow
from entrepot.platform.carts.lines import HeldLine
from entrepot.platform.catalog.visibility import visible_condition
from entrepot.platform.database import fetch
from entrepot.platform.pricing.order_pricing import WantedLine, price_order


def entwined_condition(offers: str, now: str) -> str:
    """Return the condition that a line of one of the offers may change prices of other offers.

    `offers` is a query of offers' ids, `now` an expression of the moment.
    """
    sellers = f"SELECT o.seller_id FROM offer o WHERE o.id IN ({offers})"
    return f"""
    (EXISTS (SELECT 1 FROM promotion p
              WHERE p.active AND (p.seller_id IS NULL OR p.seller_id IN ({sellers}))
                AND (p.starts_at IS NULL OR p.starts_at <= {now})
                AND (p.ends_at IS NULL OR p.ends_at > {now}))
     OR EXISTS (SELECT 1 FROM price_list t
                 WHERE t.active AND t.min_order_value IS NOT NULL AND t.seller_id IN ({sellers})))
    """


_OFFERED = f"""
SELECT o.id, {entwined_condition("SELECT unnest($3::uuid[])", "$4")} AS entwined
  FROM offer o JOIN company s ON s.id = o.seller_id
 WHERE o.id = ANY($1::uuid[]) AND o.active AND s.active AND {visible_condition("o", "$2", "s")}
"""


async def _seen(
    legal_entity_id: UUID, lines: Sequence[HeldLine], now: datetime
) -> dict[UUID, tuple[Decimal, Decimal]]:
    """Return today's unit price and discount of each line."""
    if not lines:
        return {}
    wanted = [WantedLine(line.id, line.offer_id, line.quantity) for line in lines]
    priced = (await price_order(legal_entity_id, wanted, now)).lines
    return {key: (line.price.unit_price, line.discount) for key, line in priced.items()}


async def followed(
    cart: CartRow,
    before: Sequence[HeldLine],
    after: Sequence[HeldLine],
    touched: Collection[UUID],
    now: datetime,
) -> list[HeldLine]:
    """Return those lines of `after` to write: the touched ones and those whose price followed.

    Touched lines have seen today's price. Others whose seen price was up to date before the change
    have seen what the change made of it; those that differed already stay as they were seen, and so
    does what is not offered. A fixed number of statements.
    """
    changed = {line.offer_id for line in (*before, *after) if line.id in touched}
    every = {line.offer_id for line in (*before, *after)}
    rows = await fetch(_OFFERED, list(every), cart.company_id, list(changed), now)
    offered = {row["id"] for row in rows}
    if not any(row["entwined"] for row in rows):
        offered &= changed
    others = any(line.offer_id in offered and line.id not in touched for line in after)
    earlier = await _seen(cart.legal_entity_id, _of(before, offered) if others else [], now)
    later = await _seen(cart.legal_entity_id, _of(after, offered), now)
    written = []
    for line in after:
        seen = (line.seen_unit_price, line.seen_discount)
        present = later.get(line.id, seen)
        if line.id in touched or (present != seen and earlier.get(line.id) == seen):
            written.append(_seeing(line, present))
    return written


def _of(lines: Iterable[HeldLine], offers: Collection[UUID]) -> list[HeldLine]:
    return [line for line in lines if line.offer_id in offers]


def _seeing(line: HeldLine, seen: tuple[Decimal, Decimal]) -> HeldLine:
    return replace(line, seen_unit_price=seen[0], seen_discount=seen[1])


async def presently(
    cart: CartRow, lines: Sequence[HeldLine], now: datetime
) -> dict[UUID, HeldLine]:
    """Return the lines that are on offer, by id, having seen today's prices and discounts."""
    every = list({line.offer_id for line in lines})
    rows = await fetch(_OFFERED, every, cart.company_id, every, now)
    offered = _of(lines, {row["id"] for row in rows})
    present = await _seen(cart.legal_entity_id, offered, now)
    return {line.id: _seeing(line, present[line.id]) for line in offered if line.id in present}
