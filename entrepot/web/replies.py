"""What the plain HTTP routes share: typed refusals as JSON, the language of a request."""

from __future__ import annotations

from typing import Protocol, cast

from starlette.requests import Request
from starlette.responses import JSONResponse

from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.clock import Clock
from entrepot.platform.config import Settings
from entrepot.platform.errors import DomainError

NO_STORE = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}


class WebResources(Protocol):
    """What these routes use of the web process's resources."""

    @property
    def settings(self) -> Settings:
        """The settings."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock."""
        ...

    @property
    def blobs(self) -> FolderBlobs:
        """The files."""
        ...


def resources_of(request: Request) -> WebResources:
    """Return the resources that the composition root opened."""
    return cast(WebResources, request.app.state.resources)


def locale_of(request: Request) -> str:
    """Return `ru` or `en`, whichever the `Accept-Language` header names first."""
    for item in request.headers.get("accept-language", "").split(",")[:10]:
        language = item.partition(";")[0].strip().lower()[:2]
        if language in ("ru", "en"):
            return language
    return "en"


def refusal(request: Request, error: DomainError, status: int) -> JSONResponse:
    """Return the error as GraphQL would tell it: `{"errors": [{message, extensions}]}`."""
    body = {
        "errors": [
            {"message": error.message(locale_of(request)), "extensions": {"code": error.code}}
        ]
    }
    headers = dict(NO_STORE)
    if status == 413:
        headers["connection"] = "close"  # the rest of the body is not read
    return JSONResponse(body, status, headers)
