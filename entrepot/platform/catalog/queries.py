"""Reads of the catalogue: batched, one round trip each, plain rows, no ORM.

What an actor may see of offers: their own company's always; others' only while the offer and its
seller are active, and only if the actor's company buys or operates the marketplace. A company that
only sells never sees another seller's offers. Restricted offers and their products are seen by
their audience alone (`visibility`). Hidden and absent look the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

import orjson

from entrepot.platform.catalog.rows import (
    AttributeRow,
    AttributeValue,
    CategoryRow,
    CrossReferenceRow,
    OfferRow,
    ProductFileRow,
    ProductRow,
)
from entrepot.platform.catalog.visibility import product_visible_condition, visible_condition
from entrepot.platform.database import Row, fetch, fetch_value
from entrepot.platform.identity.actor import Actor

__all__ = [
    "OFFERS_BY_IDS",
    "OFFERS_OF_PRODUCTS",
    "OWN_OFFERS",
    "AttributeRow",
    "AttributeValue",
    "CategoryRow",
    "CrossReferenceRow",
    "OfferRow",
    "ProductFileRow",
    "ProductRow",
    "all_categories",
    "all_offers_by_ids",
    "attributes_by_codes",
    "categories_by_ids",
    "categories_by_parent_ids",
    "cross_references_by_product_ids",
    "files_by_product_ids",
    "is_selling",
    "offer_ids_of",
    "offers_by_ids",
    "offers_by_product_ids",
    "own_offers",
    "product_of",
    "products_by_ids",
    "root_categories",
    "visible_products_by_ids",
]

_PRODUCT = """
SELECT id, category_id, brand, manufacturer_number, gtins, title_en, title_ru, description, unit,
       attributes, updated_at, discontinued, replaced_by_id
  FROM product p
"""

_OFFER = """
SELECT o.id, o.product_id, o.seller_id, s.name AS seller_name, o.external_id, o.article_number,
       o.list_price, o.currency, o.tax_included, o.tax_rate, o.pack_quantity,
       o.min_order_quantity, o.order_step, o.max_order_quantity, o.lead_time_days, o.active,
       o.restricted
  FROM offer o JOIN company s ON s.id = o.seller_id
"""

_VISIBLE = visible_condition("o", "$2", "s")

OFFERS_BY_IDS = f"{_OFFER} WHERE o.id = ANY($1::uuid[]) AND {_VISIBLE}"
"""Those of the offers $1 that the company $2 may see."""

OWN_OFFERS = f"""
{_OFFER} WHERE o.seller_id = $2 AND (o.article_number, o.id) > ($3::text, $4::uuid)
 ORDER BY o.article_number, o.id LIMIT $1::bigint
"""
"""The first $1 offers of the company $2, inactive ones too, after the pair ($3, $4)."""

OFFERS_OF_PRODUCTS = f"""
SELECT * FROM (
    SELECT ranked.*,
           row_number() OVER (PARTITION BY product_id ORDER BY list_price, id) AS place
      FROM ({_OFFER} WHERE o.product_id = ANY($1::uuid[]) AND {_VISIBLE}) ranked) placed
 WHERE place <= 100
"""
"""Offers of the products $1 that the company $2 may see, the cheapest first as `place` counts."""


def product_of(row: Row) -> ProductRow:
    """Return the product in a row that has exactly its columns."""
    values = dict(row)
    values["gtins"] = tuple(values["gtins"])
    values["attributes"] = orjson.loads(values["attributes"])
    return ProductRow(**values)


async def products_by_ids(ids: Iterable[UUID]) -> dict[UUID, ProductRow]:
    """Return the products that exist, whoever may see them: for services that decide that."""
    rows = await fetch(_PRODUCT + " WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: product_of(row) for row in rows}


async def visible_products_by_ids(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, ProductRow]:
    """Return those of the products that are not hidden from the actor's company, by id."""
    rows = await fetch(
        f"{_PRODUCT} WHERE p.id = ANY($1::uuid[]) AND {product_visible_condition('p', '$2')}",
        list(ids),
        actor.company_id,
    )
    return {row["id"]: product_of(row) for row in rows}


async def offers_by_ids(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, OfferRow]:
    """Return those of the offers that the actor may see, by id."""
    rows = await fetch(OFFERS_BY_IDS, list(ids), actor.company_id)
    return {row["id"]: OfferRow(**row) for row in rows}


async def all_offers_by_ids(ids: Iterable[UUID]) -> dict[UUID, OfferRow]:
    """Return the offers whoever may see them: for services that decide that themselves."""
    rows = await fetch(f"{_OFFER} WHERE o.id = ANY($1::uuid[])", list(ids))
    return {row["id"]: OfferRow(**row) for row in rows}


