"""Turning a cart into an order: reads and writes of one transaction, in order.

`service.place` is the entry; this module holds its steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from entrepot.platform.carts.rules import ensure_orderable
from entrepot.platform.database import Row, execute, execute_many, fetch, fetch_one
from entrepot.platform.errors import DomainError
from entrepot.platform.identity.actor import Actor
from entrepot.platform.ids import new_id
from entrepot.platform.numbering import next_number
from entrepot.platform.orders.errors import CartEmpty, OfferUnavailable, PriceChanged
from entrepot.platform.orders.rules import (
    PricedLine,
    SellerOrderStatus,
    line_amounts,
    split_by_seller,
    sum_amounts,
    tax_rate_for,
)
from entrepot.platform.payments import service as payments
from entrepot.platform.pricing.queries import ResolvedPrice, prices_for

LOCK_CART = """
SELECT c.id, e.country, e.company_id
  FROM cart c JOIN legal_entity e ON e.id = c.legal_entity_id
 WHERE c.legal_entity_id = $1 AND c.status = 'open'
   FOR UPDATE OF c
"""
CART_LINES = """
SELECT l.offer_id, l.quantity, l.seen_unit_price,
       o.article_number, o.seller_id, o.currency, o.tax_included, o.tax_rate,
       o.pack_quantity, o.min_order_quantity, o.order_step,
       (o.active AND s.active AND e.id IS NOT NULL) AS available,
       p.title_en, p.title_ru, p.unit,
       e.id AS seller_entity_id, e.country AS seller_country
  FROM cart_line l
  JOIN offer o ON o.id = l.offer_id
  JOIN product p ON p.id = o.product_id
  JOIN company s ON s.id = o.seller_id
  LEFT JOIN LATERAL (
       SELECT id, country FROM legal_entity
        WHERE company_id = o.seller_id AND active
        ORDER BY created_at, id LIMIT 1
  ) e ON true
 WHERE l.cart_id = $1
 ORDER BY l.added_at, l.id
"""
INSERT_ORDER = """
WITH ordered AS (UPDATE cart SET status = 'placed' WHERE id = $6),
     kept AS (INSERT INTO order_cart (id, order_id, cart_id) VALUES ($9, $1, $6))
INSERT INTO purchase_order
       (id, number, buyer_id, legal_entity_id, placed_by_id, po_number, placed_at)
