"""What doing nothing clever gives: the last week, or the same week a year ago.

Every other forecaster has to beat these, article by article, to be served.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from entrepot.analytics.forecasters.interface import Forecast, Forecaster
from entrepot.analytics.panel import DemandPanel, FloatArray

LEVELS = (0.1, 0.5, 0.9)


class Naive(Forecaster):
    """Every coming week is the last one known. Range: the article's own past errors."""

    def __init__(self, levels: tuple[float, ...] = LEVELS) -> None:
        self.levels = levels

    def fit(self, panel: DemandPanel) -> Self:
        """Keep the panel; nothing is estimated but the errors of the past."""
        self.panel_ = panel
        return self

    def predict(self, horizon: int) -> Forecast:
        """See ``Forecaster.predict``."""
        check_is_fitted(self, "panel_")
        values = self.panel_.values
        mean = np.repeat(values[:, -1:], horizon, axis=1)
        return _with_range(self.panel_, mean, np.diff(values, axis=1), self.levels)


class SeasonalNaive(Forecaster):
    """Every coming week is the same week one ``period`` ago; the last week where there is none."""

    def __init__(self, period: int = 52, levels: tuple[float, ...] = LEVELS) -> None:
        self.period = period
        self.levels = levels

    def fit(self, panel: DemandPanel) -> Self:
        """Keep the panel; nothing is estimated but the errors of the past."""
        self.panel_ = panel
        return self

    def predict(self, horizon: int) -> Forecast:
        """See ``Forecaster.predict``. Beyond one period the last period repeats."""
        check_is_fitted(self, "panel_")
        values = self.panel_.values
        n, t = values.shape
        mean = np.repeat(values[:, -1:], horizon, axis=1)
        for ahead in range(horizon):
            source = t - self.period + ahead % self.period
            if source >= 0:
                mean[:, ahead] = np.where(
                    np.isnan(values[:, source]), mean[:, ahead], values[:, source]
                )
        errors = np.diff(values, axis=1)
        if t > self.period:
            seasonal = np.full((n, t - 1), np.nan)
            seasonal[:, self.period - 1 :] = values[:, self.period :] - values[:, : -self.period]
            enough = (~np.isnan(seasonal)).sum(axis=1) >= self.period // 4
            errors = np.where(enough[:, None], seasonal, errors)
        return _with_range(self.panel_, mean, errors, self.levels)


def _with_range(
    panel: DemandPanel, mean: FloatArray, errors: FloatArray, levels: tuple[float, ...]
) -> Forecast:
    """Add the quantiles of each article's past ``errors`` ``(n, m)`` to ``mean`` ``(n, h)``."""
    spread = np.zeros((len(mean), len(levels)))
    has_error = (~np.isnan(errors)).any(axis=1)
    if has_error.any():
        spread[has_error] = np.nanquantile(errors[has_error], levels, axis=1).T
    quantiles = np.maximum(mean[:, None, :] + spread[:, :, None], 0.0)
    return Forecast(panel.series, levels, mean, quantiles)
