"""Imports of catalogues, batch by batch: each is one transaction that also moves the progress.

A process may die at any moment: what was staged or taken over is recorded together with how far
it went, so another process goes on exactly there. Batches of one seller never overlap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from entrepot.platform.catalog.errors import NotSelling
from entrepot.platform.catalog.events import OffersChanged, ProductsChanged
from entrepot.platform.catalog.import_attributes import with_typed_attributes
from entrepot.platform.catalog.import_errors import ImportNotReady
from entrepot.platform.catalog.import_events import CatalogImportConfirmed, CatalogImportStarted
from entrepot.platform.catalog.import_plan import BatchState, plan_line
from entrepot.platform.catalog.import_problems import LineProblem, ProblemCode
from entrepot.platform.catalog.import_queries import ImportRow, import_of, import_row
from entrepot.platform.catalog.import_rules import (
    CatalogLine,
    ImportStatus,
    LineContext,
    LineOutcome,
    read_line,
)
from entrepot.platform.catalog.import_state import load_state
from entrepot.platform.catalog.import_writes import (
    ensure_categories,
    ensure_products,
    write_offers,
    write_products,
    write_references,
    write_stock,
)
from entrepot.platform.database import Row, execute, execute_many, fetch, fetch_value, transaction
from entrepot.platform.errors import DomainError, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.outbox import record

BATCH_LINES = 1000
IMPORT_LOCKS = 0x656E76  # first half of the advisory lock that a seller's batches take
_GOOD = (LineOutcome.CREATED, LineOutcome.UPDATED, LineOutcome.UNCHANGED)


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line as the file has it: its texts by field, what they mean, or why they mean nothing.

    `first_line` is set where the file names the same offer in an earlier line.
    """

    line_number: int
    cells: Sequence[str]
    values: Mapping[str, str]
    meaning: CatalogLine | LineProblem
    first_line: int | None = None


async def start_import(
    actor: Actor, file_name: str, blob_key: str, options: Mapping[str, Any]
) -> UUID:
    """Note a file to be imported for the actor's company; returns the import's id.

    Records `CatalogImportStarted`. Raises `Forbidden`, `NotSelling`.
    """
    actor.require(Permission.CATALOG_MANAGE)
    import_id = new_id()
    async with transaction():
        sells = await fetch_value(
            "SELECT is_seller AND active FROM company WHERE id = $1", actor.company_id
        )
        if not sells:
            raise NotSelling
        await execute(
            "INSERT INTO catalog_import (id, seller_id, created_by_id, file_name, blob_key, status,"
            " options, lines_read, lines_committed, counts, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, 0, 0, '{}'::jsonb, now())",
            import_id,
            actor.company_id,
            None if actor.via == "system" else actor.user_id,
            file_name[:255],
            blob_key,
            ImportStatus.READING.value,
            orjson.dumps({"read": dict(options)}).decode(),
        )
        await record(CatalogImportStarted(import_id))
    return import_id


async def stage_batch(
    import_id: UUID,
    lines: Sequence[ReadLine],
    *,
    after_line: int,
    progress: Mapping[str, Any],
    finished: bool,
) -> bool:
    """Store a batch of lines with the outcome each would have now; False where another process
    has read on from `after_line` already (nothing is stored then).

    `progress` goes into the import's options. Locks the import's row.
    """
    async with transaction():
        stored = await import_row(import_id, lock=True)
        if stored is None or stored.status != ImportStatus.READING:
            return False
        if stored.options.get("cursor", {}).get("line", 0) != after_line:
            return False
        outcomes = await _preview(stored.seller_id, lines)
        counts = dict(stored.counts)
        for _, outcome in outcomes:
            counts[outcome.value] = counts.get(outcome.value, 0) + 1
        await execute_many(
            "INSERT INTO catalog_import_line (catalog_import_id, line_number, outcome, field,"
            " reason_en, reason_ru, values) VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)",
            [_line_arguments(import_id, line, outcome) for line, outcome in outcomes],
        )
        status = ImportStatus.PREVIEWED if finished else ImportStatus.READING
        await execute(
            "UPDATE catalog_import SET options = options || $2::jsonb, counts = $3::jsonb,"
            " lines_read = lines_read + $4, status = $5 WHERE id = $1",
            import_id,
            orjson.dumps(dict(progress)).decode(),
            orjson.dumps(counts).decode(),
            len(lines),
            status.value,
        )
    return True


