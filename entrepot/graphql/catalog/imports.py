"""Bringing a catalogue in: announce and send a file, look at the preview, commit it."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.errors import NotSelling
from entrepot.graphql.catalog.import_types import CatalogImport
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors, UserError, error_type
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.node import decode_id, encode_id, register_node
from entrepot.graphql.once import once
from entrepot.interchange.catalog_import import preview_now
from entrepot.platform.catalog import import_errors, import_queries, import_service
from entrepot.platform.documents import errors as document_errors
from entrepot.platform.documents import service as documents
from entrepot.platform.errors import DomainError, InvalidInput

READ_AT_ONCE_BYTES = 512 * 1024
"""Smaller files are read while the caller waits; larger ones by a worker."""


@error_type(document_errors.UploadTooLarge, limit_mib="Largest accepted size in MiB.")
class UploadTooLarge(UserError):
    """The file is larger than the marketplace accepts."""


@error_type(import_errors.UploadNotComplete)
class UploadNotComplete(UserError):
    """No file has arrived for the upload yet: PUT its bytes to the url first."""


@error_type(import_errors.ImportNotReady, status="Where the import stands.")
class ImportNotReady(UserError):
    """The import has no complete preview that could be committed."""


@strawberry.input(description="A file that you are about to send.")
class CreateUploadInput:
    """What is known of it beforehand."""

    file_name: str = strawberry.field(description="Its name.")
    size: Decimal | None = strawberry.field(default=None, description="Its size in bytes.")


@strawberry.type(description="Where to send the file.")
class CreateUploadPayload:
    """An announced upload."""

    upload_id: strawberry.ID = strawberry.field(description="What to name the file by.")
    url: str = strawberry.field(
        description="PUT the bytes here, once, within an hour. The address is a secret."
    )


@strawberry.input(description="A column of the file and what it means.")
class ColumnInput:
    """A pair."""

    field: str = strawberry.field(description="Field, such as `price` or `article_number`.")
    title: str = strawberry.field(description="Title of the column in the file.")


@strawberry.input(description="How to read a sent file; what is left out is found out.")
class ReadFileInput:
    """What the sender may say about a file."""

    encoding: str | None = strawberry.field(default=None, description="utf-8 or windows-1251.")
    delimiter: str | None = strawberry.field(default=None, description="`;`, `,` or a tab.")
    decimal: str | None = strawberry.field(
        default=None, description="Decimal separator: `,` or `.`."
    )
    sheet: str | None = strawberry.field(default=None, description="Sheet of a workbook.")
    columns: list[ColumnInput] | None = strawberry.field(
        default=None, description="Columns with titles that are not understood by themselves."
    )


@strawberry.input(description="A file that has been sent; the rest is found out if left out.")
class PreviewCatalogImportInput(ReadFileInput):
    """How to read it."""

    upload_id: strawberry.ID = strawberry.field(description="From `createUpload`.")


@strawberry.input(description="An import to be committed.")
class CommitCatalogImportInput:
    """Which one."""

    import_id: strawberry.ID = strawberry.field(description="An import with a complete preview.")


@strawberry.type(description="The import after the call.")
class CatalogImportPayload:
    """The import."""

    catalog_import: CatalogImport = strawberry.field(description="The import.")


CreateUploadResult = Annotated[
    CreateUploadPayload | UploadTooLarge | CommonErrors,
    strawberry.union("CreateUploadResult", description="Where to send the file, or why not."),
]
PreviewCatalogImportResult = Annotated[
    CatalogImportPayload | UploadNotComplete | NotSelling | CommonErrors,
    strawberry.union("PreviewCatalogImportResult", description="The import, or why not."),
]
CommitCatalogImportResult = Annotated[
    CatalogImportPayload | ImportNotReady | CommonErrors,
    strawberry.union("CommitCatalogImportResult", description="The import, or why not."),
]


@strawberry.type
class CatalogImportQuery:
    """Root fields."""

    @field("An import of your company's catalogue (needs `catalog.manage`).")
    async def catalog_import(
        self, info: Info, id: Annotated[strawberry.ID, argument("Its id.")]
    ) -> CatalogImport:
        actor = info.context.require_actor()
        key = decode_id(id, "CatalogImport", "id")
        return CatalogImport.from_row(await import_queries.import_of(actor, key))


@strawberry.type
class CatalogImportMutation:
    """Root fields."""

    @mutation(
        "Get a secret address to send a file to: a catalogue (`catalog.manage`), prices "
        "(`prices.manage`), a list to order from (`cart.manage`)."
    )
    async def create_upload(
        self, info: Info, input: Annotated[CreateUploadInput, argument("The file.")]
    ) -> CreateUploadResult:
        context = info.context
        resources = context.resources
        upload = await documents.create_upload(
            context.require_actor(),
            input.file_name,
            None if input.size is None else int(input.size),
            resources.clock.now(),
            resources.settings.max_upload_bytes,
        )
        address = resources.settings.public_url.rstrip("/")
        return CreateUploadPayload(
            upload_id=encode_id("Upload", upload.id), url=f"{address}/uploads/{upload.token}"
        )

    @mutation(
        "Read a sent file and show what each line would do; nothing is taken yet. Large files are "
        "READING for some seconds: ask `catalogImport` again (needs `catalog.manage`)."
    )
    async def preview_catalog_import(
        self, info: Info, input: Annotated[PreviewCatalogImportInput, argument("The file.")]
    ) -> PreviewCatalogImportResult:
        actor = info.context.require_actor()
        key = decode_id(input.upload_id, "Upload", "input", "uploadId")
        options = read_options(input)
        file = await documents.received_file(actor, key)
        if file is None:
            raise import_errors.UploadNotComplete().at("input", "uploadId")
        name, blob = file.file_name, file.blob_key
        import_id = await once(
            info, input, lambda: import_service.start_import(actor, name, blob, options)
        )
        if file.size <= READ_AT_ONCE_BYTES:
            await preview_now(import_id, info.context.resources.blobs)
        return await _payload(info.context, import_id)

    @mutation("Have the good lines of a preview taken over by a worker (needs `catalog.manage`).")
    async def commit_catalog_import(
        self, info: Info, input: Annotated[CommitCatalogImportInput, argument("The import.")]
    ) -> CommitCatalogImportResult:
        actor = info.context.require_actor()
        key = decode_id(input.import_id, "CatalogImport", "input", "importId")
        await import_service.confirm_import(actor, key)
        return await _payload(info.context, key)


async def _payload(context: RequestContext, import_id: UUID) -> CatalogImportPayload:
    row = await import_queries.import_of(context.require_actor(), import_id)
    return CatalogImportPayload(catalog_import=CatalogImport.from_row(row))


def read_options(input: ReadFileInput) -> dict[str, Any]:
    """Return what the sender says about a file. Raises `InvalidInput`."""
    columns = input.columns
    given: dict[str, Any] = {
        "encoding": input.encoding,
        "delimiter": input.delimiter,
        "decimal": input.decimal,
        "sheet": input.sheet,
        "columns": {pair.field: pair.title for pair in columns} if columns else None,
    }
    if input.decimal not in (None, ",", "."):
        raise InvalidInput("input.decimal", "must be , or .", "допустимо , или .")
    if any("\x00" in text for text in given.values() if isinstance(text, str)):
        raise InvalidInput("input", "must not hold NUL", "недопустим символ NUL")
    return {name: value for name, value in given.items() if value is not None}


async def _import_node(context: RequestContext, key: UUID) -> CatalogImport | None:
    actor = context.require_actor()
    try:
        return CatalogImport.from_row(await import_queries.import_of(actor, key))
    except DomainError:
        return None


register_node("CatalogImport", _import_node)
