"""A forecast run of one seller: out of the database, through the models, back into it.

One seller at a time, on its own history only: nothing a seller sees is learned from another's
customers.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from entrepot.analytics import datasets
from entrepot.analytics.backtest import Progress
from entrepot.analytics.served import ServedForecast, forecast_panel

HORIZON = 13
SEED = 0


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What came of a run. ``run_id`` None: the newest stored run was of the same data already."""

    run_id: UUID | None
    served: ServedForecast | None
    forecast: int
    rejected: int


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
    and settings: a message delivered twice costs one query. The models run in a thread, so the
    event loop stays free; ``progress`` is called from there. Raises ``NoSalesHistory``, and
    ``NotFound`` for an unknown seller.
    """
    prepared = await datasets.panel_of_seller(seller_id, now)
    if not again and await datasets.already_forecast(seller_id, prepared, horizon, seed):
        return RunOutcome(None, None, 0, len(prepared.rejected))
    served = None
    if prepared.panel is not None:
        served = await asyncio.to_thread(
            forecast_panel, prepared.panel, horizon, seed=seed, progress=progress
        )
    run_id = await datasets.store(
        seller_id, prepared, served, horizon=horizon, seed=seed, trained_at=now
    )
    count = len(prepared.panel.series) if prepared.panel else 0
    return RunOutcome(run_id, served, count, len(prepared.rejected))
