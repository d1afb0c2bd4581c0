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

from entrepot.platform.carts.lines import HeldLine
from entrepot.platform.database import fetch_value
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


_ENTWINED = f"SELECT {entwined_condition('SELECT unnest($1::uuid[])', '$2')}"


async def _seen(
    legal_entity_id: UUID, lines: Sequence[HeldLine], now: datetime
) -> dict[UUID, tuple[Decimal, Decimal]]:
    """Return today's unit price and discount of each line whose offer exists."""
    if not lines:
        return {}
    wanted = [WantedLine(line.id, line.offer_id, line.quantity) for line in lines]
    priced = (await price_order(legal_entity_id, wanted, now)).lines
    return {key: (line.price.unit_price, line.discount) for key, line in priced.items()}


async def followed(
    legal_entity_id: UUID,
    before: Sequence[HeldLine],
    after: Sequence[HeldLine],
    touched: Collection[UUID],
    now: datetime,
) -> list[HeldLine]:
    """Return those lines of `after` to write: the touched ones and those whose price followed.

    Touched lines have seen today's price. Others whose seen price was up to date before the change
    have seen what the change made of it; those that differed already stay as they were seen.
    A fixed number of statements.
    """
    offers = {line.offer_id for line in (*before, *after) if line.id in touched}
    if not await fetch_value(_ENTWINED, list(offers), now):
        before = _of(before, offers)
        after = _of(after, offers)
    others = {line.id for line in after} - set(touched)
    earlier = await _seen(legal_entity_id, before if others else (), now)
    later = await _seen(legal_entity_id, after, now)
    written = []
    for line in after:
        seen = (line.seen_unit_price, line.seen_discount)
        present = later.get(line.id, seen)
        if line.id in touched or (present != seen and earlier.get(line.id) == seen):
            written.append(replace(line, seen_unit_price=present[0], seen_discount=present[1]))
    return written


def _of(lines: Iterable[HeldLine], offers: Collection[UUID]) -> list[HeldLine]:
    return [line for line in lines if line.offer_id in offers]


async def up_to_date(
    legal_entity_id: UUID, lines: Sequence[HeldLine], now: datetime
) -> list[HeldLine]:
    """Return those lines whose seen price or discount is not today's, with today's."""
    present = await _seen(legal_entity_id, lines, now)
    return [
        replace(line, seen_unit_price=seen[0], seen_discount=seen[1])
        for line in lines
        if (seen := present.get(line.id)) is not None
        and seen != (line.seen_unit_price, line.seen_discount)
    ]
