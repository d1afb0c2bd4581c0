"""Reads of demand and of stored forecasts. A seller's rows never reach anybody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from entrepot.platform.database import Row, fetch, fetch_one, fetch_value
from entrepot.platform.errors import NotFound
from entrepot.platform.forecasts.rows import (
    ArticleRow,
    OfferForecast,
    PointRow,
    RunRow,
    WeekRow,
)
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission

__all__ = ["ArticleRow", "OfferForecast", "PointRow", "RunRow", "WeekRow"]

# Demand is what buyers ordered: a cancelled order voids it, a return does not lower it.
_WEEKLY = """
SELECT offer_id, week, sum(quantity)::float8 AS demand FROM (
    SELECT l.offer_id, date_trunc('week', s.placed_at AT TIME ZONE $2)::date AS week, l.quantity
      FROM order_line l JOIN seller_order s ON s.id = l.seller_order_id
     WHERE s.seller_id = $1 AND s.status <> 'cancelled' AND s.placed_at < $3
    UNION ALL
    SELECT h.offer_id, date_trunc('week', h.sold_at AT TIME ZONE $2)::date, h.quantity
      FROM historic_sale h JOIN offer o ON o.id = h.offer_id
     WHERE o.seller_id = $1 AND h.quantity > 0 AND h.sold_at < $3
) sold
"""
_RUN = """
SELECT id, seller_id, model, version, seed, horizon, data_from, data_to, trained_at, metrics
  FROM forecast_run
"""
_ARTICLE = """
SELECT id, offer_id, problem, method, beats_naive, history_weeks, folds, rmsse,
       rmsse_seasonal_naive, rmsse_naive, wape, wape_seasonal_naive
  FROM forecast_article WHERE run_id = $1 AND offer_id = $2
"""


async def weekly_demand(seller_id: UUID, time_zone: str, before: datetime) -> Sequence[Row]:
    """Return ``offer_id, week, demand`` of a seller's sales before an instant.

    ``week`` is the Monday of the ISO week in ``time_zone``; ``demand`` is in units, a float as
    models take it. For the worker and the shell: whoever calls decides who may see it.
    """
    return await fetch(f"{_WEEKLY} GROUP BY offer_id, week", seller_id, time_zone, before)


async def sellers() -> list[UUID]:
    """Return every active selling company, in a stable order."""
    rows = await fetch("SELECT id FROM company WHERE is_seller AND active ORDER BY id")
    return [row["id"] for row in rows]


async def seller_exists(seller_id: UUID) -> bool:
    """Say whether there is a selling company of that id."""
    found = await fetch_value("SELECT 1 FROM company WHERE id = $1 AND is_seller", seller_id)
    return found is not None


async def time_zone_of(company_id: UUID) -> str:
    """Return the time zone of the company's oldest active legal entity; UTC if there is none."""
    name = await fetch_value(
        "SELECT time_zone FROM legal_entity WHERE company_id = $1 AND active"
        " ORDER BY created_at, id LIMIT 1",
        company_id,
    )
    try:
        return ZoneInfo(name or "UTC").key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


async def latest_run(seller_id: UUID) -> RunRow | None:
    """Return the seller's newest run."""
    row = await fetch_one(
        f"{_RUN} WHERE seller_id = $1 ORDER BY trained_at DESC, id DESC LIMIT 1", seller_id
    )
    return RunRow(**{**row, "metrics": orjson.loads(row["metrics"])}) if row else None


async def demand_forecast(actor: Actor, offer_id: UUID, weeks: int) -> OfferForecast:
    """Return the newest forecast of one of the actor's own offers, ``weeks`` ahead at most.

    Needs `forecast.view`. Raises `NotFound` for absent offers and for those of others alike.
    """
    actor.require(Permission.FORECAST_VIEW)
    owned = await fetch_value(
        "SELECT 1 FROM offer WHERE id = $1 AND seller_id = $2", offer_id, actor.company_id
    )
    if owned is None:
        raise NotFound("offer")
    run = await latest_run(actor.company_id)
    if run is None:
        return OfferForecast(offer_id, None, None, (), ())
    article = await fetch_one(_ARTICLE, run.id, offer_id)
    history = await _history(actor.company_id, offer_id, run.data_to)
    if article is None:
        return OfferForecast(offer_id, run, None, history, ())
    points = await fetch(
        "SELECT week, mean, low, median, high FROM forecast_point WHERE article_id = $1"
        " ORDER BY week LIMIT $2",
        article["id"],
        weeks,
    )
    values = {name: value for name, value in article.items() if name != "id"}
    return OfferForecast(
        offer_id, run, ArticleRow(**values), history, tuple(PointRow(**row) for row in points)
    )


async def _history(seller_id: UUID, offer_id: UUID, last_week: date) -> tuple[WeekRow, ...]:
    zone = await time_zone_of(seller_id)
    # A day more than the last week has, as its end in the seller's zone may be later in UTC.
    before = datetime.combine(last_week + timedelta(days=8), time(), UTC)
    rows = await fetch(
        f"SELECT week, demand FROM ({_WEEKLY} WHERE offer_id = $4 GROUP BY offer_id, week) one"
        " WHERE week <= $5 ORDER BY week",
        seller_id,
        zone,
        before,
        offer_id,
        last_week,
    )
    if not rows:
        return ()
    sold = {row["week"]: row["demand"] for row in rows}
    first = rows[0]["week"]
    count = (last_week - first).days // 7 + 1
    weeks = (first + timedelta(days=7 * i) for i in range(count))
    return tuple(WeekRow(week, sold.get(week, 0.0)) for week in weeks)
