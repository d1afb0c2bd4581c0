"""What counts as beating naive, on forecasts whose errors are known to the unit."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.analytics.backtest import Backtest, Fold
from entrepot.analytics.forecasters import Forecast
from entrepot.analytics.panel import DemandPanel
from entrepot.analytics.selection import MODEL, NAIVE, SEASONAL_NAIVE, choose
from tests.analytics.conftest import FIRST_WEEK

HISTORY = np.tile([10.0, 12.0], 15)[None, :]
PANEL = DemandPanel(("only",), FIRST_WEEK, HISTORY)


def said(*errors: float) -> Forecast:
    """A forecast that is off by these units in the weeks ahead, in which 100 a week are sold."""
    mean = 100.0 - np.array([errors])
    return Forecast(PANEL.series, (0.5,), mean, mean[:, None, :])


def folds(
    model: tuple[float, ...], seasonal: tuple[float, ...], naive: tuple[float, ...]
) -> Backtest:
    """Two origins at which every method erred alike."""
    forecasts = {MODEL: said(*model), SEASONAL_NAIVE: said(*seasonal), NAIVE: said(*naive)}
    return Backtest((Fold(PANEL, np.full((1, len(model)), 100.0), forecasts),) * 2)


@pytest.mark.parametrize(
    ("model", "verdict", "method"),
    [
        ((9.7, 9.7), True, MODEL),
        ((9.85, 9.85), None, MODEL),
        ((9.99, 9.99), None, MODEL),
        ((10.0, 10.0), None, MODEL),
        ((12.0, 12.0), None, MODEL),
        ((13.0, 13.0), False, SEASONAL_NAIVE),
    ],
)
def test_a_toss_up_is_no_victory(
    model: tuple[float, ...], verdict: bool | None, method: str
) -> None:
    row = choose(PANEL, folds(model, (10.0, 10.0), (11.0, 11.0)), MODEL, 2).row(0, named=True)
    assert (row["beats_naive"], row["method"], row["folds"]) == (verdict, method, 2)


def test_a_lower_rmsse_with_a_higher_wape_is_no_victory() -> None:
    checked = folds((9.0, 9.0), (0.0, 14.0), (20.0, 20.0))
    row = choose(PANEL, checked, MODEL, 2).row(0, named=True)
    assert row["rmsse"] < 0.98 * row["rmsse_seasonal_naive"]
    assert (row["wape"], row["wape_seasonal_naive"]) == (0.09, 0.07)
    assert (row["beats_naive"], row["method"]) == (None, MODEL)
