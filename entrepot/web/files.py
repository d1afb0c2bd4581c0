"""`GET /files/{token}`: documents, refused lines and files of products behind signed links."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from entrepot.interchange.catalog_import import write_refused
from entrepot.interchange.price_import import write_refused_prices
from entrepot.platform.blobs import BlobMissing, FolderBlobs
from entrepot.platform.catalog.import_queries import ImportRow, import_row
from entrepot.platform.documents.errors import LinkExpired
from entrepot.platform.documents.file_links import FileLink, opened
from entrepot.platform.documents.queries import linked_file
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.resources import secret_key_of
from entrepot.platform.pricing.price_imports.queries import PriceImportRow, price_import_row
from entrepot.web.replies import NO_STORE, refusal, resources_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def serve_linked(request: Request) -> Response:
    """Serve what a signed link opens; 404 for links that are forged, damaged or too old."""
    resources = resources_of(request)
    try:
        link = opened(
            secret_key_of(resources.settings), request.path_params["token"], resources.clock.now()
        )
        if link.kind == "refused":
            stored = await import_row(link.record_id)
            return await _refused_lines(link, stored, write_refused)
        if link.kind == "refused_prices":
            prices = await price_import_row(link.record_id)
            return await _refused_lines(link, prices, write_refused_prices)
        return await _stored(link, resources.blobs)
    except (LinkExpired, NotFound, BlobMissing) as error:
        return refusal(request, error, 404)


async def _stored(link: FileLink, blobs: FolderBlobs) -> Response:
    file = await linked_file(link)
    return FileResponse(
        blobs.path(file.blob_key),
        media_type=file.media_type,
        headers=_headers(file.file_name),
    )


async def _refused_lines(
    link: FileLink,
    stored: ImportRow | PriceImportRow | None,
    write: Callable[[UUID, Path, str], Awaitable[int]],
) -> Response:
    """The file is written anew for each download: lines may have been committed since."""
    if stored is None or "layout" not in stored.options:
        raise NotFound("import")
    folder = TemporaryDirectory(prefix="entrepot-")
    workbook = stored.options["layout"]["kind"] == "xlsx"
    suffix = ".xlsx" if workbook else ".csv"
    path = Path(folder.name) / f"refused{suffix}"
    try:
        await write(link.record_id, path, link.locale)
    except BaseException:
        folder.cleanup()
        raise
    charset = stored.options["layout"]["encoding"]
    return FileResponse(
        path,
        media_type=XLSX if workbook else f"text/csv; charset={charset}",
        headers=_headers(f"{Path(stored.file_name).stem}-refused{suffix}"),
        background=BackgroundTask(folder.cleanup),
    )


def _headers(file_name: str) -> dict[str, str]:
    """Never shown inside a page of ours: an HTML file somebody uploaded must not act as one."""
    disposition = f"attachment; filename*=UTF-8''{quote(file_name)}"
    return NO_STORE | {
        "content-disposition": disposition,
        "content-security-policy": "sandbox; default-src 'none'",
    }


FILE_ROUTES = (Route("/files/{token}", serve_linked, methods=["GET"]),)
