"""Rolling-origin backtest: fit on the past, score on the weeks that followed, several times."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from sklearn.base import clone

from entrepot.analytics import metrics
from entrepot.analytics.forecasters import Forecast, Forecaster
from entrepot.analytics.panel import DemandPanel, FloatArray

Progress = Callable[[int, int], None]
"""Called with (steps done, steps in all)."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One origin: what was known, what came, and what each method had said."""

    past: DemandPanel
    actual: FloatArray
    forecasts: Mapping[str, Forecast]


@dataclass(frozen=True, slots=True)
class Backtest:
    """All folds, oldest origin first."""

    folds: tuple[Fold, ...]

    def summary(self) -> pl.DataFrame:
        """One row a method, averaged over folds.

        Columns: ``method``, ``rmsse``, ``wape``, ``bias``, then ``pinball_L`` (scaled) and
        ``coverage_L`` for every quantile level L.
        """
        per_fold = [
            {"method": name, **_scores(fold, forecast)}
            for fold in self.folds
            for name, forecast in fold.forecasts.items()
        ]
        return pl.DataFrame(per_fold).group_by("method", maintain_order=True).agg(pl.all().mean())

    def scores(self) -> pl.DataFrame:
        """One row an article, method and fold.

        Columns: ``series``, ``method``, ``fold`` (0 is the oldest), ``scaled`` (squared error in
        the scale of the article's own past; null where it never changed before), ``absolute``
        (sum of absolute errors, units), ``sold`` (units).
        """
        rows = []
        for number, fold in enumerate(self.folds):
            scale = metrics.squared_scale(fold.past.values)
            for name, forecast in fold.forecasts.items():
                rows.append(
                    pl.DataFrame(
                        {
                            "series": fold.past.series,
                            "method": [name] * len(scale),
                            "fold": [number] * len(scale),
                            "scaled": metrics.rmsse(fold.actual, forecast.mean, scale) ** 2,
                            "absolute": np.abs(fold.actual - forecast.mean).sum(axis=1),
                            "sold": fold.actual.sum(axis=1),
                        }
                    ).with_columns(pl.col("scaled").fill_nan(None))
                )
        return pl.concat(rows)

    def by_article(self) -> pl.DataFrame:
        """One row an article and method: ``series``, ``method``, ``rmsse``, ``wape``, ``folds``.

        RMSSE pools the squared errors of all folds before the root; null where it cannot be scored.
        WAPE is null where nothing was sold. ``folds`` counts the origins the article was scored at.
        """
        sold = pl.col("sold").sum()
        return (
            self.scores()
            .group_by("series", "method")
            .agg(
                rmsse=pl.col("scaled").mean().sqrt(),
                wape=pl.when(sold > 0).then(pl.col("absolute").sum() / sold),
                folds=pl.len(),
            )
            .sort("series", "method")
        )


def origins(week_count: int, horizon: int, folds: int, minimum: int = 26) -> list[int]:
    """Numbers of known weeks at each origin, oldest first, ``horizon`` weeks apart.

    The newest leaves exactly ``horizon`` weeks to score. Fewer than ``folds`` come back when the
    oldest would leave less than ``minimum`` weeks to learn from.
    """
    newest = week_count - horizon
    found = [newest - horizon * i for i in range(folds)]
    return sorted(o for o in found if o >= minimum)


def backtest(
    panel: DemandPanel,
    forecasters: Mapping[str, Forecaster],
    horizon: int = 13,
    known_weeks: Sequence[int] = (),
    progress: Progress | None = None,
) -> Backtest:
    """Fit a clone of every forecaster at each origin and forecast ``horizon`` weeks.

    ``known_weeks`` are the origins (default: ``origins`` with three folds). Only articles old
    enough at an origin are scored there. A forecaster that cannot be fitted there is absent from
    that fold's forecasts by its ``NotEnoughData``, which is raised: pass origins late enough.
    """
    chosen = list(known_weeks) or origins(panel.week_count, horizon, 3)
    steps = len(chosen) * len(forecasters)
    folds, done = [], 0
    for origin in chosen:
        past = panel.until(origin)
        row = {name: i for i, name in enumerate(panel.series)}
        rows = [row[name] for name in past.series]
        actual = panel.values[rows, origin : origin + horizon]
        said = {}
        for name, forecaster in forecasters.items():
            said[name] = clone(forecaster).fit(past).predict(actual.shape[1])
            done += 1
            if progress:
                progress(done, steps)
        folds.append(Fold(past, actual, said))
    return Backtest(tuple(folds))


def _scores(fold: Fold, forecast: Forecast) -> dict[str, float]:
    history = fold.past.values
    scores = {
        "rmsse": metrics.mean_rmsse(fold.actual, forecast.mean, metrics.squared_scale(history)),
        "wape": metrics.wape(fold.actual, forecast.mean),
        "bias": metrics.bias(fold.actual, forecast.mean),
    }
    for level in forecast.levels:
        at = forecast.quantile(level)
        scores[f"pinball_{level}"] = metrics.mean_scaled_pinball(fold.actual, at, level, history)
        scores[f"coverage_{level}"] = metrics.coverage(fold.actual, at)
    return scores
