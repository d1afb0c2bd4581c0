"""Issuing invoices: a number without gaps, the content as agreed, the printed form."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.clock import Clock
from entrepot.platform.database import Row, execute, fetch_one, transaction
from entrepot.platform.documents.events import InvoiceIssued
from entrepot.platform.documents.invoice_storage import dump_content, load_content
from entrepot.platform.documents.order_content import content_of, local_day, locked_order
from entrepot.platform.documents.printing import print_both
from entrepot.platform.ids import new_id
from entrepot.platform.numbering import next_number
from entrepot.platform.outbox import record

SERIES = "INV"
WITHOUT_INVOICE = ("cancelled", "awaiting_payment")


async def issue_invoice(seller_order_id: UUID, blobs: FolderBlobs, clock: Clock) -> UUID | None:
    """Issue and print the invoice of a seller order; the same one however often it is called.

    Two steps, each whole or not at all: the number and content; then, with the PDFs stored, the
    event `InvoiceIssued`. None for an order that is cancelled, waits for its payment or does not
    exist. Locks the seller order and the counter of its legal entity. Not to be called inside a
    transaction.
    """
    async with transaction():
        order = await locked_order(seller_order_id)
        if order is None:
            return None
        invoice = await _invoice_of(seller_order_id)
        if invoice is None:
            if order["status"] in WITHOUT_INVOICE:
                return None
            await _create(order, clock.now())
            invoice = await _invoice_of(seller_order_id)
    if invoice is None:
        raise RuntimeError(f"the invoice of {seller_order_id} vanished")
    invoice_id: UUID = invoice["id"]
    if invoice["blob_key_en"] is None or invoice["blob_key_ru"] is None:
        keys = await print_both(load_content(invoice["content"]), blobs)
        async with transaction():
            printed = await execute(
                "UPDATE invoice SET blob_key_en = $2, blob_key_ru = $3"
                " WHERE id = $1 AND blob_key_ru IS NULL",
                invoice_id,
                *keys,
            )
            if printed:
                await record(InvoiceIssued(invoice_id, seller_order_id))
    return invoice_id


async def _invoice_of(seller_order_id: UUID) -> Row | None:
    return await fetch_one(
        "SELECT id, content, blob_key_en, blob_key_ru FROM invoice WHERE seller_order_id = $1",
        seller_order_id,
    )


async def _create(order: Row, now: datetime) -> None:
    issued_on = local_day(order, now)
    number = await next_number(order["legal_entity_id"], SERIES, issued_on.year)
    content = await content_of(order, "invoice", number, issued_on)
    await execute(
        "INSERT INTO invoice (id, seller_order_id, legal_entity_id, number, issued_at, content)"
        " VALUES ($1, $2, $3, $4, $5, $6::jsonb)",
        new_id(),
        order["id"],
        order["legal_entity_id"],
        number,
        now,
        dump_content(content),
    )