async def offers_by_product_ids(
    actor: Actor, product_ids: Iterable[UUID]
) -> dict[UUID, list[OfferRow]]:
    """Return the offers of each product that the actor may see; the cheapest list price first.

    Every product asked for is a key, at most 100 offers each.
    """
    wanted = list(product_ids)
    rows = await fetch(f"{OFFERS_OF_PRODUCTS} ORDER BY product_id, place", wanted, actor.company_id)
    found: dict[UUID, list[OfferRow]] = {product_id: [] for product_id in wanted}
    for row in rows:
        values = dict(row)
        del values["place"]
        found[row["product_id"]].append(OfferRow(**values))
    return found


async def own_offers(actor: Actor, *, after: tuple[str, UUID] | None, limit: int) -> list[OfferRow]:
    """Return the actor's company's offers, inactive ones too, by (article number, id).

    `after` is that pair of the last row seen: keyset paging.
    """
    number, last = after or ("", UUID(int=0))
    rows = await fetch(OWN_OFFERS, limit, actor.company_id, number, last)
    return [OfferRow(**row) for row in rows]


async def offer_ids_of(product_ids: Iterable[UUID]) -> list[UUID]:
    """Return the ids of all offers of the products: what to index anew when products change."""
    rows = await fetch(
        "SELECT id FROM offer WHERE product_id = ANY($1::uuid[]) ORDER BY id", list(product_ids)
    )
    return [row["id"] for row in rows]


async def is_selling(company_id: UUID) -> bool:
    """Say whether the company is an active seller."""
    return bool(
        await fetch_value(
            "SELECT true FROM company WHERE id = $1 AND is_seller AND active", company_id
        )
    )


async def all_categories() -> list[CategoryRow]:
    """Return the whole tree, parents before children, siblings by path."""
    rows = await fetch(
        "SELECT id, parent_id, path, name_en, name_ru FROM category"
        " ORDER BY string_to_array(path, '/')"
    )
    return [CategoryRow(**row) for row in rows]


async def categories_by_ids(ids: Iterable[UUID]) -> dict[UUID, CategoryRow]:
    """Return the categories that exist, by id."""
    rows = await fetch(
        "SELECT id, parent_id, path, name_en, name_ru FROM category WHERE id = ANY($1::uuid[])",
        list(ids),
    )
    return {row["id"]: CategoryRow(**row) for row in rows}


async def categories_by_parent_ids(
    parent_ids: Iterable[UUID],
) -> dict[UUID, list[CategoryRow]]:
    """Return the children of each category, by path."""
    found: dict[UUID, list[CategoryRow]] = {parent_id: [] for parent_id in parent_ids}
    rows = await fetch(
        "SELECT id, parent_id, path, name_en, name_ru FROM category"
        " WHERE parent_id = ANY($1::uuid[]) ORDER BY path",
        list(found),
    )
    for row in rows:
        found[row["parent_id"]].append(CategoryRow(**row))
    return found


async def root_categories() -> list[CategoryRow]:
    """Return the categories at the top, by path."""
    rows = await fetch(
        "SELECT id, parent_id, path, name_en, name_ru FROM category"
        " WHERE parent_id IS NULL ORDER BY path"
    )
    return [CategoryRow(**row) for row in rows]


async def attributes_by_codes(codes: Iterable[str]) -> dict[str, AttributeRow]:
    """Return the definitions that exist, by code."""
    rows = await fetch(
        "SELECT id, code, name_en, name_ru, kind, unit FROM attribute_definition"
        " WHERE code = ANY($1::text[])",
        list(codes),
    )
    return {row["code"]: AttributeRow(**row) for row in rows}


async def cross_references_by_product_ids(
    product_ids: Iterable[UUID],
) -> dict[UUID, list[CrossReferenceRow]]:
    """Return the cross-references of each product, by brand and number."""
    wanted = list(product_ids)
    rows = await fetch(
        "SELECT id, product_id, brand, number FROM cross_reference"
        " WHERE product_id = ANY($1::uuid[]) ORDER BY brand, number, id",
        wanted,
    )
    return _grouped(wanted, [CrossReferenceRow(**row) for row in rows])


async def files_by_product_ids(
    product_ids: Iterable[UUID],
) -> dict[UUID, list[ProductFileRow]]:
    """Return the files of each product, oldest first."""
    wanted = list(product_ids)
    rows = await fetch(
        "SELECT id, product_id, seller_id, kind, name, media_type, size, blob_key"
        "  FROM product_file WHERE product_id = ANY($1::uuid[]) ORDER BY id",
        wanted,
    )
    return _grouped(wanted, [ProductFileRow(**row) for row in rows])


R = TypeVar("R", CrossReferenceRow, ProductFileRow)


def _grouped(wanted: Iterable[UUID], rows: Iterable[R]) -> dict[UUID, list[R]]:
    found: dict[UUID, list[R]] = {product_id: [] for product_id in wanted}
    for row in rows:
        found[row.product_id].append(row)
    return found
