"""What catalogue queries return: plain frozen rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

AttributeValue = str | int | float | bool
"""A typed attribute value as it is stored in JSON."""


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A shared article. `unit` is a UN/ECE Rec 20 code; `replaced_by_id` what took its place."""

    id: UUID
    category_id: UUID | None
    brand: str
    manufacturer_number: str
    gtins: tuple[str, ...]
    title_en: str
    title_ru: str
    description: str
    unit: str
    attributes: dict[str, AttributeValue]
    updated_at: datetime
    discontinued: bool
    replaced_by_id: UUID | None

    def title(self, locale: str) -> str:
        """Return the title in `locale`, or the other one where that is empty."""
        first, second = self.title_en, self.title_ru
        if locale == "ru":
            first, second = second, first
        return first or second


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One seller's terms. Quantities in the product's unit, the tax rate in percent.

    `restricted`: shown to the audiences of its assortments only.
    """

    id: UUID
    product_id: UUID
    seller_id: UUID
    seller_name: str
    external_id: str
    article_number: str
    list_price: Decimal
    currency: str
    tax_included: bool
    tax_rate: Decimal
    pack_quantity: Decimal
    min_order_quantity: Decimal
    order_step: Decimal
    max_order_quantity: Decimal | None
    lead_time_days: int
    active: bool
    restricted: bool


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A node of the tree; `path` is the slugs from the root, joined by `/`."""

    id: UUID
    parent_id: UUID | None
    path: str
    name_en: str
    name_ru: str

    def name(self, locale: str) -> str:
        """Return the name in `locale`."""
        return self.name_ru if locale == "ru" else self.name_en


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """The definition of an attribute: `kind` is text, number or boolean."""

    id: UUID
    code: str
    name_en: str
    name_ru: str
    kind: str
    unit: str | None

    def name(self, locale: str) -> str:
        """Return the name in `locale`."""
        return self.name_ru if locale == "ru" else self.name_en


@dataclass(frozen=True, slots=True)
class CrossReferenceRow:
    """Another maker's number that the product can stand in for."""

    id: UUID
    product_id: UUID
    brand: str
    number: str


@dataclass(frozen=True, slots=True)
class ProductFileRow:
    """A file of a product; `size` in bytes, `blob_key` names it in the blob store."""

    id: UUID
    product_id: UUID
    seller_id: UUID
    kind: str
    name: str
    media_type: str
    size: int
    blob_key: str