async def _preview(
    seller_id: UUID, lines: Sequence[ReadLine]
) -> list[tuple[ReadLine, LineOutcome]]:
    good = [line for line in lines if _is_good(line)]
    meanings = [line.meaning for line in good if isinstance(line.meaning, CatalogLine)]
    meanings = await with_typed_attributes(meanings, define=False)
    state = await load_state(seller_id, meanings)
    planned = {
        line.line_number: plan_line(state, meaning, seller_id, (new_id(), new_id()))[0]
        for line, meaning in zip(good, meanings, strict=True)
    }
    return [(line, planned.get(line.line_number) or _refusal(line)) for line in lines]


def _is_good(line: ReadLine) -> bool:
    return isinstance(line.meaning, CatalogLine) and line.first_line is None


def _refusal(line: ReadLine) -> LineOutcome:
    refused = isinstance(line.meaning, LineProblem)
    return LineOutcome.INVALID if refused else LineOutcome.DUPLICATE


def _line_arguments(import_id: UUID, line: ReadLine, outcome: LineOutcome) -> tuple[object, ...]:
    problem: LineProblem | None = None
    stored: dict[str, Any] = {"fields": dict(line.values)}
    if isinstance(line.meaning, LineProblem):
        problem = line.meaning
    else:
        stored["key"] = line.meaning.external_id
        if line.first_line is not None:
            problem = LineProblem(
                ProblemCode.DUPLICATE_LINE, None, line.meaning.external_id, str(line.first_line)
            )
    if problem is not None:
        stored = {"cells": list(line.cells), "problem": problem.to_json()}
    return (
        import_id,
        line.line_number,
        outcome.value,
        problem.field if problem else None,
        f"{problem.message('en')} {problem.remedy('en')}" if problem else None,
        f"{problem.message('ru')} {problem.remedy('ru')}" if problem else None,
        orjson.dumps(stored).decode(),
    )


async def seen_keys(import_id: UUID) -> dict[str, int]:
    """Return external id → line of what is staged already: where a resumed reading starts from."""
    rows = await fetch(
        "SELECT line_number, values ->> 'key' AS key FROM catalog_import_line"
        " WHERE catalog_import_id = $1 AND values ? 'key'",
        import_id,
    )
    return {row["key"]: row["line_number"] for row in rows}


async def fail_import(import_id: UUID, error: DomainError) -> None:
    """Refuse a file as a whole; what was staged of it is dropped."""
    told = {"code": error.code, "en": error.message("en"), "ru": error.message("ru")}
    async with transaction():
        await execute("DELETE FROM catalog_import_line WHERE catalog_import_id = $1", import_id)
        await execute(
            "UPDATE catalog_import SET status = $2, error = $3::jsonb, finished_at = now()"
            " WHERE id = $1 AND status = $4",
            import_id,
            ImportStatus.FAILED.value,
            orjson.dumps(told).decode(),
            ImportStatus.READING.value,
        )


async def confirm_import(actor: Actor, import_id: UUID) -> ImportRow:
    """Have the good lines of a complete preview taken over; asking again changes nothing.

    Records `CatalogImportConfirmed` once. Raises `Forbidden`, `NotFound`, `ImportNotReady`.
    """
    actor.require(Permission.CATALOG_MANAGE)
    async with transaction():
        stored = await import_row(import_id, lock=True)
        if stored is None or stored.seller_id != actor.company_id:
            raise NotFound("import").at("importId")
        if stored.status in (ImportStatus.COMMITTING, ImportStatus.COMMITTED):
            return stored
        if stored.status != ImportStatus.PREVIEWED:
            raise ImportNotReady(stored.status).at("importId")
        await execute(
            "UPDATE catalog_import SET status = $2 WHERE id = $1",
            import_id,
            ImportStatus.COMMITTING.value,
        )
        await record(CatalogImportConfirmed(import_id))
    return await import_of(actor, import_id)


