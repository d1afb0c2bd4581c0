"""Which method is served for an article: the model, unless a naive one was clearly better.

"Clearly" matters. Serving naive wherever its backtest error was merely lower picks noise: on Online
Retail II (choice on two origins, score on the third, 4,142 articles, 13 weeks) it raised RMSSE from
0.545 to 0.579 and WAPE from 0.828 to 0.905. With the rule below the served mix scores 0.548 and
0.829, and 646 articles, most of them dead, are served by a naive method.

The origins speak for the months they were in. Repeating last week's zero wins all spring on an
article that only sells before Christmas; so the last week is not repeated where the weeks ahead
sold much more a year ago. (Without this the mix scored 0.546 and 0.825 on that fold, in summer,
with 1,287 articles.)
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from entrepot.analytics.backtest import Backtest
from entrepot.analytics.features import YEAR
from entrepot.analytics.panel import DemandPanel

MODEL = "gradient_boosting"
SEASONAL_NAIVE = "seasonal_naive"
NAIVE = "naive"
METHODS = (MODEL, SEASONAL_NAIVE, NAIVE)

CLEAR = 0.8
"""A naive method is clearly better when its RMSSE is below this share of the model's …"""
MARGIN = 0.98
"""The model beat naive when its RMSSE is below this share of the lower naive one: less is a toss-up
(of 8.013 against 8.026 nobody can tell which will be closer next time)."""
ENOUGH_FOLDS = 2
"""… and it was better at every origin, of at least so many."""
OTHER_SEASON = 2.0
"""The weeks ahead are another season where they sold so many times the last quarter a year ago."""


def season_ahead(panel: DemandPanel, horizon: int) -> NDArray[np.bool_]:
    """Where the ``horizon`` weeks ahead sold much more a year ago than the last 13 weeks did."""
    t = panel.week_count
    if t < YEAR:
        return np.zeros(len(panel.series), dtype=np.bool_)
    sold = np.nan_to_num(panel.values)
    then = sold[:, t - YEAR : min(t - YEAR + horizon, t)].mean(axis=1)
    return np.asarray(then > OTHER_SEASON * sold[:, -13:].mean(axis=1))


def choose(
    panel: DemandPanel, checked: Backtest | None, preferred: str, horizon: int
) -> pl.DataFrame:
    """One row an article, in the panel's order, for a forecast ``horizon`` weeks ahead.

    Columns: ``series``, ``history_weeks``, ``folds`` (origins that scored it), ``method`` served,
    ``beats_naive`` (true: the model had the lowest RMSSE by ``MARGIN``, and a WAPE no higher than
    that of repeating the year; false: a naive method was clearly better and is served; null: not
    checked, or too close to call), ``rmsse`` and ``wape`` of ``preferred``,
    ``rmsse_seasonal_naive``, ``rmsse_naive``, ``wape_seasonal_naive``.
    """
    base = pl.DataFrame(
        {
            "series": panel.series,
            "history_weeks": panel.age(),
            "season_ahead": season_ahead(panel, horizon),
        }
    )
    table = _scored(base, checked) if checked else _unscored(base)
    ours = pl.col(f"rmsse_{preferred}")
    year, last = pl.col(f"rmsse_{SEASONAL_NAIVE}"), pl.col(f"rmsse_{NAIVE}")
    rival = pl.min_horizontal(year, last)
    rival_name = pl.when(last < year).then(pl.lit(NAIVE)).otherwise(pl.lit(SEASONAL_NAIVE))
    rival_won = (
        pl.when(last < year).then(f"won_{NAIVE}").otherwise(f"won_{SEASONAL_NAIVE}").fill_null(0)
    )
    another_season = pl.col("season_ahead") & (last < year)
    lost = (
        (pl.col("folds") >= ENOUGH_FOLDS)
        & (rival_won == pl.col("folds"))
        & (rival < CLEAR * ours)
        & ~another_season
    ).fill_null(False)
    # Rarely sold articles can have one error lower and the other higher: that is no victory either.
    won = (ours < MARGIN * rival) & ~(
        pl.col(f"wape_{preferred}") > pl.col(f"wape_{SEASONAL_NAIVE}")
    ).fill_null(False)
    verdict = (
        pl.when(lost).then(pl.lit(False)).when(won).then(pl.lit(True))
        if preferred == MODEL
        else pl.lit(None, pl.Boolean)
    )
    return table.select(
        "series",
        "history_weeks",
        "folds",
        method=pl.when(lost).then(rival_name).otherwise(pl.lit(preferred)),
        beats_naive=verdict,
        rmsse=ours,
        rmsse_seasonal_naive=year,
        rmsse_naive=last,
        wape=pl.col(f"wape_{preferred}"),
        wape_seasonal_naive=pl.col(f"wape_{SEASONAL_NAIVE}"),
    )


def _unscored(base: pl.DataFrame) -> pl.DataFrame:
    empty = [
        pl.lit(None, pl.Float64).alias(f"{kind}_{name}")
        for kind in ("rmsse", "wape", "won")
        for name in METHODS
    ]
    return base.with_columns(pl.lit(0, pl.Int64).alias("folds"), *empty)


def _scored(base: pl.DataFrame, checked: Backtest) -> pl.DataFrame:
    scores = checked.scores()
    model = scores.filter(pl.col("method") == MODEL).select("series", "fold", to_beat="scaled")
    won = (
        scores.join(model, on=["series", "fold"])
        .group_by("series", "method")
        .agg(won=(pl.col("scaled") < pl.col("to_beat")).sum().cast(pl.Float64))
    )
    each = checked.by_article().join(won, on=["series", "method"], how="left")
    folds = each.group_by("series").agg(pl.col("folds").max().cast(pl.Int64))
    table = base.join(folds, on="series", how="left", maintain_order="left").with_columns(
        pl.col("folds").fill_null(0)
    )
    for name in METHODS:
        one = each.filter(pl.col("method") == name).select(
            "series",
            pl.col("rmsse").alias(f"rmsse_{name}"),
            pl.col("wape").alias(f"wape_{name}"),
            pl.col("won").alias(f"won_{name}"),
        )
        table = table.join(one, on="series", how="left", maintain_order="left")
    return table
