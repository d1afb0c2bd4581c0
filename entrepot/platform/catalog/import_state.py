"""What is stored about the lines of a batch: three or four queries, whatever its size."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import orjson

from entrepot.platform.catalog.import_plan import (
    BatchState,
    OfferState,
    ProductKey,
    ProductState,
    product_key,
)
from entrepot.platform.catalog.import_rules import CatalogLine
from entrepot.platform.catalog.import_texts import slug
from entrepot.platform.database import fetch

_PRODUCTS = """
SELECT p.id, p.brand_key, p.number_key, p.brand, p.manufacturer_number, p.title_en, p.title_ru,
       p.description, p.unit, p.gtins, p.category_id, p.attributes
  FROM product p
  JOIN unnest($1::text[], $2::text[]) AS wanted (brand_key, number_key)
    ON p.brand_key = wanted.brand_key AND p.number_key = wanted.number_key
 ORDER BY p.brand_key, p.number_key
"""
_OFFER_COUNTS = """
SELECT product_id, count(*) AS offers FROM offer
 WHERE product_id = ANY($1::uuid[]) GROUP BY product_id
"""
_OFFERS = """
SELECT o.id, o.product_id, o.external_id, o.article_number, o.list_price, o.currency, o.tax_rate,
       o.pack_quantity, o.min_order_quantity, o.order_step, o.max_order_quantity, o.cost_price,
       o.lead_time_days, s.on_hand
  FROM offer o
  LEFT JOIN stock_item s ON s.offer_id = o.id AND s.warehouse_id = (
       SELECT id FROM warehouse WHERE seller_id = $1 ORDER BY code LIMIT 1)
 WHERE o.seller_id = $1 AND o.external_id = ANY($2::text[])
"""
_REFERENCES = """
SELECT product_id, brand, number FROM cross_reference WHERE product_id = ANY($1::uuid[])
"""


async def load_state(
    seller_id: UUID, lines: Sequence[CatalogLine], *, lock: bool = False
) -> BatchState:
    """Return what is stored about the lines.

    `lock`: hold the products' rows, in the order of their keys, until the transaction ends.
    """
    state = BatchState()
    keys: list[ProductKey] = sorted({product_key(line, seller_id) for line in lines})
    locking = "FOR NO KEY UPDATE OF p" if lock else ""
    brands, numbers = [key[0] for key in keys], [key[1] for key in keys]
    rows = await fetch(_PRODUCTS + locking, brands, numbers)
    product_ids = [row["id"] for row in rows]
    counted = await fetch(_OFFER_COUNTS, product_ids)
    counts = {row["product_id"]: row["offers"] for row in counted}
    for row in rows:
        key = (row["brand_key"], row["number_key"])
        state.products[key] = ProductState(
            id=row["id"],
            key=key,
            brand=row["brand"],
            number=row["manufacturer_number"],
            title_en=row["title_en"],
            title_ru=row["title_ru"],
            description=row["description"],
            unit=row["unit"],
            gtins=tuple(row["gtins"]),
            category_id=row["category_id"],
            attributes=orjson.loads(row["attributes"]),
            offer_count=counts.get(row["id"], 0),
        )
    for row in await fetch(_OFFERS, seller_id, [line.external_id for line in lines]):
        state.offers[row["external_id"]] = OfferState(**dict(row))
    if any(line.cross_references for line in lines):
        for row in await fetch(_REFERENCES, product_ids):
            known = state.cross_references.setdefault(row["product_id"], set())
            known.add((row["brand"], row["number"]))
    if any(line.category for line in lines):
        state.categories = await find_categories({line.category for line in lines})
    return state


async def find_categories(wanted: set[tuple[str, ...]]) -> dict[tuple[str, ...], UUID]:
    """Return the categories of paths of names and of their beginnings, as far as they exist.

    Each level is found by name in either language or by slug. One query.
    """
    rows = await fetch("SELECT id, parent_id, path, name_en, name_ru FROM category")
    children: dict[UUID | None, dict[str, UUID]] = {}
    for row in rows:
        siblings = children.setdefault(row["parent_id"], {})
        for name in (row["path"].rpartition("/")[2], row["name_en"], row["name_ru"]):
            siblings.setdefault(name.casefold(), row["id"])
    found: dict[tuple[str, ...], UUID] = {}
    for path in wanted:
        at: UUID | None = None
        for depth, name in enumerate(path, start=1):
            siblings = children.get(at, {})
            at = siblings.get(name.casefold()) or siblings.get(slug(name))
            if at is None:
                break
            found[path[:depth]] = at
    return found
