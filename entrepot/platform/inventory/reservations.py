"""Reserving and releasing stock inside the caller's transaction.

All locks on stock are taken in the order (offer id, stock item id), so that orders with the same
articles wait for each other instead of deadlocking. The update is conditional as well, and the
table's CHECK stands behind both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import execute, fetch
from entrepot.platform.errors import InvalidInput
from entrepot.platform.ids import new_id
from entrepot.platform.inventory.errors import OutOfStock
from entrepot.platform.inventory.events import StockChanged
from entrepot.platform.outbox import record
from entrepot.platform.quantities import check_quantity_range, trimmed

_ZERO = Decimal(0)


@dataclass(slots=True)
class _Shelf:
    """A locked stock item and what of it is still free."""

    id: UUID
    code: str
    free: Decimal


async def _lock(offer_ids: set[UUID]) -> dict[UUID, list[_Shelf]]:
    """Lock the stock of the offers; returns the shelves of each by warehouse code."""
    rows = await fetch(
        "SELECT s.id, s.offer_id, w.code, s.on_hand - s.reserved AS free"
        "  FROM stock_item s JOIN warehouse w ON w.id = s.warehouse_id"
        " WHERE s.offer_id = ANY($1::uuid[]) ORDER BY s.offer_id, s.id FOR UPDATE OF s",
        list(offer_ids),
    )
    shelves: dict[UUID, list[_Shelf]] = {offer_id: [] for offer_id in offer_ids}
    for row in rows:
        shelves[row["offer_id"]].append(_Shelf(row["id"], row["code"], row["free"]))
    for found in shelves.values():
        found.sort(key=lambda shelf: shelf.code)
    return shelves


async def reserve(lines: Sequence[tuple[UUID, UUID, Decimal]]) -> None:
    """Hold stock for order lines, all or nothing; call inside the order's transaction.

    `lines` are (order line id, offer id, quantity). A line is served from the seller's warehouses
    in the order of their codes, split where one has too little. Locks the offers' stock items in
    sorted order until the transaction ends. Records `StockChanged`.

    Raises `OutOfStock` about the first line that cannot be served in full; its `available` is what
    the lines before it left. Raises `InvalidInput` for quantities that are not positive. The
    caller must let the error roll the transaction back.
    """
    for index, (_, _, quantity) in enumerate(lines):
        try:
            check_quantity_range(f"lines.{index}.quantity", quantity)
        except InvalidInput as error:
            error.line_index = index
            raise
    if not lines:
        return
    shelves = await _lock({offer_id for _, offer_id, _ in lines})
    taken: dict[UUID, Decimal] = {}
    held: list[tuple[UUID, UUID, Decimal]] = []
    for index, (line_id, offer_id, quantity) in enumerate(lines):
        free = sum((shelf.free for shelf in shelves[offer_id]), _ZERO)
        if free < quantity:
            raise OutOfStock(offer_id, trimmed(quantity), trimmed(free)).at(
                "lines", str(index), "quantity", line_index=index
            )
        rest = quantity
        for shelf in shelves[offer_id]:
            part = min(rest, shelf.free)
            if part > 0:
                shelf.free -= part
                rest -= part
                taken[shelf.id] = taken.get(shelf.id, _ZERO) + part
                held.append((line_id, shelf.id, part))
    await _take(taken)
    await execute(
        "INSERT INTO reservation (id, order_line_id, stock_item_id, quantity)"
        " SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::numeric[])",
        [new_id() for _ in held],
        [line_id for line_id, _, _ in held],
        [item_id for _, item_id, _ in held],
        [part for _, _, part in held],
    )
    await record(StockChanged(tuple(sorted(shelves))))


async def _take(taken: dict[UUID, Decimal]) -> None:
    touched = await execute(
        "UPDATE stock_item s SET reserved = s.reserved + t.quantity, updated_at = now()"
        "  FROM unnest($1::uuid[], $2::numeric[]) AS t(id, quantity)"
        " WHERE s.id = t.id AND s.on_hand - s.reserved >= t.quantity",
        list(taken),
        list(taken.values()),
    )
    if touched != len(taken):  # the rows are locked: only a broken invariant leads here
        raise RuntimeError(f"reserved {touched} of {len(taken)} locked stock items")


async def release(order_line_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """Give back what the order lines still hold; call inside the caller's transaction.

    Returns the quantity released for each line that held something. Doing it again releases
    nothing. Locks the stock items in the same order as `reserve`. Records `StockChanged`.
    """
    wanted = list(order_line_ids)
    items = await fetch(
        "SELECT s.id, s.offer_id FROM stock_item s WHERE s.id IN ("
        "   SELECT r.stock_item_id FROM reservation r"
        "    WHERE r.order_line_id = ANY($1::uuid[]) AND r.released_at IS NULL)"
        " ORDER BY s.offer_id, s.id FOR UPDATE",
        wanted,
    )
    freed = await fetch(
        "UPDATE reservation SET released_at = now()"
        " WHERE order_line_id = ANY($1::uuid[]) AND stock_item_id = ANY($2::uuid[])"
        "   AND released_at IS NULL"
        " RETURNING order_line_id, stock_item_id, quantity",
        wanted,
        [item["id"] for item in items],
    )
    if not freed:
        return {}
    by_item: dict[UUID, Decimal] = {}
    by_line: dict[UUID, Decimal] = {}
    for row in freed:
        item_id, line_id, quantity = row["stock_item_id"], row["order_line_id"], row["quantity"]
        by_item[item_id] = by_item.get(item_id, _ZERO) + quantity
        by_line[line_id] = by_line.get(line_id, _ZERO) + quantity
    await execute(
        "UPDATE stock_item s SET reserved = s.reserved - t.quantity, updated_at = now()"
        "  FROM unnest($1::uuid[], $2::numeric[]) AS t(id, quantity) WHERE s.id = t.id",
        list(by_item),
        list(by_item.values()),
    )
    await record(StockChanged(tuple(sorted({i["offer_id"] for i in items if i["id"] in by_item}))))
    return by_line
