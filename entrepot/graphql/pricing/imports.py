"""Bringing a price list in: send a file, look at the preview, commit it."""

from datetime import datetime
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.import_enums import (
    CatalogImportStatus,
    ImportLineOutcome,
    LineProblemCode,
)
from entrepot.graphql.catalog.import_types import ImportFailure, LineProblem, OutcomeCount
from entrepot.graphql.catalog.imports import (
    ColumnInput,
    ImportNotReady,
    UploadNotComplete,
    read_options,
)
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.documents import file_url
from entrepot.graphql.errors import CommonErrors, UserError, error_type
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.identity.enums import stored
from entrepot.graphql.node import Node, decode_id, encode_id, register_node
from entrepot.graphql.once import once
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.interchange.price_import import preview_prices
from entrepot.platform.catalog import import_errors
from entrepot.platform.documents import service as documents
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
class PriceImport(Node):
    """An import of the actor's company."""

    row: strawberry.Private[queries.PriceImportRow]

    @classmethod
    def from_row(cls, row: queries.PriceImportRow) -> "PriceImport":
        """Show an import that the actor may see."""
        return cls(id=encode_id("PriceImport", row.id), row=row)

    @field("The list it goes into.")
    def price_list_id(self) -> strawberry.ID:
        return encode_id("PriceList", self.row.price_list_id)

    @field("Name of the file.")
    def file_name(self) -> str:
        return self.row.file_name

    @field("What becomes of prices of articles that the file does not name.")
    def mode(self) -> PriceImportMode:
        return PriceImportMode(self.row.mode)

    @field("Where it stands.")
    def status(self) -> CatalogImportStatus:
        return CatalogImportStatus(self.row.status)

    @field("Why the whole file was refused, if it was.")
    def failure(self, info: Info) -> ImportFailure | None:
        error = self.row.error
        if error is None:
            return None
        return ImportFailure(code=error["code"], message=error[info.context.locale])

    @field("Lines read.")
    def lines_read(self) -> int:
        return self.row.lines_read

    @field("Lines by outcome; zeros are left out.")
    def counts(self) -> list[OutcomeCount]:
        return [
            OutcomeCount(outcome=outcome, count=self.row.counts[outcome.name])
            for outcome in ImportLineOutcome
            if self.row.counts.get(outcome.name)
        ]

    @field("Titles of columns that nobody understood; their data is not taken.")
    def ignored_columns(self) -> list[str]:
        return list(self.row.options.get("layout", {}).get("ignored", ()))

    @field("Where to fetch the refused lines with reasons, for 15 minutes; null without any.")
    def rejected_lines_url(self, info: Info) -> str | None:
        if not self.row.refused or self.row.error is not None:
            return None
        return file_url(info.context, "refused_prices", self.row.id)

    @field("When the file was handed over.")
    def created_at(self) -> datetime:
        return self.row.created_at

    @field("When it was committed or refused.")
    def finished_at(self) -> datetime | None:
        return self.row.finished_at

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
    problem = row.problem
    return RefusedPriceLine(
        line_number=row.line_number,
        outcome=ImportLineOutcome(row.outcome),
        problem=LineProblem(
            code=LineProblemCode[problem.code.name],
            field=problem.field,
            value=problem.value,
            message=problem.message(locale),
            remedy=problem.remedy(locale),
        ),
    )


@strawberry.input(description="A file of prices that has been sent, and the list it is for.")
class PreviewPriceImportInput:
    """How to read it."""

    price_list_id: strawberry.ID = strawberry.field(description="A fixed price list of yours.")
    upload_id: strawberry.ID = strawberry.field(description="From `createUpload`.")
    mode: PriceImportMode = strawberry.field(
        default=PriceImportMode.MERGE, description="What of articles the file does not name."
    )
    encoding: str | None = strawberry.field(default=None, description="utf-8 or windows-1251.")
    delimiter: str | None = strawberry.field(default=None, description="`;`, `,` or a tab.")
    decimal: str | None = strawberry.field(
        default=None, description="Decimal separator: `,` or `.`."
    )
    sheet: str | None = strawberry.field(default=None, description="Sheet of a workbook.")
    columns: list[ColumnInput] | None = strawberry.field(
        default=None, description="Columns with titles that are not understood by themselves."
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
        options = read_options(
            input.encoding, input.delimiter, input.decimal, input.sheet, input.columns
        )
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
