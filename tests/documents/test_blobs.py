"""The blob folder: whole files or none, named by content."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from entrepot.platform.blobs import BlobMissing, BlobTooLarge, FolderBlobs


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_found_by_the_hash_of_its_content(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    key = blobs.put([b"hel", b"lo"])
    assert key == hashlib.sha256(b"hello").hexdigest()
    assert blobs.put(io.BytesIO(b"hello")) == key
    assert len(files_in(tmp_path)) == 1
    with blobs.open(key) as file:
        assert file.read() == b"hello"
    assert blobs.size(key) == 5
    blobs.delete(key)
    blobs.delete(key)
    with pytest.raises(BlobMissing):
        blobs.open(key)


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "A" * 64, "a" * 63])
def test_a_key_that_is_no_hash_opens_nothing(tmp_path: Path, key: str) -> None:
    with pytest.raises(BlobMissing):
        FolderBlobs(tmp_path).open(key)


async def test_past_the_limit_nothing_stays(tmp_path: Path) -> None:
    async def stream() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    blobs = FolderBlobs(tmp_path)
    with pytest.raises(BlobTooLarge):
        await blobs.put_stream(stream(), limit=99_999)
    assert files_in(tmp_path) == []
    key = await blobs.put_stream(stream(), limit=100_000)
    assert blobs.size(key) == 100_000


def test_a_broken_stream_leaves_nothing(tmp_path: Path) -> None:
    def stream() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        FolderBlobs(tmp_path).put(stream())
    assert files_in(tmp_path) == []


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    key = blobs.put([b"whole"])
    left = tmp_path / "incoming" / "half"
    left.write_bytes(b"half")
    assert blobs.forget_unfinished(3_600) == 0
    os.utime(left, (0, 0))
    assert blobs.forget_unfinished(3_600) == 1
    assert [path.name for path in files_in(tmp_path)] == [key]


def test_only_the_account_that_runs_us_reads_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "blobs"
    key = FolderBlobs(folder).put(io.BytesIO(b"invoice"))
    assert folder.stat().st_mode & 0o077 == 0
    with FolderBlobs(folder).open(key) as file:
        assert file.read() == b"invoice"
