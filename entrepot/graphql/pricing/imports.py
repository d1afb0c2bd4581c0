"""Bringing a price list in: send a file, look at the preview, commit it."""

from enum import Enum
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.import_enums import ImportLineOutcome
from entrepot.graphql.catalog.import_types import FileImport, LineProblem
from entrepot.graphql.catalog.imports import (
    ImportNotReady,
    ReadFileInput,
    UploadNotComplete,
    read_options,
)
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors, UserError, error_type
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.identity.enums import stored
from entrepot.graphql.node import decode_id, encode_id, register_node
from entrepot.graphql.once import once
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.interchange.price_import import preview_prices
from entrepot.platform.catalog import import_errors
from entrepot.platform.documents import service as documents
from entrepot.platform.documents.file_links import FileKind
from entrepot.platform.errors import DomainError
from entrepot.platform.pricing.price_imports import errors, queries, service

READ_AT_ONCE_BYTES = 512 * 1024
"""Smaller files are read while the caller waits; larger ones by a worker."""


@strawberry.enum(description="What becomes of prices of articles that the file does not name.")
class PriceImportMode(Enum):
    """As stored."""

    MERGE = strawberry.enum_value("merge", description="They stay as they are.")
    REPLACE = strawberry.enum_value("replace", description="They are dropped from the list.")


@error_type(errors.PriceListNotFixed, name="Name of the list.")
class PriceListNotFixed(UserError):
    """The list is computed from another one: it has no prices of its own."""


@strawberry.type(description="A line that is not taken, and why.")
class RefusedPriceLine:
    """A refused line."""

    line_number: int = strawberry.field(description="As an editor or Excel counts, from 1.")
    outcome: ImportLineOutcome = strawberry.field(description="INVALID or DUPLICATE.")
    problem: LineProblem = strawberry.field(description="What is wrong and how to mend it.")


@strawberry.type(description="A file of prices on its way into a price list.")
class PriceImport(FileImport):
    """An import of the actor's company."""

    refused_kind: ClassVar[FileKind] = "refused_prices"
    row: strawberry.Private[queries.PriceImportRow]

    @classmethod
    def from_row(cls, row: queries.PriceImportRow) -> "PriceImport":
        """Show an import that the actor may see."""
        return cls(id=encode_id("PriceImport", row.id), row=row)

    @field("The list it goes into.")
    def price_list_id(self) -> strawberry.ID:
        return encode_id("PriceList", self.row.price_list_id)

    @field("What becomes of prices of articles that the file does not name.")
    def mode(self) -> PriceImportMode:
        return PriceImportMode(self.row.mode)

    @field("The refused lines in the order of the file.")
    async def refused_lines(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[RefusedPriceLine]:
        page = page_of(first, after, order=f"price_import_lines.{self.row.id}", keys=(int,))
        start = page.after[0] if page.after else 0
        rows = await queries.refused_page(self.row.id, after=start, limit=page.limit)
        locale = info.context.locale
        return connect(
            rows, page, node=lambda row: _line(row, locale), key=lambda row: (row.line_number,)
        )


def _line(row: queries.RefusedPrice, locale: str) -> RefusedPriceLine:
    return RefusedPriceLine(
        line_number=row.line_number,
        outcome=ImportLineOutcome(row.outcome),
        problem=LineProblem.told(row.problem, locale),
    )


@strawberry.input(description="A file of prices that has been sent, and the list it is for.")
class PreviewPriceImportInput(ReadFileInput):
    """How to read it."""

    price_list_id: strawberry.ID = strawberry.field(description="A fixed price list of yours.")
    upload_id: strawberry.ID = strawberry.field(description="From `createUpload`.")
    mode: PriceImportMode = strawberry.field(
        default=PriceImportMode.MERGE, description="What of articles the file does not name."
    )


@strawberry.input(description="An import of prices to be committed.")
class CommitPriceImportInput:
    """Which one."""

    import_id: strawberry.ID = strawberry.field(description="An import with a complete preview.")


@strawberry.type(description="The import after the call.")
class PriceImportPayload:
    """The import."""

    price_import: PriceImport = strawberry.field(description="The import.")


PreviewPriceImportResult = Annotated[
    PriceImportPayload | UploadNotComplete | PriceListNotFixed | CommonErrors,
    strawberry.union("PreviewPriceImportResult", description="The import, or why not."),
]
CommitPriceImportResult = Annotated[
    PriceImportPayload | ImportNotReady | CommonErrors,
    strawberry.union("CommitPriceImportResult", description="The import, or why not."),
]


@strawberry.type
class PriceImportQuery:
    """Root fields."""

    @field("An import of prices of your company (needs `prices.manage`).")
    async def price_import(
        self, info: Info, id: Annotated[strawberry.ID, argument("Its id.")]
    ) -> PriceImport:
        actor = info.context.require_actor()
        key = decode_id(id, "PriceImport", "id")
        return PriceImport.from_row(await queries.price_import_of(actor, key))


@strawberry.type
class PriceImportMutation:
    """Root fields."""

    @mutation(
        "Read a sent file of prices and show what each line would do; nothing is taken yet. Large "
        "files are READING for some seconds: ask `priceImport` again (needs `prices.manage`)."
    )
    async def preview_price_import(
        self, info: Info, input: Annotated[PreviewPriceImportInput, argument("The file.")]
    ) -> PreviewPriceImportResult:
        actor = info.context.require_actor()
        list_id = decode_id(input.price_list_id, "PriceList", "input", "priceListId")
        key = decode_id(input.upload_id, "Upload", "input", "uploadId")
        options = read_options(input)
        file = await documents.received_file(actor, key)
        if file is None:
            raise import_errors.UploadNotComplete().at("input", "uploadId")
        name, blob = file.file_name, file.blob_key

        async def start() -> UUID:
            return await service.start_price_import(
                actor,
                list_id,
                file_name=name,
                blob_key=blob,
                mode=stored(input.mode),
                options=options,
            )

        import_id = await once(info, input, start)
        if file.size <= READ_AT_ONCE_BYTES:
            await preview_prices(import_id, info.context.resources.blobs)
        return await _payload(info.context, import_id)

    @mutation("Have the good lines of a preview taken over, all at once (needs `prices.manage`).")
    async def commit_price_import(
        self, info: Info, input: Annotated[CommitPriceImportInput, argument("The import.")]
    ) -> CommitPriceImportResult:
        actor = info.context.require_actor()
        key = decode_id(input.import_id, "PriceImport", "input", "importId")
        await service.confirm_price_import(actor, key)
        return await _payload(info.context, key)


async def _payload(context: RequestContext, import_id: UUID) -> PriceImportPayload:
    row = await queries.price_import_of(context.require_actor(), import_id)
    return PriceImportPayload(price_import=PriceImport.from_row(row))


async def _import_node(context: RequestContext, key: UUID) -> PriceImport | None:
    try:
        return PriceImport.from_row(await queries.price_import_of(context.require_actor(), key))
    except DomainError:
        return None


register_node("PriceImport", _import_node)
