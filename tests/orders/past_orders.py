"""Writes orders of the past straight into the tables, for what is computed from many of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import execute, fetch_one
from entrepot.platform.identity.actor import Actor
from entrepot.platform.ids import new_id

NOW = datetime(2026, 11, 23, 2, 40, tzinfo=UTC)
_numbers = count(1)
_ENTITY = "SELECT id FROM legal_entity WHERE company_id = $1"


async def order(
    buyer: Actor,
    offers: Sequence[Offer],
    *,
    days: float = 0,
    status: str = "delivered",
    by: str | None = None,
    hours: float | None = 1,
    advance_paid_days: float | None = None,
) -> UUID:
    """Write one seller order of offers of one seller, `days` ago; return its id.

    Confirmed after `hours` (None: it is not known when); `by` called it off;
    `advance_paid_days`: it waited for the money, which came so many days ago.
    """
    placed = NOW - timedelta(days=days)
    whole, part = new_id(), new_id()
    number = f"P{next(_numbers)}"
    await execute(
        "INSERT INTO purchase_order (id, number, buyer_id, legal_entity_id, placed_by_id,"
        " placed_at) VALUES ($1, $2, $3, $4, $5, $6)",
        whole, number, buyer.company_id, buyer.legal_entity_id, buyer.user_id, placed,
    )  # fmt: skip
    seller = await offers[0].seller
    entity = await fetch_one(_ENTITY, seller.id)
    assert entity is not None
    paid = None if advance_paid_days is None else NOW - timedelta(days=advance_paid_days)
    taken = status in ("confirmed", "shipped", "delivered") and hours is not None
    await execute(
        "INSERT INTO seller_order (id, order_id, seller_id, legal_entity_id, number, status,"
        " currency, net, tax, gross, placed_at, confirmed_at, cancelled_by, payment, paid_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'RUB', 0, 0, 0, $7, $8, $9, $10, $11)",
        part, whole, seller.id, entity["id"], number, status, placed,
        (paid or placed) + timedelta(hours=hours or 0) if taken else None, by,
        "invoice" if paid is None else "advance", paid,
    )  # fmt: skip
    for line, offer in enumerate(offers, 1):
        await execute(
            "INSERT INTO order_line (id, seller_order_id, line_number, offer_id, article_number,"
            " title_en, title_ru, unit, quantity, unit_price, price_source, tax_rate, net, tax,"
            " gross) VALUES ($1, $2, $3, $4, $5, 't', 't', 'PCE', 1, 1, 'list', 0, 0, 0, 0)",
            new_id(), part, line, offer.id, offer.article_number,
        )  # fmt: skip
    return part
