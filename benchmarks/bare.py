"""The baseline: the same reads and writes by hand, Starlette and asyncpg only.

uvicorn --factory benchmarks.bare:create_app   (ENTREPOT_DATABASE_URL names the database)
No accounts, no permissions, no typed errors: the least that could answer.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from entrepot.platform.database import credentials
from entrepot.platform.ids import new_id

PRODUCT = "SELECT id, brand, manufacturer_number, title_en, unit FROM product WHERE id = $1"
PRICE = """
coalesce((SELECT t.unit_price FROM price_tier t
           JOIN price_list l ON l.id = t.price_list_id AND l.active
           JOIN price_list_assignment a ON a.price_list_id = l.id AND a.company_id = $2
          WHERE t.offer_id = o.id AND t.min_quantity <= o.min_order_quantity
          ORDER BY l.priority DESC, t.min_quantity DESC LIMIT 1), o.list_price) AS price
"""
OFFERS = f"""
SELECT o.id, o.article_number, c.name AS seller, o.currency, {PRICE},
       (SELECT sum(s.on_hand - s.reserved) FROM stock_item s WHERE s.offer_id = o.id) AS available
  FROM offer o JOIN company c ON c.id = o.seller_id WHERE o.product_id = $1 AND o.active
"""
LIST = f"""
SELECT o.id, o.article_number, p.title_en, o.currency, {PRICE},
       (SELECT sum(s.on_hand - s.reserved) FROM stock_item s WHERE s.offer_id = o.id) AS available
  FROM offer o JOIN product p ON p.id = o.product_id
 WHERE o.id > $1 AND o.active ORDER BY o.id LIMIT 20
"""
OWN = f"""
SELECT o.id, o.article_number, p.title_en, o.currency, {PRICE},
       (SELECT sum(s.on_hand - s.reserved) FROM stock_item s WHERE s.offer_id = o.id) AS available
  FROM offer o JOIN product p ON p.id = o.product_id
 WHERE o.seller_id = $2 AND (o.article_number, o.id) > ($1, $3)
 ORDER BY o.article_number, o.id LIMIT 20
"""
OPEN_CART = """
INSERT INTO cart (id, legal_entity_id, created_by_id, status, created_at)
VALUES ($1, $2, $3, 'open', now())
ON CONFLICT (legal_entity_id) WHERE status = 'open' DO UPDATE SET status = 'open' RETURNING id
"""
PUT_LINE = """
INSERT INTO cart_line (id, cart_id, offer_id, quantity, seen_unit_price, added_at)
VALUES ($1, $2, $3, $4, $5, now())
ON CONFLICT (cart_id, offer_id) DO UPDATE SET quantity = cart_line.quantity + EXCLUDED.quantity
"""
LINES = """
SELECT l.offer_id, l.quantity, l.seen_unit_price, o.seller_id, o.article_number, p.title_en,
       p.title_ru, p.unit, e.id AS entity_id, s.id AS stock_item_id
  FROM cart_line l JOIN offer o ON o.id = l.offer_id JOIN product p ON p.id = o.product_id
  JOIN legal_entity e ON e.company_id = o.seller_id JOIN stock_item s ON s.offer_id = o.id
 WHERE l.cart_id = $1
"""
NUMBER = """
INSERT INTO number_sequence (id, legal_entity_id, series, year, last_value)
VALUES ($1, $2, $3, $4, 1) ON CONFLICT (legal_entity_id, series, year)
DO UPDATE SET last_value = number_sequence.last_value + 1 RETURNING last_value
"""


def as_json(value: Any, status: int = 200) -> Response:
    """Return a JSON response; decimals and ids as text."""
    return Response(orjson.dumps(value, default=str), status, media_type="application/json")


async def hello(_request: Request) -> Response:
    """Answer without touching the database."""
    return as_json({"data": {"apiVersion": "0.2.0"}})


async def product(request: Request) -> Response:
    """A product with its offers, the company's prices and what is available."""
    key, company = UUID(request.query_params["id"]), UUID(request.query_params["company"])
    async with request.app.state.pool.acquire() as connection:
        row = await connection.fetchrow(PRODUCT, key)
        offers = await connection.fetch(OFFERS, key, company)
    return as_json({**row, "offers": [dict(offer) for offer in offers]})


async def listing(request: Request) -> Response:
    """Twenty offers by keyset with the company's prices."""
    after, company = UUID(request.query_params["after"]), UUID(request.query_params["company"])
    async with request.app.state.pool.acquire() as connection:
        rows = await connection.fetch(LIST, after, company)
    return as_json([dict(row) for row in rows])


async def own(request: Request) -> Response:
    """Twenty offers of a seller by article number."""
    after, company = UUID(request.query_params["after"]), UUID(request.query_params["company"])
    article = request.query_params["article"]
    async with request.app.state.pool.acquire() as connection:
        rows = await connection.fetch(OWN, article, company, after)
    return as_json([dict(row) for row in rows])


