"""Reads of invoices and pro formas, and where the bytes of a linked file are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from entrepot.platform.database import fetch, fetch_one
from entrepot.platform.documents.file_links import FileLink
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission

_INVOICE = """
SELECT i.id, i.seller_order_id, i.number, i.issued_at, i.blob_key_en, i.blob_key_ru,
       s.status = 'cancelled' AS void
  FROM invoice i
  JOIN seller_order s ON s.id = i.seller_order_id
  JOIN purchase_order o ON o.id = s.order_id
 WHERE (s.seller_id = $1 OR o.legal_entity_id = $2)
"""
_PAPERS = {
    "invoice": "SELECT number, blob_key_en, blob_key_ru FROM invoice WHERE id = $1",
    "pro_forma": "SELECT s.number, p.blob_key_en, p.blob_key_ru FROM pro_forma p"
    " JOIN seller_order s ON s.id = p.seller_order_id WHERE p.id = $1",
}
_PRO_FORMA = """
SELECT p.id, p.seller_order_id, s.number, p.issued_at, p.blob_key_ru IS NOT NULL AS printed
  FROM pro_forma p
  JOIN seller_order s ON s.id = p.seller_order_id
  JOIN purchase_order o ON o.id = s.order_id
 WHERE o.legal_entity_id = $1 AND p.seller_order_id = ANY($2::uuid[])
"""


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice; `printed` once its PDFs exist, `void` once its order was cancelled."""

    id: UUID
    seller_order_id: UUID
    number: str
    issued_at: datetime
    printed: bool
    void: bool


@dataclass(frozen=True, slots=True)
class ProFormaRow:
    """A pro forma; `printed` once its PDFs exist."""

    id: UUID
    seller_order_id: UUID
    number: str
    issued_at: datetime
    printed: bool


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file to be served: where its bytes are and what it is called."""

    blob_key: str
    file_name: str
    media_type: str


async def _invoices(actor: Actor, column: str, keys: Sequence[UUID]) -> list[InvoiceRow]:
    if not actor.may(Permission.INVOICE_VIEW):
        return []
    rows = await fetch(
        f"{_INVOICE} AND {column} = ANY($3::uuid[])",
        actor.company_id,
        actor.legal_entity_id,
        list(keys),
    )
    return [
        InvoiceRow(
            id=row["id"],
            seller_order_id=row["seller_order_id"],
            number=row["number"],
            issued_at=row["issued_at"],
            printed=row["blob_key_en"] is not None and row["blob_key_ru"] is not None,
            void=row["void"],
        )
        for row in rows
    ]


async def invoices_by_seller_orders(
    actor: Actor, seller_order_ids: Sequence[UUID]
) -> dict[UUID, InvoiceRow]:
    """Return invoices by seller order: those the actor's side wrote or received.

    Empty without `invoice.view`.
    """
    rows = await _invoices(actor, "i.seller_order_id", seller_order_ids)
    return {row.seller_order_id: row for row in rows}


async def invoices_by_ids(actor: Actor, ids: Sequence[UUID]) -> dict[UUID, InvoiceRow]:
    """Return invoices by id, under the same rule."""
    return {row.id: row for row in await _invoices(actor, "i.id", ids)}


async def pro_formas_by_seller_orders(
    actor: Actor, seller_order_ids: Sequence[UUID]
) -> dict[UUID, ProFormaRow]:
    """Return pro formas by seller order, for the legal entity that is to pay.

    Empty without `invoice.view`.
    """
    if not actor.may(Permission.INVOICE_VIEW):
        return {}
    rows = await fetch(_PRO_FORMA, actor.legal_entity_id, list(seller_order_ids))
    return {row["seller_order_id"]: ProFormaRow(**row) for row in rows}


async def linked_file(link: FileLink) -> StoredFile:
    """Return the file that a link opens: of an invoice, a pro forma or a product.

    Raises `NotFound`. Nobody is asked who they are: the link was made for somebody who may see it.
    """
    if link.kind in _PAPERS:
        row = await fetch_one(_PAPERS[link.kind], link.record_id)
        key = row[f"blob_key_{'ru' if link.locale == 'ru' else 'en'}"] if row else None
        if row is not None and key is not None:
            return StoredFile(key, f"{row['number']}.pdf", "application/pdf")
    elif link.kind == "product":
        row = await fetch_one(
            "SELECT name, media_type, blob_key FROM product_file WHERE id = $1", link.record_id
        )
        if row is not None:
            return StoredFile(row["blob_key"], row["name"], row["media_type"])
    raise NotFound("file")
