"""A catalogue file on its way in: read into a preview, taken over, its refused lines given back.

Reading runs in a thread, a thousand lines ahead of the database at most, so memory does not grow
with the file. Both halves go on where a killed process stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from entrepot.interchange.refused_lines import Refused, write_refused_lines
from entrepot.interchange.spreadsheets.columns import CATALOG_COLUMNS
from entrepot.interchange.spreadsheets.errors import SpreadsheetError
from entrepot.interchange.spreadsheets.rows import Cursor, Row
from entrepot.interchange.spreadsheets.table import ReadOptions, Table, open_table
from entrepot.platform.blobs import BlobMissing, FolderBlobs
from entrepot.platform.catalog import import_queries, import_service
from entrepot.platform.catalog.import_rules import (
    REQUIRED_COLUMNS,
    CatalogLine,
    ImportStatus,
    LineContext,
    read_line,
)
from entrepot.platform.catalog.import_service import BATCH_LINES, ReadLine
from entrepot.platform.database import fetch_value

Progress = Callable[[int], None]
"""Called with the number of lines dealt with so far."""


def _nobody(_done: int) -> None:
    pass


async def read_import(import_id: UUID, blobs: FolderBlobs, progress: Progress = _nobody) -> None:
    """Read an import's file into its preview, from where the last process stopped.

    Ends with the import PREVIEWED, or FAILED with the reason where the file is no catalogue.
    Returns at once where it is not READING, or another process reads it.
    """
    stored = await import_queries.import_row(import_id)
    if stored is None or stored.status != ImportStatus.READING:
        return
    try:
        path = blobs.path(stored.blob_key)
        options = ReadOptions(**stored.options.get("read", {}))
        table = await asyncio.to_thread(
            open_table, path, CATALOG_COLUMNS, REQUIRED_COLUMNS, options
        )
        context = LineContext(
            default_currency=await _currency(stored.seller_id),
            header_currency=table.columns.header_currency,
            decimal=table.decimal,
        )
        await _read_lines(import_id, stored.options.get("cursor"), table, context, progress)
    except (SpreadsheetError, BlobMissing) as error:
        await import_service.fail_import(import_id, error)


async def preview_now(import_id: UUID, blobs: FolderBlobs, seconds: float = 10.0) -> None:
    """Have the preview of a small file complete before returning, whoever reads it.

    A worker hears of the import too and may be the faster one with some of the batches. After
    `seconds` the import is left to it.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                await read_import(import_id, blobs)
                stored = await import_queries.import_row(import_id)
                if stored is None or stored.status != ImportStatus.READING:
                    return
                await asyncio.sleep(0.02)


async def _currency(seller_id: UUID) -> str:
    found: str | None = await fetch_value(
        "SELECT currency FROM legal_entity WHERE company_id = $1 AND active"
        " ORDER BY created_at, id LIMIT 1",
        seller_id,
    )
    return found or "EUR"


async def _read_lines(
    import_id: UUID,
    cursor: Mapping[str, Any] | None,
    table: Table,
    context: LineContext,
    progress: Progress,
) -> None:
    seen = await import_service.seen_keys(import_id) if cursor else {}
    at = Cursor(**cursor) if cursor else None
    rows = table.rows(at)
    before = at.line if at else 0
    done = 0
    while True:
        batch = await asyncio.to_thread(_next_batch, rows, table, context, seen)
        finished = len(batch) < BATCH_LINES
        last = batch[-1][0].cursor if batch else (at or table.body)
        stored = await import_service.stage_batch(
            import_id,
            [line for _, line in batch],
            after_line=before,
            progress={
                "cursor": asdict(last),
                "context": asdict(context),
                "layout": layout_of(table),
            },
            finished=finished,
        )
        if not stored:
            return
        done += len(batch)
        progress(done)
        if finished:
            return
        at, before = last, last.line


def _next_batch(
    rows: Iterator[Row], table: Table, context: LineContext, seen: dict[str, int]
) -> list[tuple[Row, ReadLine]]:
    batch = []
    for row in islice(rows, BATCH_LINES):
        if row.problem is not None:
            batch.append((row, ReadLine(row.line_number, row.cells, {}, row.problem)))
            continue
        values = table.columns.values(row.cells)
        meaning = read_line(values, context)
        first = None
        if isinstance(meaning, CatalogLine):
            first = seen.get(meaning.external_id)
            seen.setdefault(meaning.external_id, row.line_number)
        batch.append((row, ReadLine(row.line_number, row.cells, values, meaning, first)))
    return batch


def layout_of(table: Table) -> dict[str, Any]:
    """Return what is needed to write refused lines as the file had them."""
    return {
        "kind": table.kind,
        "encoding": table.dialect.encoding,
        "delimiter": table.dialect.delimiter,
        "bom": table.dialect.bom,
        "header": list(table.columns.header),
        "ignored": list(table.columns.ignored),
    }


async def commit_import(import_id: UUID, progress: Progress = _nobody) -> None:
    """Take over the good lines of a confirmed import, batch by batch, to the end."""
    done = 0
    while taken := await import_service.commit_batch(import_id):
        done += taken
        progress(done)


async def write_refused(import_id: UUID, path: Path, locale: str) -> int:
    """Write the refused lines with their reasons to `path`; return how many."""
    stored = await import_queries.import_row(import_id)
    layout = stored.options.get("layout", {}) if stored else {}
    lines = (
        Refused(line.line_number, line.cells, line.problem)
        async for line in import_queries.refused_lines(import_id)
    )
    return await write_refused_lines(layout, lines, path, locale)
