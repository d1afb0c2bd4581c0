"""Imports of prices: announced, previewed, confirmed, taken over in one transaction.

Both long steps read the whole file anew; a process that dies leaves what was before, and another
one does the step again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import orjson

from entrepot.platform.catalog.import_errors import ImportNotReady
from entrepot.platform.catalog.import_rules import ImportStatus
from entrepot.platform.database import execute, fetch_one, transaction
from entrepot.platform.errors import DomainError, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.outbox import record
from entrepot.platform.pricing.events import OFFERS_PER_EVENT, PricesChanged
from entrepot.platform.pricing.price_imports import staging
from entrepot.platform.pricing.price_imports.errors import PriceListNotFixed
from entrepot.platform.pricing.price_imports.events import PriceImportConfirmed, PriceImportStarted
from entrepot.platform.pricing.price_imports.queries import (
    PriceImportRow,
    price_import_of,
    price_import_row,
)
from entrepot.platform.pricing.price_imports.rules import MERGE, REPLACE


async def start_price_import(
    actor: Actor,
    price_list_id: UUID,
    *,
    file_name: str,
    blob_key: str,
    mode: str,
    options: Mapping[str, Any],
) -> UUID:
    """Note a file for a fixed list of the actor's company; returns the import's id.

    Records `PriceImportStarted`. Raises `Forbidden`, `NotFound`, `PriceListNotFixed`,
    `InvalidInput`.
    """
    actor.require(Permission.PRICES_MANAGE)
    if mode not in (MERGE, REPLACE):
        raise InvalidInput("mode", "must be merge or replace", "допустимо merge или replace")
    import_id = new_id()
    async with transaction():
        row = await fetch_one(
            "SELECT kind, name FROM price_list WHERE id = $1 AND seller_id = $2",
            price_list_id,
            actor.company_id,
        )
        if row is None:
            raise NotFound("price list").at("priceListId")
        if row["kind"] != "fixed":
            raise PriceListNotFixed(row["name"]).at("priceListId")
        await execute(
            "INSERT INTO price_import (id, seller_id, price_list_id, created_by_id, file_name,"
            " blob_key, mode, status, options, lines_read, counts, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, 0, '{}'::jsonb, now())",
            import_id,
            actor.company_id,
            price_list_id,
            None if actor.via == "system" else actor.user_id,
            file_name[:255],
            blob_key,
            mode,
            ImportStatus.READING.value,
            orjson.dumps({"read": dict(options)}).decode(),
        )
        await record(PriceImportStarted(import_id))
    return import_id


async def refresh_statistics() -> None:
    """Have prices planned for as many as there are now. Call it outside a transaction."""
    await execute("ANALYZE price_tier")


@asynccontextmanager
async def staged(import_id: UUID, status: ImportStatus) -> AsyncIterator[PriceImportRow | None]:
    """Open the transaction of one step: fill the stage inside, then `preview` or `commit`.

    Yields `None` where the import is not at that step (another process did it). Locks the import.
    """
    async with transaction():
        stored = await price_import_row(import_id, lock=True)
        if stored is None or stored.status != status:
            yield None
            return
        await staging.open_stage()
        yield stored


async def preview(stored: PriceImportRow, lines_read: int, layout: Mapping[str, Any]) -> None:
    """Store what each staged line would do; nothing is taken."""
    counts = await staging.judge(stored)
    await staging.keep_refused(stored.id)
    await execute(
        "UPDATE price_import SET status = $2, lines_read = $3, counts = $4::jsonb,"
        " options = options || $5::jsonb WHERE id = $1",
        stored.id,
        ImportStatus.PREVIEWED.value,
        lines_read,
        orjson.dumps(counts).decode(),
        orjson.dumps({"layout": dict(layout)}).decode(),
    )


async def commit(stored: PriceImportRow) -> None:
    """Take the staged good lines over. Records `PricesChanged` for every offer that changed.

    Locks the list against other writers; readers do not wait.
    """
    await execute("SELECT 1 FROM price_list WHERE id = $1 FOR NO KEY UPDATE", stored.price_list_id)
    counts = await staging.judge(stored)
    await staging.keep_refused(stored.id)
    changed = await staging.take_over(stored)
    await _record_changed(stored.seller_id, changed)
    await execute(
        "UPDATE price_import SET status = $2, counts = $3::jsonb, finished_at = now()"
        " WHERE id = $1",
        stored.id,
        ImportStatus.COMMITTED.value,
        orjson.dumps(counts).decode(),
    )


async def _record_changed(seller_id: UUID, offer_ids: Sequence[UUID]) -> None:
    for start in range(0, len(offer_ids), OFFERS_PER_EVENT):
        await record(PricesChanged(seller_id, tuple(offer_ids[start : start + OFFERS_PER_EVENT])))


async def confirm_price_import(actor: Actor, import_id: UUID) -> PriceImportRow:
    """Have the good lines of a complete preview taken over; asking again changes nothing.

    Records `PriceImportConfirmed` once. Raises `Forbidden`, `NotFound`, `ImportNotReady`.
    """
    actor.require(Permission.PRICES_MANAGE)
    async with transaction():
        stored = await price_import_row(import_id, lock=True)
        if stored is None or stored.seller_id != actor.company_id:
            raise NotFound("import").at("importId")
        if stored.status in (ImportStatus.COMMITTING, ImportStatus.COMMITTED):
            return stored
        if stored.status != ImportStatus.PREVIEWED:
            raise ImportNotReady(stored.status).at("importId")
        await execute(
            "UPDATE price_import SET status = $2 WHERE id = $1",
            import_id,
            ImportStatus.COMMITTING.value,
        )
        await record(PriceImportConfirmed(import_id))
    return await price_import_of(actor, import_id)


async def fail_price_import(import_id: UUID, error: DomainError) -> None:
    """Refuse a file as a whole; no price changes."""
    told = {"code": error.code, "en": error.message("en"), "ru": error.message("ru")}
    await execute(
        "UPDATE price_import SET status = $2, error = $3::jsonb, finished_at = now()"
        " WHERE id = $1 AND status = ANY($4::text[])",
        import_id,
        ImportStatus.FAILED.value,
        orjson.dumps(told).decode(),
        [ImportStatus.READING.value, ImportStatus.COMMITTING.value],
    )
