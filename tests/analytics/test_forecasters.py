"""Forecasters: exact where they can be, well-behaved where they learn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from entrepot.analytics.forecasters import (
    Forecaster,
    GradientBoosting,
    Naive,
    NotEnoughData,
    SeasonalNaive,
)
from entrepot.analytics.panel import DemandPanel
from tests.analytics.conftest import FIRST_WEEK

MakePanel = Callable[..., DemandPanel]


def small_model(**changes: object) -> GradientBoosting:
    """A model that trains in a second."""
    model = GradientBoosting(horizon=8, max_rows=6000, max_iter=40)
    model.set_params(**changes)
    return model


@pytest.fixture(scope="module")
def panel(make_panel: MakePanel) -> DemandPanel:
    """Sixty synthetic articles."""
    return make_panel()


@pytest.fixture(scope="module")
def fitted(panel: DemandPanel) -> GradientBoosting:
    """The small model, fitted on them."""
    return small_model().fit(panel)


def test_naive_repeats_the_last_week_and_ranges_over_its_past_errors() -> None:
    panel = DemandPanel(("a",), FIRST_WEEK, np.array([[1.0, 5.0, 5.0, 8.0, 4.0]]))
    said = Naive(levels=(0.0, 0.5, 1.0)).fit(panel).predict(3)
    assert said.mean.tolist() == [[4.0, 4.0, 4.0]]
    # weekly changes 4, 0, 3, −4: least −4, middle 1.5, most 4
    assert said.quantiles[0].tolist() == [[0.0] * 3, [5.5] * 3, [8.0] * 3]


def test_seasonal_naive_repeats_the_year_and_falls_back_to_the_last_week() -> None:
    values = np.full((2, 54), np.nan)
    values[0] = np.arange(54)
    values[1, 10:] = 7.0
    said = SeasonalNaive().fit(DemandPanel(("old", "young"), FIRST_WEEK, values)).predict(4)
    assert said.mean[0].tolist() == [2.0, 3.0, 4.0, 5.0]
    assert said.mean[1].tolist() == [7.0, 7.0, 7.0, 7.0]


@pytest.mark.parametrize("kind", [Naive, SeasonalNaive, GradientBoosting])
def test_the_interface_follows_scikit_learn(kind: type[Forecaster]) -> None:
    forecaster = kind()
    parameters = forecaster.get_params()
    assert forecaster.set_params(**parameters) is forecaster
    assert clone(forecaster).get_params() == parameters
    assert not [name for name in vars(forecaster) if name.endswith("_")]
    with pytest.raises(NotFittedError):
        forecaster.predict(2)
    with pytest.raises(ValueError, match="Invalid parameter"):
        forecaster.set_params(no_such=1)


def test_quantiles_never_cross_and_nothing_is_negative(fitted: GradientBoosting) -> None:
    said = fitted.predict(8)
    assert said.mean.shape == (60, 8)
    assert said.quantiles.shape == (60, 3, 8)
    assert (said.mean >= 0).all()
    assert (said.quantiles >= 0).all()
    assert (np.diff(said.quantiles, axis=1) >= 0).all()
    assert np.isfinite(said.quantiles).all()


def test_it_learns_season_rarity_and_death(panel: DemandPanel, fitted: GradientBoosting) -> None:
    said = fitted.predict(8)
    recent = panel.values[:, -8:].mean(axis=1)
    frequent, dead = np.arange(60) % 3 == 0, np.arange(60) % 3 == 2
    assert said.mean[dead].max() < 0.05 * recent[frequent].mean()
    # The median is above zero where most weeks sell: a head stuck at zero would give 0 here.
    assert (said.quantile(0.5)[frequent].mean(axis=1) > 0.3 * recent[frequent]).all()


def test_equal_seed_equal_forecast_to_the_bit(panel: DemandPanel, fitted: GradientBoosting) -> None:
    again = small_model().fit(panel).predict(8)
    assert np.array_equal(again.mean, fitted.predict(8).mean)
    assert np.array_equal(again.quantiles, fitted.predict(8).quantiles)
    other = small_model(seed=1).fit(panel).predict(8)
    assert not np.array_equal(other.mean, again.mean)


def test_a_billion_in_one_week_disturbs_no_other_article(
    panel: DemandPanel, fitted: GradientBoosting
) -> None:
    values = panel.values.copy()
    values[0, 100] = 1e9
    said = small_model().fit(DemandPanel(panel.series, panel.first_week, values)).predict(8)
    before = fitted.predict(8)
    change = np.abs(said.mean[1:] - before.mean[1:]).sum() / before.mean[1:].sum()
    assert change < 0.1
    assert said.mean[0].max() < 10 * np.sort(panel.values[0])[-5:].mean()


def test_a_panel_younger_than_a_year_has_no_year_ago_and_still_trains(
    make_panel: MakePanel,
) -> None:
    model = small_model().fit(make_panel(weeks=40))
    assert not model.usable_.all()  # "a year ago" is NaN throughout
    assert np.isfinite(model.predict(8).mean).all()


def test_too_little_to_learn_from_is_said(make_panel: MakePanel) -> None:
    with pytest.raises(NotEnoughData, match="9 articles, 10 needed"):
        small_model().fit(make_panel(articles=9, weeks=110))
    with pytest.raises(NotEnoughData, match="200 needed"):
        small_model().fit(make_panel(articles=10, weeks=9))
    with pytest.raises(NotEnoughData, match="3 weeks"):
        small_model().fit(make_panel(articles=50, weeks=3))


@pytest.mark.parametrize("horizon", [0, 9])
def test_a_horizon_out_of_range_is_refused(fitted: GradientBoosting, horizon: int) -> None:
    with pytest.raises(ValueError, match=f"horizon {horizon} is outside 1…8"):
        fitted.predict(horizon)
