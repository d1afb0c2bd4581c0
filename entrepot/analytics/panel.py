"""The weekly demand panel: one row an article, one column an ISO week.

Estimators take this and nothing else. Weeks are named by their Monday. Cells before an article's
first sale are NaN (the article did not exist for the market yet); from the first sale on every week
has a number, zero where nothing was sold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from entrepot.analytics import MINIMUM_WEEKS

FloatArray = NDArray[np.float64]

WEEK = timedelta(days=7)

PANEL_SCHEMA = {"series": pl.String, "week": pl.Date, "demand": pl.Float64}


class Problem(StrEnum):
    """Why an article has no forecast."""

    NO_SALES = "NO_SALES"
    TOO_SHORT = "TOO_SHORT"
    NEGATIVE_DEMAND = "NEGATIVE_DEMAND"
    NOT_A_NUMBER = "NOT_A_NUMBER"


@dataclass(frozen=True, slots=True)
class Rejection:
    """An article left out of a panel, and why. ``weeks`` is the history it had."""

    series: str
    problem: Problem
    weeks: int


class EmptyPanel(ValueError):
    """No article has enough usable history for what was asked."""


def monday(day: date) -> date:
    """The Monday of the ISO week ``day`` falls in."""
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class DemandPanel:
    """Weekly demand of ``n`` articles over ``T`` consecutive weeks.

    ``values`` has shape ``(n, T)``, in units a week, NaN before the first sale. ``first_week`` is
    the Monday of column 0.
    """

    series: tuple[str, ...]
    first_week: date
    values: FloatArray

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[0] != len(self.series):
            raise ValueError(f"{len(self.series)} articles but values {self.values.shape}")
        if self.first_week.weekday() != 0:
            raise ValueError(f"{self.first_week} is not a Monday")

    @property
    def week_count(self) -> int:
        """Number of weeks, ``T``."""
        return int(self.values.shape[1])

    @property
    def last_week(self) -> date:
        """Monday of the last week with data."""
        return self.first_week + WEEK * (self.week_count - 1)

    def weeks(self) -> list[date]:
        """The Mondays of all columns."""
        return [self.first_week + WEEK * i for i in range(self.week_count)]

    def age(self) -> NDArray[np.int64]:
        """Weeks since the first sale, inclusive, an article; shape ``(n,)``."""
        return np.asarray(np.count_nonzero(~np.isnan(self.values), axis=1), dtype=np.int64)

    def until(self, week_count: int) -> DemandPanel:
        """The panel as it stood after its first ``week_count`` weeks.

        Articles not yet ``MINIMUM_WEEKS`` old then are left out. Raises ``EmptyPanel`` when none
        is left.
        """
        past = DemandPanel(self.series, self.first_week, self.values[:, :week_count])
        return past.select(past.age() >= MINIMUM_WEEKS)

    def select(self, keep: NDArray[np.bool_]) -> DemandPanel:
        """Only the articles where ``keep`` (shape ``(n,)``) is true; ``EmptyPanel`` when none."""
        if not keep.any():
            raise EmptyPanel(f"no article has {MINIMUM_WEEKS} weeks of history")
        series = tuple(s for s, k in zip(self.series, keep, strict=True) if k)
        return DemandPanel(series, self.first_week, self.values[keep])

    def to_frame(self) -> pl.DataFrame:
        """Long form: ``series``, ``week``, ``demand``, from each article's first sale on."""
        n, t = self.values.shape
        return pl.DataFrame(
            {
                "series": np.repeat(np.array(self.series, dtype=object), t).tolist(),
                "week": self.weeks() * n,
                "demand": self.values.ravel(),
            },
            schema=PANEL_SCHEMA,
        ).filter(pl.col("demand").is_not_nan())


@dataclass(frozen=True, slots=True)
class PreparedPanel:
    """What came of raw weekly rows: the usable panel (or none) and the articles left out.

    ``last_week`` is None when there were no rows at all.
    """

    panel: DemandPanel | None
    rejected: tuple[Rejection, ...]
    last_week: date | None = None


def prepare_panel(
    frame: pl.DataFrame, last_week: date | None = None, minimum_weeks: int = MINIMUM_WEEKS
) -> PreparedPanel:
    """Complete the grid and check every article on its own.

    ``frame`` has ``series``, ``week`` (any day of the week), ``demand`` (units). Rows of one
    article in one week are summed; missing weeks, a year of them too, are zeros. The grid ends at
    ``last_week`` (default: the latest week of the frame); later rows are dropped. An article with
    NaN, infinite or missing demand, with a negative week, without any sale, or younger than
    ``minimum_weeks`` is rejected by name and never disturbs the others.
    """
    rows = frame.select(
        pl.col("series").cast(pl.String),
        pl.col("week").cast(pl.Date).dt.truncate("1w"),
        pl.col("demand").cast(pl.Float64),
    )
    if rows.is_empty():
        return PreparedPanel(None, ())
    end = monday(last_week) if last_week else rows["week"].max()
    assert isinstance(end, date)
    weekly = (
        rows.filter(pl.col("week") <= end)
        .with_columns(bad=~pl.col("demand").is_finite().fill_null(False))
        .group_by("series", "week")
        .agg(pl.col("demand").sum(), pl.col("bad").any())
    )
    state = (
        weekly.group_by("series")
        .agg(
            bad=pl.col("bad").any(),
            negative=(pl.col("demand") < 0).any(),
            first=pl.col("week").filter(pl.col("demand") > 0).min(),
        )
        .with_columns(weeks=((pl.lit(end) - pl.col("first")).dt.total_days() // 7 + 1).fill_null(0))
        .with_columns(
            problem=pl.when("bad")
            .then(pl.lit(Problem.NOT_A_NUMBER.value))
            .when("negative")
            .then(pl.lit(Problem.NEGATIVE_DEMAND.value))
            .when(pl.col("first").is_null())
            .then(pl.lit(Problem.NO_SALES.value))
            .when(pl.col("weeks") < minimum_weeks)
            .then(pl.lit(Problem.TOO_SHORT.value))
        )
        .sort("series")
    )
    rejected = tuple(
        Rejection(series, Problem(problem), weeks)
        for series, problem, weeks in state.filter(pl.col("problem").is_not_null())
        .select("series", "problem", "weeks")
        .iter_rows()
    )
    good = state.filter(pl.col("problem").is_null()).select("series", "first")
    if good.is_empty():
        return PreparedPanel(None, rejected, end)
    return PreparedPanel(_grid(weekly, good, end), rejected, end)


def _grid(weekly: pl.DataFrame, good: pl.DataFrame, end: date) -> DemandPanel:
    start = good["first"].min()
    assert isinstance(start, date)
    width = (end - start).days // 7 + 1
    numbered = good.with_row_index("row").with_columns(
        offset=((pl.col("first") - pl.lit(start)).dt.total_days() // 7)
    )
    cells = (
        weekly.filter(pl.col("week") >= start)
        .join(numbered, on="series")
        .select(
            "row",
            "demand",
            column=((pl.col("week") - pl.lit(start)).dt.total_days() // 7),
        )
    )
    values = np.zeros((good.height, width), dtype=np.float64)
    values[cells["row"].to_numpy(), cells["column"].to_numpy()] = cells["demand"].to_numpy()
    before_first = np.arange(width)[None, :] < numbered["offset"].to_numpy()[:, None]
    values[before_first] = np.nan
    return DemandPanel(tuple(good["series"].to_list()), start, values)
