"""Offers as plain rows for the search index, read in pages or by id."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SearchRow:
    """What one offer looks like from outside, joined with its product, seller and stock.

    `listed` is false when the offer or its seller is not active: such an offer is not indexed.
    `category_ids` and `category_names` run from the root to the product's own category.
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
    attribute_values: tuple[str, ...]
    category_ids: tuple[UUID, ...]
    category_names: tuple[str, ...]
    list_price: Decimal
    currency: str
    in_stock: bool
