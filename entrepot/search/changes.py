"""Which events may change documents of the index, and of which offers.

Events only say where to look. So it does not matter in which order they come, how often, or how
many of them name the same offer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from entrepot.platform.catalog import queries, search_rows
from entrepot.platform.catalog.events import (
    AssortmentChanged,
    CategoriesChanged,
    OffersChanged,
    ProductsChanged,
)
from entrepot.platform.inventory.events import StockChanged
from entrepot.platform.orders.signals.events import SignalsChanged
from entrepot.platform.outbox import Event
from entrepot.platform.outbox_backlog import Backlog, backlog, waiting_events

#: The consumer of the outbox that keeps the index up to date.
CONSUMER: Final = "search_index"
#: The events that it hears of.
EVENTS: Final = (
    OffersChanged,
    ProductsChanged,
    CategoriesChanged,
    StockChanged,
    AssortmentChanged,
    SignalsChanged,
)
_KINDS: Final = [kind.__name__ for kind in EVENTS]


async def changed_offers(events: Sequence[Event]) -> list[UUID]:
    """The offers whose documents the events may have changed, each once, by id."""
    offers: set[UUID] = set()
    products: set[UUID] = set()
    categories: set[UUID] = set()
    for event in events:
        match event:
            case (
                OffersChanged(offer_ids=ids)
                | StockChanged(offer_ids=ids)
                | AssortmentChanged(offer_ids=ids)
                | SignalsChanged(offer_ids=ids)
            ):
                offers.update(ids)
            case ProductsChanged(product_ids=ids):
                products.update(ids)
            case CategoriesChanged(category_ids=ids):
                categories.update(ids)
    if products:
        offers.update(await queries.offer_ids_of(products))
    if categories:
        offers.update(await search_rows.offer_ids_in_categories(categories))
    return sorted(offers)


async def offers_under_way() -> frozenset[UUID]:
    """The offers whose changes are recorded and not yet in the index, as far as anybody knows."""
    return frozenset(await changed_offers(await waiting_events(CONSUMER, _KINDS)))


async def waiting_changes() -> Backlog:
    """How many changes the index has not yet followed, for `doctor` and the metrics."""
    return await backlog(CONSUMER, _KINDS)
