"""A real web server on a free port, for tests of what only HTTP shows."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from entrepot.asgi import create_app
from tests.graphql_client import offline_resources


@pytest.fixture(scope="session")
def web_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the application served by uvicorn in a thread, without a database."""
    resources = offline_resources(tmp_path_factory.mktemp("web"))
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
