"""Accuracy of forecasts: RMSSE, WAPE, bias, pinball loss, coverage.

Arrays are ``(n, h)``: article × week ahead. NaN in ``actual`` means "not to be scored". Definitions
follow Hyndman and Koehler (2006) for scaled errors, the M5 competition for RMSSE (scale: the mean
squared one-step naive error of the training weeks), and Koenker and Bassett (1978) for pinball.
"""

from __future__ import annotations

import numpy as np

from entrepot.analytics.panel import FloatArray


def _row_mean(values: FloatArray) -> FloatArray:
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    mean: FloatArray = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return mean


def squared_scale(history: FloatArray) -> FloatArray:
    """Mean squared week-to-week change of each article over its training weeks, shape ``(n,)``.

    NaN weeks (before the first sale) do not count. An article that never changed has scale 0 and
    cannot be scored by RMSSE.
    """
    return np.nan_to_num(_row_mean(np.diff(history, axis=1) ** 2))


def rmsse(actual: FloatArray, forecast: FloatArray, scale: FloatArray) -> FloatArray:
    """Root mean squared scaled error an article, shape ``(n,)``; NaN where the scale is 0."""
    error = _row_mean((actual - forecast) ** 2)
    positive = scale > 0
    ratio = np.divide(error, scale, out=np.full(len(scale), np.nan), where=positive)
    return np.asarray(np.sqrt(ratio), dtype=np.float64)


def mean_rmsse(actual: FloatArray, forecast: FloatArray, scale: FloatArray) -> float:
    """RMSSE averaged over the articles that can be scored; NaN when there is none."""
    each = rmsse(actual, forecast, scale)
    scored = each[~np.isnan(each)]
    return float(scored.mean()) if len(scored) else float("nan")


def wape(actual: FloatArray, forecast: FloatArray) -> float:
    """Sum of absolute errors over the sum of demand; NaN when nothing was sold."""
    sold = float(np.nansum(actual))
    return float(np.nansum(np.abs(actual - forecast))) / sold if sold > 0 else float("nan")


def bias(actual: FloatArray, forecast: FloatArray) -> float:
    """Sum of (forecast − actual) over the sum of demand: positive means too much was forecast."""
    sold = float(np.nansum(actual))
    return float(np.nansum(forecast - actual)) / sold if sold > 0 else float("nan")


def pinball(actual: FloatArray, forecast: FloatArray, level: float) -> FloatArray:
    """Pinball (quantile) loss an article at ``level`` in (0, 1), in units, shape ``(n,)``."""
    short = actual - forecast
    return _row_mean(np.maximum(level * short, (level - 1) * short))


def mean_scaled_pinball(
    actual: FloatArray, forecast: FloatArray, level: float, history: FloatArray
) -> float:
    """Pinball loss divided by each article's mean absolute week-to-week change (the M5 scale)."""
    scale = np.nan_to_num(_row_mean(np.abs(np.diff(history, axis=1))))
    each = pinball(actual, forecast, level)[scale > 0] / scale[scale > 0]
    each = each[~np.isnan(each)]
    return float(each.mean()) if len(each) else float("nan")


def coverage(actual: FloatArray, forecast: FloatArray) -> float:
    """Share of scored weeks whose demand was at or below ``forecast``: should equal the level."""
    scored = ~np.isnan(actual)
    return float((actual[scored] <= forecast[scored]).mean()) if scored.any() else float("nan")
