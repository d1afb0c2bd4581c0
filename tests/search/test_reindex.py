"""The index follows the database: rows, single offers, the whole, and what may not overlap."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from entrepot.platform.catalog import search_rows
from entrepot.platform.catalog.models import CrossReference, Offer
from entrepot.platform.database import Database
from entrepot.platform.identity.models import Company
from entrepot.search.analysis import AnalystFailed
from entrepot.search.backends.tantivy import TantivyEngine, TantivyRebuild
from entrepot.search.document import OfferDocument
from entrepot.search.engine import IndexBusy
from entrepot.search.query import SearchQuery, analyse
from entrepot.search.reindex import Drift, drift, rebuild, update_offers
from entrepot.search.verify import verify
from tests.factories import make_offer, make_product, make_seller
from tests.search.many_offers import make_shop

pytestmark = pytest.mark.usefixtures("database")


async def found(engine: TantivyEngine, text: str) -> list[str]:
    answer = await engine.search(analyse(SearchQuery(text)), offset=0, limit=10, facets=False)
    return [str(hit.offer_id) for hit in answer.hits]


async def test_a_row_joins_product_category_stock_and_references(database: Database) -> None:
    seller = await make_seller()
    product = await make_product("KR-4410", path="valves/ball/brass")
    await CrossReference.create(
        product=product, brand="Bosch", number="B 77", brand_key="bosch", number_key="b77"
    )
    offer = await make_offer(seller, product, price="12.3456", stock="0")
    await Offer.filter(id=offer.id).update(article_number="S-1")
    (row,) = await search_rows.by_offer_ids([offer.id, uuid4()])
    assert (row.article_number, row.manufacturer_number) == ("S-1", "KR-4410")
    assert row.cross_references == ("B 77",)
    assert row.category_names == ("valves valves", "ball ball", "brass brass")
    assert row.category_ids[-1] == product.category_id  # type: ignore[attr-defined]
    assert (row.list_price, row.currency) == (Decimal("12.3456"), "RUB")
    assert row.listed
    assert not row.in_stock


async def test_pages_of_rows_meet_without_a_gap() -> None:
    seller = await make_seller()
    offers = sorted([(await make_offer(seller)).id for _ in range(5)])
    first = await search_rows.after(offers[0], 2)
    second = await search_rows.after(first[-1].offer_id, 10)
    assert [row.offer_id for row in (*first, *second)] == offers[1:]


async def test_offers_enter_change_and_leave_the_index(tantivy_engine: TantivyEngine) -> None:
    seller = await make_seller()
    offer = await make_offer(seller, await make_product("KR-4410"))
    gone = uuid4()
    assert await update_offers(tantivy_engine, [offer.id, gone]) == 1
    assert await found(tantivy_engine, "KR4410") == [str(offer.id)]
    await Offer.filter(id=offer.id).update(article_number="NEW-1")
    assert await update_offers(tantivy_engine, [offer.id, offer.id]) == 1
    assert await found(tantivy_engine, "NEW1") == [str(offer.id)]
    await Offer.filter(id=offer.id).update(active=False)
    assert await update_offers(tantivy_engine, [offer.id]) == 0
    assert await found(tantivy_engine, "NEW1") == []
    assert await tantivy_engine.indexed_count() == 0
    assert await update_offers(tantivy_engine, []) == 0


async def test_a_rebuild_holds_every_listed_offer_and_no_other(
    tantivy_engine: TantivyEngine,
) -> None:
    seller, closed = await make_seller(), await make_seller()
    listed = [(await make_offer(seller)).id for _ in range(3)]
    await make_offer(seller, active=False)
    hidden = await make_offer(closed)
    await Company.filter(id=closed.id).update(active=False)
    await update_offers(tantivy_engine, [hidden.id, *listed[:1]])
    assert await drift(tantivy_engine) == Drift(indexed=1, listed=3)
    told: list[tuple[int, int]] = []
    assert await rebuild(tantivy_engine, lambda done, total: told.append((done, total))) == 3
    assert told == [(3, 3)]
    assert await drift(tantivy_engine) == Drift(indexed=3, listed=3)
    assert set(await found(tantivy_engine, "")) == {str(offer_id) for offer_id in listed}
    assert (await drift(tantivy_engine)).difference == 0


class PausedRebuild(TantivyRebuild):
    """Stops after its first page until it is told to go on."""

    reached: asyncio.Event
    go_on: asyncio.Event

    async def add(self, documents: Sequence[OfferDocument]) -> None:
        await super().add(documents)
        self.reached.set()
        await self.go_on.wait()


class PausedEngine(TantivyEngine):
    """An engine whose rebuild can be caught halfway."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, wait_seconds=0)
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    def rebuild(self) -> PausedRebuild:
        made = PausedRebuild(self.folders, 0)
        made.reached, made.go_on = self.reached, self.go_on
        return made


