"""On a real wholesaler's two years: the file is read as it should be and the model beats naive."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from entrepot.analytics.backtest import Backtest, backtest
from entrepot.analytics.forecasters import GradientBoosting, Naive, SeasonalNaive
from entrepot.analytics.sales_files import SalesFile, read_sales_file


@pytest.fixture(scope="module")
def sales(shared_data: Path) -> SalesFile:
    """The file, told apart."""
    return read_sales_file(shared_data / "online_retail_ii_to_2011-08.parquet")


@pytest.fixture(scope="module")
def checked(sales: SalesFile) -> Backtest:
    """Thirteen weeks ahead from the end of May 2011, with a small model."""
    panel = sales.panel().panel
    assert panel is not None
    methods = {
        "model": GradientBoosting(horizon=13, max_rows=20_000, max_iter=80),
        "seasonal": SeasonalNaive(),
        "naive": Naive(),
    }
    return backtest(panel, methods, 13, [78])


def test_lines_are_told_apart(sales: SalesFile) -> None:
    assert sales.lines == 823_643
    assert sales.last_day == date(2011, 8, 31)
    assert (sales.voided, sales.returned, sales.not_articles) == (2014, 15_661, 4982)
    prepared = sales.panel()
    panel = prepared.panel
    assert panel is not None
    assert panel.values.shape == (4385, 91)
    assert (panel.first_week, panel.last_week) == (date(2009, 11, 30), date(2011, 8, 22))
    assert {left.problem for left in prepared.rejected} == {"TOO_SHORT"}


def test_the_model_beats_both_naive_methods(checked: Backtest) -> None:
    scores = {row["method"]: row for row in checked.summary().iter_rows(named=True)}
    for measure in ("rmsse", "wape", "pinball_0.5", "pinball_0.9"):
        assert scores["model"][measure] < scores["seasonal"][measure]
        assert scores["model"][measure] < scores["naive"][measure]
    assert scores["model"]["rmsse"] < 0.57
    assert scores["model"]["wape"] < 0.86
    assert abs(scores["model"]["bias"]) < 0.15
    assert scores["model"]["coverage_0.9"] == pytest.approx(0.9, abs=0.03)
