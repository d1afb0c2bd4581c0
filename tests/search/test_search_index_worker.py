"""The consumer of the outbox: which offers an event concerns, and that the index follows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from entrepot.platform.catalog.events import CategoriesChanged, OffersChanged, ProductsChanged
from entrepot.platform.catalog.models import Category, Offer, Product
from entrepot.platform.config import Settings
from entrepot.platform.database import execute, fetch_value, transaction
from entrepot.platform.inventory.events import StockChanged
from entrepot.platform.inventory.models import StockItem
from entrepot.platform.outbox import Event, record
from entrepot.platform.outbox_queries import route_events, take_unsent
from entrepot.search.backends.meilisearch import MeilisearchEngine
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.changes import changed_offers
from entrepot.search.engine import SearchEngine
from entrepot.search.query import SearchFilters, SearchQuery, analyse
from entrepot.workers.claims import Claims
from entrepot.workers.consumers import Consumers, Postpone, registry
from entrepot.workers.deliveries import Deliverer
from entrepot.workers.resources import WorkerResources, open_resources
from entrepot.workers.search_index import index_changes
from tests.factories import make_offer, make_product, make_seller

With = Callable[[SearchEngine], WorkerResources]


@pytest.fixture
async def with_engine(settings: Settings) -> AsyncIterator[With]:
    """Makes the resources of a worker with an engine of the test's choice."""
    async with open_resources(settings) as resources:
        yield lambda engine: replace(resources, search=engine)


async def found(engine: SearchEngine, text: str, *, in_stock: bool = False) -> list[UUID]:
    query = analyse(SearchQuery(text, SearchFilters(in_stock=in_stock)))
    answer = await engine.search(query, offset=0, limit=10, facets=False)
    return [hit.offer_id for hit in answer.hits]


@pytest.mark.usefixtures("database")
async def test_events_name_each_offer_once() -> None:
    seller = await make_seller()
    bolt = await make_product(path="fasteners/bolts")
    nut = await make_product(path="fasteners/nuts")
    first, second = await make_offer(seller, bolt), await make_offer(seller, bolt)
    third = await make_offer(seller, nut)
    fasteners = await Category.get(path="fasteners")

    async def concerned(*events: Event) -> set[UUID]:
        offers = await changed_offers(events)
        assert len(offers) == len(set(offers))
        return set(offers)

    assert await concerned() == set()
    assert await concerned(OffersChanged((first.id, first.id)), StockChanged((first.id,))) == {
        first.id
    }
    assert await concerned(ProductsChanged((bolt.id,))) == {first.id, second.id}
    assert await concerned(CategoriesChanged((fasteners.id,))) == {first.id, second.id, third.id}


async def test_the_index_follows_what_happened(
    with_engine: With, tantivy_engine: TantivyEngine
) -> None:
    resources = with_engine(tantivy_engine)
    seller = await make_seller()
    product = await make_product("KR-4410", title="Ball valve")
    offer = await make_offer(seller, product)
    await index_changes([OffersChanged((offer.id, uuid4()))], resources)
    assert await found(tantivy_engine, "kr4410", in_stock=True) == [offer.id]
    await StockItem.filter(offer_id=offer.id).update(on_hand=0)
    await index_changes([StockChanged((offer.id,))] * 2, resources)
    assert await found(tantivy_engine, "kr4410", in_stock=True) == []
    assert await found(tantivy_engine, "kr4410") == [offer.id]
    await Product.filter(id=product.id).update(title_en="Gate valve", title_ru="Задвижка")
    await index_changes([ProductsChanged((product.id,))], resources)
    assert await found(tantivy_engine, "задвижки") == [offer.id]
    assert await found(tantivy_engine, "ball") == []
    await Offer.filter(id=offer.id).update(active=False)
    await index_changes([OffersChanged((offer.id,))], resources)
    assert await found(tantivy_engine, "kr4410") == []


async def test_a_busy_index_and_an_absent_server_postpone(
    with_engine: With, tantivy_engine: TantivyEngine, tmp_path: Path
) -> None:
    offer = await make_offer(await make_seller(), await make_product("KR-4410"))
    events = [OffersChanged((offer.id,))]
    async with tantivy_engine.rebuild():
        with pytest.raises(Postpone, match="writes the index"):
            await index_changes(events, with_engine(tantivy_engine))
    assert await found(tantivy_engine, "kr4410") == []
    absent = MeilisearchEngine("http://127.0.0.1:9", None, timeout_seconds=2)
    with pytest.raises(Postpone, match="Meilisearch"):
        await index_changes(events, with_engine(absent))
    await absent.close()
    await index_changes(events, with_engine(tantivy_engine))
    assert await found(tantivy_engine, "kr4410") == [offer.id]


async def test_deliveries_are_done_together_and_wait_while_the_index_is_busy(
    with_engine: With, settings: Settings, tantivy_engine: TantivyEngine
) -> None:
    seller = await make_seller()
    offers = [await make_offer(seller, await make_product(f"KR-44{n}0")) for n in range(3)]
    consumers = Consumers()
    consumers.add(registry["search_index"])
    async with transaction():
        await record(*(OffersChanged((offer.id,)) for offer in offers))
    assert await route_events(consumers.routes) == 3
    first, *_ = await take_unsent(consumers.names)
    claims = Claims(settings.database_url or "")
    deliverer = Deliverer(consumers, claims, with_engine(tantivy_engine))
    open_deliveries = "SELECT count(*) FROM outbox_delivery WHERE done_at IS NULL"
    async with tantivy_engine.rebuild():
        await deliverer.deliver("search_index", first.id)
    assert await fetch_value(open_deliveries) == 3
    assert await fetch_value("SELECT max(attempts) FROM outbox_delivery") == 0
    await execute("UPDATE outbox_delivery SET due_at = now()")
    await deliverer.deliver("search_index", first.id)
    assert await fetch_value(open_deliveries) == 0
    assert await tantivy_engine.indexed_count() == 3
    await claims.close()
