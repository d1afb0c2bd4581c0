"""A second process that makes documents of rows, for rebuilds: analysis is half of their work.

The two speak over the child's standard input and output, pickled frames with their length before.
A parent that dies, however it dies, closes the pipe, and the child ends by itself.
"""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import signal
import struct
import sys
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.search.document import OfferDocument, to_document

_LENGTH: Final = struct.Struct("!I")
_END_SECONDS: Final = 10


class AnalystFailed(Exception):
    """The second process ended or could not make documents of these rows."""


def listed_documents(rows: Sequence[SearchRow]) -> list[OfferDocument]:
    """The documents of those rows that an index holds; computes, so call it in a thread."""
    return [to_document(row) for row in rows if row.listed]


class Inline:
    """Makes documents in a thread of this process: for catalogues too small for a second one."""

    def __init__(self) -> None:
        self._given: deque[Sequence[SearchRow]] = deque()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._given.clear()

    @property
    def waiting(self) -> int:
        """How many pages were given and not taken."""
        return len(self._given)

    async def give(self, rows: Sequence[SearchRow]) -> None:
        """Hand over a page of rows."""
        self._given.append(rows)

    async def take(self) -> list[OfferDocument]:
        """Return the documents of the oldest page given."""
        return await asyncio.to_thread(listed_documents, self._given.popleft())


class Analyst:
    """The second process; give it pages and take their documents in the same order."""

    _process: asyncio.subprocess.Process

    def __init__(self) -> None:
        self._waiting = 0

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "entrepot.search.analysis",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.returncode is None and self._waiting:
            self._process.kill()  # in the middle of a page that nobody wants any more
        self._stdin.close()
        try:
            async with asyncio.timeout(_END_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    @property
    def waiting(self) -> int:
        """How many pages were given and not taken."""
        return self._waiting

    @property
    def _stdin(self) -> asyncio.StreamWriter:
        if self._process.stdin is None:
            raise RuntimeError("the process was started with pipes")
        return self._process.stdin

    async def give(self, rows: Sequence[SearchRow]) -> None:
        """Hand over a page of rows. Raises `AnalystFailed`."""
        frame = await asyncio.to_thread(pickle.dumps, rows, pickle.HIGHEST_PROTOCOL)
        # Counted before: a page half sent is waited for by nobody, and the child must be killed.
        self._waiting += 1
        self._stdin.writelines((_LENGTH.pack(len(frame)), frame))
        # Not drained: the child may be waiting for its own answer to be taken.

    async def take(self) -> list[OfferDocument]:
        """Return the documents of the oldest page given. Raises `AnalystFailed`."""
        if self._process.stdout is None:
            raise RuntimeError("the process was started with pipes")
        try:
            (length,) = _LENGTH.unpack(await self._process.stdout.readexactly(_LENGTH.size))
            frame = await self._process.stdout.readexactly(length)
        except asyncio.IncompleteReadError as error:
            raise AnalystFailed("the second process of the rebuild ended; see above") from error
        self._waiting -= 1
        found: list[OfferDocument] = await asyncio.to_thread(pickle.loads, frame)
        return found


def _serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer pages until the other side closes."""
    # Rows and documents hold no cycles; looking for some among them took 7 % of the time.
    gc.freeze()
    gc.disable()
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        rows: Any = pickle.loads(source.read(_LENGTH.unpack(head)[0]))
        frame = pickle.dumps(listed_documents(rows), pickle.HIGHEST_PROTOCOL)
        sink.write(_LENGTH.pack(len(frame)) + frame)
        sink.flush()


if __name__ == "__main__":
    # Ctrl-C reaches the whole group; this process ends when the other side closes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _serve(sys.stdin.buffer, sys.stdout.buffer)
