"""The statements that carry out a batch's plan; all of them inside the batch's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

import orjson

from entrepot.platform.catalog.article_numbers import article_key, brand_key
from entrepot.platform.catalog.import_plan import (
    OfferState,
    ProductState,
    new_product,
    product_key,
)
from entrepot.platform.catalog.import_rules import CatalogLine
from entrepot.platform.catalog.import_state import find_categories
from entrepot.platform.catalog.import_texts import slug
from entrepot.platform.database import execute, execute_many, fetch, fetch_value
from entrepot.platform.ids import new_id

_INSERT_PRODUCT = """
INSERT INTO product (id, brand_key, number_key, brand, manufacturer_number, title_en, title_ru,
                     description, unit, gtins, category_id, attributes, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, now(), now())
ON CONFLICT (brand_key, number_key) DO NOTHING
"""
_UPDATE_PRODUCT = """
UPDATE product SET brand = $4, manufacturer_number = $5, title_en = $6, title_ru = $7,
       description = $8, unit = $9, gtins = $10, category_id = $11, attributes = $12::jsonb,
       updated_at = now()
 WHERE id = $1 AND brand_key = $2 AND number_key = $3
"""
_UPSERT_OFFER = """
INSERT INTO offer (id, seller_id, product_id, external_id, article_number, number_key, list_price,
                   currency, cost_price, tax_included, tax_rate, pack_quantity, min_order_quantity,
                   order_step, max_order_quantity, lead_time_days, active, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, false, $10, $11, $12, $13, $14, $15, true, now(), now())
ON CONFLICT (seller_id, external_id) DO UPDATE SET
       product_id = EXCLUDED.product_id, article_number = EXCLUDED.article_number,
       number_key = EXCLUDED.number_key, cost_price = EXCLUDED.cost_price,
       max_order_quantity = EXCLUDED.max_order_quantity,
       list_price = EXCLUDED.list_price, currency = EXCLUDED.currency,
       tax_rate = EXCLUDED.tax_rate, pack_quantity = EXCLUDED.pack_quantity,
       min_order_quantity = EXCLUDED.min_order_quantity, order_step = EXCLUDED.order_step,
       lead_time_days = EXCLUDED.lead_time_days, updated_at = now()
"""
_SET_STOCK = """
INSERT INTO stock_item (id, offer_id, warehouse_id, on_hand, reserved, incoming, updated_at)
VALUES ($1, $2, $3, $4, 0, 0, now())
ON CONFLICT (offer_id, warehouse_id) DO UPDATE SET
       on_hand = GREATEST(EXCLUDED.on_hand, stock_item.reserved), updated_at = now()
"""
_ADD_REFERENCE = """
INSERT INTO cross_reference (id, product_id, brand, number, brand_key, number_key)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (product_id, brand_key, number_key) DO NOTHING
"""


def _product_arguments(product: ProductState) -> tuple[object, ...]:
    return (
        product.id,
        *product.key,
        product.brand,
        product.number,
        product.title_en,
        product.title_ru,
        product.description,
        product.unit,
        list(product.gtins),
        product.category_id,
        orjson.dumps(dict(product.attributes)).decode(),
    )


async def ensure_products(seller_id: UUID, lines: Sequence[CatalogLine]) -> None:
    """Bring missing products into being, in the order of their keys; existing ones stay."""
    wanted: dict[tuple[str, str], CatalogLine] = {}
    for line in lines:
        wanted.setdefault(product_key(line, seller_id), line)
    await execute_many(
        _INSERT_PRODUCT,
        [_product_arguments(new_product(wanted[key], key, new_id())) for key in sorted(wanted)],
    )


async def ensure_categories(paths: Iterable[tuple[str, ...]]) -> None:
    """Bring the categories of these paths of names into being, parents first."""
    wanted = set(paths)
    prefixes = {path[:depth] for path in wanted for depth in range(1, len(path) + 1)}
    found = await find_categories(wanted)
    for path in sorted(prefixes - found.keys(), key=lambda one: (len(one), one)):
        parent_id = found.get(path[:-1])
        above = await fetch_value("SELECT path FROM category WHERE id = $1", parent_id)
        place = f"{above}/{slug(path[-1])}" if above else slug(path[-1])
        await execute(
            "INSERT INTO category (id, parent_id, path, name_en, name_ru)"
            " VALUES ($1, $2, $3, $4, $4) ON CONFLICT (path) DO NOTHING",
            new_id(),
            parent_id,
            place,
            path[-1][:200],
        )
        found[path] = await fetch_value("SELECT id FROM category WHERE path = $1", place)


async def write_products(products: Iterable[ProductState]) -> None:
    """Store changed products whose rows are locked."""
    ordered = sorted(products, key=lambda product: product.key)
    await execute_many(_UPDATE_PRODUCT, [_product_arguments(product) for product in ordered])


async def write_offers(seller_id: UUID, offers: Sequence[OfferState]) -> dict[str, UUID]:
    """Store offers; return their ids by external id."""
    ordered = sorted(offers, key=lambda offer: offer.external_id)
    await execute_many(
        _UPSERT_OFFER,
        [
            (
                offer.id,
                seller_id,
                offer.product_id,
                offer.external_id,
                offer.article_number,
                article_key(offer.article_number),
                offer.list_price,
                offer.currency,
                offer.cost_price,
                offer.tax_rate,
                offer.pack_quantity,
                offer.min_order_quantity,
                offer.order_step,
                offer.max_order_quantity,
                offer.lead_time_days,
            )
            for offer in ordered
        ],
    )
    rows = await fetch(
        "SELECT id, external_id FROM offer WHERE seller_id = $1 AND external_id = ANY($2::text[])",
        seller_id,
        [offer.external_id for offer in ordered],
    )
    return {row["external_id"]: row["id"] for row in rows}


async def write_stock(seller_id: UUID, quantities: dict[UUID, Decimal]) -> None:
    """Set what lies in the seller's first warehouse (made if there is none).

    Stock that orders already hold cannot be imported away: on hand is never set below reserved.
    """
    if not quantities:
        return
    await execute(
        "INSERT INTO warehouse (id, seller_id, code, name) SELECT $1, $2, 'MAIN', 'Main'"
        " WHERE NOT EXISTS (SELECT FROM warehouse WHERE seller_id = $2)"
        " ON CONFLICT (seller_id, code) DO NOTHING",
        new_id(),
        seller_id,
    )
    warehouse = await fetch_value(
        "SELECT id FROM warehouse WHERE seller_id = $1 ORDER BY code LIMIT 1", seller_id
    )
    await execute_many(
        _SET_STOCK,
        [(new_id(), offer, warehouse, quantities[offer]) for offer in sorted(quantities)],
    )


async def write_references(references: Iterable[tuple[UUID, str, str]]) -> None:
    """Add cross-references; those already there stay."""
    await execute_many(
        _ADD_REFERENCE,
        [
            (new_id(), product_id, brand, number, brand_key(brand), article_key(number))
            for product_id, brand, number in sorted(set(references))
        ],
    )
