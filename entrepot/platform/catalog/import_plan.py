"""What a line changes, given what is stored: pure.

A product is shared between sellers, an offer is one seller's. A line always rules its own offer.
It rules the product's texts only while nobody else (no other offer) stands on that product;
otherwise it may fill in what is empty, never replace. So importing the same file twice changes
nothing the second time, whatever else is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from entrepot.platform.catalog.import_rules import CatalogLine, LineOutcome

ProductKey = tuple[str, str]
"""(brand key, number key): the identity of a product."""


@dataclass(frozen=True, slots=True)
class ProductState:
    """A product as stored, or as it will be. `others` counts the offers standing on it."""

    id: UUID
    key: ProductKey
    brand: str
    number: str
    title_en: str
    title_ru: str
    description: str
    unit: str
    gtins: tuple[str, ...]
    category_id: UUID | None
    attributes: Mapping[str, Any]
    offer_count: int = 0


@dataclass(frozen=True, slots=True)
class OfferState:
    """An offer as stored, or as it will be. `on_hand` is that of the seller's first warehouse."""

    id: UUID
    product_id: UUID
    external_id: str
    article_number: str
    list_price: Decimal
    currency: str
    tax_rate: Decimal
    pack_quantity: Decimal
    min_order_quantity: Decimal
    order_step: Decimal
    lead_time_days: int
    max_order_quantity: Decimal | None = None
    cost_price: Decimal | None = None
    on_hand: Decimal | None = None


@dataclass
class BatchState:
    """What is stored about the lines of a batch; updated line by line as the plan grows."""

    products: dict[ProductKey, ProductState] = field(default_factory=dict)
    offers: dict[str, OfferState] = field(default_factory=dict)
    cross_references: dict[UUID, set[tuple[str, str]]] = field(default_factory=dict)
    categories: dict[tuple[str, ...], UUID] = field(default_factory=dict)
    changed_products: dict[ProductKey, ProductState] = field(default_factory=dict)
    changed_offers: dict[str, OfferState] = field(default_factory=dict)
    stock: dict[str, Decimal] = field(default_factory=dict)
    new_references: list[tuple[UUID, str, str]] = field(default_factory=list)


NO_BRAND = "~{seller}"
"""Brand key of articles without a brand: the seller's own, shared with nobody."""


def product_key(line: CatalogLine, seller_id: UUID) -> ProductKey:
    """Return the product identity of a line of this seller."""
    return (line.brand_key or NO_BRAND.format(seller=seller_id), line.number_key)


def new_product(line: CatalogLine, key: ProductKey, product_id: UUID) -> ProductState:
    """Return the product that a line brings into being."""
    return ProductState(
        id=product_id,
        key=key,
        brand=line.brand,
        number=line.article_number,
        title_en=line.title_en,
        title_ru=line.title_ru,
        description=line.description or "",
        unit=line.unit or "PCE",
        gtins=line.gtins,
        category_id=None,
        attributes=dict(line.attributes or {}),
    )


def merge_product(
    stored: ProductState, line: CatalogLine, category_id: UUID | None, *, sole: bool
) -> ProductState:
    """Return the product after the line; `sole`: no other offer stands on it."""
    given = dict(line.attributes or {})
    if sole:
        return replace(
            stored,
            brand=line.brand,
            number=line.article_number,
            title_en=line.title_en,
            title_ru=line.title_ru,
            description=stored.description if line.description is None else line.description,
            unit=line.unit or stored.unit,
            gtins=line.gtins or stored.gtins,
            category_id=category_id or stored.category_id,
            attributes=stored.attributes if line.attributes is None else given,
        )
    added = tuple(gtin for gtin in line.gtins if gtin not in stored.gtins)
    return replace(
        stored,
        description=stored.description or line.description or "",
        gtins=stored.gtins + added,
        category_id=stored.category_id or category_id,
        attributes={**given, **stored.attributes},
    )


def merge_offer(
    stored: OfferState | None, line: CatalogLine, product_id: UUID, offer_id: UUID
) -> OfferState:
    """Return the offer after the line; what the line leaves out stays, or gets the default."""

    def kept(given: Decimal | None, name: str, default: Decimal) -> Decimal:
        if given is not None:
            return given
        before: Decimal = default if stored is None else getattr(stored, name)
        return before

    maximum, cost = line.max_order_quantity, line.cost_price
    if stored is not None:
        maximum, cost = maximum or stored.max_order_quantity, cost or stored.cost_price
    lead_time = line.lead_time_days
    if lead_time is None:
        lead_time = stored.lead_time_days if stored else 3
    return OfferState(
        id=stored.id if stored else offer_id,
        product_id=product_id,
        external_id=line.external_id,
        article_number=line.article_number,
        list_price=line.price,
        currency=line.currency,
        tax_rate=kept(line.tax_rate, "tax_rate", Decimal(20)),
        pack_quantity=kept(line.pack_quantity, "pack_quantity", Decimal(1)),
        min_order_quantity=kept(line.min_order_quantity, "min_order_quantity", Decimal(1)),
        order_step=kept(line.order_step, "order_step", Decimal(1)),
        lead_time_days=lead_time,
        max_order_quantity=maximum,
        cost_price=cost,
        on_hand=stored.on_hand if stored else None,
    )


def plan_line(
    state: BatchState, line: CatalogLine, seller_id: UUID, fresh_ids: tuple[UUID, UUID]
) -> tuple[LineOutcome, UUID]:
    """Add the line's changes to `state`; return its outcome and the offer's id.

    `fresh_ids` are for a product and an offer that do not exist yet.
    """
    key = product_key(line, seller_id)
    stored_offer = state.offers.get(line.external_id)
    stored = state.products.get(key)
    product_changed = stored is None
    stored = stored or new_product(line, key, fresh_ids[0])
    own = 1 if stored_offer and stored_offer.product_id == stored.id else 0
    category_id = state.categories.get(line.category)
    product = merge_product(stored, line, category_id, sole=stored.offer_count - own == 0)
    product_changed = product_changed or product != stored
    offer = merge_offer(stored_offer, line, product.id, fresh_ids[1])
    offer_changed = offer != stored_offer
    product = replace(product, offer_count=product.offer_count + 1 - own)
    state.products[key] = product
    if product_changed:
        state.changed_products[key] = product
    if line.quantity is not None and offer.on_hand != line.quantity:
        state.stock[line.external_id] = line.quantity
        offer = replace(offer, on_hand=line.quantity)
        offer_changed = True
    if offer_changed:
        state.changed_offers[line.external_id] = offer
    state.offers[line.external_id] = offer
    known = state.cross_references.setdefault(product.id, set())
    fresh = [pair for pair in line.cross_references if pair not in known]
    known.update(fresh)
    state.new_references.extend((product.id, brand, number) for brand, number in fresh)
    if stored_offer is None:
        return LineOutcome.CREATED, offer.id
    if offer_changed or product_changed or fresh:
        return LineOutcome.UPDATED, offer.id
    return LineOutcome.UNCHANGED, offer.id
