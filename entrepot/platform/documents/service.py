"""Issuing invoices: a number without gaps, the content as agreed, the printed form."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.clock import Clock
from entrepot.platform.database import Row, execute, fetch, fetch_one, transaction
from entrepot.platform.documents.events import InvoiceIssued
from entrepot.platform.documents.file_links import FileLink, opened, sign
from entrepot.platform.documents.invoice_content import InvoiceContent, InvoiceLine, Party
from entrepot.platform.documents.invoice_pdf import LOCALES, render_invoice
from entrepot.platform.documents.invoice_storage import dump_content, load_content
from entrepot.platform.documents.uploads import (
    awaited_upload,
    complete_upload,
    create_upload,
    received_file,
)
from entrepot.platform.ids import new_id
from entrepot.platform.money import minor_digits
from entrepot.platform.numbering import next_number
from entrepot.platform.outbox import record

__all__ = [
    "FileLink",
    "awaited_upload",
    "complete_upload",
    "create_upload",
    "issue_invoice",
    "opened",
    "received_file",
    "sign",
]

SERIES = "INV"
PAYMENT_DAYS = 14
CANCELLED = "cancelled"
_ORDER = """
SELECT s.id, s.number, s.status, s.currency, s.net, s.tax, s.gross, s.legal_entity_id, o.po_number,
       e.name AS seller_name, e.tax_id AS seller_tax_id, e.country AS seller_country,
       e.address AS seller_address, e.registration_reason_code AS seller_reason, e.time_zone,
       b.name AS buyer_name, b.tax_id AS buyer_tax_id, b.country AS buyer_country,
       b.address AS buyer_address, b.registration_reason_code AS buyer_reason
  FROM seller_order s
  JOIN purchase_order o ON o.id = s.order_id
  JOIN legal_entity e ON e.id = s.legal_entity_id
  JOIN legal_entity b ON b.id = o.legal_entity_id
 WHERE s.id = $1
   FOR UPDATE OF s
"""
_LINES = """
SELECT line_number AS position, article_number, title_en, title_ru, quantity, unit, unit_price,
       tax_rate, net, tax, gross
  FROM order_line WHERE seller_order_id = $1 ORDER BY line_number
"""


async def issue_invoice(seller_order_id: UUID, blobs: FolderBlobs, clock: Clock) -> UUID | None:
    """Issue and print the invoice of a seller order; the same one however often it is called.

    Two steps, each whole or not at all: the number and content; then, with the PDFs stored, the
    event `InvoiceIssued`. None for an order that is cancelled or does not exist. Locks the seller
    order and the counter of its legal entity. Not to be called inside a transaction.
    """
    async with transaction():
        order = await fetch_one(_ORDER, seller_order_id)
        if order is None:
            return None
        invoice = await _invoice_of(seller_order_id)
        if invoice is None:
            if order["status"] == CANCELLED:
                return None
            await _create(order, clock.now())
            invoice = await _invoice_of(seller_order_id)
    if invoice is None:
        raise RuntimeError(f"the invoice of {seller_order_id} vanished")
    invoice_id: UUID = invoice["id"]
    if invoice["blob_key_en"] is None or invoice["blob_key_ru"] is None:
        content = load_content(invoice["content"])
        keys = [await asyncio.to_thread(_print, content, locale, blobs) for locale in LOCALES]
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


def _print(content: InvoiceContent, locale: str, blobs: FolderBlobs) -> str:
    return blobs.put([render_invoice(content, locale)])


async def _create(order: Row, now: datetime) -> None:
    issued_on = now.astimezone(_zone(order["time_zone"])).date()
    lines = await fetch(_LINES, order["id"])
    number = await next_number(order["legal_entity_id"], SERIES, issued_on.year)
    content = InvoiceContent(
        number=number,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=PAYMENT_DAYS),
        order_number=order["number"],
        po_number=order["po_number"] or "",
        seller=_party(order, "seller"),
        buyer=_party(order, "buyer"),
        currency=order["currency"],
        lines=tuple(_line(line, order["currency"]) for line in lines),
        net=_amount(order["net"], order["currency"]),
        tax=_amount(order["tax"], order["currency"]),
        gross=_amount(order["gross"], order["currency"]),
        payment_days=PAYMENT_DAYS,
    )
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


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _party(order: Row, side: str) -> Party:
    return Party(
        name=order[f"{side}_name"],
        tax_id=order[f"{side}_tax_id"],
        country=order[f"{side}_country"],
        address=order[f"{side}_address"],
        registration_reason_code=order[f"{side}_reason"],
    )


def _amount(stored: Decimal, currency: str) -> Decimal:
    """Amounts are stored with four places and were rounded to the minor unit before."""
    return stored.quantize(Decimal(1).scaleb(-minor_digits(currency)))


def _line(line: Row, currency: str) -> InvoiceLine:
    amounts = {name: _amount(line[name], currency) for name in ("net", "tax", "gross")}
    return InvoiceLine(**(dict(line) | amounts))
