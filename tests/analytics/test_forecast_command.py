"""`entrepot analytics forecast` on a file: what it writes, what it refuses."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from entrepot.analytics.examples import example_sales
from entrepot.commands.analytics import app

COLUMNS = ["series", "week", "mean", "low", "median", "high"]


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """Sales of six articles: too few for the model, so the run is quick."""
    path = tmp_path / "sales.csv"
    example_sales(articles=6, weeks=60).write_csv(path)
    return path


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_weeks_are_written(sales: Path, tmp_path: Path, suffix: str) -> None:
    output = tmp_path / f"forecast.{suffix}"
    arguments = ["forecast", "--from", str(sales), "-o", str(output), "--weeks", "3"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    written = pl.read_parquet(output) if suffix == "parquet" else pl.read_csv(output)
    assert written.columns == COLUMNS
    assert written.height % 3 == 0
    assert written["series"].n_unique() * 3 == written.height
    assert not list(tmp_path.glob("*.part"))
    assert "articles forecast" in done.output
    assert "seasonal_naive RMSSE" in done.output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--from", "{sales}"], 2),
        (["--from", "{sales}", "-o", "{folder}/out.xlsx"], 2),
        (["--from", "{sales}", "-o", "{folder}/out.csv", "--weeks", "53"], 2),
        (["--from", "{folder}/absent.csv", "-o", "{folder}/out.csv"], 2),
        (["--from", "{folder}/other.csv", "-o", "{folder}/out.csv"], 1),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_written(
    sales: Path, tmp_path: Path, arguments: list[str], code: int
) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    filled = [one.format(sales=sales, folder=tmp_path) for one in arguments]
    done = CliRunner().invoke(app, ["forecast", *filled])
    assert done.exit_code == code
    assert not list(tmp_path.glob("out*"))
