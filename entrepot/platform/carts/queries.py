"""Reads of carts: today's prices, what changed, what is short; lists of carts and colleagues."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from entrepot.platform.carts.access import COLUMNS, USABLE, CartRow, cart_row, find_cart
from entrepot.platform.carts.lines import held_lines
from entrepot.platform.carts.views import CartLineView, CartTotal, CartView, cart_view_of
from entrepot.platform.catalog.visibility import visible_condition
from entrepot.platform.database import Row, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import ROLE_PERMISSIONS, Permission
from entrepot.platform.pricing.order_pricing import OrderPrices, WantedLine, price_order

__all__ = ["CartLineView", "CartRow", "CartTotal", "CartView"]

LIVE = ("open", "submitted")
OFFERS = f"""
SELECT o.id, o.article_number, o.seller_id, s.name AS seller_name, o.currency,
       o.pack_quantity, o.min_order_quantity, o.order_step, o.max_order_quantity,
       (o.active AND s.active AND EXISTS (
            SELECT 1 FROM legal_entity e WHERE e.company_id = o.seller_id AND e.active)
        AND {visible_condition("o", "$2", "s")}) AS offered,
       (SELECT coalesce(sum(i.on_hand - i.reserved), 0) FROM stock_item i
         WHERE i.offer_id = o.id) AS available
  FROM offer o JOIN company s ON s.id = o.seller_id
 WHERE o.id = ANY($1::uuid[])
"""


async def live_cart(actor: Actor, cart_id: UUID | None) -> CartRow | None:
    """Return a cart that is open or submitted, or None where the actor may not use it.

    None as id: the default cart of the legal entity acted for. Needs `cart.manage`.
    """
    cart = await find_cart(actor, cart_id)
    return cart if cart is not None and cart.status in LIVE else None


async def cart_view(actor: Actor, cart_id: UUID | None, now: datetime) -> CartView | None:
    """Return a live cart at today's prices, or None where the actor may not use it.

    None as id: the default cart of the legal entity acted for. A fixed number of statements,
    however many lines. Needs `cart.manage`.
    """
    cart = await live_cart(actor, cart_id)
    return None if cart is None else (await views_of([cart], now))[cart.id]


async def views_of(carts: Iterable[CartRow], now: datetime) -> dict[UUID, CartView]:
    """Return carts that the actor may use at today's prices, by id.

    Two statements for all, and those of `price_order` for each cart that has lines on offer.
    """
    wanted = {cart.id: cart for cart in carts}
    held = await held_lines(wanted)
    by_company: dict[UUID, set[UUID]] = {}
    for cart in wanted.values():
        offers = by_company.setdefault(cart.company_id, set())
        offers.update(line.offer_id for line in held[cart.id])
    found: dict[UUID, CartView] = {}
    rows: dict[UUID, dict[UUID, Row]] = {}
    for company_id, offer_ids in by_company.items():
        listed = await fetch(OFFERS, list(offer_ids), company_id) if offer_ids else []
        rows[company_id] = {row["id"]: row for row in listed}
    for cart in wanted.values():
        offers_of = rows[cart.company_id]
        lines = [
            WantedLine(line.id, line.offer_id, line.quantity)
            for line in held[cart.id]
            if offers_of[line.offer_id]["offered"]
        ]
        none = OrderPrices({}, ())
        order = await price_order(cart.legal_entity_id, lines, now) if lines else none
        shown = [offers_of[line.offer_id] for line in held[cart.id]]
        found[cart.id] = cart_view_of(cart, shown, held[cart.id], order)
    return found


async def carts_by_ids(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, CartRow]:
    """Return those of the live carts that the actor may use, by id. Needs `cart.manage`."""
    actor.require(Permission.CART_MANAGE)
    rows = await fetch(
        f"{COLUMNS} WHERE c.id = ANY($3::uuid[]) AND c.status = ANY($4::text[]) AND {USABLE}",
        actor.company_id,
        actor.user_id,
        list(ids),
        list(LIVE),
    )
    return {row["id"]: cart_row(row) for row in rows}


async def carts_of(
    actor: Actor,
    legal_entity_id: UUID | None,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[CartRow]:
    """Return the live carts that the actor may use, newest first, after that (time, id).

    Of one legal entity of the actor's company, or (None) of all. Needs `cart.manage`.
    """
    actor.require(Permission.CART_MANAGE)
    created_at, last = after or (None, None)
    rows = await fetch(
        f"{COLUMNS} WHERE c.status = ANY($3::text[]) AND {USABLE}"
        " AND ($4::uuid IS NULL OR c.legal_entity_id = $4)"
        " AND ($5::timestamptz IS NULL OR (c.created_at, c.id) < ($5, $6::uuid))"
        " ORDER BY c.created_at DESC, c.id DESC LIMIT $7",
        actor.company_id,
        actor.user_id,
        list(LIVE),
        legal_entity_id,
        created_at,
        last,
        limit,
    )
    return [cart_row(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person of the actor's company, by name."""

    id: UUID
    name: str


BUYING_ROLES = [
    role.value for role, may in ROLE_PERMISSIONS.items() if Permission.CART_MANAGE in may
]


async def colleagues(actor: Actor, ids: Iterable[UUID] | None = None) -> dict[UUID, Colleague]:
    """Return people of the actor's company by id: those named, or all who may use carts."""
    chosen = "m.roles && $2::text[]" if ids is None else "u.id = ANY($2::uuid[])"
    rows = await fetch(
        "SELECT u.id, u.name FROM membership m JOIN user_account u ON u.id = m.user_id"
        f" WHERE m.company_id = $1 AND u.disabled_at IS NULL AND {chosen} ORDER BY u.name, u.id",
        actor.company_id,
        BUYING_ROLES if ids is None else list(ids),
    )
    return {row["id"]: Colleague(row["id"], row["name"]) for row in rows}
