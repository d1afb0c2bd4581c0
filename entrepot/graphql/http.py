"""GraphQL over HTTP as one ASGI endpoint, without a framework's request machinery in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import orjson
import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from entrepot.graphql import graphiql
from entrepot.graphql.context import RequestContext, Resources
from entrepot.graphql.execution import Engine, Outcome
from entrepot.graphql.faults import domain_fault, masked_fault
from entrepot.graphql.http_request import (
    GRAPHQL_JSON,
    JSON,
    BodyTooLarge,
    ForeignOrigin,
    MethodNotAllowed,
    TransportError,
    check_content_type,
    from_body,
    from_query_string,
    response_type,
)

SESSION_COOKIE = "entrepot_session"
MAX_BODY_BYTES = 1024 * 1024
DISCARDED_BYTES = 8 * 1024 * 1024

log = structlog.get_logger("entrepot.graphql")


class GraphQLEndpoint:
    """Serves `/graphql`. `resources` come from `scope["app"].state.resources` at request time.

    Writes `graphql` (operation, cost, error codes, actor) into `scope["entrepot"]` for the access
    log and the metrics.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if scope["method"] == "GET" and graphiql.wants_page(headers, scope["query_string"]):
            await graphiql.page(scope, receive, send)
            return
        notes: dict[str, Any] = scope.setdefault("entrepot", {})
        request_id: str = notes.get("request_id", "")
        locale = accepted_locale(headers.get("accept-language"))
        media_type = JSON
        cookies: list[str] = []
        try:
            media_type = response_type(headers.get("accept"))
            outcome = await self._answer(
                scope, receive, headers, locale, request_id, notes, cookies
            )
            status = _status(outcome, media_type)
            body = outcome.body
        except ClientDisconnect:
            return
        except TransportError as error:
            status = error.status
            body = {"errors": [domain_fault(error, locale)]}
        except Exception:
            log.exception("unexpected error outside a resolver", request_id=request_id)
            status, body = 500, {"errors": [masked_fault(locale, request_id)]}
        if "errors" in body:
            notes["codes"] = [fault["extensions"]["code"] for fault in body["errors"]]
        await _respond(send, status, media_type, body, cookies)

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        headers: Headers,
        locale: str,
        request_id: str,
        notes: dict[str, Any],
        cookies: list[str],
    ) -> Outcome:
        method = scope["method"]
        if method == "POST":
            check_content_type(headers)
            request = from_body(await read_body(receive, headers, MAX_BODY_BYTES))
        elif method == "GET":
            request = from_query_string(scope["query_string"])
        else:
            raise MethodNotAllowed
        resources: Resources = scope["app"].state.resources
        token = request_token(headers, resources.settings.public_url)
        actor = await resources.authenticate(token) if token else None
        context = RequestContext(
            resources=resources,
            actor=actor,
            locale=actor.locale if actor is not None else locale,
            request_id=request_id,
            client_address=scope["client"][0] if scope.get("client") else "",
            idempotency_key=headers.get("idempotency-key") or None,
            token=token,
            set_cookies=cookies,
        )
        outcome = await self.engine.run(request, context, by_get=method == "GET")
        notes["operation"] = outcome.operation_name
        notes["operation_type"] = outcome.operation_type
        notes["cost"] = outcome.cost.requested if outcome.cost else None
        notes["actor"] = str(actor.user_id) if actor else None
        return outcome


def accepted_locale(accept_language: str | None) -> str:
    """Return `ru` or `en` from an `Accept-Language` header: the first of them it names."""
    for item in (accept_language or "").split(",")[:10]:
        language = item.partition(";")[0].strip().lower()[:2]
        if language in ("ru", "en"):
            return language
    return "en"


def request_token(headers: Headers, public_url: str) -> str | None:
    """Return the session token or API key of a request, or None.

    `Authorization: Bearer` wins. The cookie counts only for requests from our own pages: bodies
    must be JSON (a cross-site form cannot send that), and where the browser names an origin, it
    must be the host addressed or `public_url`. Raises `ForeignOrigin` otherwise.
    """
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    cookies: Mapping[str, Any] = {}
    if "cookie" in headers:
        try:
            cookies = SimpleCookie(headers["cookie"])
        except CookieError:
            return None
    if SESSION_COOKIE not in cookies:
        return None
    origin = headers.get("origin")
    foreign_fetch = headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    if origin is not None:
        hosts = (headers.get("host"), urlsplit(public_url).netloc)
        try:
            foreign_fetch = urlsplit(origin).netloc not in hosts
        except ValueError:  # `http://[` is nobody's origin
            foreign_fetch = True
    if foreign_fetch:
        raise ForeignOrigin
    return str(cookies[SESSION_COOKIE].value) or None


async def read_body(receive: Receive, headers: Headers, limit: int) -> bytes:
    """Read a request body of at most `limit` bytes; raises `BodyTooLarge`, `ClientDisconnect`.

    A body somewhat too large is read to its end and thrown away, since a client that is still
    sending would see a broken connection instead of the refusal.
    """
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit + DISCARDED_BYTES:
        raise BodyTooLarge(limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        more = message.get("more_body", False)
        if size > limit:
            chunks.clear()
            if not more or size > limit + DISCARDED_BYTES:
                raise BodyTooLarge(limit)
        elif not more:
            return b"".join([*chunks, chunk])
        else:
            chunks.append(chunk)


def _status(outcome: Outcome, media_type: str) -> int:
    """Return the HTTP status: legacy `application/json` says 200 to all well-formed requests."""
    if outcome.executed:
        return 200
    codes = {fault["extensions"]["code"] for fault in outcome.body["errors"]}
    if codes & {"MUTATION_BY_GET", "GET_NEEDS_PERSISTED_DOCUMENT"}:
        return 405
    return 400 if media_type == GRAPHQL_JSON else 200


async def _respond(
    send: Send, status: int, media_type: str, body: dict[str, Any], cookies: Sequence[str]
) -> None:
    content = orjson.dumps(body)
    headers = [
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
        (b"vary", b"Accept, Accept-Language, Authorization, Cookie"),
    ]
    headers += [(b"set-cookie", cookie.encode("ascii")) for cookie in cookies]
    if status == 405:
        headers.append((b"allow", b"POST"))
    if status == 413:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
