"""The made-up catalogue in a database: companies, products, offers and stock, by COPY."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice

import asyncpg
import orjson

from benchmarks.million import (
    ASSORTMENTS,
    MEASURES,
    SELLERS,
    TEXTS,
    assortment_id,
    categories,
    million_rows,
    products_of,
    seller_id,
)
from entrepot.platform.catalog.article_numbers import article_key, brand_key, number_key
from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.platform.database import credentials
from entrepot.platform.ids import new_id

_CHUNK = 20_000
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_PRODUCT = (
    "id", "category_id", "brand", "brand_key", "manufacturer_number", "number_key", "gtins",
    "title_en", "title_ru", "description", "unit", "attributes", "discontinued", "created_at",
    "updated_at",
)  # fmt: skip
_OFFER = (
    "id", "product_id", "seller_id", "external_id", "article_number", "number_key", "list_price",
    "currency", "tax_included", "tax_rate", "pack_quantity", "min_order_quantity", "order_step",
    "restricted", "lead_time_days", "active", "created_at", "updated_at",
)  # fmt: skip
_STOCK = ("id", "offer_id", "warehouse_id", "on_hand", "reserved", "incoming", "updated_at")


async def load(url: str, count: int, seed: int = 1) -> None:
    """Fill a migrated, empty database with `count` offers."""
    connection = await asyncpg.connect(**credentials(url))
    try:
        await _parties(connection)
        rows = million_rows(count, seed)
        made = 0
        while chunk := list(islice(rows, _CHUNK)):
            fresh = chunk[: max(0, products_of(count) - made)]
            await _products(connection, fresh)
            await _offers(connection, chunk, made)
            made += len(chunk)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _copy(
    connection: asyncpg.Connection, table: str, columns: Sequence[str], records: Iterator[object]
) -> None:
    await connection.copy_records_to_table(table, columns=columns, records=records)


async def _parties(connection: asyncpg.Connection) -> None:
    """Sellers, their warehouses (with the seller's id), ratings, assortments; the tree."""
    sellers = [
        (seller_id(n), f"Seller {n}", Decimal(30 + n % 20).scaleb(-1)) for n in range(SELLERS)
    ]
    await _copy(
        connection,
        "company",
        ("id", "name", "is_buyer", "is_seller", "is_operator", "active", "created_at"),
        ((one, name, False, True, False, True, _NOW) for one, name, _ in sellers),
    )
    await _copy(
        connection,
        "warehouse",
        ("id", "seller_id", "code", "name"),
        ((one, one, "MAIN", "Main") for one, _, _ in sellers),
    )
    await connection.executemany(
        "INSERT INTO seller_rating SELECT (jsonb_populate_record(NULL::seller_rating,"
        " jsonb_build_object('id', $1::text, 'seller_id', $1::text, 'rating', $2::text,"
        " 'companies', 9, 'computed_at', now()))).*",
        [(str(one), str(rating)) for one, _, rating in sellers],
    )
    await _copy(
        connection,
        "assortment",
        ("id", "seller_id", "name", "shown_to_all", "created_at"),
        ((assortment_id(n), seller_id(n), f"Few {n}", False, _NOW) for n in range(ASSORTMENTS)),
    )
    await _copy(
        connection,
        "category",
        ("id", "parent_id", "path", "name_en", "name_ru"),
        ((one.id, one.parent_id, one.path, one.name_en, one.name_ru) for one in categories()),
    )
    kinds = [(code, en, ru, "number", unit) for code, unit, en, ru, _, _ in MEASURES]
    kinds += [(code, en, ru, "text", None) for code, en, ru in TEXTS]  # type: ignore[misc]
    await _copy(
        connection,
        "attribute_definition",
        ("id", "code", "name_en", "name_ru", "kind", "unit"),
        ((new_id(), *kind) for kind in kinds),
    )


async def _products(connection: asyncpg.Connection, rows: Sequence[SearchRow]) -> None:
    await _copy(
        connection,
        "product",
        _PRODUCT,
        (
            (
                row.product_id, row.category_ids[-1], row.brand, brand_key(row.brand),
                row.manufacturer_number, number_key(row.manufacturer_number), list(row.gtins),
                row.title_en, row.title_ru, row.description, "PCE",
                orjson.dumps({one.code: one.value for one in row.attributes}).decode(),
                False, row.created_at, row.created_at,
            )
            for row in rows
        ),
    )  # fmt: skip
    await _copy(
        connection,
        "cross_reference",
        ("id", "product_id", "brand", "number", "brand_key", "number_key"),
        (
            (new_id(), row.product_id, "Other", number, "other", number_key(number))
            for row in rows
            for number in dict.fromkeys(row.cross_references)
        ),
    )


async def _offers(connection: asyncpg.Connection, rows: Sequence[SearchRow], first: int) -> None:
    await _copy(
        connection,
        "offer",
        _OFFER,
        (
            (
                row.offer_id, row.product_id, row.seller_id, f"E{first + place}",
                row.article_number, article_key(row.article_number), row.list_price, row.currency,
                False, Decimal(20), Decimal(1), Decimal(1), Decimal(1), row.restricted,
                row.lead_time_days, True, row.created_at, row.created_at,
            )
            for place, row in enumerate(rows)
        ),
    )  # fmt: skip
    await _copy(
        connection,
        "stock_item",
        _STOCK,
        (
            (row.offer_id, row.offer_id, row.seller_id, Decimal(9 if row.in_stock else 0),
             Decimal(0), Decimal(0), _NOW)
            for row in rows
        ),
    )  # fmt: skip
    await _copy(
        connection,
        "offer_signal",
        ("id", "offer_id", "popularity", "computed_at"),
        ((row.offer_id, row.offer_id, row.popularity, _NOW) for row in rows if row.popularity),
    )
    await _copy(
        connection,
        "assortment_offer",
        ("id", "assortment_id", "offer_id"),
        ((row.offer_id, row.assortment_ids[0], row.offer_id) for row in rows if row.restricted),
    )
