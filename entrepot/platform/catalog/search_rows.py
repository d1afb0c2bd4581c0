"""Offers as plain rows for the search index, read in pages or by id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import orjson

from entrepot.platform.database import Row, fetch, fetch_value

_EPOCH: Final = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class SearchAttribute:
    """One attribute of a product: a text, a truth, or a number in `unit` (UN/ECE Rec 20)."""

    code: str
    value: str | bool | float
    unit: str | None = None
    names: tuple[str, ...] = ()
    """What it is called, English and Russian."""


@dataclass(frozen=True, slots=True)
class SearchRow:
    """What one offer looks like from outside, joined with its product, seller and stock.

    `listed` is false when the offer or its seller is not active: such an offer is not indexed.
    `category_ids` and `category_names` run from the root to the product's own category. A
    `restricted` offer is shown to the audiences of the assortments `assortment_ids` only.
    `popularity` is 0 to 100, `rating` (the seller's) 0 to 5; both come of orders, and who is not
    rated yet counts as 4 (`orders.signals.rules.RATING_PRIOR`).
    """

    offer_id: UUID
    product_id: UUID
    seller_id: UUID
    listed: bool
    article_number: str
    manufacturer_number: str
    gtins: tuple[str, ...]
    cross_references: tuple[str, ...]
    brand: str
    title_en: str
    title_ru: str
    description: str
    attributes: tuple[SearchAttribute, ...]
    category_ids: tuple[UUID, ...]
    category_names: tuple[str, ...]
    list_price: Decimal
    currency: str
    in_stock: bool
    restricted: bool = False
    assortment_ids: tuple[UUID, ...] = ()
    lead_time_days: int = 3
    created_at: datetime = _EPOCH
    popularity: int = 0
    rating: Decimal = Decimal(4)


_ROWS = """
SELECT o.id AS offer_id, o.product_id, o.seller_id, o.active AND s.active AS listed,
       o.article_number, p.manufacturer_number, p.gtins, p.brand, p.title_en, p.title_ru,
       p.description, p.attributes, p.category_id, o.list_price, o.currency,
       ARRAY(SELECT x.number FROM cross_reference x WHERE x.product_id = p.id ORDER BY x.id)
           AS cross_references,
       EXISTS(SELECT 1 FROM stock_item i WHERE i.offer_id = o.id AND i.on_hand > i.reserved)
           AS in_stock, o.restricted,
       CASE WHEN o.restricted THEN ARRAY(SELECT l.assortment_id FROM assortment_offer l
             WHERE l.offer_id = o.id ORDER BY l.assortment_id) ELSE '{}' END AS assortment_ids,
       o.lead_time_days, o.created_at, coalesce(g.popularity, 0) AS popularity,
       coalesce(r.rating, 4) AS rating
  FROM offer o JOIN company s ON s.id = o.seller_id JOIN product p ON p.id = o.product_id
  LEFT JOIN offer_signal g ON g.offer_id = o.id LEFT JOIN seller_rating r ON r.seller_id = s.id
"""

_CATEGORY_PATHS = """
WITH RECURSIVE up AS (
    SELECT id AS leaf, id, parent_id, name_en, name_ru, 0 AS height
      FROM category WHERE id = ANY($1::uuid[])
    UNION ALL
    SELECT up.leaf, c.id, c.parent_id, c.name_en, c.name_ru, up.height + 1
      FROM up JOIN category c ON c.id = up.parent_id
)
SELECT leaf, array_agg(id ORDER BY height DESC) AS ids,
       array_agg(name_en || ' ' || name_ru ORDER BY height DESC) AS names
  FROM up GROUP BY leaf
"""

_NO_CATEGORY: tuple[tuple[UUID, ...], tuple[str, ...]] = ((), ())


async def by_offer_ids(ids: Iterable[UUID]) -> list[SearchRow]:
    """Return the rows of the offers that exist, listed or not; two round trips."""
    return await _complete(await fetch(f"{_ROWS} WHERE o.id = ANY($1::uuid[])", list(ids)))


async def after(last_id: UUID, limit: int) -> list[SearchRow]:
    """Return the next rows by id after `last_id` (start with `UUID(int=0)`), listed or not."""
    return await _complete(
        await fetch(f"{_ROWS} WHERE o.id > $1 ORDER BY o.id LIMIT $2", last_id, limit)
    )


async def offer_ids_in_categories(category_ids: Iterable[UUID]) -> list[UUID]:
    """Return the offers of products in these categories and in those below them."""
    rows = await fetch(
        """
        WITH RECURSIVE down AS (
            SELECT id FROM category WHERE id = ANY($1::uuid[])
            UNION SELECT c.id FROM down JOIN category c ON c.parent_id = down.id
        )
        SELECT o.id FROM down JOIN product p ON p.category_id = down.id
          JOIN offer o ON o.product_id = p.id ORDER BY o.id
        """,
        list(category_ids),
    )
    return [row["id"] for row in rows]


async def count_listed() -> int:
    """Return how many offers an index should hold."""
    found: int = await fetch_value(
        "SELECT count(*) FROM offer o JOIN company s ON s.id = o.seller_id"
        " WHERE o.active AND s.active"
    )
    return found


_DEFINITIONS = """
SELECT code, unit, name_en, name_ru FROM attribute_definition WHERE code = ANY($1::text[])
"""


@dataclass(frozen=True, slots=True)
class _Definition:
    unit: str | None
    names: tuple[str, ...]


_UNDEFINED = _Definition(None, ())


async def _complete(rows: list[Row]) -> list[SearchRow]:
    """Add the path of each category and the definitions of attributes, read once for all rows."""
    leaves = {row["category_id"] for row in rows} - {None}
    found = await fetch(_CATEGORY_PATHS, list(leaves)) if leaves else []
    paths = {path["leaf"]: (tuple(path["ids"]), tuple(path["names"])) for path in found}
    attributes = [orjson.loads(row["attributes"]) for row in rows]
    codes = {code for values in attributes for code in values}
    defined = {
        one["code"]: _Definition(one["unit"], (one["name_en"], one["name_ru"]))
        for one in (await fetch(_DEFINITIONS, list(codes)) if codes else [])
    }
    return [
        _row(row, values, defined, *paths.get(row["category_id"], _NO_CATEGORY))
        for row, values in zip(rows, attributes, strict=True)
    ]


def _row(
    row: Row,
    attributes: dict[str, object],
    defined: dict[str, _Definition],
    category_ids: tuple[UUID, ...],
    category_names: tuple[str, ...],
) -> SearchRow:
    values = dict(row)
    del values["category_id"]
    values["attributes"] = tuple(
        SearchAttribute(code, value, one.unit, one.names)
        for code, value in attributes.items()
        if isinstance(value, str | bool | int | float)
        for one in (defined.get(code, _UNDEFINED),)
    )
    values["gtins"] = tuple(values["gtins"])
    values["cross_references"] = tuple(values["cross_references"])
    values["assortment_ids"] = tuple(values["assortment_ids"])
    return SearchRow(**values, category_ids=category_ids, category_names=category_names)
