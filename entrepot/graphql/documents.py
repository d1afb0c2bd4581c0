"""Invoices and pro formas in GraphQL, and the addresses of files."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import strawberry

from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.fields import field
from entrepot.graphql.node import Node, encode_id, register_node
from entrepot.platform.documents import queries
from entrepot.platform.documents.file_links import FileKind
from entrepot.platform.documents.service import FileLink, sign
from entrepot.platform.identity.resources import secret_key_of


def file_url(context: RequestContext, kind: FileKind, record_id: UUID) -> str:
    """Return an address from which the file can be fetched for 15 minutes, by whoever has it.

    Call it only for files that the actor may see.
    """
    resources = context.resources
    link = FileLink(kind, record_id, context.locale)
    token = sign(secret_key_of(resources.settings), link, resources.clock.now())
    return f"{resources.settings.public_url.rstrip('/')}/files/{token}"


async def load_invoices(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, queries.InvoiceRow]:
    """Load invoices by seller order: those the actor's side wrote or received."""
    return await queries.invoices_by_seller_orders(context.require_actor(), keys)


async def load_pro_formas(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, queries.ProFormaRow]:
    """Load pro formas by seller order, for the legal entity that is to pay."""
    return await queries.pro_formas_by_seller_orders(context.require_actor(), keys)


async def _load_by_id(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, queries.InvoiceRow]:
    return await queries.invoices_by_ids(context.require_actor(), keys)


@strawberry.type(description="A seller's invoice for a seller order.")
class Invoice(Node):
    """An invoice."""

    row: strawberry.Private[queries.InvoiceRow]

    @classmethod
    def from_row(cls, row: queries.InvoiceRow) -> "Invoice":
        """Show a row that the actor may see."""
        return cls(id=encode_id("Invoice", row.id), row=row)

    @field("Its number, without gaps for each legal entity and year: INV-2026-000001.")
    def number(self) -> str:
        return self.row.number

    @field("When it was issued.")
    def issued_at(self) -> datetime:
        return self.row.issued_at

    @field("Whether its order was cancelled: nothing is to be paid; the number stays taken.")
    def void(self) -> bool:
        return self.row.void

    @field("Where to fetch the PDF in your language, for 15 minutes; null while it is printed.")
    def url(self, info: Info) -> str | None:
        return file_url(info.context, "invoice", self.row.id) if self.row.printed else None


@strawberry.type(description="What a buyer who pays in advance is asked to pay.")
class ProForma:
    """A pro forma; it bears the number of its seller order and is no invoice."""

    row: strawberry.Private[queries.ProFormaRow]

    @classmethod
    def from_row(cls, row: queries.ProFormaRow) -> "ProForma":
        """Show a row that the actor may see."""
        return cls(row=row)

    @field("Number of the seller order, to be stated with the payment.")
    def number(self) -> str:
        return self.row.number

    @field("When it was issued.")
    def issued_at(self) -> datetime:
        return self.row.issued_at

    @field("Where to fetch the PDF in your language, for 15 minutes; null while it is printed.")
    def url(self, info: Info) -> str | None:
        return file_url(info.context, "pro_forma", self.row.id) if self.row.printed else None


async def _invoice_node(context: RequestContext, key: UUID) -> Invoice | None:
    context.require_actor()
    row = await context.load(_load_by_id, key)
    return Invoice.from_row(row) if row else None


register_node("Invoice", _invoice_node)