VALUES ($1, $2, $3, $4, $5, $7, $8)
"""
INSERT_SELLER_ORDER = """
INSERT INTO seller_order
       (id, order_id, seller_id, legal_entity_id, number, status, currency, net, tax, gross,
        placed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
INSERT_LINE = """
INSERT INTO order_line
       (id, seller_order_id, line_number, offer_id, article_number, title_en, title_ru, unit,
        quantity, unit_price, price_source, price_list_id, tax_rate, net, tax, gross)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""


@dataclass(frozen=True, slots=True)
class LockedCart:
    """The open cart of the legal entity, its row locked."""

    id: UUID
    buyer_country: str


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A line that may be ordered, with what the order must remember of it."""

    id: UUID
    priced: PricedLine
    source: Row
    price: ResolvedPrice
    charged_rate: Decimal


async def lock_cart(actor: Actor) -> LockedCart:
    """Lock the open cart of the actor's legal entity. Raises `CartEmpty` if there is none."""
    row = await fetch_one(LOCK_CART, actor.legal_entity_id)
    if row is None:
        raise CartEmpty
    return LockedCart(row["id"], row["country"])


async def check_lines(
    actor: Actor, cart: LockedCart, now: datetime, *, accept_price_changes: bool
) -> list[CheckedLine]:
    """Price every line anew and refuse what cannot be ordered.

    Raises `CartEmpty`, `OfferUnavailable`, `QuantityNotOrderable` or `PriceChanged`, each
    with the line's index.
    """
    rows = await fetch(CART_LINES, cart.id)
    if not rows:
        raise CartEmpty
    for index, row in enumerate(rows):
        if not row["available"]:
            raise OfferUnavailable(row["offer_id"], row["article_number"]).at(
                "lines", str(index), line_index=index
            )
    wanted = [(row["offer_id"], row["quantity"]) for row in rows]
    prices = await prices_for(actor.legal_entity_id, wanted, now)
    return [
        _check_line(index, row, prices[row["offer_id"]], cart, accept_price_changes)
        for index, row in enumerate(rows)
    ]


def _check_line(
    index: int, row: Row, price: ResolvedPrice, cart: LockedCart, accept_price_changes: bool
) -> CheckedLine:
    try:
        ensure_orderable(
            row["offer_id"],
            row["quantity"],
            pack=row["pack_quantity"],
            minimum=row["min_order_quantity"],
            step=row["order_step"],
        )
    except DomainError as error:
        raise error.at("lines", str(index), "quantity", line_index=index) from None
    if price.unit_price > row["seen_unit_price"] and not accept_price_changes:
        raise PriceChanged(
            row["offer_id"], row["article_number"], row["seen_unit_price"], price.unit_price
        ).at("lines", str(index), line_index=index)
    charged_rate = tax_rate_for(row["tax_rate"], row["seller_country"], cart.buyer_country)
    amounts = line_amounts(
        row["quantity"],
        price.unit_price,
        offer_rate=row["tax_rate"],
        charged_rate=charged_rate,
        tax_included=row["tax_included"],
        currency=row["currency"],
    )
    priced = PricedLine(
        line_index=index,
        offer_id=row["offer_id"],
        seller_id=row["seller_id"],
        currency=row["currency"],
        quantity=row["quantity"],
        unit_price=price.unit_price,
        amounts=amounts,
    )
    return CheckedLine(new_id(), priced, row, price, charged_rate)


async def write_order(
    actor: Actor,
    cart: LockedCart,
    lines: Sequence[CheckedLine],
    po_number: str | None,
    now: datetime,
) -> tuple[UUID, list[UUID]]:
    """Write the order, its seller orders and lines, numbers and postings; close the cart.

    Returns the ids of the order and of its seller orders. Locks the buyer's number
    counter, then those of the sellers in the order of their ids.
    """
    order_id = new_id()
    by_index = {line.priced.line_index: line for line in lines}
    parts = split_by_seller([line.priced for line in lines])
    seller_order_ids = [new_id() for _ in parts]
    number = await next_number(actor.legal_entity_id, "PO", now.year)
    await execute(
        INSERT_ORDER,
        order_id,
        number,
        actor.company_id,
        actor.legal_entity_id,
        actor.user_id,
        cart.id,
        po_number,
        now,
        new_id(),
    )
    line_rows: list[tuple[Any, ...]] = []
    for seller_order_id, (seller_id, currency, members) in zip(
        seller_order_ids, parts, strict=True
    ):
        checked = [by_index[line.line_index] for line in members]
        entity_id = checked[0].source["seller_entity_id"]
        total = sum_amounts(members)
        await execute(
            INSERT_SELLER_ORDER,
            seller_order_id,
            order_id,
            seller_id,
            entity_id,
            await next_number(entity_id, "SO", now.year),
            SellerOrderStatus.PLACED.value,
            currency,
            total.net,
            total.tax,
            total.gross,
            now,
        )
        line_rows += _line_rows(seller_order_id, checked)
        await payments.order_placed(
            payments.PlacedSellerOrder(
                id=seller_order_id,
                buyer_entity_id=actor.legal_entity_id,
                seller_entity_id=entity_id,
                currency=currency,
                net=total.net,
                tax=total.tax,
            ),
            now,
        )
    await execute_many(INSERT_LINE, line_rows)
    return order_id, seller_order_ids


def _line_rows(seller_order_id: UUID, lines: Sequence[CheckedLine]) -> list[tuple[Any, ...]]:
    return [
        (
            line.id,
            seller_order_id,
            number,
            line.priced.offer_id,
            line.source["article_number"],
            line.source["title_en"],
            line.source["title_ru"],
            line.source["unit"],
            line.priced.quantity,
            line.priced.unit_price,
            line.price.source,
            line.price.price_list_id,
            line.charged_rate,
            line.priced.amounts.net,
            line.priced.amounts.tax,
            line.priced.amounts.gross,
        )
        for number, line in enumerate(lines, start=1)
    ]
