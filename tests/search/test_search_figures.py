"""Metrics and `doctor` tell drift: how many, how far behind, what was given up."""

from __future__ import annotations

import pytest

from entrepot.observability.metrics import Metrics
from entrepot.platform.catalog.events import OffersChanged
from entrepot.platform.database import execute, transaction
from entrepot.platform.diagnostics import Level
from entrepot.platform.outbox import record
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.changes import CONSUMER
from entrepot.search.diagnosis import check_search
from entrepot.search.figures import CHANGES, COUNT_SECONDS, INDEX, IndexFigures, changes
from entrepot.search.reindex import rebuild
from tests.factories import make_offer, make_seller

pytestmark = pytest.mark.usefixtures("database")

WAITING = "entrepot_search_oldest_change_seconds"
DEAD = "entrepot_search_dead_changes"


async def test_the_age_of_the_oldest_change_and_those_given_up() -> None:
    assert await changes() == {WAITING: 0, DEAD: 0}
    offer = await make_offer(await make_seller())
    async with transaction():
        await record(OffersChanged((offer.id,)), OffersChanged((offer.id,)))
    await execute(
        "UPDATE outbox_event SET recorded_at = now() - interval '100 seconds'"
        " WHERE id = (SELECT min(id) FROM outbox_event)"
    )
    await execute(  # events of others do not count, however old
        "INSERT INTO outbox_event (kind, version, payload, recorded_at)"
        " VALUES ('OrderPlaced', 1, '{}', now() - interval '1 day')"
    )
    assert 100 <= (await changes())[WAITING] < 200
    await execute(
        "INSERT INTO outbox_delivery (event_id, consumer, attempts)"
        " SELECT id, $1, 0 FROM outbox_event WHERE kind = 'OffersChanged'",
        CONSUMER,
    )
    await execute("UPDATE outbox_event SET relayed_at = now()")
    assert 100 <= (await changes())[WAITING] < 200
    await execute("UPDATE outbox_delivery SET dead_at = now() WHERE id = 1")
    await execute("UPDATE outbox_delivery SET done_at = now() WHERE id <> 1")
    assert await changes() == {WAITING: 0, DEAD: 1}


async def test_listed_offers_are_counted_now_and_then_only(tantivy_engine: TantivyEngine) -> None:
    now = 1000.0
    figures = IndexFigures(lambda: now)
    seller = await make_seller()
    await make_offer(seller)
    await rebuild(tantivy_engine)
    await make_offer(seller)
    expected = {"entrepot_search_indexed_offers": 1, "entrepot_search_listed_offers": 2}
    assert await figures.read(tantivy_engine) == expected
    await make_offer(seller)
    now += COUNT_SECONDS - 1
    assert await figures.read(tantivy_engine) == expected
    now += 1
    expected["entrepot_search_listed_offers"] = 3
    assert await figures.read(tantivy_engine) == expected


async def test_prometheus_reads_them(tantivy_engine: TantivyEngine) -> None:
    metrics = Metrics()
    figures = IndexFigures()
    metrics.add_gauges(INDEX, lambda: figures.read(tantivy_engine))
    metrics.add_gauges(CHANGES, changes)
    page = (await metrics.render()).decode()
    for name in (*INDEX, *CHANGES):
        assert f"\n{name} 0.0\n" in page


async def test_doctor_tells_drift_from_changes_on_their_way(tantivy_engine: TantivyEngine) -> None:
    seller = await make_seller()
    offers = [await make_offer(seller) for _ in range(2)]
    await rebuild(tantivy_engine)

    async def levels() -> list[Level]:
        return [check.level for check in await check_search(tantivy_engine, server=False)]

    assert await levels() == [Level.OK, Level.OK]
    await tantivy_engine.update([], [offers[0].id])
    index, _ = await check_search(tantivy_engine, server=False)
    assert (index.level, index.found.en) == (Level.WARN, "1 of 2 offers indexed")
    assert index.mend is not None
    assert index.mend.ru == "Выполните `entrepot search verify --repair`."
    async with transaction():
        await record(OffersChanged((offers[0].id,)))
    assert await levels() == [Level.OK, Level.OK]  # that may be all of the difference
    await execute("UPDATE outbox_event SET recorded_at = now() - interval '2 minutes'")
    assert await levels() == [Level.OK, Level.WARN]
    await execute("UPDATE outbox_event SET recorded_at = now() - interval '1 hour'")
    assert await levels() == [Level.OK, Level.FAIL]
