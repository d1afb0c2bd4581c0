"""The weekly run: asked for once a seller, done once, abandoned cleanly."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from entrepot.analytics.runs import forecast_seller
from entrepot.platform.catalog.models import Offer
from entrepot.platform.clock import FixedClock
from entrepot.platform.config import Settings
from entrepot.platform.database import Database, fetch, fetch_value
from entrepot.platform.forecasts.events import ForecastRequested
from entrepot.platform.ids import new_id
from entrepot.platform.orders.models import HistoricSale
from entrepot.platform.outbox import load
from entrepot.workers.consumers import Delivery
from entrepot.workers.forecasts import forecast, forecast_all
from entrepot.workers.resources import WorkerResources, open_resources
from tests.factories import make_offer, make_seller

NOW = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
DELIVERY = Delivery(1, 1, "forecasts", 1, None, NOW)


@pytest.fixture
async def resources(settings: Settings) -> AsyncIterator[WorkerResources]:
    """What a worker opens, on a Monday morning."""
    async with open_resources(settings) as opened:
        yield replace(opened, clock=FixedClock(NOW))


async def sell(offers: list[Offer], weeks: int) -> None:
    """A sale in each of the last full weeks."""
    await HistoricSale.bulk_create(
        HistoricSale(
            offer=offer,
            external_id=str(back),
            sold_at=NOW - timedelta(days=7 * (back + 1)),
            quantity=Decimal(10 + (back * 7 + i) % 5),
            unit_price=Decimal(1),
            currency="RUB",
        )
        for i, offer in enumerate(offers)
        for back in range(weeks)
    )


async def test_the_weekly_job_asks_for_every_seller_and_each_runs_once(
    resources: WorkerResources,
) -> None:
    busy, idle = await make_seller(), await make_seller()
    await sell([await make_offer(busy)], 20)
    await forecast_all(NOW, resources)
    rows = await fetch("SELECT kind, payload FROM outbox_event ORDER BY id")
    events = [load(row["kind"], row["payload"]) for row in rows]
    assert events == [ForecastRequested(busy.id), ForecastRequested(idle.id)]
    for event in [*events, *events]:  # delivered twice
        await forecast(event, DELIVERY, resources)
    assert await fetch_value("SELECT count(*) FROM forecast_run") == 1
    assert await fetch_value("SELECT seller_id FROM forecast_run") == busy.id
    assert await fetch_value("SELECT count(*) FROM forecast_point") == 13


async def test_a_seller_unknown_by_now_is_no_failure(resources: WorkerResources) -> None:
    await forecast(ForecastRequested(new_id()), DELIVERY, resources)
    assert await fetch_value("SELECT count(*) FROM forecast_run") == 0


async def test_a_cancelled_run_stores_nothing_and_frees_its_thread(database: Database) -> None:
    seller = await make_seller()
    await sell([await make_offer(seller)], 60)
    fitting, go_on = threading.Event(), threading.Event()
    heard: list[int] = []

    def progress(done: int, total: int) -> None:
        heard.append(done)
        fitting.set()
        go_on.wait(30)

    task = asyncio.create_task(forecast_seller(seller.id, NOW, progress=progress))
    await asyncio.to_thread(fitting.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    outcome = await forecast_seller(seller.id, NOW)  # waits for the thread
    assert outcome.forecast == 1
    assert heard == [3]  # the cancelled run ended at its next step
    assert await fetch_value("SELECT count(*) FROM forecast_run") == 1
