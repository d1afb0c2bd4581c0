"""One pure ASGI layer around everything: request id, security headers, access line, metrics."""

from __future__ import annotations

import re
from time import perf_counter
from typing import Any

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from entrepot.observability.metrics import Metrics
from entrepot.platform.ids import new_id

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._\-]{8,100}")
_QUIET_ROUTES = ("/health", "/metrics", "/graphiql")
_SECRET_PATHS = ("/uploads", "/files")  # what follows opens a door: logs show the route alone

SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

log = structlog.get_logger("entrepot.access")


class Observe:
    """Gives every request an id (its own `X-Request-ID` if sane) and tells how it went."""

    def __init__(self, app: ASGIApp, metrics: Metrics, routes: frozenset[str]) -> None:
        self.app = app
        self.metrics = metrics
        self.routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        request_id = accepted_request_id(Headers(scope=scope).get("x-request-id"))
        notes: dict[str, Any] = {"request_id": request_id}
        scope["entrepot"] = notes
        status = 500

        async def observed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message.setdefault("headers", [])
                message["headers"] = [
                    *headers,
                    *SECURITY_HEADERS,
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, observed_send)
            finally:
                self._tell(scope, notes, status, perf_counter() - began)

    def _tell(self, scope: Scope, notes: dict[str, Any], status: int, seconds: float) -> None:
        route = self.route_of(scope["path"])
        metrics = self.metrics
        metrics.requests.labels(route, method_label(scope["method"]), str(status)).inc()
        metrics.latency.labels(route).observe(seconds)
        for code in notes.get("codes", ()):
            metrics.operation_errors.labels(code).inc()
        operation_type = notes.get("operation_type")
        if operation_type is not None:
            label = metrics.operation_label(notes["operation"])
            metrics.operations.labels(operation_type, label).inc()
            metrics.cost.observe(notes["cost"])
        if not scope["path"].startswith(_QUIET_ROUTES):
            facts = {name: notes.get(name) for name in ("operation", "cost", "actor", "codes")}
            log.info(
                "request",
                method=scope["method"],
                path=route if route in _SECRET_PATHS else scope["path"][:200],
                status=status,
                ms=round(seconds * 1000, 2),
                **{name: value for name, value in facts.items() if value is not None},
            )

    def route_of(self, path: str) -> str:
        """Return the route a path belongs to, `other` for unknown ones (so labels stay few)."""
        if path in self.routes:
            return path
        for route in self.routes:
            if path.startswith(route + "/"):
                return route
        return "other"


def method_label(method: str) -> str:
    """Return the method, or `other` for those that no route takes."""
    return method if method in ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE") else "other"


def accepted_request_id(given: str | None) -> str:
    """Return a caller's request id if it is 8 to 100 plain characters, else a new one."""
    if given is not None and _SANE_REQUEST_ID.fullmatch(given):
        return given
    return new_id().hex
