"""Features of an article at a forecast origin, from its past alone.

``origin_features`` is given the weeks up to the origin and nothing after, so a feature cannot see
the future. Everything that depends on the level of demand is divided by the article's own scale, so
that one model serves an article sold by the thousand and one sold by the piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from entrepot.analytics.panel import WEEK, FloatArray

YEAR = 52
BULK_MULTIPLE = 5.0
"""A week above this multiple of the article's other selling weeks' mean is a bulk order."""

WINDOWS = (2, 4, 8, 13, 26, 52)
LAGS = (0, 1, 2, 3)

ORIGIN_NAMES = (
    "log_scale",
    "age",
    *(f"lag_{lag}" for lag in LAGS),
    *(f"mean_{w}" for w in WINDOWS),
    *(f"selling_share_{w}" for w in (4, 13, 26, 52)),
    "deviation_13",
    "deviation_52",
    "largest_13",
    "recency",
    "interval",
    "recency_in_intervals",
    "selling_size",
    "discounted_mean",
    "trend_4_13",
    "trend_13_52",
    "bulk_share",
)
HORIZON_NAMES = (
    "horizon",
    "week_sin",
    "week_cos",
    "week_of_year",
    "weeks_to_christmas",
    "year_ago",
    "year_ago_mean_3",
    "year_ago_mean_13",
    "year_ago_ratio",
    "group_year_ago",
    "group_season_ratio",
    "group_trend",
)


def cap_bulk(values: FloatArray, multiple: float = BULK_MULTIPLE) -> FloatArray:
    """Limit each week to ``multiple`` × the mean of the article's other selling weeks.

    Shape is kept. An article with fewer than two other selling weeks is left as it is: there is
    nothing to call its order unusual by.
    """
    known = np.nan_to_num(values)
    selling = (known > 0).sum(axis=1)
    largest = known.max(axis=1, initial=0.0)
    others = np.maximum(selling - 1, 1)
    typical = (known.sum(axis=1) - largest) / others
    limit = np.where(selling >= 3, multiple * typical, np.inf)
    return np.asarray(np.minimum(values, limit[:, None]), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class OriginFeatures:
    """What is known at one origin of ``n`` articles with ``t`` weeks behind them.

    ``table`` is ``(n, len(ORIGIN_NAMES))``; ``unit`` ``(n, t)`` the demand, bulk orders capped, in
    units of ``scale`` ``(n,)``, NaN before the first sale.
    """

    table: FloatArray
    unit: FloatArray
    scale: FloatArray


def _tail_mean(values: FloatArray, window: int) -> FloatArray:
    tail = values[:, -window:]
    count = (~np.isnan(tail)).sum(axis=1)
    total = np.nansum(tail, axis=1)
    mean: FloatArray = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return mean


def _scale(capped: FloatArray) -> FloatArray:
    known = ~np.isnan(capped)
    overall = np.where(known, capped, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    # Half the weight on the long-run mean keeps the scale of a dead article from vanishing.
    return np.asarray(np.maximum(0.5 * _tail_mean(capped, YEAR) + 0.5 * overall, 1e-3))


def group_profile(past: FloatArray) -> FloatArray:
    """Mean demand of all articles in each past week, each in its own scale; shape ``(t,)``.

    0 in a week before any article existed.
    """
    capped = cap_bulk(past)
    known = ~np.isnan(capped)
    # One article must not make the season of all: at most ten times its own usual week.
    unit = np.minimum(np.where(known, capped, 0.0) / _scale(capped)[:, None], 10.0)
    return np.asarray(unit.sum(axis=0) / np.maximum(known.sum(axis=0), 1), dtype=np.float64)


def origin_features(past: FloatArray) -> OriginFeatures:
    """Features that do not depend on the horizon, from weeks up to and including the origin.

    ``past`` is ``(n, t)`` with NaN before the first sale and at least one known week a row.
    Features of windows longer than the history use what there is; none is ever infinite.
    """
    capped = cap_bulk(past)
    n, t = capped.shape
    known = ~np.isnan(capped)
    filled = np.where(known, capped, 0.0)
    sold = filled > 0
    means = {w: _tail_mean(capped, w) for w in WINDOWS}
    scale = _scale(capped)
    unit = filled / scale[:, None]

    def lag(k: int) -> FloatArray:
        if k >= t:
            return np.full(n, np.nan)
        return np.where(known[:, t - 1 - k], unit[:, t - 1 - k], np.nan)

    def deviation(w: int) -> FloatArray:
        tail, valid = unit[:, -w:], known[:, -w:]
        count = np.maximum(valid.sum(axis=1), 1)
        centre = np.where(valid, tail, 0.0).sum(axis=1) / count
        spread = np.where(valid, (tail - centre[:, None]) ** 2, 0.0).sum(axis=1)
        return np.asarray(np.sqrt(spread / count), dtype=np.float64)

    age = known.sum(axis=1).astype(np.float64)
    last_sale = np.where(sold.any(axis=1), t - 1 - np.argmax(sold[:, ::-1], axis=1), -1)
    recency = (t - 1 - last_sale).astype(np.float64)
    selling = np.maximum(sold.sum(axis=1), 1)
    interval = age / selling
    discount = 0.9 ** np.arange(t - 1, -1, -1)
    weight = np.where(known, discount, 0.0)
    discounted = (unit * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-12)
    raw = np.where(known, past, 0.0).sum(axis=1)
    columns = [
        np.log(scale),
        age,
        *(lag(k) for k in LAGS),
        *(means[w] / scale for w in WINDOWS),
        *(_tail_mean(np.where(known, sold, np.nan), w) for w in (4, 13, 26, 52)),
        deviation(13),
        deviation(52),
        unit[:, -13:].max(axis=1),
        recency,
        interval,
        recency / interval,
        unit.sum(axis=1) / selling,
        discounted,
        np.log((means[4] + 0.1 * scale) / (means[13] + 0.1 * scale)),
        np.log((means[13] + 0.1 * scale) / (means[52] + 0.1 * scale)),
        1.0 - filled.sum(axis=1) / np.maximum(raw, 1e-9),
    ]
    return OriginFeatures(np.column_stack(columns), np.where(known, unit, np.nan), scale)


@lru_cache(maxsize=4096)
def _calendar(week: date) -> tuple[float, float, float, float]:
    number = week.isocalendar().week
    angle = 2.0 * np.pi * number / 52.1775
    christmas = date(week.year, 12, 25)
    if week > christmas:
        christmas = date(week.year + 1, 12, 25)
    return float(np.sin(angle)), float(np.cos(angle)), float(number), (christmas - week).days / 7


def horizon_features(
    origin: OriginFeatures, group: FloatArray, origin_week: date, horizon: int
) -> FloatArray:
    """Features of the week ``horizon`` (1…52) weeks after ``origin_week``.

    Shape ``(n, len(HORIZON_NAMES))``. ``group`` is ``group_profile`` of the whole panel at the same
    origin: it carries the season to articles too young or too rarely sold to have one of their own.
    "A year ago" is the target week minus 52, at or before the origin for every horizon allowed.
    """
    if not 1 <= horizon <= YEAR:
        raise ValueError(f"horizon {horizon} is outside 1…{YEAR}")
    unit = origin.unit
    n, t = unit.shape
    ago = t - 1 + horizon - YEAR

    def around(half: int) -> FloatArray:
        low, high = max(ago - half, 0), min(ago + half + 1, t)
        return _tail_mean(unit[:, low:high], high - low) if ago >= 0 else np.full(n, np.nan)

    def group_around(centre: int, half: int) -> float:
        low, high = max(centre - half, 0), min(centre + half + 1, t)
        return float(np.mean(group[low:high])) if centre >= 0 else float("nan")

    then, base = group_around(ago, 1), group_around(t - 1 - YEAR, 4)
    near = around(1)
    group_year = float(np.mean(group[-YEAR:]))
    columns = [
        np.full(n, float(horizon)),
        *(np.full(n, value) for value in _calendar(origin_week + WEEK * horizon)),
        unit[:, ago] if ago >= 0 else np.full(n, np.nan),
        near,
        around(6),
        near / np.maximum(_tail_mean(unit, YEAR), 1e-6),
        np.full(n, then / group_year if group_year > 0 else np.nan),
        np.full(n, then / base if base > 0 else np.nan),
        np.full(n, float(np.mean(group[-8:])) / group_year if group_year > 0 else np.nan),
    ]
    return np.column_stack(columns)
