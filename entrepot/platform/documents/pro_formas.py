"""Pro formas: what a buyer who pays in advance is asked to pay before the seller begins."""

from __future__ import annotations

from uuid import UUID

from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.clock import Clock
from entrepot.platform.database import Row, execute, fetch_one, transaction
from entrepot.platform.documents.events import ProFormaIssued
from entrepot.platform.documents.invoice_storage import dump_content, load_content
from entrepot.platform.documents.order_content import content_of, local_day, locked_order
from entrepot.platform.documents.printing import print_both
from entrepot.platform.ids import new_id
from entrepot.platform.outbox import record

AWAITING_PAYMENT = "awaiting_payment"


async def issue_pro_forma(seller_order_id: UUID, blobs: FolderBlobs, clock: Clock) -> UUID | None:
    """Write and print the pro forma of a seller order that waits for its payment, once.

    It bears the seller order's own number: no law asks pro formas to have a series. Two steps as
    for invoices; with the PDFs stored `ProFormaIssued` is recorded. None for an order that does
    not wait, unless it has its pro forma already. Locks the seller order. Not to be called inside
    a transaction.
    """
    async with transaction():
        order = await locked_order(seller_order_id)
        if order is None:
            return None
        found = await _pro_forma_of(seller_order_id)
        if found is None:
            if order["status"] != AWAITING_PAYMENT:
                return None
            now = clock.now()
            content = await content_of(order, "pro_forma", order["number"], local_day(order, now))
            await execute(
                "INSERT INTO pro_forma (id, seller_order_id, issued_at, content)"
                " VALUES ($1, $2, $3, $4::jsonb)",
                new_id(),
                seller_order_id,
                now,
                dump_content(content),
            )
            found = await _pro_forma_of(seller_order_id)
    if found is None:
        raise RuntimeError(f"the pro forma of {seller_order_id} vanished")
    pro_forma_id: UUID = found["id"]
    if found["blob_key_ru"] is None:
        keys = await print_both(load_content(found["content"]), blobs)
        async with transaction():
            printed = await execute(
                "UPDATE pro_forma SET blob_key_en = $2, blob_key_ru = $3"
                " WHERE id = $1 AND blob_key_ru IS NULL",
                pro_forma_id,
                *keys,
            )
            if printed:
                await record(ProFormaIssued(pro_forma_id, seller_order_id))
    return pro_forma_id


async def _pro_forma_of(seller_order_id: UUID) -> Row | None:
    return await fetch_one(
        "SELECT id, content, blob_key_ru FROM pro_forma WHERE seller_order_id = $1",
        seller_order_id,
    )
