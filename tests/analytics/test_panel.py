"""Raw weekly rows to a complete panel; bad articles are named and leave the others alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from entrepot.analytics.panel import DemandPanel, EmptyPanel, Problem, Rejection, prepare_panel

START = date(2025, 1, 6)
Frame = Callable[..., pl.DataFrame]


def weeks_of(series: str, demands: list[float]) -> list[tuple[str, date, float]]:
    """One row a week from START on."""
    return [(series, START + timedelta(days=7 * i), d) for i, d in enumerate(demands)]


GOOD = weeks_of("good", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])


def test_missing_weeks_are_zeros_from_the_first_sale_on(long_frame: Frame) -> None:
    rows = [
        ("b", START + timedelta(days=7 * 2), 5.0),
        ("b", START + timedelta(days=7 * 9), 6.0),
        *weeks_of("a", [1.0]),
        ("a", START + timedelta(days=7 * 8), 4.0),
    ]
    prepared = prepare_panel(long_frame(*rows))
    assert prepared.rejected == ()
    panel = prepared.panel
    assert panel is not None
    assert panel.series == ("a", "b")
    assert (panel.first_week, panel.last_week, panel.week_count) == (
        START,
        START + timedelta(days=63),
        10,
    )
    nan = np.nan
    np.testing.assert_array_equal(
        panel.values,
        [[1, 0, 0, 0, 0, 0, 0, 0, 4, 0], [nan, nan, 5, 0, 0, 0, 0, 0, 0, 6]],
    )
    assert panel.age().tolist() == [10, 8]


def test_rows_of_one_week_are_summed_whatever_their_weekday(long_frame: Frame) -> None:
    rows = [*GOOD, ("good", START + timedelta(days=6), 100.0), ("good", START, 1000.0)]
    panel = prepare_panel(long_frame(*rows)).panel
    assert panel is not None
    assert panel.values[0].tolist() == [1101, 2, 3, 4, 5, 6, 7, 8, 9, 10]


def test_weeks_after_the_last_complete_one_are_dropped(long_frame: Frame) -> None:
    panel = prepare_panel(long_frame(*GOOD), START + timedelta(days=7 * 7)).panel
    assert panel is not None
    assert panel.values[0].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_gap_of_a_year_is_a_year_of_zeros(long_frame: Frame) -> None:
    panel = prepare_panel(
        long_frame(("gap", START, 3.0), ("gap", START + timedelta(days=371), 4.0))
    ).panel
    assert panel is not None
    assert panel.week_count == 54
    assert panel.values[0].tolist() == [3.0, *[0.0] * 52, 4.0]


@pytest.mark.parametrize(
    ("rows", "problem", "weeks"),
    [
        (weeks_of("bad", [1, 2, -3, 4, 5, 6, 7, 8, 9, 10]), Problem.NEGATIVE_DEMAND, 10),
        (weeks_of("bad", [0] * 10), Problem.NO_SALES, 0),
        (weeks_of("bad", [0] * 9 + [4]), Problem.TOO_SHORT, 1),
        (weeks_of("bad", [1, float("nan"), 3, 4, 5, 6, 7, 8, 9, 10]), Problem.NOT_A_NUMBER, 10),
        (weeks_of("bad", [1, float("inf"), 3, 4, 5, 6, 7, 8, 9, 10]), Problem.NOT_A_NUMBER, 10),
        ([("bad", START, None), *weeks_of("bad", [1] * 10)], Problem.NOT_A_NUMBER, 10),
    ],
    ids=["negative", "all zeros", "one point", "nan", "infinite", "null"],
)
def test_a_bad_article_is_named_and_the_good_one_is_untouched(
    long_frame: Frame, rows: list[tuple[str, date, float]], problem: Problem, weeks: int
) -> None:
    prepared = prepare_panel(long_frame(*rows, *GOOD))
    assert prepared.rejected == (Rejection("bad", problem, weeks),)
    assert prepared.panel is not None
    assert prepared.panel.series == ("good",)
    assert prepared.panel.values.tolist() == [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]


def test_nothing_usable_gives_no_panel(long_frame: Frame) -> None:
    assert prepare_panel(long_frame()).panel is None
    assert prepare_panel(long_frame(*weeks_of("short", [1, 2]))).panel is None


def test_until_is_the_panel_as_it_stood_then(make_panel: Callable[..., DemandPanel]) -> None:
    panel = make_panel(articles=3, weeks=40)
    values = panel.values.copy()
    values[1, :20] = np.nan
    young = DemandPanel(panel.series, panel.first_week, values)
    past = young.until(25)
    assert past.series == ("A000", "A002")  # A001 was five weeks old
    np.testing.assert_array_equal(past.values, values[[0, 2], :25])
    with pytest.raises(EmptyPanel):
        young.until(5)


def test_the_long_form_gives_the_panel_back(make_panel: Callable[..., DemandPanel]) -> None:
    panel = make_panel(articles=5, weeks=30)
    again = prepare_panel(panel.to_frame()).panel
    assert again is not None
    np.testing.assert_array_equal(again.values, panel.values)
    assert (again.series, again.first_week) == (panel.series, panel.first_week)