async def test_a_change_during_a_rebuild_waits_and_is_not_lost(
    tantivy_engine: TantivyEngine,
) -> None:
    seller = await make_seller()
    offer = await make_offer(seller, await make_product("KR-4410"))
    await update_offers(tantivy_engine, [offer.id])
    paused = PausedEngine(tantivy_engine.folders.root)
    rebuilding = asyncio.create_task(rebuild(paused))
    await paused.reached.wait()
    await Offer.filter(id=offer.id).update(article_number="LATE-1")
    with pytest.raises(IndexBusy):
        await update_offers(tantivy_engine, [offer.id])
    with pytest.raises(IndexBusy):
        await rebuild(tantivy_engine)
    assert await found(tantivy_engine, "KR-4410") == [str(offer.id)]
    paused.go_on.set()
    assert await rebuilding == 1
    assert await update_offers(tantivy_engine, [offer.id]) == 1
    assert await found(tantivy_engine, "LATE-1") == [str(offer.id)]
    assert await drift(tantivy_engine) == Drift(indexed=1, listed=1)
    await paused.close()


async def test_a_second_process_makes_the_same_index(tantivy_engine: TantivyEngine) -> None:
    shop = await make_shop(3_500)  # more pages than are given ahead
    await Offer.filter(id=shop.offers[7]).update(active=False)
    told: list[int] = []
    assert await rebuild(tantivy_engine, lambda done, _: told.append(done), alone_up_to=0) == 3_499
    assert told == [999, 1_999, 2_999, 3_499]
    verdict = await verify(tantivy_engine)
    assert (verdict.indexed, verdict.faults) == (3_499, 0)


async def test_a_second_process_that_dies_leaves_the_old_index(
    tantivy_engine: TantivyEngine,
) -> None:
    await make_shop(8_000)
    await rebuild(tantivy_engine)
    used = tantivy_engine.folders.current()

    def kill(_done: int, _total: int) -> None:
        for child in psutil.Process().children():
            if "entrepot.search.analysis" in child.cmdline():
                child.kill()

    with pytest.raises(AnalystFailed):
        await rebuild(tantivy_engine, kill, alone_up_to=0)
    assert tantivy_engine.folders.current() == used
    assert await tantivy_engine.indexed_count() == 8_000


async def test_searches_never_see_less_than_all_while_rebuilds_run(
    tantivy_engine: TantivyEngine,
) -> None:
    shop = await make_shop(1_200)
    await rebuild(tantivy_engine)
    everything = analyse(SearchQuery(""))
    seen: list[int] = []

    async def keep_searching() -> None:
        while True:
            answer = await tantivy_engine.search(everything, offset=0, limit=1, facets=False)
            seen.append(answer.total)
            await asyncio.sleep(0)

    searching = asyncio.create_task(keep_searching())
    for _ in range(2):
        assert await rebuild(tantivy_engine, alone_up_to=0) == 1_200
        assert await rebuild(tantivy_engine) == 1_200
    await Offer.filter(id=shop.offers[0]).update(active=False)
    assert await rebuild(tantivy_engine) == 1_199
    await asyncio.sleep(0.1)
    searching.cancel()
    assert len(seen) > 20
    assert sorted(seen, reverse=True) == seen  # all of the old index, then all of the new one
    assert set(seen) == {1_200, 1_199}


async def test_an_empty_catalogue_makes_an_empty_index(tantivy_engine: TantivyEngine) -> None:
    assert await rebuild(tantivy_engine) == 0
    assert await found(tantivy_engine, "") == []
