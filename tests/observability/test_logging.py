"""Logs: the same facts for people and for machines, and no secrets in either."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
import structlog

from entrepot.observability.logging import REDACTED, configure_logging, redact
from entrepot.platform.config import load_settings


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_lines_from_both_loggers() -> None:
    stream = io.StringIO()
    configure_logging(load_settings(log_format="json"), stream)
    with structlog.contextvars.bound_contextvars(request_id="request-1"):
        structlog.get_logger("entrepot.test").info("placed", order="SO-1")
        logging.getLogger("uvicorn.error").warning("slow %s", "client")
    structlog.get_logger("entrepot.test").debug("not shown at level info")
    ours, theirs = lines(stream)
    assert ours | {"timestamp": ""} == {
        "event": "placed",
        "level": "info",
        "logger": "entrepot.test",
        "order": "SO-1",
        "request_id": "request-1",
        "timestamp": "",
    }
    assert (theirs["event"], theirs["request_id"]) == ("slow client", "request-1")
    assert ours["timestamp"].endswith("Z")


def test_tracebacks_name_no_values() -> None:
    """Local variables hold passwords; only lines of code may appear."""
    for log_format in ("json", "console"):
        stream = io.StringIO()
        configure_logging(load_settings(log_format=log_format), stream)
        try:
            secret_word = "hunter" + "2"
            raise KeyError(len(secret_word))
        except KeyError:
            structlog.get_logger("entrepot.test").exception("failed")
        assert "KeyError: 7" in stream.getvalue()
        assert "hunter2" not in stream.getvalue()


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({"token": "t"}, {"token": REDACTED}),
        ({"session_token": "t", "api_key": "k"}, {"session_token": REDACTED, "api_key": REDACTED}),
        ({"Authorization": "Bearer abc"}, {"Authorization": REDACTED}),
        ({"event": "got Bearer abc.def-1"}, {"event": f"got Bearer {REDACTED}"}),
        (
            {"url": "postgresql://me:pw@host/db"},
            {"url": f"postgresql://me:{REDACTED}@host/db"},
        ),
        ({"url": "redis://:pw@host"}, {"url": f"redis://:{REDACTED}@host"}),
        ({"count": 3, "event": "x"}, {"count": 3, "event": "x"}),
    ],
)
def test_secrets_are_blanked(event: dict[str, Any], shown: dict[str, Any]) -> None:
    assert redact(None, "info", event) == shown
