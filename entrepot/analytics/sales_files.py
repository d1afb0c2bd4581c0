"""Order lines from a file to weekly demand: the columns of the UCI Online Retail data.

Sales, returns, voided orders and lines that are no articles are told apart here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from entrepot.analytics.panel import PreparedPanel, monday, prepare_panel

REQUIRED = ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice")
DATE_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d", "%m/%d/%Y %H:%M")
SERVICE_CODES = r"(?i)^(TEST.*|GIFT_.*|[A-Z. ]+|C2|C3|DCGS.*)$"
"""Postage, fees, adjustments, vouchers: codes without a digit, and the few known ones with."""

VOID_DAYS = 7
"""A cancellation of the same buyer, article and quantity within these days voids the sale.

A later one is a return: the article was wanted when it was bought, so demand stands. The limit also
keeps a backtest honest, as it changes no more than the last week known at an origin.
"""


@dataclass(frozen=True, slots=True)
class UnreadableSales(ValueError):
    """The file is no table of sales: ``reason`` says what is missing or wrong."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True, slots=True)
class SalesFile:
    """Lines of a file, told apart. ``sales`` has ``series``, ``day``, ``demand`` (units)."""

    sales: pl.DataFrame
    lines: int
    voided: int
    returned: int
    not_articles: int
    last_day: date

    def panel(self, series: Iterable[str] | None = None) -> PreparedPanel:
        """The weekly panel up to the last complete ISO week, of all or only some articles."""
        sales = self.sales
        if series is not None:
            sales = sales.filter(pl.col("series").is_in(list(series)))
        return prepare_panel(
            sales.select("series", pl.col("day").alias("week"), "demand"),
            last_complete_week(self.last_day),
        )


def last_complete_week(last_day: date) -> date:
    """Monday of the last ISO week that ``last_day`` lets us know to its end (Sunday)."""
    start = monday(last_day)
    return start if last_day.weekday() == 6 else start - timedelta(days=7)


def read_sales_file(path: Path) -> SalesFile:
    """Read a ``.parquet`` or ``.csv`` file. Raises ``UnreadableSales``.

    Demand is what buyers ordered, so returns do not lower it. A line counts when its quantity is
    positive, its price is not zero or negative (NaN or absent is unknown, and counts), its code is
    an article's, and no cancellation (``InvoiceNo`` starting with C) voided it within
    ``VOID_DAYS``.
    """
    raw = _read(path)
    missing = [name for name in REQUIRED if name not in raw.columns]
    if missing:
        raise UnreadableSales(str(path), f"columns missing: {', '.join(missing)}")
    buyer = pl.col("CustomerID") if "CustomerID" in raw.columns else pl.lit(None)
    lines = raw.select(
        invoice=pl.col("InvoiceNo").cast(pl.String),
        series=pl.col("StockCode").cast(pl.String).str.strip_chars().str.to_uppercase(),
        quantity=pl.col("Quantity").cast(pl.Float64, strict=False),
        at=_moment(raw.schema["InvoiceDate"]),
        price=pl.col("UnitPrice").cast(pl.Float64, strict=False),
        buyer=buyer.cast(pl.String).fill_null(""),
    )
    dated = lines.filter(pl.col("at").is_not_null())
    if dated.is_empty():
        raise UnreadableSales(str(path), "no line has a date that can be read")
    article = ~pl.col("series").str.contains(SERVICE_CODES) & pl.col("series").is_not_null()
    articles = dated.filter(article).with_columns(
        cancels=pl.col("invoice").str.starts_with("C") & (pl.col("quantity") < 0)
    )
    priced = pl.col("price").is_null() | pl.col("price").is_nan() | (pl.col("price") > 0)
    sold = articles.filter(~pl.col("cancels") & (pl.col("quantity") > 0) & priced)
    cancelled = articles.filter(pl.col("cancels"))
    # Returns trickle in after the last sale of a file: they do not say that nothing was sold.
    last_day = sold["at"].dt.date().max()
    if not isinstance(last_day, date):
        raise UnreadableSales(str(path), "no line is a sale of an article")
    kept = _without_voided(sold, cancelled)
    return SalesFile(
        sales=kept.select("series", day=pl.col("at").dt.date(), demand="quantity"),
        lines=raw.height,
        voided=sold.height - kept.height,
        returned=articles.filter(pl.col("quantity") < 0).height - (sold.height - kept.height),
        not_articles=raw.height - articles.height,
        last_day=last_day,
    )


def _read(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise UnreadableSales(str(path), "no such file")
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path)
        text = dict.fromkeys(("InvoiceNo", "StockCode", "CustomerID"), pl.String)
        return pl.read_csv(path, schema_overrides=text, truncate_ragged_lines=True)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableSales(str(path), str(error).splitlines()[0]) from error


def _moment(dtype: pl.DataType) -> pl.Expr:
    column = pl.col("InvoiceDate")
    if dtype.is_temporal():
        return column.cast(pl.Datetime("us"))
    text = column.cast(pl.String)
    return pl.coalesce(
        text.str.to_datetime(form, strict=False, time_unit="us") for form in DATE_FORMATS
    )


def _without_voided(sold: pl.DataFrame, cancelled: pl.DataFrame) -> pl.DataFrame:
    """Drop each sale the nearest later cancellation of equal buyer, article, quantity voids."""
    key = ["buyer", "series", "quantity"]
    sales = sold.with_row_index("sale").sort("at")
    voids = (
        cancelled.filter(pl.col("buyer") != "")
        .with_columns(quantity=-pl.col("quantity"))
        .select(*key, "at")
        .sort("at")
        .join_asof(
            sales.select(*key, "at", "sale"),
            on="at",
            by=key,
            strategy="backward",
            tolerance=timedelta(days=VOID_DAYS),
            check_sortedness=False,
        )
        .filter(pl.col("sale").is_not_null())
        .select("sale")
        .unique()
    )
    return sales.join(voids, on="sale", how="anti").drop("sale")
