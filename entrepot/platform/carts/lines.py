"""The lines of carts as they are held: read and written whole, one statement each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from entrepot.platform.carts.rules import HeldLine, LineDelivery
from entrepot.platform.database import Row, execute, fetch

__all__ = [
    "HeldLine",
    "LineDelivery",
    "delete_lines",
    "held_lines",
    "save_deliveries",
    "save_lines",
]

LINES = """
SELECT l.cart_id, l.id, l.offer_id, l.cost_center, l.quantity, l.seen_unit_price, l.seen_discount,
       l.note, l.wanted_on,
       ARRAY(SELECT d.address_id FROM cart_line_delivery d WHERE d.line_id = l.id ORDER BY d.id)
           AS addresses,
       ARRAY(SELECT d.quantity FROM cart_line_delivery d WHERE d.line_id = l.id ORDER BY d.id)
           AS parts
  FROM cart_line l WHERE l.cart_id = ANY($1::uuid[]) ORDER BY l.cart_id, l.added_at, l.id
"""
SAVE = """
INSERT INTO cart_line
       (cart_id, added_at, id, offer_id, cost_center, quantity, seen_unit_price, seen_discount,
        note, wanted_on)
SELECT $1, $2, n.* FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::numeric[], $7::numeric[],
                               $8::numeric[], $9::text[], $10::date[]) AS n
ON CONFLICT (id) DO UPDATE
   SET cost_center = EXCLUDED.cost_center, quantity = EXCLUDED.quantity,
       seen_unit_price = EXCLUDED.seen_unit_price, seen_discount = EXCLUDED.seen_discount,
       note = EXCLUDED.note, wanted_on = EXCLUDED.wanted_on
"""
SPLIT = """
INSERT INTO cart_line_delivery (id, line_id, address_id, quantity)
SELECT gen_random_uuid(), n.* FROM unnest($1::uuid[], $2::uuid[], $3::numeric[]) AS n
"""


def _line(row: Row) -> HeldLine:
    values = {name: row[name] for name in _COLUMNS}
    deliveries = tuple(map(LineDelivery, row["addresses"], row["parts"]))
    return HeldLine(**values, deliveries=deliveries)


_COLUMNS = ("id", "offer_id", "cost_center", "quantity", "seen_unit_price", "seen_discount",
            "note", "wanted_on")  # fmt: skip


async def held_lines(cart_ids: Iterable[UUID]) -> dict[UUID, list[HeldLine]]:
    """Return the lines of each cart in the order they were added; every cart is a key."""
    found: dict[UUID, list[HeldLine]] = {cart_id: [] for cart_id in cart_ids}
    for row in await fetch(LINES, list(found)):
        found[row["cart_id"]].append(_line(row))
    return found


async def save_lines(cart_id: UUID, lines: Sequence[HeldLine], now: datetime) -> None:
    """Write new and changed lines of a cart whose row is locked; deliveries stay as they are."""
    if lines:
        columns = [[getattr(line, name) for line in lines] for name in _COLUMNS]
        await execute(SAVE, cart_id, now, *columns)


async def save_deliveries(lines: Sequence[HeldLine]) -> None:
    """Replace the deliveries of lines that are there."""
    await execute(
        "DELETE FROM cart_line_delivery WHERE line_id = ANY($1::uuid[])",
        [line.id for line in lines],
    )
    parts = [(line.id, one) for line in lines for one in line.deliveries]
    if parts:
        await execute(
            SPLIT,
            [line_id for line_id, _ in parts],
            [one.address_id for _, one in parts],
            [one.quantity for _, one in parts],
        )


async def delete_lines(line_ids: Iterable[UUID]) -> None:
    """Take lines out, with their deliveries."""
    await execute("DELETE FROM cart_line WHERE id = ANY($1::uuid[])", list(line_ids))
