"""What happened to the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.outbox import Event, event

OFFERS_PER_EVENT = 1000


@event
@dataclass(frozen=True)
class OffersChanged(Event):
    """These offers are new or have other terms (≤ 1000 an event)."""

    offer_ids: tuple[UUID, ...]


@event
@dataclass(frozen=True)
class ProductsChanged(Event):
    """These products, their attributes, files or cross-references changed (≤ 1000 an event)."""

    product_ids: tuple[UUID, ...]


@event
@dataclass(frozen=True)
class CategoriesChanged(Event):
    """Names or places of categories changed, with all that stands below them."""

    category_ids: tuple[UUID, ...]


@event
@dataclass(frozen=True)
class AssortmentChanged(Event):
    """These offers of the seller came into or left assortments, or those are shown otherwise.

    At most 1000 offers an event. A change of who is in an audience is not told: documents of the
    index name assortments, not companies.
    """

    seller_id: UUID
    offer_ids: tuple[UUID, ...]
