"""Errors of a response: what may be shown is shown with a code, the rest is masked and logged.

Shown: domain errors (in the caller's language), and graphql-core's own findings about the
document and its variables. Everything else becomes "Internal error" with the request id, and is
logged once with its traceback.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import structlog
from graphql import GraphQLError

from entrepot.platform.errors import DomainError

INTERNAL = "INTERNAL"
BAD_USER_INPUT = "BAD_USER_INPUT"
LONGEST_MESSAGE = 500
"""Characters; graphql-core repeats wrong values in whole, and those can be as long as a body."""
_MASKED = {"en": "Internal error", "ru": "Внутренняя ошибка"}

log = structlog.get_logger("entrepot.graphql")


def domain_fault(error: DomainError, locale: str) -> dict[str, Any]:
    """Return a domain error as an entry of `errors`."""
    extensions: dict[str, Any] = {"code": error.code}
    if error.path:
        extensions["inputPath"] = list(error.path)
    if error.line_index is not None:
        extensions["lineIndex"] = error.line_index
    return {"message": error.message(locale), "extensions": extensions}


def masked_fault(locale: str, request_id: str) -> dict[str, Any]:
    """Return the entry of `errors` that stands for an unexpected exception."""
    return {
        "message": _MASKED.get(locale, _MASKED["en"]),
        "extensions": {"code": INTERNAL, "requestId": request_id},
    }


def document_faults(errors: Sequence[GraphQLError], code: str) -> list[dict[str, Any]]:
    """Return graphql-core's findings about a document or its variables, with `code`."""
    return [
        {**error.formatted, "message": _shortened(error.message), "extensions": {"code": code}}
        for error in errors
    ]


def execution_fault(error: GraphQLError, locale: str, request_id: str) -> dict[str, Any]:
    """Return one error of an execution as an entry of `errors`; unexpected ones get logged."""
    cause = _cause(error)
    entry: dict[str, Any]
    if isinstance(cause, DomainError):
        entry = domain_fault(cause, locale)
    elif error.path is None or _about_argument(cause):
        entry = {"message": _shortened(error.message), "extensions": {"code": BAD_USER_INPUT}}
    else:
        log.error(
            "unexpected error in a resolver",
            path=".".join(map(str, error.path)),
            request_id=request_id,
            exc_info=cause,
        )
        entry = masked_fault(locale, request_id)
    if error.locations:
        entry["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        entry["path"] = error.path
    return entry


def codes_of(faults: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the code of each entry, for metrics and the access log."""
    for fault in faults:
        yield fault["extensions"]["code"]


def _shortened(message: str) -> str:
    """Cut the middle out of a message that is too long: how it ends says what was expected."""
    if len(message) <= LONGEST_MESSAGE:
        return message
    half = LONGEST_MESSAGE // 2
    return f"{message[:half]} … {message[-half:]}"


def _cause(error: GraphQLError) -> Exception:
    """Follow graphql-core's wrapping to the exception that was raised first."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _about_argument(cause: Exception) -> bool:
    """Tell whether graphql-core refused the value of an argument when the field was run."""
    return isinstance(cause, GraphQLError) and cause.message.startswith("Argument ")
