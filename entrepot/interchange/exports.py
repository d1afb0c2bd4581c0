"""Catalogues and order lines written to CSV, XLSX or Parquet, page by page.

Columns carry the names that the imports read, so what is exported can be imported elsewhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from uuid import UUID

from entrepot.interchange.spreadsheets.writing import Cell, open_writer
from entrepot.platform.catalog.export_rows import offers_after
from entrepot.platform.database import Row
from entrepot.platform.orders.export_rows import order_lines_after

PAGE = 2_000
CATALOG_COLUMNS = (
    "external_id", "article_number", "brand", "title", "title_ru", "description", "gtin", "price",
    "currency", "quantity", "unit", "category", "pack_quantity", "min_order_quantity",
    "order_step", "max_order_quantity", "cost_price", "tax_rate", "lead_time_days",
    "attributes", "cross_references",
)  # fmt: skip
ORDER_COLUMNS = (
    "sold_at", "order_number", "line_id", "buyer", "external_id", "article_number", "brand",
    "quantity", "price", "currency", "net", "tax", "gross", "status",
)  # fmt: skip

Progress = Callable[[int, int], None]
Page = Callable[[UUID, UUID, int], Awaitable[Sequence[Row]]]


async def export_catalog(seller_id: UUID, path: Path, progress: Progress) -> int:
    """Write the seller's active offers; return how many.

    `progress` hears (lines, 0): the total is not counted. Raises `UnsupportedFormat`.
    """
    return await _export(path, CATALOG_COLUMNS, offers_after, "id", seller_id, progress)


async def export_orders(seller_id: UUID, path: Path, progress: Progress) -> int:
    """Write the seller's order lines; return how many. As `export_catalog` otherwise."""
    return await _export(path, ORDER_COLUMNS, order_lines_after, "line_id", seller_id, progress)


async def _export(
    path: Path,
    columns: Sequence[str],
    page: Page,
    key: str,
    seller_id: UUID,
    progress: Progress,
) -> int:
    count, last_id = 0, UUID(int=0)
    with open_writer(path) as writer:
        writer.write(list(columns))
        while rows := await page(seller_id, last_id, PAGE):
            for row in rows:
                writer.write([_cell(row, column) for column in columns])
            last_id = rows[-1][key]
            count += len(rows)
            progress(count, 0)
    return count


def _cell(row: Row, column: str) -> Cell:
    if column == "gtin":
        return "|".join(row["gtins"])
    value = row[column]
    if column == "cross_references":
        return "|".join(value)
    if column == "attributes":
        return "" if value == "{}" else str(value)
    if isinstance(value, UUID):
        return str(value)
    cell: Cell = value
    return cell
