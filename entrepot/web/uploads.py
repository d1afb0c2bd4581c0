"""`PUT /uploads/{token}`: the bytes of an announced upload, streamed into the blob store."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from entrepot.platform.blobs import BlobTooLarge
from entrepot.platform.documents.errors import UploadGone, UploadTooLarge
from entrepot.platform.documents.service import awaited_upload, complete_upload
from entrepot.web.replies import NO_STORE, refusal, resources_of

MIB = 1024 * 1024


async def receive_upload(request: Request) -> Response:
    """Store the body: 201; refuse it with a typed error: 404 gone or used, 413 too large.

    A body whose Content-Length is above the limit is refused unread; any other at the byte that
    goes over it. Of a refused or broken off body nothing stays on disk, and the address still
    waits for its file.
    """
    resources = resources_of(request)
    limit = resources.settings.max_upload_bytes
    try:
        upload_id = await awaited_upload(request.path_params["token"], resources.clock.now())
        declared = request.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared) > limit:
            raise UploadTooLarge(limit // MIB)
        key = await resources.blobs.put_stream(request.stream(), limit)
        size = resources.blobs.size(key)
        await complete_upload(upload_id, key, size)
    except UploadGone as error:
        return refusal(request, error, 404)
    except UploadTooLarge as error:
        return refusal(request, error, 413)
    except BlobTooLarge:
        return refusal(request, UploadTooLarge(limit // MIB), 413)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is left to read it
    return JSONResponse({"size": size}, 201, dict(NO_STORE))


UPLOAD_ROUTE = Route("/uploads/{token}", receive_upload, methods=["PUT"])
