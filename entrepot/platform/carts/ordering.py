"""Carts on their way into an order or an approval: locked, with all that their lines say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from entrepot.platform.carts.access import COLUMNS, CartRow, CartStatus, cart_row
from entrepot.platform.carts.lines import HeldLine, held_lines
from entrepot.platform.database import execute, fetch

LockedLine = HeldLine
"""A line with the cart's cost centre and date where it has none of its own."""


@dataclass(frozen=True, slots=True)
class LockedCart:
    """A cart whose row is locked until the transaction ends, in whatever state."""

    cart: CartRow
    lines: tuple[LockedLine, ...]

    @property
    def id(self) -> UUID:
        """The cart's id."""
        return self.cart.id


async def lock_carts(cart_ids: Iterable[UUID]) -> list[LockedCart]:
    """Lock carts in the order of their ids and return them with their lines, in that order.

    Decides neither who may use them nor in which state they may be: `access.usable_carts` and
    `access.ensure_open` do. Carts that do not exist are left out. Two statements; call it in a
    transaction.
    """
    ids = sorted(set(cart_ids))
    rows = await fetch(f"{COLUMNS} WHERE c.id = ANY($1::uuid[]) ORDER BY c.id FOR UPDATE OF c", ids)
    carts = [cart_row(row) for row in rows]
    lines = await held_lines(cart.id for cart in carts)
    return [
        LockedCart(cart, tuple(_completed(line, cart) for line in lines[cart.id])) for cart in carts
    ]


def _completed(line: HeldLine, cart: CartRow) -> LockedLine:
    return replace(
        line,
        cost_center=line.cost_center or cart.cost_center,
        wanted_on=line.wanted_on or cart.wanted_on,
    )


async def set_status(cart_ids: Iterable[UUID], status: CartStatus) -> None:
    """Move carts, locked before, into another state."""
    await execute(
        "UPDATE cart SET status = $2 WHERE id = ANY($1::uuid[])", sorted(set(cart_ids)), status
    )
