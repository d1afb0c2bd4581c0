"""Where panels come from and forecasts go: the marketplace's database, or a file.

The only module of the package that knows the platform; the rest sees frames and arrays.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl

from entrepot.analytics.panel import PreparedPanel, prepare_panel
from entrepot.analytics.sales_files import last_complete_week, read_sales_file
from entrepot.analytics.served import VERSION, ServedForecast
from entrepot.platform.catalog.unmet_demand import queries as unmet_queries
from entrepot.platform.forecasts import queries, service
from entrepot.platform.forecasts.errors import NoSalesHistory

sellers = queries.sellers


def panel_from_file(path: Path) -> PreparedPanel:
    """Read a CSV or Parquet file of order lines; see ``sales_files.read_sales_file``."""
    return read_sales_file(path).panel()


async def panel_of_seller(seller_id: UUID, now: datetime) -> PreparedPanel:
    """The weekly demand of a seller's offers (series: offer ids), up to the last full ISO week.

    Weeks are those of the seller's time zone. An order placed and not cancelled counts in the week
    it was placed; imported sales count too, returns among them do not. Raises ``NoSalesHistory``
    when no complete week has a sale.
    """
    zone = await queries.time_zone_of(seller_id)
    # Today's sales are still coming in: the last day known to its end is yesterday.
    yesterday = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    last_week = last_complete_week(yesterday)
    rows = await queries.weekly_demand(seller_id, zone, now)
    frame = pl.DataFrame(
        {
            "series": [str(row["offer_id"]) for row in rows],
            "week": [row["week"] for row in rows],
            "demand": [row["demand"] for row in rows],
        },
        schema={"series": pl.String, "week": pl.Date, "demand": pl.Float64},
    ).filter(pl.col("week") <= last_week)
    if frame.is_empty():
        raise NoSalesHistory(seller_id)
    return prepare_panel(frame, last_week)


async def already_forecast(
    seller_id: UUID, prepared: PreparedPanel, horizon: int, seed: int
) -> bool:
    """Say whether the seller's newest run is of the same data window, code and settings."""
    run = await queries.latest_run(seller_id)
    return run is not None and (run.data_to, run.version, run.horizon, run.seed) == (
        prepared.last_week,
        VERSION,
        horizon,
        seed,
    )


async def store(
    seller_id: UUID,
    prepared: PreparedPanel,
    served: ServedForecast | None,
    *,
    horizon: int,
    seed: int,
    trained_at: datetime,
) -> UUID:
    """Store what was forecast and the articles that could not be; returns the run's id.

    ``served`` None: no article could be. Raises what ``forecasts.service.store_run`` raises.
    """
    assert prepared.last_week is not None, "a run needs a data window"
    articles = [
        queries.ArticleRow(UUID(left.series), left.problem.value, None, None, left.weeks)
        for left in prepared.rejected
    ]
    points: dict[UUID, list[queries.PointRow]] = {}
    metrics = {}
    if served is not None:
        for series, *values in served.points.iter_rows():
            points.setdefault(UUID(series), []).append(queries.PointRow(*values))
        for row in served.articles.iter_rows(named=True):
            offer_id = UUID(row.pop("series"))
            articles.append(queries.ArticleRow(offer_id=offer_id, problem=None, **row))
        for row in served.summary.iter_rows(named=True):
            metrics[row.pop("method")] = row
    return await service.store_run(
        service.NewRun(
            seller_id=seller_id,
            model=served.model if served else "none",
            version=VERSION,
            seed=seed,
            horizon=horizon,
            data_from=served.data_from if served else prepared.last_week,
            data_to=prepared.last_week,
            trained_at=trained_at,
            metrics=metrics,
            articles=articles,
            points=points,
        )
    )


async def unmet_demand() -> pl.DataFrame:
    """What buyers looked for in vain: a row a week (its Monday, UTC) and question.

    Columns: week, key (equal for spellings of one question), query (as last written), companies,
    searches. Spam is left out, what an operator has done with is not; 13 months at most. For the
    operator's own shell and notebooks: it holds what buyers search for.
    """
    rows = await unmet_queries.by_week()
    return pl.DataFrame(
        {
            "week": [row.week for row in rows],
            "key": [row.key for row in rows],
            "query": [row.text for row in rows],
            "companies": [row.companies for row in rows],
            "searches": [row.searches for row in rows],
        },
        schema={
            "week": pl.Date,
            "key": pl.String,
            "query": pl.String,
            "companies": pl.Int64,
            "searches": pl.Int64,
        },
    )