async def add(request: Request) -> Response:
    """Put an offer into the open cart of a legal entity."""
    body = orjson.loads(await request.body())
    entity, user, offer = UUID(body["entity"]), UUID(body["user"]), UUID(body["offer"])
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        price = await connection.fetchval("SELECT list_price FROM offer WHERE id = $1", offer)
        cart = await connection.fetchval(OPEN_CART, new_id(), entity, user)
        await connection.execute(PUT_LINE, new_id(), cart, offer, Decimal(body["quantity"]), price)
    return as_json({"cart": cart})


async def place(request: Request) -> Response:
    """Order the open cart: stock, numbers, lines, postings and the event in one transaction."""
    body = orjson.loads(await request.body())
    entity, user, company = UUID(body["entity"]), UUID(body["user"]), UUID(body["company"])
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        order = await _place(connection, entity, user, company)
    return as_json({"order": order})


async def _place(connection: Any, entity: UUID, user: UUID, company: UUID) -> UUID:
    now = datetime.now(UTC)
    cart = await connection.fetchval(
        "SELECT id FROM cart WHERE legal_entity_id = $1 AND status = 'open' FOR UPDATE", entity
    )
    lines = await connection.fetch(LINES, cart)
    for line in sorted(lines, key=lambda one: one["stock_item_id"]):
        await connection.execute(
            "UPDATE stock_item SET reserved = reserved + $2 WHERE id = $1"
            " AND on_hand - reserved >= $2",
            line["stock_item_id"],
            line["quantity"],
        )
    order = new_id()
    number = await connection.fetchval(NUMBER, new_id(), entity, "PO", now.year)
    await connection.execute(
        "INSERT INTO purchase_order (id, number, buyer_id, legal_entity_id, placed_by_id, cart_id,"
        " placed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        order, f"PO-{now.year}-{number:06d}", company, entity, user, cart, now,
    )  # fmt: skip
    for seller in {line["seller_id"] for line in lines}:
        await _place_part(connection, order, seller, lines, entity, now)
    await connection.execute("UPDATE cart SET status = 'placed' WHERE id = $1", cart)
    await connection.execute(
        "INSERT INTO outbox_event (kind, version, payload, recorded_at, relayed_at)"
        " VALUES ('BareOrderPlaced', 1, $1::jsonb, now(), now())",
        orjson.dumps({"order_id": str(order)}).decode(),
    )
    return order


async def _place_part(
    connection: Any, order: UUID, seller: UUID, lines: Any, buyer: UUID, now: datetime
) -> None:
    mine = [line for line in lines if line["seller_id"] == seller]
    net = sum((round(line["quantity"] * line["seen_unit_price"], 2) for line in mine), Decimal(0))
    part, entity = new_id(), mine[0]["entity_id"]
    number = await connection.fetchval(NUMBER, new_id(), entity, "SO", now.year)
    await connection.execute(
        "INSERT INTO seller_order (id, order_id, seller_id, legal_entity_id, number, status,"
        " currency, net, tax, gross, placed_at)"
        " VALUES ($1, $2, $3, $4, $5, 'placed', 'RUB', $6, 0, $6, $7)",
        part, order, seller, entity, f"SO-{now.year}-{number:06d}", net, now,
    )  # fmt: skip
    await connection.executemany(
        "INSERT INTO order_line (id, seller_order_id, line_number, offer_id, article_number,"
        " title_en, title_ru, unit, quantity, unit_price, price_source, tax_rate, net, tax, gross)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'list', 0, $11, 0, $11)",
        [
            (new_id(), part, index, line["offer_id"], line["article_number"], line["title_en"],
             line["title_ru"], line["unit"], line["quantity"], line["seen_unit_price"],
             round(line["quantity"] * line["seen_unit_price"], 2))
            for index, line in enumerate(mine, 1)
        ],
    )  # fmt: skip
    transaction = new_id()
    await connection.execute(
        "INSERT INTO ledger_transaction (id, kind, subject_id, currency, posted_at)"
        " VALUES ($1, 'order_placed', $2, 'RUB', $3)",
        transaction, part, now,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO ledger_posting (id, transaction_id, account_id, amount_minor)"
        " SELECT gen_random_uuid(), $1, a.id,"
        "        CASE WHEN a.kind = 'receivable' THEN $4::bigint ELSE -$4::bigint END"
        "   FROM ledger_account a WHERE a.currency = 'RUB'"
        "    AND ((a.legal_entity_id = $2 AND a.kind = 'receivable')"
        "      OR (a.legal_entity_id = $3 AND a.kind = 'escrow'))",
        transaction, buyer, entity, int(net * 100),
    )  # fmt: skip


def create_app() -> Starlette:
    """Return the bare application."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        options = credentials(os.environ["ENTREPOT_DATABASE_URL"])
        async with asyncpg.create_pool(**options, min_size=1, max_size=10) as pool:
            app.state.pool = pool
            yield

    return Starlette(
        routes=[
            Route("/hello", hello),
            Route("/product", product),
            Route("/list", listing),
            Route("/own", own),
            Route("/cart", add, methods=["POST"]),
            Route("/order", place, methods=["POST"]),
        ],
        lifespan=lifespan,
    )
