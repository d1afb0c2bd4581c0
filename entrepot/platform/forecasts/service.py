"""Storing forecast runs. Called by the worker and the shell, never for a user's request."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import orjson

from entrepot.platform.database import execute, fetch_value, transaction
from entrepot.platform.errors import NotFound
from entrepot.platform.forecasts.events import ForecastRequested
from entrepot.platform.forecasts.queries import sellers
from entrepot.platform.forecasts.rows import ArticleRow, NewRun, PointRow
from entrepot.platform.ids import new_id
from entrepot.platform.outbox import record

__all__ = ["NewRun", "request_all", "store_run"]

KEPT_RUNS = 4
"""Newest runs kept a seller, so that a planner can look back a month."""

_ARTICLE_COLUMNS = (
    ("problem", "text"),
    ("method", "text"),
    ("beats_naive", "boolean"),
    ("history_weeks", "integer"),
    ("folds", "smallint"),
    ("rmsse", "float8"),
    ("rmsse_seasonal_naive", "float8"),
    ("rmsse_naive", "float8"),
    ("wape", "float8"),
    ("wape_seasonal_naive", "float8"),
)


async def request_all() -> int:
    """Ask for a run of every active seller; returns how many. Emits `ForecastRequested` for each.

    One transaction, no locks.
    """
    async with transaction():
        asked = [ForecastRequested(seller_id) for seller_id in await sellers()]
        await record(*asked)
    return len(asked)


async def store_run(run: NewRun) -> UUID:
    """Write a run with its articles and points, drop the seller's runs beyond ``KEPT_RUNS``.

    All or nothing. Locks the seller's company row, so that two runs of one seller are stored one
    after the other. Articles whose offer is gone meanwhile are left out. Raises `NotFound` for an
    unknown seller. Emits no event.
    """
    run_id = new_id()
    async with transaction():
        if not await fetch_value(
            "SELECT 1 FROM company WHERE id = $1 AND is_seller FOR UPDATE", run.seller_id
        ):
            raise NotFound("seller")
        await execute(
            "INSERT INTO forecast_run (id, seller_id, model, version, seed, horizon, data_from,"
            " data_to, trained_at, metrics) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10::jsonb)",
            run_id,
            run.seller_id,
            run.model,
            run.version,
            run.seed,
            run.horizon,
            run.data_from,
            run.data_to,
            run.trained_at,
            orjson.dumps(run.metrics).decode(),
        )
        ids = await _insert_articles(run_id, run.seller_id, run.articles)
        await _insert_points((ids[offer], rows) for offer, rows in run.points.items())
        await execute(
            "DELETE FROM forecast_run WHERE seller_id = $1 AND id NOT IN (SELECT id"
            " FROM forecast_run WHERE seller_id = $1 ORDER BY trained_at DESC, id DESC LIMIT $2)",
            run.seller_id,
            KEPT_RUNS,
        )
    return run_id


async def _insert_articles(
    run_id: UUID, seller_id: UUID, articles: Iterable[ArticleRow]
) -> dict[UUID, UUID]:
    """Insert one row an offer and return offer id → article id, also of offers left out."""
    rows = list(articles)
    ids = [new_id() for _ in rows]
    names = ", ".join(name for name, _ in _ARTICLE_COLUMNS)
    arrays = ", ".join(f"${4 + i}::{kind}[]" for i, (_, kind) in enumerate(_ARTICLE_COLUMNS))
    await execute(
        f"INSERT INTO forecast_article (id, offer_id, run_id, {names})"
        f" SELECT a.id, a.offer_id, $1, {', '.join('a.' + name for name, _ in _ARTICLE_COLUMNS)}"
        f" FROM unnest($2::uuid[], $3::uuid[], {arrays}) AS a(id, offer_id, {names})"
        f" JOIN offer o ON o.id = a.offer_id AND o.seller_id = ${4 + len(_ARTICLE_COLUMNS)}",
        run_id,
        ids,
        [row.offer_id for row in rows],
        *([getattr(row, name) for row in rows] for name, _ in _ARTICLE_COLUMNS),
        seller_id,
    )
    return {row.offer_id: article_id for row, article_id in zip(rows, ids, strict=True)}


async def _insert_points(points: Iterable[tuple[UUID, Iterable[PointRow]]]) -> None:
    rows = [(article_id, row) for article_id, weeks in points for row in weeks]
    await execute(
        "INSERT INTO forecast_point (id, article_id, week, mean, low, median, high)"
        " SELECT p.* FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::float8[], $5::float8[],"
        " $6::float8[], $7::float8[]) AS p(id, article_id, week, mean, low, median, high)"
        " JOIN forecast_article a ON a.id = p.article_id",
        [new_id() for _ in rows],
        [article_id for article_id, _ in rows],
        *(
            [getattr(row, name) for _, row in rows]
            for name in ("week", "mean", "low", "median", "high")
        ),
    )
