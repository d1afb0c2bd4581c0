"""`entrepot analytics`: forecasts from the shell, of the marketplace or of a file."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from entrepot.commands.exit_codes import ExitCode
from entrepot.commands.messages import complain, say, text
from entrepot.commands.progress import Progress
from entrepot.commands.session import HomeOption, database

app = typer.Typer(no_args_is_help=True)


@app.callback()
def analytics() -> None:
    """Demand forecasts."""
    # Before any library starts OpenMP: its busy waiting takes the processor from everybody else.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@app.command()
def forecast(
    seller: Annotated[
        UUID | None, typer.Option(help="Only this selling company.", show_default="all")
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
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="CSV to write (with --from).")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Forecast weekly demand by article, with a backtest beside naive methods.

    Of the marketplace's own orders it stores a run for each seller, which `demandForecast` then
    serves; workers do the same every week. Of a file (columns InvoiceNo, StockCode, Quantity,
    InvoiceDate, UnitPrice, as in the UCI Online Retail data) it needs no service and writes the
    weeks with their 0.1 and 0.9 quantiles to a CSV.

    \b
    Examples:
      entrepot analytics forecast
      entrepot analytics forecast --from sales.csv --to forecast.csv --weeks 8
    """  # fmt: skip
    if (sales is None) != (to is None):
        raise typer.BadParameter("--from and --to belong together")
    if sales is not None and to is not None:
        _forecast_file(sales, to, weeks)
    else:
        asyncio.run(_forecast_sellers(seller, weeks, home))


async def _forecast_sellers(seller: UUID | None, weeks: int, home: Path | None) -> None:
    from entrepot.analytics import datasets
    from entrepot.analytics.runs import forecast_seller
    from entrepot.platform.forecasts.errors import NoSalesHistory

    async with database(home):
        for one in [seller] if seller else await datasets.sellers():
            try:
                with Progress(f"{text('forecasting')} {one}") as progress:
                    outcome = await forecast_seller(
                        one, datetime.now(UTC), horizon=weeks, progress=progress.update
                    )
            except NoSalesHistory:
                say("no_sales", seller=one)
                continue
            say("forecast", seller=one, count=outcome.forecast, rejected=outcome.rejected)


def _forecast_file(sales: Path, to: Path, weeks: int) -> None:
    from entrepot.analytics.datasets import panel_from_file
    from entrepot.analytics.sales_files import UnreadableSales
    from entrepot.analytics.served import forecast_panel

    try:
        prepared = panel_from_file(sales)
    except UnreadableSales as error:
        complain(str(error))
        raise typer.Exit(ExitCode.FAILURE) from None
    if prepared.panel is None:
        say("no_sales", seller=sales)
        raise typer.Exit(ExitCode.FAILURE)
    with Progress(text("forecasting")) as progress:
        served = forecast_panel(prepared.panel, weeks, progress=progress.update)
    served.points.write_csv(to)
    say("forecast", seller=to, count=len(prepared.panel.series), rejected=len(prepared.rejected))
