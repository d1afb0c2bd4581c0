"""Reads of imports: their state, pages of lines with outcomes, the refused lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from entrepot.platform.catalog.import_problems import LineProblem
from entrepot.platform.catalog.import_rules import LineOutcome
from entrepot.platform.database import Row, fetch, fetch_one
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission

REFUSED = (LineOutcome.INVALID, LineOutcome.DUPLICATE)
_PAGE = 1000
_IMPORT = """
SELECT id, seller_id, file_name, blob_key, status, options, lines_read, lines_committed, counts,
       error, created_at, finished_at
  FROM catalog_import
"""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import: `counts` by outcome, `error` (code, en, ru) where the file was refused."""

    id: UUID
    seller_id: UUID
    file_name: str
    blob_key: str
    status: str
    options: Mapping[str, Any]
    lines_read: int
    lines_committed: int
    counts: Mapping[str, int]
    error: Mapping[str, str] | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def refused(self) -> int:
        """Number of lines that are not taken."""
        return sum(self.counts.get(outcome.value, 0) for outcome in REFUSED)


@dataclass(frozen=True, slots=True)
class ImportLineRow:
    """A line with its outcome; `problem` where it was refused."""

    line_number: int
    outcome: str
    offer_id: UUID | None
    cells: tuple[str, ...]
    problem: LineProblem | None


def _import(row: Row) -> ImportRow:
    values = dict(row)
    for name in ("options", "counts", "error"):
        values[name] = orjson.loads(values[name]) if values[name] is not None else None
    return ImportRow(**values)


def _line(row: Row) -> ImportLineRow:
    stored = orjson.loads(row["values"])
    problem = stored.get("problem")
    return ImportLineRow(
        line_number=row["line_number"],
        outcome=row["outcome"],
        offer_id=row["offer_id"],
        cells=tuple(stored.get("cells", ())),
        problem=LineProblem.from_json(problem) if problem else None,
    )


async def import_row(import_id: UUID, *, lock: bool = False) -> ImportRow | None:
    """Return an import whoever asks, for services and workers; `lock` its row if wished."""
    row = await fetch_one(f"{_IMPORT} WHERE id = $1" + (" FOR UPDATE" if lock else ""), import_id)
    return _import(row) if row else None


async def import_of(actor: Actor, import_id: UUID) -> ImportRow:
    """Return an import of the actor's company. Raises `Forbidden`, `NotFound`."""
    actor.require(Permission.CATALOG_MANAGE)
    stored = await import_row(import_id)
    if stored is None or stored.seller_id != actor.company_id:
        raise NotFound("import").at("id")
    return stored


async def unfinished_import(seller_id: UUID, blob_key: str) -> ImportRow | None:
    """Return the seller's latest import of the same file that is not finished."""
    row = await fetch_one(
        f"{_IMPORT} WHERE seller_id = $1 AND blob_key = $2"
        " AND status IN ('READING', 'PREVIEWED', 'COMMITTING') ORDER BY created_at DESC LIMIT 1",
        seller_id,
        blob_key,
    )
    return _import(row) if row else None


async def lines_page(
    import_id: UUID, limit: int, after: int, outcomes: Sequence[str] | None = None
) -> list[ImportLineRow]:
    """Return lines after the line number `after`, by number; `outcomes` narrows them.

    The caller has checked that the import may be seen.
    """
    rows = await fetch(
        "SELECT line_number, outcome, offer_id, values FROM catalog_import_line"
        " WHERE catalog_import_id = $1 AND line_number > $2"
        " AND ($3::text[] IS NULL OR outcome = ANY($3)) ORDER BY line_number LIMIT $4",
        import_id,
        after,
        list(outcomes) if outcomes is not None else None,
        limit,
    )
    return [_line(row) for row in rows]


async def refused_lines(import_id: UUID) -> AsyncIterator[ImportLineRow]:
    """Yield every refused line in the order of the file, a thousand a query."""
    after = 0
    while page := await lines_page(import_id, _PAGE, after, [one.value for one in REFUSED]):
        for line in page:
            yield line
        after = page[-1].line_number
