"""Reads of price imports: their state and the refused lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
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

_PAGE = 1000
_IMPORT = """
SELECT i.id, i.seller_id, i.price_list_id, i.file_name, i.blob_key, i.mode, i.status, i.options,
       i.lines_read, i.counts, i.error, i.created_at, i.finished_at, l.currency
  FROM price_import i JOIN price_list l ON l.id = i.price_list_id
"""


@dataclass(frozen=True, slots=True)
class PriceImportRow:
    """An import: `counts` by outcome, `error` (code, en, ru) where the file was refused."""

    id: UUID
    seller_id: UUID
    price_list_id: UUID
    file_name: str
    blob_key: str
    mode: str
    status: str
    options: Mapping[str, Any]
    lines_read: int
    counts: Mapping[str, int]
    error: Mapping[str, str] | None
    created_at: datetime
    finished_at: datetime | None
    currency: str

    @property
    def refused(self) -> int:
        """Number of lines that are not taken."""
        refused = (LineOutcome.INVALID, LineOutcome.DUPLICATE)
        return sum(self.counts.get(outcome.value, 0) for outcome in refused)


@dataclass(frozen=True, slots=True)
class RefusedPrice:
    """A line that is not taken, as the file has it, and why."""

    line_number: int
    outcome: str
    cells: tuple[str, ...]
    problem: LineProblem


def _import(row: Row) -> PriceImportRow:
    values = dict(row)
    for name in ("options", "counts", "error"):
        values[name] = orjson.loads(values[name]) if values[name] is not None else None
    return PriceImportRow(**values)


async def price_import_row(import_id: UUID, *, lock: bool = False) -> PriceImportRow | None:
    """Return an import whoever asks, for services and workers; `lock` its row if wished."""
    locking = " FOR UPDATE OF i" if lock else ""
    row = await fetch_one(f"{_IMPORT} WHERE i.id = $1{locking}", import_id)
    return _import(row) if row else None


async def price_import_of(actor: Actor, import_id: UUID) -> PriceImportRow:
    """Return an import of the actor's company. Raises `Forbidden`, `NotFound`."""
    actor.require(Permission.PRICES_MANAGE)
    stored = await price_import_row(import_id)
    if stored is None or stored.seller_id != actor.company_id:
        raise NotFound("import").at("id")
    return stored


async def refused_page(import_id: UUID, *, after: int, limit: int) -> list[RefusedPrice]:
    """Return refused lines after the line number `after`. Check first that they may be seen."""
    rows = await fetch(
        "SELECT line_number, outcome, values FROM price_import_line"
        " WHERE price_import_id = $1 AND line_number > $2 ORDER BY line_number LIMIT $3",
        import_id,
        after,
        limit,
    )
    found = []
    for row in rows:
        stored = orjson.loads(row["values"])
        problem = LineProblem.from_json(stored["problem"])
        cells = tuple(stored["cells"])
        found.append(RefusedPrice(row["line_number"], row["outcome"], cells, problem))
    return found


async def refused_prices(import_id: UUID) -> AsyncIterator[RefusedPrice]:
    """Yield every refused line in the order of the file, a thousand a query."""
    after = 0
    while page := await refused_page(import_id, after=after, limit=_PAGE):
        for line in page:
            yield line
        after = page[-1].line_number
