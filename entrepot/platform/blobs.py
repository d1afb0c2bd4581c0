"""Files by content: a folder whose file names are the SHA-256 of what is in them.

A file appears whole or not at all (written aside, synced, renamed), so a key that was returned
survives a crash. Equal contents share one file; delete only what no row refers to.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from entrepot.platform.errors import DomainError

READ_BYTES = 256 * 1024
_KEY = re.compile(r"[0-9a-f]{64}")


class BlobTooLarge(DomainError):
    """The stream went over the limit; nothing of it was kept."""

    code = "FILE_TOO_LARGE"
    en = "The file is larger than {limit_bytes} bytes."
    ru = "Файл больше {limit_bytes} байт."
    limit_bytes: int


class BlobMissing(DomainError):
    """No file has this key."""

    code = "FILE_MISSING"
    en = "The file is no longer stored."
    ru = "Файл больше не хранится."
    key: str


class FolderBlobs:
    """A blob store in a folder; safe for several processes at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"

    def put(self, pieces: Iterable[bytes] | BinaryIO, limit: int | None = None) -> str:
        """Store a stream and return its key, 64 hex digits.

        Raises `BlobTooLarge` past `limit` bytes; then, and on any error, nothing stays on disk.
        """
        with self._writer(limit) as writer:
            for piece in _pieces(pieces):
                writer.write(piece)
            return writer.finish()

    async def put_stream(self, pieces: AsyncIterator[bytes], limit: int | None = None) -> str:
        """Store an asynchronous stream (an upload) as `put` does; disk work runs in threads."""
        writer = await asyncio.to_thread(self._writer, limit)
        try:
            async for piece in pieces:
                await asyncio.to_thread(writer.write, piece)
            return await asyncio.to_thread(writer.finish)
        finally:
            writer.discard()

    def path(self, key: str) -> Path:
        """Return the file of a key. Raises `BlobMissing`."""
        if not _KEY.fullmatch(key):
            raise BlobMissing(key[:64])
        path = self._folder / key[:2] / key
        if not path.is_file():
            raise BlobMissing(key)
        return path

    def open(self, key: str) -> BinaryIO:
        """Open the file of a key for reading. Raises `BlobMissing`."""
        return self.path(key).open("rb")

    def size(self, key: str) -> int:
        """Return the file's size in bytes. Raises `BlobMissing`."""
        return self.path(key).stat().st_size

    def delete(self, key: str) -> None:
        """Remove the file of a key; a missing one is no error."""
        with suppress(BlobMissing, FileNotFoundError):
            self.path(key).unlink()

    def forget_unfinished(self, older_than_seconds: float) -> int:
        """Remove what killed processes left half-written that long ago; return how many files."""
        removed = 0
        before = time.time() - older_than_seconds
        for path in self._incoming.glob("*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()
                    removed += 1
        return removed

    def _writer(self, limit: int | None) -> _Writer:
        # Invoices and price lists of many companies: nobody else on the machine reads them.
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._incoming.mkdir(exist_ok=True)
        return _Writer(self._folder, self._incoming, limit)


class _Writer:
    """One file on its way in: written aside, then renamed to its hash."""

    def __init__(self, folder: Path, incoming: Path, limit: int | None) -> None:
        self._folder = folder
        self._limit = limit
        self._hash = hashlib.sha256()
        self._written = 0
        self._file = NamedTemporaryFile(dir=incoming, delete=False)  # noqa: SIM115 – spans calls

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def write(self, piece: bytes) -> None:
        self._written += len(piece)
        if self._limit is not None and self._written > self._limit:
            self.discard()
            raise BlobTooLarge(self._limit)
        self._hash.update(piece)
        self._file.write(piece)

    def finish(self) -> str:
        key = self._hash.hexdigest()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        target = self._folder / key[:2] / key
        target.parent.mkdir(exist_ok=True)
        os.replace(self._file.name, target)
        _sync_folder(target.parent)
        return key

    def discard(self) -> None:
        """Close and remove the unfinished file; does nothing after `finish`."""
        self._file.close()
        with suppress(FileNotFoundError):
            os.unlink(self._file.name)


def _pieces(source: Iterable[bytes] | BinaryIO) -> Iterator[bytes]:
    read = getattr(source, "read", None)
    if read is None:
        yield from source
        return
    while piece := read(READ_BYTES):
        yield piece


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable; systems without folder handles do it on their own."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
