"""A seller's sales history from a file: read, resolved to offers, stored once each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from entrepot.interchange.refused_lines import REASON_COLUMNS
from entrepot.interchange.spreadsheets.columns import SALES_COLUMNS
from entrepot.interchange.spreadsheets.rows import Row
from entrepot.interchange.spreadsheets.table import ReadOptions, Table, open_table
from entrepot.interchange.spreadsheets.writing import CsvWriter
from entrepot.platform.catalog.import_numbers import read_currency, read_moment, read_number
from entrepot.platform.catalog.import_problems import LineProblem, ProblemCode
from entrepot.platform.catalog.import_rules import MAX_PRICE, MAX_QUANTITY, LineContext
from entrepot.platform.identity.actor import Actor
from entrepot.platform.orders.historic_sales import Sale, store_sales

BATCH_LINES = 2000
PROBLEMS_KEPT = 20
REQUIRED = ("sold_at", ("external_id", "article_number"), "quantity", "price")
LENGTHS = {"line_id": 100, "buyer": 200, "article_number": 256, "brand": 200, "order_number": 200}


@dataclass
class HistoryReport:
    """What became of a file's lines; `problems` are the first refused ones with line numbers."""

    created: int = 0
    known: int = 0
    refused: int = 0
    problems: list[tuple[int, LineProblem]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Lines dealt with."""
        return self.created + self.known + self.refused


async def import_sales(
    actor: Actor,
    path: Path,
    currency: str,
    options: ReadOptions | None = None,
    refused_path: Path | None = None,
    progress: Callable[[int], None] = lambda _done: None,
    locale: str = "en",
) -> HistoryReport:
    """Store the sales of a file for the actor's company; `currency` where the file names none.

    Each batch of 2,000 lines is a transaction; the same file again, whole or broken off, adds
    only what is missing. Refused lines go to `refused_path` (CSV) with line, field, reason and
    remedy in `locale`. Raises a `SpreadsheetError` for a file that is no sales list.
    """
    table = await asyncio.to_thread(open_table, path, SALES_COLUMNS, REQUIRED, options)
    context = LineContext(currency, table.columns.header_currency, table.decimal)
    report, rows, seen = HistoryReport(), table.rows(), Counter[bytes]()
    with ExitStack() as stack:
        writer = None
        if refused_path is not None:
            layout = table.dialect
            writer = stack.enter_context(
                CsvWriter(refused_path, encoding=layout.encoding, delimiter=layout.delimiter)
            )
            writer.write([*table.columns.header, *REASON_COLUMNS[locale]])
        while batch := await asyncio.to_thread(_next_batch, rows, table, context, seen):
            for row, problem in await _store(actor, batch, report):
                report.refused += 1
                if len(report.problems) < PROBLEMS_KEPT:
                    report.problems.append((row.line_number, problem))
                if writer is not None:
                    writer.write(_refused(row, problem, len(table.columns.header), locale))
            progress(report.total)
    return report


async def _store(
    actor: Actor, batch: list[tuple[Row, Sale | LineProblem]], report: HistoryReport
) -> list[tuple[Row, LineProblem]]:
    read = [(row, one) for row, one in batch if isinstance(one, Sale)]
    stored = await store_sales(actor, [sale for _, sale in read])
    report.created += stored.created
    report.known += stored.known
    refused = [(row, one) for row, one in batch if isinstance(one, LineProblem)]
    for (row, _), problem in zip(read, stored.problems, strict=True):
        if problem is not None:
            refused.append((row, problem))
    return sorted(refused, key=lambda pair: pair[0].line_number)


def _refused(row: Row, problem: LineProblem, width: int, locale: str) -> list[str]:
    cells = [*row.cells, *[""] * (width - len(row.cells))]
    reasons = [problem.field or "", problem.message(locale), problem.remedy(locale)]
    return [*cells, str(row.line_number), *reasons]


def _next_batch(
    rows: Iterator[Row], table: Table, context: LineContext, seen: Counter[bytes]
) -> list[tuple[Row, Sale | LineProblem]]:
    batch: list[tuple[Row, Sale | LineProblem]] = []
    for row in islice(rows, BATCH_LINES):
        if row.problem is not None:
            batch.append((row, row.problem))
        else:
            batch.append((row, read_sale(table.columns.values(row.cells), context, seen)))
    return batch


def read_sale(
    values: Mapping[str, str], context: LineContext, seen: Counter[bytes]
) -> Sale | LineProblem:
    """Understand a line's texts, or return the first thing wrong with it.

    Lines without an id of their own are known by their content; `seen` counts equal ones, so that
    two equal lines are two sales, and the same two when the file comes again.
    """
    for name in ("sold_at", "quantity", "price"):
        if not values.get(name):
            return LineProblem(ProblemCode.MISSING, name)
    if not values.get("external_id") and not values.get("article_number"):
        return LineProblem(ProblemCode.MISSING, "article_number")
    for name, limit in LENGTHS.items():
        if len(values.get(name, "")) > limit:
            return LineProblem(ProblemCode.TOO_LONG, name, values[name], str(limit))
    sold_at = read_moment("sold_at", values["sold_at"])
    if isinstance(sold_at, LineProblem):
        return sold_at
    quantity = read_number(
        "quantity", values["quantity"], context.decimal,
        low=-MAX_QUANTITY, high=MAX_QUANTITY, places=3,
    )  # fmt: skip
    if isinstance(quantity, LineProblem):
        return quantity
    if quantity == 0:
        return LineProblem(ProblemCode.OUT_OF_RANGE, "quantity", values["quantity"], "≠ 0")
    price = read_number(
        "price", values["price"], context.decimal, low=MAX_PRICE * 0, high=MAX_PRICE, places=4
    )
    if isinstance(price, LineProblem):
        return price
    currency = context.header_currency or context.default_currency
    if values.get("currency"):
        named = read_currency(values["currency"])
        if named is None:
            return LineProblem(ProblemCode.UNKNOWN_CURRENCY, "currency", values["currency"])
        currency = named
    return Sale(
        key=values.get("line_id") or _content_key(values, seen),
        sold_at=sold_at,
        quantity=quantity,
        unit_price=price,
        currency=currency,
        offer_external_id=values.get("external_id", ""),
        article_number=values.get("article_number", ""),
        brand=values.get("brand", ""),
        buyer=values.get("buyer", ""),
    )


def _content_key(values: Mapping[str, str], seen: Counter[bytes]) -> str:
    content = "\x1f".join(f"{name}={values[name]}" for name in sorted(values))
    digest = blake2b(content.encode(), digest_size=12).digest()
    seen[digest] += 1
    order = values.get("order_number", "")[:40]
    return f"{order}:{digest.hex()}:{seen[digest]}"
