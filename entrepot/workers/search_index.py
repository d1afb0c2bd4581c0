"""The search index follows the outbox: what changed is indexed as the database has it now.

Events only say where to look. So it does not matter in which order they come, how often, or how
many of them name the same offer; a batch names each offer once.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from entrepot.platform.catalog import queries, search_rows
from entrepot.platform.catalog.events import (
    AssortmentChanged,
    CategoriesChanged,
    OffersChanged,
    ProductsChanged,
)
from entrepot.platform.inventory.events import StockChanged
from entrepot.platform.outbox import Event
from entrepot.search.engine import EngineUnavailable, IndexBusy
from entrepot.search.reindex import update_offers
from entrepot.workers.consumers import Postpone, consumer
from entrepot.workers.resources import WorkerResources

_OFFERS_PER_COMMIT = 1_000
_BUSY_SECONDS = 2.0
_UNAVAILABLE_SECONDS = 10.0


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


@consumer(
    "search_index",
    on=[OffersChanged, ProductsChanged, CategoriesChanged, StockChanged, AssortmentChanged],
    queue="search",
    batch=True,
    transactional=False,
    seconds=1_800,
)
async def index_changes(events: Sequence[Event], resources: WorkerResources) -> None:
    """Bring the documents of changed offers up to date, 1,000 a commit.

    Not transactional: a killed worker leaves whole commits, and the batch is done again. Waits
    while a rebuild or another writer has the index, and while the engine does not answer.
    """
    offers = await changed_offers(events)
    try:
        for start in range(0, len(offers), _OFFERS_PER_COMMIT):
            await update_offers(resources.search, offers[start : start + _OFFERS_PER_COMMIT])
    except IndexBusy as reason:
        raise Postpone(str(reason), _BUSY_SECONDS) from reason
    except EngineUnavailable as reason:
        raise Postpone(str(reason), _UNAVAILABLE_SECONDS) from reason
