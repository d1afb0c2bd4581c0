"""A file of prices on its way into a price list: previewed, taken over, its refused lines given
back.

Reading and understanding run in a thread, some thousands of lines ahead of the database at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from uuid import UUID

from entrepot.interchange.catalog_import import layout_of
from entrepot.interchange.refused_lines import Refused, write_refused_lines
from entrepot.interchange.spreadsheets.columns import PRICE_COLUMNS
from entrepot.interchange.spreadsheets.errors import SpreadsheetError
from entrepot.interchange.spreadsheets.rows import Row
from entrepot.interchange.spreadsheets.table import ReadOptions, Table, open_table
from entrepot.platform.blobs import BlobMissing, FolderBlobs
from entrepot.platform.catalog.import_rules import ImportStatus
from entrepot.platform.pricing.price_imports import queries, service, staging
from entrepot.platform.pricing.price_imports.queries import PriceImportRow
from entrepot.platform.pricing.price_imports.rules import (
    REQUIRED_COLUMNS,
    PriceContext,
    read_price_line,
)
from entrepot.platform.pricing.price_imports.staging import StagedLine

BATCH_LINES = 5000
Progress = Callable[[int], None]
"""Called with the number of lines dealt with so far."""


def _nobody(_done: int) -> None:
    pass


async def preview_prices(import_id: UUID, blobs: FolderBlobs, progress: Progress = _nobody) -> None:
    """Read a file and store what each line would do; nothing is taken yet.

    Ends with the import PREVIEWED, or FAILED with the reason where the file is no price list.
    Does nothing where another process has done it.
    """
    try:
        async with service.staged(import_id, ImportStatus.READING) as stored:
            if stored is None:
                return
            table = await _opened(stored, blobs)
            count = await _stage(stored, table, progress)
            await service.preview(stored, count, layout_of(table))
    except (SpreadsheetError, BlobMissing) as error:
        await service.fail_price_import(import_id, error)


async def commit_prices(import_id: UUID, blobs: FolderBlobs, progress: Progress = _nobody) -> None:
    """Read the file of a confirmed import again and take its good lines over, all at once."""
    try:
        async with service.staged(import_id, ImportStatus.COMMITTING) as stored:
            if stored is None:
                return
            await _stage(stored, await _opened(stored, blobs), progress)
            await service.commit(stored)
        await service.refresh_statistics()
    except (SpreadsheetError, BlobMissing) as error:
        await service.fail_price_import(import_id, error)


async def _opened(stored: PriceImportRow, blobs: FolderBlobs) -> Table:
    options = ReadOptions(**stored.options.get("read", {}))
    path = blobs.path(stored.blob_key)
    return await asyncio.to_thread(open_table, path, PRICE_COLUMNS, REQUIRED_COLUMNS, options)


async def _stage(stored: PriceImportRow, table: Table, progress: Progress) -> int:
    context = PriceContext(stored.currency, table.columns.header_currency, table.decimal)
    rows, done = table.rows(), 0
    while batch := await asyncio.to_thread(_next_batch, rows, table, context):
        await staging.add(batch)
        done += len(batch)
        progress(done)
    return done


def _next_batch(rows: Iterator[Row], table: Table, context: PriceContext) -> list[StagedLine]:
    return [
        StagedLine(
            row.line_number,
            row.cells,
            row.problem or read_price_line(table.columns.values(row.cells), context),
        )
        for row in islice(rows, BATCH_LINES)
    ]


async def write_refused_prices(import_id: UUID, path: Path, locale: str) -> int:
    """Write the refused lines with their reasons to `path`; return how many."""
    stored = await queries.price_import_row(import_id)
    layout = stored.options.get("layout", {}) if stored else {}
    lines = (
        Refused(line.line_number, line.cells, line.problem)
        async for line in queries.refused_prices(import_id)
    )
    return await write_refused_lines(layout, lines, path, locale)
