"""`entrepot analytics`: forecasts and unmet demand from the shell."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.commands.exit_codes import ExitCode
from entrepot.commands.messages import complain, say, text
from entrepot.commands.progress import Progress
from entrepot.commands.session import HomeOption, database

if TYPE_CHECKING:
    import polars as pl

app = typer.Typer(no_args_is_help=True)

SUFFIXES = (".parquet", ".csv")


@app.callback()
def analytics() -> None:
    """Demand forecasts, and demand that nobody supplies."""
    # Before any library starts OpenMP: its busy waiting takes the processor from everybody else.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@app.command()
def forecast(
    seller: Annotated[
        str | None,
        typer.Option(
            "--seller",
            metavar="NAME|ID",
            help="Only this selling company: id or name.",
            show_default="all",
        ),
    ] = None,
    weeks: Annotated[int, typer.Option(help="Weeks ahead.", min=1, max=52)] = 13,
    sales: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="CSV or Parquet of order lines, instead of the database.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            dir_okay=False,
            help="Also write the weeks to this .parquet or .csv.",
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Forecast weekly demand by article, with a backtest beside naive methods.

    Of the marketplace's own orders it stores a run for each seller, which `demandForecast` then
    serves; workers do the same every week. Of a file (columns InvoiceNo, StockCode, Quantity,
    InvoiceDate, UnitPrice, as in the UCI Online Retail data) it needs no service. Written are
    series (offer id or stock code), week, mean, low, median, high: units a week, low and high
    being the quantiles 0.1 and 0.9.

    \b
    Examples:
      entrepot analytics forecast
      entrepot analytics forecast --seller "Nordic Fasteners" --output forecast.parquet
      entrepot analytics forecast --from sales.csv --output forecast.csv --weeks 8
    """  # fmt: skip
    if output is not None and output.suffix.lower() not in SUFFIXES:
        raise typer.BadParameter(f"--output must end in {' or '.join(SUFFIXES)}")
    if sales is not None and (output is None or seller is not None):
        raise typer.BadParameter("--from needs --output and goes without --seller")
    if sales is not None:
        points: pl.DataFrame | None = _forecast_file(sales, weeks)
    else:
        points = asyncio.run(_forecast_sellers(seller, weeks, home))
    if output is not None and points is not None:
        _write(points, output)
        say("written", path=output, count=points.height)


@app.command("unmet-demand")
def unmet_demand(
    output: Annotated[
        Path,
        typer.Argument(metavar="FILE", dir_okay=False, help="Ends in .parquet or .csv."),
    ],
    home: HomeOption = None,
) -> None:
    """Write what buyers looked for and did not find: week, query, companies, searches.

    \b
    Example:
      entrepot analytics unmet-demand unmet.csv
    """
    if output.suffix.lower() not in SUFFIXES:
        raise typer.BadParameter(f"FILE must end in {' or '.join(SUFFIXES)}")
    rows = asyncio.run(_unmet_demand(home))
    _write(rows, output)
    say("written", path=output, count=rows.height)


async def _unmet_demand(home: Path | None) -> pl.DataFrame:
    from entrepot.analytics import datasets

    async with database(home):
        return await datasets.unmet_demand()


async def _forecast_sellers(
    seller: str | None, weeks: int, home: Path | None
) -> pl.DataFrame | None:
    import polars as pl

    from entrepot.analytics import datasets
    from entrepot.analytics.runs import forecast_seller
    from entrepot.platform.forecasts.errors import NoSalesHistory
    from entrepot.platform.identity.seller_lookup import find_seller

    found = []
    async with database(home):
        for one in [await find_seller(seller)] if seller else await datasets.sellers():
            try:
                with Progress(f"{text('forecasting')} {one}") as progress:
                    outcome = await forecast_seller(
                        one, datetime.now(UTC), horizon=weeks, progress=progress.update
                    )
            except NoSalesHistory:
                say("no_sales", seller=one)
                continue
            say("forecast", seller=one, count=outcome.forecast, rejected=outcome.rejected)
            if outcome.served is not None:
                _tell_accuracy(outcome.served.summary)
                found.append(outcome.served.points)
    return pl.concat(found) if found else None


def _forecast_file(sales: Path, weeks: int) -> pl.DataFrame:
    from entrepot.analytics.datasets import panel_from_file
    from entrepot.analytics.sales_files import UnreadableSales
    from entrepot.analytics.served import forecast_panel

    try:
        prepared = panel_from_file(sales)
    except UnreadableSales as error:
        complain(str(error))
        raise typer.Exit(ExitCode.FAILURE) from None
    if prepared.panel is None:
        complain(text("no_sales", seller=sales))
        raise typer.Exit(ExitCode.FAILURE)
    with Progress(text("forecasting")) as progress:
        served = forecast_panel(prepared.panel, weeks, progress=progress.update)
    count, left_out = len(prepared.panel.series), len(prepared.rejected)
    say("forecast", seller=sales, count=count, rejected=left_out)
    _tell_accuracy(served.summary)
    return served.points


def _tell_accuracy(summary: pl.DataFrame) -> None:
    for row in summary.iter_rows(named=True):
        say("accuracy", method=row["method"], rmsse=row["rmsse"], wape=row["wape"])


def _write(points: pl.DataFrame, output: Path) -> None:
    """Write beside the file first: a reader never sees half of it."""
    part = output.with_name(output.name + ".part")
    if output.suffix.lower() == ".parquet":
        points.write_parquet(part)
    else:
        points.write_csv(part)
    part.replace(output)
