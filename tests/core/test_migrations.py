"""Upgrading a database that holds data keeps the data."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import orjson
from tortoise import Tortoise
from tortoise.migrations.api import migrate as run_migrations

from entrepot.platform.database import credentials, migrate, orm_config
from entrepot.platform.ids import new_id
from tests.conftest import with_database

COMPANY = "INSERT INTO company (id, name, is_buyer, is_seller, is_operator, active, created_at)"


async def _database(postgres: str) -> tuple[str, asyncpg.Connection]:
    name = f"upgrade_{new_id().hex}"
    admin = await asyncpg.connect(**credentials(postgres))
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    url = with_database(postgres, name)
    return url, await asyncpg.connect(**credentials(url))


async def _old_rows(old: asyncpg.Connection) -> tuple[UUID, UUID, UUID]:
    """A company with an offer and an order that came from a cart, as version 0002 kept them."""
    company, user, entity, product, offer, cart, order = (new_id() for _ in range(7))
    await old.execute(f"{COMPANY} VALUES ($1, 'Old', true, true, false, true, now())", company)
    await old.execute(
        "INSERT INTO user_account (id, email, name, password_hash, locale, created_at)"
        " VALUES ($1, 'old@example.test', 'Old', '!', 'en', now())",
        user,
    )
    await old.execute(
        "INSERT INTO legal_entity (id, company_id, name, country, tax_id,"
        " registration_reason_code, address, time_zone, currency, active, created_at)"
        " VALUES ($1, $2, 'Old LLC', 'RU', '1', '', '', 'UTC', 'RUB', true, now())",
        entity,
        company,
    )
    await old.execute(
        "INSERT INTO product (id, brand, brand_key, manufacturer_number, number_key, gtins,"
        " title_en, title_ru, description, unit, attributes, created_at, updated_at)"
        " VALUES ($1, 'B', 'b', 'КР-44 10', 'kp4410', '{}', 't', 't', '', 'PCE', '{}',"
        " now(), now())",
        product,
    )
    await old.execute(
        "INSERT INTO offer (id, product_id, seller_id, external_id, article_number, list_price,"
        " currency, tax_included, tax_rate, pack_quantity, min_order_quantity, order_step,"
        " lead_time_days, active, created_at, updated_at) VALUES ($1, $2, $3, 'E', 'КР-44 10',"
        " 1, 'RUB', false, 20, 1, 1, 1, 3, true, now(), now())",
        offer,
        product,
        company,
    )
    await old.execute(
        "INSERT INTO cart (id, legal_entity_id, created_by_id, status, created_at)"
        " VALUES ($1, $2, $3, 'placed', now())",
        cart,
        entity,
        user,
    )
    await old.execute(
        "INSERT INTO purchase_order (id, number, buyer_id, legal_entity_id, placed_by_id, cart_id,"
        " placed_at) VALUES ($1, 'PO-1', $2, $3, $4, $5, now())",
        order,
        company,
        entity,
        user,
        cart,
    )
    return offer, cart, order


async def test_an_order_keeps_its_cart_and_an_offer_gets_its_key(postgres: str) -> None:
    url, connection = await _database(postgres)
    await run_migrations(config=orm_config(url, pool_size=2), target="entrepot.0002_guards")
    await Tortoise.close_connections()
    offer, cart, order = await _old_rows(connection)

    await migrate(url)

    kept = await connection.fetch("SELECT order_id, cart_id FROM order_cart")
    assert [tuple(row) for row in kept] == [(order, cart)]
    key = await connection.fetchrow("SELECT number_key, restricted FROM offer WHERE id = $1", offer)
    assert tuple(key) == ("kp4410", False)
    row = await connection.fetchrow("SELECT name, is_default, shared_with_all, note FROM cart")
    assert tuple(row) == ("", True, True, "")
    assert await connection.fetchval("SELECT approval_ids FROM purchase_order") == []
    await connection.close()


async def _old_orders(old: asyncpg.Connection, company: UUID, order: UUID, offer: UUID) -> None:
    """Four parts of an order: two with the offer, one called off by its seller, one of nothing."""
    entity = await old.fetchval("SELECT id FROM legal_entity")
    for number, status in enumerate(("delivered", "confirmed", "cancelled", "placed")):
        part = UUID(int=number + 1)
        await old.execute(
            "INSERT INTO seller_order (id, order_id, seller_id, legal_entity_id, number, status,"
            " currency, net, tax, gross, placed_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, 'RUB', 0, 0, 0, $7)",
            part, order, company, entity, f"S-{number}", status,
            datetime(2026, 10, number + 1, tzinfo=UTC),
        )  # fmt: skip
        for line in range(1, 1 if number == 3 else 3):
            await old.execute(
                "INSERT INTO order_line (id, seller_order_id, line_number, offer_id,"
                " article_number, title_en, title_ru, unit, quantity, unit_price, price_source,"
                " tax_rate, net, tax, gross)"
                " VALUES ($1, $2, $3, $4, 'A', 't', 't', 'PCE', 1, 1, 'list', 0, 0, 0, 0)",
                new_id(), part, line, offer,
            )  # fmt: skip
    for kind, payload in (
        ("OrderConfirmed", {"seller_order_id": str(UUID(int=2))}),
        ("OrderCancelled", {"seller_order_id": str(UUID(int=3)), "by": "seller"}),
    ):
        await old.execute(
            "INSERT INTO outbox_event (kind, version, payload, recorded_at)"
            " VALUES ($1, 1, $2::jsonb, $3)",
            kind, orjson.dumps(payload).decode(), datetime(2026, 10, 9, tzinfo=UTC),
        )  # fmt: skip


async def test_search_knows_what_was_bought_before(postgres: str) -> None:
    url, connection = await _database(postgres)
    await run_migrations(config=orm_config(url, pool_size=2), target="entrepot.0002_guards")
    await Tortoise.close_connections()
    offer, _, order = await _old_rows(connection)
    before = orm_config(url, pool_size=2)
    await run_migrations(config=before, target="entrepot.0003_professional_buying")
    await Tortoise.close_connections()
    company = await connection.fetchval("SELECT id FROM company")
    await _old_orders(connection, company, order, offer)

    await migrate(url)

    bought = await connection.fetch("SELECT company_id, product_id, times, last_at"
                                    " FROM company_purchase")  # fmt: skip
    product = await connection.fetchval("SELECT id FROM product")
    assert [tuple(row) for row in bought] == [
        (company, product, 2, datetime(2026, 10, 2, tzinfo=UTC))
    ]
    ended = await connection.fetch("SELECT confirmed_at, cancelled_by FROM seller_order"
                                   " ORDER BY number")  # fmt: skip
    assert [tuple(row) for row in ended] == [
        (None, None),
        (datetime(2026, 10, 9, tzinfo=UTC), None),
        (None, "seller"),
        (None, None),
    ]
    await connection.close()
