"""Rolling origins: what is scored, from what, and that nothing leaks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from entrepot.analytics.backtest import backtest, origins
from entrepot.analytics.forecasters import GradientBoosting, Naive, SeasonalNaive
from entrepot.analytics.panel import DemandPanel
from tests.analytics.conftest import FIRST_WEEK

MakePanel = Callable[..., DemandPanel]


def test_origins_step_back_by_the_horizon_while_enough_is_known() -> None:
    assert origins(100, 13, 3) == [61, 74, 87]
    assert origins(60, 13, 3) == [34, 47]
    assert origins(30, 13, 3) == []


def test_scores_by_hand() -> None:
    values = np.array([[2.0, 4.0, 2.0, 4.0] * 3, [3.0] * 12])
    checked = backtest(DemandPanel(("a", "b"), FIRST_WEEK, values), {"naive": Naive()}, 2, [8, 10])
    # a: the naive forecast is 4, then 4; actual 2, 4 at both origins; weekly change² is 4
    table = {row["series"]: row for row in checked.by_article().iter_rows(named=True)}
    assert table["a"]["rmsse"] == pytest.approx((2 / 4) ** 0.5)
    assert table["a"]["wape"] == pytest.approx(4 / 12)
    assert table["a"]["folds"] == 2
    assert table["b"]["rmsse"] is None
    assert table["b"]["wape"] == 0
    summary = checked.summary().row(0, named=True)
    assert summary["method"] == "naive"
    assert summary["rmsse"] == pytest.approx((2 / 4) ** 0.5)
    assert summary["wape"] == pytest.approx(2 / 12)  # of both articles: 2 / (6 + 6)
    assert summary["bias"] == pytest.approx(2 / 12)


def test_forecasts_of_an_origin_do_not_know_what_followed(make_panel: MakePanel) -> None:
    panel = make_panel(articles=30, weeks=80)
    changed = panel.values.copy()
    changed[:, 60:] = changed[:, 60:] * 50 + 3
    methods = {
        "model": GradientBoosting(horizon=4, max_rows=2000, max_iter=15),
        "seasonal": SeasonalNaive(),
    }
    one = backtest(panel, methods, 4, [60])
    two = backtest(DemandPanel(panel.series, panel.first_week, changed), methods, 4, [60])
    for name in methods:
        said, again = one.folds[0].forecasts[name], two.folds[0].forecasts[name]
        assert np.array_equal(said.mean, again.mean)
        assert np.array_equal(said.quantiles, again.quantiles)
    assert not np.array_equal(one.folds[0].actual, two.folds[0].actual)


def test_only_articles_old_enough_are_scored_and_progress_is_told(make_panel: MakePanel) -> None:
    panel = make_panel(articles=4, weeks=50)
    values = panel.values.copy()
    values[2, :30] = np.nan
    heard: list[tuple[int, int]] = []
    checked = backtest(
        DemandPanel(panel.series, panel.first_week, values),
        {"naive": Naive(), "seasonal": SeasonalNaive()},
        5,
        [35, 45],
        lambda done, total: heard.append((done, total)),
    )
    assert [fold.past.series for fold in checked.folds] == [
        ("A000", "A001", "A003"),
        ("A000", "A001", "A002", "A003"),
    ]
    assert heard == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_model_beats_seasonal_naive_on_seasonal_demand(make_panel: MakePanel) -> None:
    panel = make_panel(articles=60, weeks=117)
    model = GradientBoosting(horizon=13, max_rows=10_000, max_iter=60)
    checked = backtest(panel, {"model": model, "seasonal": SeasonalNaive()}, 13, [104])
    scores = {row["method"]: row for row in checked.summary().iter_rows(named=True)}
    assert scores["model"]["rmsse"] < 0.85 * scores["seasonal"]["rmsse"]
    assert scores["model"]["wape"] < 0.95 * scores["seasonal"]["wape"]
    assert abs(scores["model"]["bias"]) < 0.15
    assert 0.8 < scores["model"]["coverage_0.9"] < 0.98
