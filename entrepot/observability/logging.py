"""Structured logs: console lines for people, JSON for machines; secrets never reach either."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import Processor

from entrepot.platform.config import Settings

_SECRET_NAME = re.compile(r"token|secret|password|api_?key|authorization|cookie", re.IGNORECASE)
_BEARER = re.compile(r"\b(bearer\s+)\S+", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?<=://)([^/\s:@]*):[^/\s@]+@")
REDACTED = "[redacted]"


def redact(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Blank values whose name sounds secret, bearer tokens, and passwords inside addresses."""
    for name, value in event.items():
        if _sounds_secret(name):
            event[name] = REDACTED
        elif isinstance(value, str):
            if "earer" in value or "EARER" in value:
                value = event[name] = _BEARER.sub(rf"\1{REDACTED}", value)
            if "://" in value:
                event[name] = _URL_PASSWORD.sub(rf"\1:{REDACTED}@", value)
    return event


@lru_cache(maxsize=1000)  # names come from the code, so they are few
def _sounds_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's records to `stream` (standard error) alike.

    Call once a process, from its composition root.
    """
    output = sys.stderr if stream is None else stream
    level = getattr(logging, settings.log_level.upper())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor]
    if settings.log_format == "json":
        last = [
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ]
    else:
        plain = structlog.dev.plain_traceback
        last = [
            redact,
            structlog.dev.ConsoleRenderer(colors=output.isatty(), exception_formatter=plain),
        ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = name != "uvicorn.access"  # our own access line says more
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )


def _dumps(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
