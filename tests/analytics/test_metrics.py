"""Metrics against tables computed by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_pinball_loss

from entrepot.analytics import metrics

NAN = np.nan
HISTORY = np.array([[1.0, 3.0, 3.0, 7.0], [NAN, NAN, 2.0, 5.0], [4.0, 4.0, 4.0, 4.0]])
ACTUAL = np.array([[4.0, 6.0], [1.0, 0.0], [4.0, 4.0]])
FORECAST = np.array([[5.0, 3.0], [1.0, 2.0], [5.0, 4.0]])


def test_scale_is_the_mean_squared_weekly_change() -> None:
    # (2² + 0² + 4²) / 3; 3² / 1; no change
    assert metrics.squared_scale(HISTORY).tolist() == [20 / 3, 9.0, 0.0]


def test_rmsse_by_hand() -> None:
    scale = metrics.squared_scale(HISTORY)
    each = metrics.rmsse(ACTUAL, FORECAST, scale)
    # errors² mean: (1 + 9) / 2 = 5; (0 + 4) / 2 = 2
    assert each[0] == pytest.approx((5 / (20 / 3)) ** 0.5)
    assert each[1] == pytest.approx((2 / 9) ** 0.5)
    assert np.isnan(each[2])
    assert metrics.mean_rmsse(ACTUAL, FORECAST, scale) == pytest.approx((each[0] + each[1]) / 2)


def test_wape_and_bias_by_hand() -> None:
    # |errors|: 1 + 3 + 0 + 2 + 1 + 0 = 7, sold 19; signed: 1 − 3 + 0 + 2 + 1 + 0 = 1
    assert metrics.wape(ACTUAL, FORECAST) == pytest.approx(7 / 19)
    assert metrics.bias(ACTUAL, FORECAST) == pytest.approx(1 / 19)
    nothing = np.zeros((1, 2))
    assert np.isnan(metrics.wape(nothing, FORECAST[:1]))
    assert np.isnan(metrics.bias(nothing, FORECAST[:1]))


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_pinball_is_scikit_learns(level: float) -> None:
    each = metrics.pinball(ACTUAL, FORECAST, level)
    for row in range(3):
        assert each[row] == pytest.approx(
            mean_pinball_loss(ACTUAL[row], FORECAST[row], alpha=level)
        )


def test_scaled_pinball_leaves_out_what_never_changed() -> None:
    # absolute changes: (2 + 0 + 4) / 3 = 2 and 3; losses at 0.5: (1 + 3) / 4 and (0 + 2) / 4
    value = metrics.mean_scaled_pinball(ACTUAL, FORECAST, 0.5, HISTORY)
    assert value == pytest.approx((1 / 2 + 0.5 / 3) / 2)


def test_coverage_counts_demand_at_or_below() -> None:
    assert metrics.coverage(ACTUAL, FORECAST) == pytest.approx(5 / 6)
    assert np.isnan(metrics.coverage(np.full((1, 2), NAN), FORECAST[:1]))


def test_weeks_without_an_actual_are_not_scored() -> None:
    actual = np.array([[4.0, NAN], [NAN, NAN]])
    scale = np.array([1.0, 1.0])
    each = metrics.rmsse(actual, FORECAST[:2], scale)
    assert each[0] == 1.0
    assert np.isnan(each[1])
    assert metrics.wape(actual, FORECAST[:2]) == pytest.approx(1 / 4)
