"""A small HTTP load generator: keep-alive clients in one process, latencies and server CPU."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """One request, ready to be written to a socket."""

    payload: bytes

    @classmethod
    def get(cls, path: str, headers: Sequence[str] = ()) -> Call:
        """Return a GET request."""
        lines = [f"GET {path} HTTP/1.1", "Host: bench", *headers, "", ""]
        return cls("\r\n".join(lines).encode())

    @classmethod
    def post(cls, path: str, body: bytes, headers: Sequence[str] = ()) -> Call:
        """Return a POST request with a JSON body."""
        lines = [f"POST {path} HTTP/1.1", "Host: bench", "Content-Type: application/json"]
        lines += [*headers, f"Content-Length: {len(body)}", "", ""]
        return cls("\r\n".join(lines).encode() + body)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run of calls took; times in milliseconds."""

    requests: int
    per_second: float
    p50: float
    p99: float
    cpu: float  # of the server process, a request


Source = Callable[[int, int], Call]
"""Gives the call that client `i` sends as its `n`-th."""


class BadAnswer(Exception):
    """The server refused a request of the benchmark; holds the answer's beginning."""


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of all threads of a process so far, in nanosecond steps (Linux).

    The clock's number is what `clock_getcpuclockid(3)` makes of a process id; the counters of
    `/proc` move in steps of 10 ms, a fifth of what a bare server takes for 500 requests.
    """
    return time.clock_gettime((~pid << 3) | 2)


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body = await reader.readexactly(length)
    if not head.startswith(b"HTTP/1.1 200") or b'"errors"' in body or b'"code"' in body:
        raise BadAnswer((head.split(b"\r\n")[0] + b" " + body)[:600].decode(errors="replace"))
    return body


async def run(
    port: int, server_pid: int, source: Source, *, clients: int, requests: int
) -> Measured:
    """Send `requests` calls over `clients` connections, after one warm-up call a client."""
    latencies: list[float] = []
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(clients)]

    async def client(index: int, first: int, count: int) -> None:
        reader, writer = connections[index]
        for number in range(first, first + count):
            began = time.perf_counter()
            writer.write(source(index, number).payload)
            await _answer(reader)
            latencies.append(time.perf_counter() - began)

    await asyncio.gather(*(client(index, 0, 1) for index in range(clients)))
    latencies.clear()
    before, began = cpu_seconds(server_pid), time.perf_counter()
    share = max(1, requests // clients)
    await asyncio.gather(*(client(index, 1, share) for index in range(clients)))
    took, cpu = time.perf_counter() - began, cpu_seconds(server_pid) - before
    for _, writer in connections:
        writer.close()
    ordered = sorted(latencies)
    return Measured(
        requests=len(ordered),
        per_second=len(ordered) / took,
        p50=ordered[len(ordered) // 2] * 1000,
        p99=ordered[int(len(ordered) * 0.99)] * 1000,
        cpu=cpu / len(ordered) * 1000,
    )
