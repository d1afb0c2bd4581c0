"""A forecast run of one seller: out of the database, through the models, back into it.

One seller at a time, on its own history only: nothing a seller sees is learned from another's
customers.
"""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from entrepot.analytics import datasets
from entrepot.analytics.backtest import Progress
from entrepot.analytics.panel import DemandPanel
from entrepot.analytics.served import ServedForecast, forecast_panel

HORIZON = 13
SEED = 0
NICENESS = 10


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What came of a run. ``run_id`` None: the newest stored run was of the same data already."""

    run_id: UUID | None
    served: ServedForecast | None
    forecast: int
    rejected: int


class _Abandoned(Exception):
    """Nobody waits for the training any more."""


def _yield_to_others() -> None:
    # On Linux niceness belongs to a thread, and the OpenMP threads it starts inherit it: a fit
    # does not slow down the deliveries and requests beside it. Elsewhere it is only a wish.
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


_training = ThreadPoolExecutor(1, "forecast", initializer=_yield_to_others)
"""One thread a process: two fits at a time would only halve each other and double the memory."""


async def forecast_seller(
    seller_id: UUID,
    now: datetime,
    *,
    horizon: int = HORIZON,
    seed: int = SEED,
    again: bool = True,
    progress: Progress | None = None,
) -> RunOutcome:
    """Forecast all of a seller's offers and store the run.

    With ``again`` false nothing is done where the newest run already covers the same weeks, code
    and settings: a message delivered twice costs two queries. The models run in a thread of low
    priority, one run after the other; ``progress`` is called from there. Cancelled, the thread
    stops at the next fit and nothing is stored. Raises ``NoSalesHistory``, and ``NotFound`` for an
    unknown seller.
    """
    prepared = await datasets.panel_of_seller(seller_id, now)
    if not again and await datasets.already_forecast(seller_id, prepared, horizon, seed):
        return RunOutcome(None, None, 0, len(prepared.rejected))
    served = None
    if prepared.panel is not None:
        served = await _train(prepared.panel, horizon, seed, progress)
    run_id = await datasets.store(
        seller_id, prepared, served, horizon=horizon, seed=seed, trained_at=now
    )
    count = len(prepared.panel.series) if prepared.panel else 0
    return RunOutcome(run_id, served, count, len(prepared.rejected))


async def _train(
    panel: DemandPanel, horizon: int, seed: int, progress: Progress | None
) -> ServedForecast:
    abandoned = threading.Event()

    def told(done: int, total: int) -> None:
        if abandoned.is_set():
            raise _Abandoned
        if progress:
            progress(done, total)

    def work() -> ServedForecast:
        return forecast_panel(panel, horizon, seed=seed, progress=told)

    try:
        return await asyncio.get_running_loop().run_in_executor(_training, work)
    finally:
        abandoned.set()
