"""What is served: the model, or the naive method where that was clearly better, and it says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from entrepot.analytics.panel import DemandPanel
from entrepot.analytics.selection import MODEL, SEASONAL_NAIVE, season_ahead
from entrepot.analytics.served import ServedForecast, forecast_panel
from tests.analytics.conftest import FIRST_WEEK

MakePanel = Callable[..., DemandPanel]


def with_certain_articles(panel: DemandPanel) -> DemandPanel:
    """Two more articles: one repeats its year to the unit, one has been dead for a year and half.

    The first one's weeks are pairwise far apart, so no smooth model can follow it.
    """
    weeks = panel.week_count
    clockwork = np.where(np.arange(weeks) % 52 % 13 == 5, 1000.0, 1.0)
    dead = np.where(np.arange(weeks) < 30, 20.0 + np.arange(weeks) % 3, 0.0)
    values = np.vstack([panel.values, clockwork, dead])
    return DemandPanel((*panel.series, "clockwork", "dead"), panel.first_week, values)


@pytest.fixture(scope="module")
def panel(make_panel: MakePanel) -> DemandPanel:
    """Thirty synthetic articles and two certain ones."""
    return with_certain_articles(make_panel(articles=30, weeks=117))


@pytest.fixture(scope="module")
def served(panel: DemandPanel) -> ServedForecast:
    """A small run over them."""
    return forecast_panel(panel, horizon=6, max_rows=3000, max_iter=6)


def article(served: ServedForecast, series: str) -> dict[str, object]:
    """The row of one article."""
    return served.articles.row(by_predicate=pl.col("series") == series, named=True)


def test_every_article_has_every_week_ahead(panel: DemandPanel, served: ServedForecast) -> None:
    assert served.articles["series"].to_list() == list(panel.series)
    assert served.points.height == 32 * 6
    weeks = served.points["week"].unique().sort().to_list()
    assert weeks == [panel.last_week + timedelta(days=7 * (i + 1)) for i in range(6)]
    assert (served.data_from, served.data_to) == (FIRST_WEEK, panel.last_week)
    ordered = served.points.filter(
        (pl.col("low") >= 0)
        & (pl.col("low") <= pl.col("median"))
        & (pl.col("median") <= pl.col("high"))
        & (pl.col("mean") >= 0)
    )
    assert ordered.height == served.points.height


def test_clockwork_is_served_by_seasonal_naive_and_says_so(served: ServedForecast) -> None:
    row = article(served, "clockwork")
    assert row["method"] == SEASONAL_NAIVE
    assert row["beats_naive"] is False
    assert row["folds"] == 2
    assert row["rmsse_seasonal_naive"] == 0
    points = served.points.filter(pl.col("series") == "clockwork").sort("week")
    expected = [1000.0 if week % 52 % 13 == 5 else 1.0 for week in range(117, 123)]
    assert points["mean"].to_list() == expected


def test_the_dead_article_is_forecast_dead(served: ServedForecast) -> None:
    points = served.points.filter(pl.col("series") == "dead")
    assert points["mean"].max() == pytest.approx(0, abs=0.3)


def test_last_weeks_zero_is_not_repeated_into_the_season(make_panel: MakePanel) -> None:
    base = make_panel(articles=30, weeks=104)
    week = np.arange(104) % 52
    winter_only = np.where(week < 10, 50.0, 0.0)
    winter_only[40:52] = 8.0  # so that repeating the year errs where it is checked
    dead = np.where(np.arange(104) < 30, 50.0, 0.0)
    values = np.vstack([base.values, winter_only, dead])
    panel = DemandPanel((*base.series, "winter", "dead"), base.first_week, values)
    assert season_ahead(panel, 6)[-2:].tolist() == [True, False]
    served = forecast_panel(panel, horizon=6, max_rows=3000, max_iter=6)
    winter = article(served, "winter")
    assert winter["rmsse_naive"] == 0  # it won wherever it was checked
    assert (winter["method"], winter["beats_naive"]) == (MODEL, None)
    assert article(served, "dead")["method"] != MODEL
    points = served.points.filter(pl.col("series") == "winter")
    assert points["mean"].max() > 0


def test_beats_naive_means_what_it_says(served: ServedForecast) -> None:
    for row in served.articles.iter_rows(named=True):
        scores = [row["rmsse_seasonal_naive"], row["rmsse_naive"]]
        rival = min((score for score in scores if score is not None), default=None)
        if row["beats_naive"]:
            assert row["rmsse"] < 0.98 * rival
            assert row["wape"] is None or row["wape"] <= row["wape_seasonal_naive"]
        if row["beats_naive"] is False:
            assert row["rmsse"] > rival / 0.8
            assert row["folds"] == 2
        assert (row["method"] == MODEL) == (row["beats_naive"] is not False)
    assert served.articles["beats_naive"].sum() >= 5


def test_the_run_is_the_same_to_the_bit(panel: DemandPanel, served: ServedForecast) -> None:
    again = forecast_panel(panel, horizon=6, max_rows=3000, max_iter=6)
    assert again.points.equals(served.points)
    assert again.articles.equals(served.articles)
    assert again.summary.equals(served.summary)


def test_a_panel_too_small_for_the_model_is_served_by_seasonal_naive() -> None:
    values = np.tile(np.arange(1.0, 53.0), 2)[None, :]
    served = forecast_panel(DemandPanel(("only",), FIRST_WEEK, values), horizon=1)
    assert served.model == SEASONAL_NAIVE
    row = article(served, "only")
    assert (row["method"], row["beats_naive"]) == (SEASONAL_NAIVE, None)
    assert served.points["mean"].to_list() == [1.0]


def test_a_panel_too_young_to_be_checked_says_nothing_of_beating(make_panel: MakePanel) -> None:
    served = forecast_panel(make_panel(articles=20, weeks=30), 13, max_rows=3000, max_iter=10)
    assert served.model == MODEL
    assert served.summary.is_empty()
    assert served.articles["beats_naive"].to_list() == [None] * 20
    assert served.articles["folds"].to_list() == [0] * 20
    assert served.points.height == 20 * 13
