"""Liveness and readiness: what each part says, and 503 until all of them are well."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

Check = Callable[[], Awaitable[None]]
"""Raises when its part is not well."""

CHECK_SECONDS = 3.0

log = structlog.get_logger("entrepot.health")


async def live(_request: Request) -> Response:
    """Answer that the process runs its loop; says nothing about its parts."""
    return Response(b'{"status":"ok"}', media_type="application/json")


async def readiness(checks: Mapping[str, Check]) -> Response:
    """Run all checks at once; 200 when all pass, else 503, with a word a part."""
    names = list(checks)
    reports = dict(
        zip(names, await asyncio.gather(*(_check(n, checks[n]) for n in names)), strict=True)
    )
    well = all(report == "ok" for report in reports.values())
    body = orjson.dumps({"status": "ok" if well else "unavailable", "parts": reports})
    return Response(body, 200 if well else 503, media_type="application/json")


async def _check(name: str, check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except Exception as error:
        log.warning("a part is not ready", part=name, reason=str(error))
        return "unavailable"  # the reason may name addresses: it goes to the log only
    return "ok"
