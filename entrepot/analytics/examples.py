"""Invented sales of a wholesaler, for notebooks, tests and first steps: nothing real in them."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl

FIRST_DAY = datetime(2024, 1, 1, 9)  # noqa: DTZ001  (files carry local times)
KINDS = ("steady", "summer", "winter", "rare", "dying", "new")


def example_sales(articles: int = 120, weeks: int = 110, seed: int = 0) -> pl.DataFrame:
    """Invoice lines with the columns of ``sales_files``; ``StockCode`` begins with the kind.

    Each article is of one of ``KINDS``. A few orders are ten times the usual, a few cancelled
    within minutes, a few returned weeks later. Equal arguments give equal lines.
    """
    rng = np.random.default_rng(seed)
    kind = np.arange(articles) % len(KINDS)
    week = np.arange(weeks)
    summer = np.sin(2 * np.pi * (week - 10) / 52)
    rate = rng.lognormal(2.5, 0.8, articles)[:, None] * np.ones(weeks)
    rate[kind == 1] *= np.exp(1.2 * summer)
    rate[kind == 2] *= np.exp(-1.2 * summer)
    rate[kind == 3] *= 4.0 * (rng.random((int((kind == 3).sum()), weeks)) < 0.15)
    end = rng.integers(weeks // 3, weeks, articles)[:, None]
    rate *= np.where(
        (kind == 4)[:, None], np.exp(-np.clip(week[None, :] - end, 0, None) / 4.0), 1.0
    )
    start = rng.integers(weeks // 2, weeks - 12, articles)[:, None]
    rate *= np.where((kind == 5)[:, None], week[None, :] >= start, 1.0)
    units = rng.poisson(rate) * np.where(rng.random(rate.shape) < 0.003, 10, 1)
    article, sold_in = np.nonzero(units)
    count = len(article)
    hours = sold_in * 168 + rng.integers(0, 5, count) * 24 + rng.integers(0, 8, count)
    lines = pl.DataFrame(
        {
            "InvoiceNo": [str(500_000 + i) for i in range(count)],
            "StockCode": [f"{KINDS[kind[a]].upper()}-{a:03d}" for a in article],
            "Quantity": units[article, sold_in].astype(np.int64),
            "InvoiceDate": [FIRST_DAY + timedelta(hours=int(hour)) for hour in hours],
            "UnitPrice": np.round(rng.lognormal(1.0, 0.6, articles)[article], 2),
            "CustomerID": rng.integers(1, 60, count).astype(str),
        }
    )
    undone = (
        lines.filter(pl.Series(rng.random(count) < 0.01))
        .with_columns(("C" + pl.col("InvoiceNo")).alias("InvoiceNo"), -pl.col("Quantity"))
        .with_row_index("n")
    )
    soon, late = pl.duration(minutes=20), pl.duration(days=20)
    undone = undone.with_columns(
        pl.col("InvoiceDate") + pl.when(pl.col("n") % 2 == 0).then(soon).otherwise(late)
    ).drop("n")
    known = undone.filter(pl.col("InvoiceDate") <= lines["InvoiceDate"].max())
    return pl.concat([lines, known]).sort("InvoiceDate", "InvoiceNo")
