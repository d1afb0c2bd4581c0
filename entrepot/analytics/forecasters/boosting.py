"""One gradient-boosted model for all articles of a panel.

Direct multi-step: the horizon is a feature, so one model answers every week ahead and its errors do
not feed on themselves. Targets are in units of each article's own scale. Bulk orders are capped in
the training target of the mean, where one order of a thousand pieces would otherwise be learned as
a season; the quantile heads see them capped too, as a quantile hardly moves.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.ensemble import (
    HistGradientBoostingRegressor,
)
from sklearn.utils.validation import check_is_fitted

from entrepot.analytics import features
from entrepot.analytics.forecasters.interface import Forecast, Forecaster, NotEnoughData
from entrepot.analytics.forecasters.naive import LEVELS
from entrepot.analytics.panel import WEEK, DemandPanel, FloatArray

MINIMUM_ROWS = 200
MINIMUM_ARTICLES = 10
"""A model of all articles needs several: the weeks of one overlap and tell the same story."""

TARGET_LIMIT = 30.0
"""A capped target of a new article can still be far above its scale; no tree needs more."""

ZERO_SPREAD = 0.05
"""How far below zero, in units of an article's scale, weeks without sales are spread."""


class GradientBoosting(Forecaster):
    """``HistGradientBoostingRegressor`` with a Poisson mean head and one head a quantile level.

    ``horizon`` is the farthest week that can be predicted (≤ 52). ``max_rows`` bounds the training
    sample and so the time, whatever the size of the panel. Equal ``seed`` and data give equal
    forecasts.
    """

    def __init__(
        self,
        horizon: int = 13,
        levels: tuple[float, ...] = LEVELS,
        max_rows: int = 150_000,
        max_iter: int = 150,
        learning_rate: float = 0.06,
        max_leaf_nodes: int = 31,
        min_samples_leaf: int = 60,
        recent_weeks: int = 78,
        seed: int = 0,
    ) -> None:
        self.horizon = horizon
        self.levels = levels
        self.max_rows = max_rows
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.max_leaf_nodes = max_leaf_nodes
        self.min_samples_leaf = min_samples_leaf
        self.recent_weeks = recent_weeks
        self.seed = seed

    def fit(self, panel: DemandPanel) -> Self:
        """Train all heads.

        Raises ``NotEnoughData`` below ``MINIMUM_ARTICLES`` or ``MINIMUM_ROWS`` training rows.
        """
        if len(panel.series) < MINIMUM_ARTICLES:
            raise NotEnoughData(f"{len(panel.series)} articles, {MINIMUM_ARTICLES} needed")
        table, target, weight = self._training_rows(panel)
        if len(target) < MINIMUM_ROWS:
            raise NotEnoughData(f"{len(target)} training rows, {MINIMUM_ROWS} needed")
        # The estimator refuses a column that is NaN throughout, as "a year ago" is in a young
        # panel; a constant one is harmless. Remembered, so that prediction sees the same.
        self.usable_ = ~np.isnan(table).all(axis=0)
        self.mean_head_ = self._head(loss="poisson").fit(
            table[:, self.usable_], target, sample_weight=weight
        )
        dithered = self._dither(target)
        self.quantile_heads_ = [
            self._head(loss="quantile", quantile=level).fit(table[:, self.usable_], dithered)
            for level in self.levels
        ]
        self.training_rows_ = len(target)
        self.panel_ = panel
        return self

    def predict(self, horizon: int) -> Forecast:
        """See ``Forecaster.predict``; ``horizon`` may not exceed the parameter of that name."""
        check_is_fitted(self, "mean_head_")
        if not 1 <= horizon <= self.horizon:
            raise ValueError(f"horizon {horizon} is outside 1…{self.horizon}")
        panel = self.panel_
        origin = features.origin_features(panel.values)
        group = features.group_profile(panel.values)
        n = len(panel.series)
        mean = np.empty((n, horizon))
        quantiles = np.empty((n, len(self.levels), horizon))
        for ahead in range(1, horizon + 1):
            later = features.horizon_features(origin, group, panel.last_week, ahead)
            table = np.hstack([origin.table, later])[:, self.usable_]
            mean[:, ahead - 1] = self.mean_head_.predict(table) * origin.scale
            for q, head in enumerate(self.quantile_heads_):
                quantiles[:, q, ahead - 1] = head.predict(table) * origin.scale
        # Heads are trained apart and may cross; sorting them never makes a quantile loss worse
        # (Chernozhukov, Fernández-Val and Galichon, 2010).
        quantiles = np.sort(np.maximum(quantiles, 0.0), axis=1)
        return Forecast(panel.series, self.levels, np.maximum(mean, 0.0), quantiles)

    def _dither(self, target: FloatArray) -> FloatArray:
        """Spread the zeros a little below zero.

        Where most weeks are zero a quantile head starts at exactly zero, and the gradient of the
        pinball loss is the same for a zero as for a sale: no split gains anything and the head
        stays at zero for every article. Predictions are cut at zero again.
        """
        below = np.random.default_rng(self.seed).uniform(0.0, ZERO_SPREAD, len(target))
        return np.where(target > 0, target, -below)

    def _head(self, **loss: Any) -> Any:
        return HistGradientBoostingRegressor(
            **loss,
            max_iter=self.max_iter,
            learning_rate=self.learning_rate,
            max_leaf_nodes=self.max_leaf_nodes,
            min_samples_leaf=self.min_samples_leaf,
            l2_regularization=1.0,
            early_stopping=False,
            random_state=self.seed,
        )

    def _training_rows(self, panel: DemandPanel) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Sampled (article, origin, horizon) rows: features, scaled targets, weights."""
        rng = np.random.default_rng(self.seed)
        t = panel.week_count
        target_values = features.cap_bulk(panel.values)
        first_origin = max(features.LAGS[-1] + 1, t - self.recent_weeks)
        origins = range(first_origin, t)  # weeks known at the origin; the next one is a target
        if not origins:
            raise NotEnoughData(f"{t} weeks of history")
        per_origin = max(self.max_rows // len(origins), 1)
        tables, targets, weights = [], [], []
        for known_weeks in origins:
            past = panel.values[:, :known_weeks]
            candidates = np.flatnonzero((~np.isnan(past)).sum(axis=1) >= 4)
            reach = min(self.horizon, t - known_weeks)
            ahead_each = min(reach, 4)
            take = min(len(candidates), max(per_origin // ahead_each, 1))
            if take == 0:
                continue
            group = features.group_profile(past)
            chosen = np.sort(rng.choice(candidates, take, replace=False))
            origin = features.origin_features(past[chosen])
            week = panel.first_week + WEEK * (known_weeks - 1)
            for ahead in sorted(rng.choice(reach, ahead_each, replace=False) + 1):
                later = features.horizon_features(origin, group, week, int(ahead))
                tables.append(np.hstack([origin.table, later]))
                actual = target_values[chosen, known_weeks + ahead - 1]
                targets.append(np.minimum(actual / origin.scale, TARGET_LIMIT))
                weights.append(origin.scale**0.25)
        if not tables:
            return np.empty((0, 0)), np.empty(0), np.empty(0)
        return np.vstack(tables), np.concatenate(targets), np.concatenate(weights)
