"""A real web server on a free port, for tests of what only HTTP shows."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from entrepot.asgi import create_app
from entrepot.graphql.context import Resources
from entrepot.platform.clock import SystemClock
from entrepot.platform.config import load_settings


@pytest.fixture(scope="session")
def web_address() -> Iterator[str]:
    """The address of the application served by uvicorn in a thread, without a database."""
    resources = Resources(load_settings(), SystemClock(), database=None, redis=None)
    config = uvicorn.Config(create_app(resources=resources), log_config=None, server_header=False)
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    host, port = listener.getsockname()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://{host}:{port}"
    server.should_exit = True
    thread.join()
    listener.close()