REFRESH_STATISTICS = "ANALYZE catalog_import_line, product, offer, stock_item, cross_reference"
"""Plans made for empty tables read them whole: 100,000 lines took 117 s instead of 27."""


async def commit_batch(import_id: UUID, limit: int = BATCH_LINES) -> int:
    """Take over the next good lines; return how many, 0 when all are (it is then COMMITTED).

    One transaction: products, offers, stock, cross-references, outcomes, progress and the events
    `OffersChanged`, `ProductsChanged`. Locks the import's row, the seller's imports, the products.
    """
    async with transaction():
        stored = await import_row(import_id, lock=True)
        if stored is None or stored.status != ImportStatus.COMMITTING:
            return 0
        await execute(
            "SELECT pg_advisory_xact_lock($1, hashtext($2))", IMPORT_LOCKS, str(stored.seller_id)
        )
        rows = await fetch(
            "SELECT line_number, outcome, values FROM catalog_import_line"
            " WHERE catalog_import_id = $1 AND line_number > $2 AND outcome = ANY($3::text[])"
            " ORDER BY line_number LIMIT $4",
            import_id,
            stored.lines_committed,
            [outcome.value for outcome in _GOOD],
            limit,
        )
        if not rows:
            await execute(
                "UPDATE catalog_import SET status = $2, finished_at = now() WHERE id = $1",
                import_id,
                ImportStatus.COMMITTED.value,
            )
            return 0
        await _take_over(stored, rows)
    batch = stored.lines_committed // limit + 1
    if batch & (batch - 1) == 0:  # after 1, 2, 4, 8 … batches
        await execute(REFRESH_STATISTICS)
    return len(rows)


async def _take_over(stored: ImportRow, rows: Sequence[Row]) -> None:
    context = LineContext(**stored.options["context"])
    lines = [_meaning(row, context) for row in rows]
    lines = await with_typed_attributes(lines, define=True)
    await ensure_categories(line.category for line in lines if line.category)
    await ensure_products(stored.seller_id, lines)
    state = await load_state(stored.seller_id, lines, lock=True)
    planned = [plan_line(state, line, stored.seller_id, (new_id(), new_id())) for line in lines]
    ids = await _write(stored.seller_id, state)
    counts = dict(stored.counts)
    for row, (outcome, _) in zip(rows, planned, strict=True):
        counts[row["outcome"]] -= 1
        counts[outcome.value] = counts.get(outcome.value, 0) + 1
    await execute_many(
        "UPDATE catalog_import_line SET outcome = $3, offer_id = $4, values = '{}'::jsonb"
        " WHERE catalog_import_id = $1 AND line_number = $2",
        [
            (stored.id, row["line_number"], outcome.value, ids.get(line.external_id, offer_id))
            for row, line, (outcome, offer_id) in zip(rows, lines, planned, strict=True)
        ],
    )
    await execute(
        "UPDATE catalog_import SET lines_committed = $2, counts = $3::jsonb WHERE id = $1",
        stored.id,
        rows[-1]["line_number"],
        orjson.dumps(counts).decode(),
    )


def _meaning(row: Row, context: LineContext) -> CatalogLine:
    meaning = read_line(orjson.loads(row["values"])["fields"], context)
    if isinstance(meaning, LineProblem):
        raise RuntimeError(f"line {row['line_number']} was staged as good but is refused now")
    return meaning


async def _write(seller_id: UUID, state: BatchState) -> dict[str, UUID]:
    """Carry out the plan and record its events; returns offer ids by external id."""
    await write_products(state.changed_products.values())
    ids = await write_offers(seller_id, list(state.changed_offers.values()))
    await write_stock(seller_id, {ids[key]: count for key, count in state.stock.items()})
    await write_references(state.new_references)
    if ids:
        await record(OffersChanged(tuple(sorted(ids.values()))))
    shared = {product.id for product in state.changed_products.values() if product.offer_count > 1}
    shared |= {product_id for product_id, _, _ in state.new_references}
    if shared:
        await record(ProductsChanged(tuple(sorted(shared))))
    return ids
