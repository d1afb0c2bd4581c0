"""Demand forecasts: every week one run a seller, learned from that seller's own history only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from entrepot.platform.errors import NotFound
from entrepot.platform.forecasts.errors import NoSalesHistory
from entrepot.platform.forecasts.events import ForecastRequested
from entrepot.platform.forecasts.service import request_all
from entrepot.workers.consumers import Delivery, Undeliverable, consumer
from entrepot.workers.resources import WorkerResources
from entrepot.workers.schedule import job

if TYPE_CHECKING:
    from entrepot.analytics.runs import RunOutcome

log = structlog.get_logger("entrepot.forecasts")

LONGEST_SECONDS = 2 * 3600.0
"""All sellers may be waiting for the one training thread of the process."""


@job("weekly forecasts", cron="30 3 * * mon")
async def forecast_all(due_at: datetime, resources: WorkerResources) -> None:
    """Ask for a run of every seller, early on Monday when the week is complete everywhere west.

    Run twice it asks twice; the second request finds the run and does nothing.
    """
    log.info("forecasts requested", sellers=await request_all())


@consumer(
    "forecasts",
    on=(ForecastRequested,),
    queue="analytics",
    transactional=False,
    seconds=LONGEST_SECONDS,
)
async def forecast(
    event: ForecastRequested, delivery: Delivery, resources: WorkerResources
) -> None:
    """Forecast a seller's offers and store the run; nothing where it is stored already."""
    try:
        forecast_seller = await asyncio.to_thread(_load)
        outcome = await forecast_seller(event.seller_id, resources.clock.now(), again=False)
    except NoSalesHistory:
        log.info("no sales to forecast from", seller=str(event.seller_id))
        return
    except NotFound as error:
        raise Undeliverable(str(error)) from error
    log.info(
        "forecast" if outcome.run_id else "forecast before",
        seller=str(event.seller_id),
        articles=outcome.forecast,
        left_out=outcome.rejected,
    )


def _load() -> Callable[..., Awaitable[RunOutcome]]:
    # Here, not above: scikit-learn takes 3 s of CPU and 130 MB to import, and a worker that was
    # killed owes its other queues an early return.
    from entrepot.analytics.runs import forecast_seller

    return forecast_seller
