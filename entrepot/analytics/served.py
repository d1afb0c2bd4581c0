"""From a panel to what is served: forecast every article, and say how each was checked.

The global model is backtested beside the naive methods. On an article where a naive method was
clearly better (``selection``), that one is served and marked so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from entrepot.analytics.backtest import Backtest, Progress, backtest, origins
from entrepot.analytics.forecasters import (
    Forecast,
    Forecaster,
    GradientBoosting,
    Naive,
    NotEnoughData,
    SeasonalNaive,
)
from entrepot.analytics.panel import WEEK, DemandPanel, EmptyPanel
from entrepot.analytics.selection import MODEL, NAIVE, SEASONAL_NAIVE, choose

VERSION = "2"
"""Raised whenever features, training or selection change what equal data would give."""

MINIMUM_TRAINING_WEEKS = 26
LOW, MEDIAN, HIGH = 0.1, 0.5, 0.9


@dataclass(frozen=True, slots=True)
class ServedForecast:
    """What one run serves.

    ``points``: ``series, week, mean, low, median, high`` (units a week; low and high are the 0.1
    and 0.9 quantiles). ``articles``: see ``selection.choose``. ``summary``: one row a method, see
    ``Backtest.summary``; empty when no origin left enough weeks to learn from.
    """

    points: pl.DataFrame
    articles: pl.DataFrame
    summary: pl.DataFrame
    data_from: date
    data_to: date
    model: str
    version: str = VERSION


def forecast_panel(
    panel: DemandPanel,
    horizon: int = 13,
    folds: int = 2,
    seed: int = 0,
    max_rows: int = 30_000,
    max_iter: int = 100,
    progress: Progress | None = None,
) -> ServedForecast:
    """Backtest, choose by article, fit on everything, forecast ``horizon`` weeks.

    A panel too small for the model is served by seasonal naive throughout. Equal panel, parameters
    and ``seed`` give equal results to the bit. ``progress`` hears (fits done, fits in all).
    """
    model = GradientBoosting(
        horizon=horizon,
        levels=(LOW, MEDIAN, HIGH),
        max_rows=max_rows,
        max_iter=max_iter,
        seed=seed,
    )
    methods: dict[str, Forecaster] = {
        MODEL: model,
        SEASONAL_NAIVE: SeasonalNaive(),
        NAIVE: Naive(),
    }
    chosen_origins = origins(panel.week_count, horizon, folds, MINIMUM_TRAINING_WEEKS)
    steps = len(methods) * (len(chosen_origins) + 1)
    try:
        final = {MODEL: model.fit(panel).predict(horizon)}
    except NotEnoughData:
        final = {}
        del methods[MODEL]
    for name in (SEASONAL_NAIVE, NAIVE):
        final[name] = methods[name].fit(panel).predict(horizon)
    if progress:
        progress(3, steps)
    checked = _check(panel, methods, horizon, chosen_origins, progress, steps)
    preferred = MODEL if MODEL in final else SEASONAL_NAIVE
    articles = choose(panel, checked, preferred, horizon)
    return ServedForecast(
        points=_points(panel, final, articles["method"].to_list(), horizon),
        articles=articles,
        summary=checked.summary() if checked else pl.DataFrame(),
        data_from=panel.first_week,
        data_to=panel.last_week,
        model=preferred,
    )


def _check(
    panel: DemandPanel,
    methods: dict[str, Forecaster],
    horizon: int,
    chosen: list[int],
    progress: Progress | None,
    steps: int,
) -> Backtest | None:
    if not chosen:
        return None

    def shifted(done: int, _all: int) -> None:
        if progress:
            progress(done + 3, steps)

    while chosen:
        try:
            return backtest(panel, methods, horizon, chosen, shifted)
        except (EmptyPanel, NotEnoughData):
            # The oldest origin knew too little. Try without it.
            chosen = chosen[1:]
    return None


def _points(
    panel: DemandPanel, final: dict[str, Forecast], served: list[str], horizon: int
) -> pl.DataFrame:
    n = len(panel.series)
    cells = {key: np.empty((n, horizon)) for key in ("mean", "low", "median", "high")}
    method = np.array(served)
    for name, forecast in final.items():
        rows = method == name
        cells["mean"][rows] = forecast.mean[rows]
        for key, level in (("low", LOW), ("median", MEDIAN), ("high", HIGH)):
            cells[key][rows] = forecast.quantile(level)[rows]
    weeks = [panel.last_week + WEEK * (i + 1) for i in range(horizon)]
    return pl.DataFrame(
        {
            "series": np.repeat(np.array(panel.series, dtype=object), horizon).tolist(),
            "week": weeks * n,
            **{key: values.ravel() for key, values in cells.items()},
        },
        schema_overrides={"series": pl.String, "week": pl.Date},
    )
