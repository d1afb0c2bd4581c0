"""Synthetic demand whose season, death and rarity are known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl
import pytest

from entrepot.analytics.panel import DemandPanel, FloatArray

FIRST_WEEK = date(2024, 1, 1)


def synthetic_values(articles: int, weeks: int, seed: int = 7) -> FloatArray:
    """Seasonal Poisson demand: a third frequent, a third rare, a third dying early."""
    rng = np.random.default_rng(seed)
    week = np.arange(weeks)
    season = 1.0 + 0.7 * np.sin(2 * np.pi * week / 52.0)
    level = rng.uniform(5, 60, articles)
    values = np.empty((articles, weeks))
    for i in range(articles):
        rate = level[i] * season
        if i % 3 == 1:
            rate = rate * (rng.random(weeks) < 0.25)
        if i % 3 == 2:
            rate = rate * (week < weeks // 3)
        values[i] = rng.poisson(rate)
        values[i, 0] = max(values[i, 0], 1)
    return values


@pytest.fixture(scope="session")
def make_panel() -> Callable[..., DemandPanel]:
    """Builds a synthetic panel of so many articles and weeks."""

    def make(articles: int = 60, weeks: int = 110, seed: int = 7) -> DemandPanel:
        series = tuple(f"A{i:03d}" for i in range(articles))
        return DemandPanel(series, FIRST_WEEK, synthetic_values(articles, weeks, seed))

    return make


def frame_of(*rows: tuple[str, date, float | None]) -> pl.DataFrame:
    """Long rows as a frame."""
    return pl.DataFrame(
        rows,
        schema={"series": pl.String, "week": pl.Date, "demand": pl.Float64},
        orient="row",
        strict=False,
    )


@pytest.fixture(scope="session")
def long_frame() -> Callable[..., pl.DataFrame]:
    """Makes a frame of `(series, day, demand)` rows."""
    return frame_of
