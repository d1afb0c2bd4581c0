"""Features know the past only, and do not depend on the unit of measure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from entrepot.analytics import features
from entrepot.analytics.features import HORIZON_NAMES, ORIGIN_NAMES
from entrepot.analytics.forecasters import GradientBoosting
from entrepot.analytics.panel import DemandPanel, FloatArray

MakePanel = Callable[..., DemandPanel]


def all_features(values: FloatArray, known: int, horizon: int) -> FloatArray:
    """Everything a model is given at the origin `known`."""
    past = values[:, :known]
    origin = features.origin_features(past)
    week = date(2024, 1, 1) + timedelta(days=7 * (known - 1))
    later = features.horizon_features(origin, features.group_profile(past), week, horizon)
    return np.hstack([origin.table, later])


def test_names_match_the_columns(make_panel: MakePanel) -> None:
    table = all_features(make_panel().values, 90, 4)
    assert table.shape == (60, len(ORIGIN_NAMES) + len(HORIZON_NAMES))


@pytest.mark.parametrize("horizon", [1, 13, 52])
def test_a_shifted_future_leaves_past_features_identical(
    make_panel: MakePanel, horizon: int
) -> None:
    values = make_panel().values
    shifted = values.copy()
    shifted[:, 80:] = np.roll(shifted[:, 80:], 5, axis=1) * 1000 + 1
    np.testing.assert_array_equal(
        all_features(values, 80, horizon), all_features(shifted, 80, horizon)
    )
    assert not np.array_equal(
        all_features(values, 81, horizon), all_features(shifted, 81, horizon), equal_nan=True
    )


def test_training_rows_of_an_origin_ignore_what_came_later(make_panel: MakePanel) -> None:
    """The rows a model learns from, up to the origin the change lies behind, stay the same."""
    panel = make_panel(articles=20, weeks=60)
    changed = panel.values.copy()
    changed[:, 59] += 500.0
    other = DemandPanel(panel.series, panel.first_week, changed)
    model = GradientBoosting(horizon=1, max_rows=100_000)
    table, target, _ = model._training_rows(panel)
    other_table, other_target, _ = model._training_rows(other)
    np.testing.assert_array_equal(table, other_table)  # week 59 is nobody's past
    assert np.array_equal(target[:-20], other_target[:-20])
    assert (other_target[-20:] > target[-20:]).any()


def test_the_unit_of_measure_does_not_matter(make_panel: MakePanel) -> None:
    values = make_panel().values + 1.0
    pieces, thousands = all_features(values * 1000, 90, 6), all_features(values, 90, 6)
    level = ORIGIN_NAMES.index("log_scale")
    np.testing.assert_allclose(pieces[:, level] - thousands[:, level], np.log(1000))
    rest = [i for i in range(pieces.shape[1]) if i != level]
    np.testing.assert_allclose(pieces[:, rest], thousands[:, rest], rtol=1e-9, atol=1e-9)


def test_hand_computed_features() -> None:
    past = np.array([[np.nan, 4.0, 0.0, 2.0, 0.0, 0.0]])
    made = features.origin_features(past)
    scale = (4 + 2) / 5
    assert made.scale.tolist() == [scale]
    row = dict(zip(ORIGIN_NAMES, made.table[0], strict=True))
    assert row["age"] == 5
    assert row["lag_0"] == 0
    assert row["lag_2"] == pytest.approx(2 / scale)
    assert row["mean_2"] == 0
    assert row["mean_4"] == pytest.approx(0.5 / scale)
    assert row["selling_share_4"] == 0.25
    assert row["recency"] == 2
    assert row["interval"] == 2.5
    assert row["recency_in_intervals"] == pytest.approx(0.8)
    assert row["largest_13"] == pytest.approx(4 / scale)


def test_a_year_ago_is_the_target_week_minus_52() -> None:
    past = np.arange(1.0, 61.0)[None, :]
    origin = features.origin_features(past)
    group = features.group_profile(past)
    place = HORIZON_NAMES.index("year_ago")
    for horizon in (1, 13, 52):
        row = features.horizon_features(origin, group, date(2025, 2, 17), horizon)[0]
        assert row[place] * origin.scale[0] == pytest.approx(60 + horizon - 52)
    with pytest.raises(ValueError, match="horizon 53"):
        features.horizon_features(origin, group, date(2025, 2, 17), 53)


def test_bulk_orders_are_capped_and_ordinary_weeks_are_not() -> None:
    values = np.array(
        [
            [2.0, 4.0, 0.0, 1e9, 3.0],  # others sell 3 a week: cap 15
            [2.0, 4.0, 0.0, 9.0, 3.0],
            [np.nan, 0.0, 5.0, 0.0, 900.0],  # two selling weeks: nothing to judge by
            [0.0, 0.0, 0.0, 0.0, 0.0],
        ]
    )
    capped = features.cap_bulk(values)
    np.testing.assert_array_equal(capped[0], [2, 4, 0, 15, 3])
    np.testing.assert_array_equal(capped[1:], values[1:])
