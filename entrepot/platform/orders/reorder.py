"""Ordering again: a past order's lines as a quick order, at today's prices, for a look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.access import ensure_open, usable_cart
from entrepot.platform.carts.quick_order.amounts import Amount
from entrepot.platform.carts.quick_order.matching import match
from entrepot.platform.carts.quick_order.outcomes import Outcome, WantedArticle
from entrepot.platform.carts.quick_order.parsing import Reading
from entrepot.platform.carts.quick_order.service import Suggest, prepare
from entrepot.platform.database import Row, fetch, fetch_one
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission

_ORDER = """
SELECT o.legal_entity_id, e.active
  FROM purchase_order o JOIN legal_entity e ON e.id = o.legal_entity_id
 WHERE o.id = $1 AND o.buyer_id = $2
"""
_LINES = """
SELECT l.offer_id, min(l.article_number) AS article_number, sum(l.quantity) AS quantity,
       p.manufacturer_number
  FROM seller_order s
  JOIN order_line l ON l.seller_order_id = s.id
  JOIN offer f ON f.id = l.offer_id
  JOIN product p ON p.id = f.product_id
 WHERE s.order_id = $1
 GROUP BY l.offer_id, p.manufacturer_number
 ORDER BY min(s.number), min(l.line_number), l.offer_id
"""


async def reorder(
    actor: Actor,
    order_id: UUID,
    *,
    now: datetime,
    cart_id: UUID | None = None,
    suggest: Suggest | None = None,
) -> UUID:
    """Prepare a quick order of everything in a past order; returns its id. Nothing is ordered.

    Any order of the actor's company will do, cancelled parts too; quantities of one offer add up.
    The offers are the same where they can still be bought; else another seller's offer of the
    product, what replaces the product, or what stands in for its number, each with its outcome.
    Prices are those of the cart's legal entity where a cart is named, else of the order's. Needs
    `order.view` and `cart.manage`. Raises `NotFound`, `TooManyLines`, and `CartSubmitted`,
    `CartAlreadyOrdered` or `CartClosed` of a cart that may not change.
    """
    actor.require(Permission.ORDER_VIEW)
    actor.require(Permission.CART_MANAGE)
    order = await fetch_one(_ORDER, order_id, actor.company_id)
    if order is None:
        raise NotFound("order").at("orderId")
    entity_id = order["legal_entity_id"] if order["active"] else actor.legal_entity_id
    if cart_id is not None:
        cart = await usable_cart(actor, cart_id)
        await ensure_open(cart)
        entity_id = cart.legal_entity_id
    rows = await fetch(_LINES, order_id)
    wanted = await _by_number_where_gone(actor, entity_id, rows, now)
    return await prepare(
        actor, wanted, "reorder", now=now, legal_entity_id=entity_id, suggest=suggest
    )


async def _by_number_where_gone(
    actor: Actor, entity_id: UUID, rows: Sequence[Row], now: datetime
) -> list[WantedArticle]:
    """Return the lines by their offers; those of articles that are gone by the maker's number."""
    wanted = [
        WantedArticle(
            number,
            row["article_number"],
            _readings(row["article_number"], row["quantity"]),
            offer_id=row["offer_id"],
        )
        for number, row in enumerate(rows, 1)
    ]
    found = await match(entity_id, actor.company_id, wanted, now)
    gone = {line.line_number for line in found if line.outcome is Outcome.NOT_FOUND}
    return [
        replace(
            line, offer_id=None, readings=_readings(row["manufacturer_number"], row["quantity"])
        )
        if line.line_number in gone
        else line
        for line, row in zip(wanted, rows, strict=True)
    ]


def _readings(number: str, quantity: Decimal) -> tuple[Reading, ...]:
    return (Reading(number, Amount(quantity)),)
