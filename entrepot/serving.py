"""The web server process: a bound socket, uvicorn on it, and the question whether it is ready."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from types import FrameType

import uvicorn

from entrepot.platform.errors import DomainError

BACKLOG = 2048
GRACEFUL_SECONDS = 8
APPLICATION = "entrepot.asgi:create_app"


class PortTaken(DomainError):
    """Another program listens on the port."""

    code = "PORT_TAKEN"
    en = "Port {port} of {host} is taken. Choose another with --port, or --port 0 for any free one."
    ru = "Порт {port} на {host} занят. Укажите другой: --port, или --port 0 — любой свободный."
    host: str
    port: int


class AddressUnusable(DomainError):
    """The address cannot be bound for another reason (no such host, no right)."""

    code = "ADDRESS_UNUSABLE"
    en = "Cannot listen on {host}, port {port}: {reason}."
    ru = "Нельзя слушать {host}, порт {port}: {reason}."
    host: str
    port: int
    reason: str


def listen(host: str, port: int) -> socket.socket:
    """Bind and listen at once, so that nobody can take the port in between; 0: any free port.

    Raises `PortTaken`, `AddressUnusable`.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, OverflowError) as error:
        raise AddressUnusable(host, port, str(error)) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from None
        raise AddressUnusable(host, port, error.strerror or str(error)) from None
    listener.setblocking(False)
    return listener


def address_of(listener: socket.socket) -> str:
    """Return `http://HOST:PORT` as a person on this machine would type it."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(listener: socket.socket) -> None:
    """Serve the application on the socket until SIGINT or SIGTERM; open requests get 8 seconds."""
    config = uvicorn.Config(
        APPLICATION,
        factory=True,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )
    server = uvicorn.Server(config)
    # uvicorn raises the signal again once it has stopped; ours then says "ended as asked".
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ended_as_asked)
    server.run(sockets=[listener])


def _ended_as_asked(number: int, frame: FrameType | None) -> None:
    return None


async def answers(address: str, path: str = "/health/ready") -> bool:
    """True where `GET path` answers 200 within 2 seconds."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            try:
                request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
                writer.write(request.encode())
                status = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
    return status.split(b" ")[1:2] == [b"200"]
