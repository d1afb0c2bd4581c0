"""Folders of an index on disk: which one is in use, who reads it, who may write.

``ROOT/current`` names the folder in use and is replaced atomically. A reader holds a shared
lock on its folder, a writer the exclusive lock ``ROOT/writer.lock``; the system drops both when
a process dies, so ``kill -9`` leaves nothing to clean by hand.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from entrepot.platform.ids import new_id
from entrepot.search.engine import IndexBusy

_PREFIX = "offers-"
_HELD = "held.lock"
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class HeldFolder:
    """A folder that stays on disk until `release`."""

    path: Path
    descriptor: int

    def release(self) -> None:
        """Let go of the folder."""
        os.close(self.descriptor)


class IndexFolders:
    """The folders under one root. Methods block on disk only; `writing` may wait."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pointer = root / "current"

    def current(self) -> Path | None:
        """The folder in use, or `None` before the first one."""
        try:
            name = self.pointer.read_text("ascii").strip()
        except FileNotFoundError:
            return None
        return self.root / name

    def create(self) -> Path:
        """Make a new, empty folder that nobody uses yet. Call it while `writing`."""
        path = self.root / f"{_PREFIX}{new_id()}"
        path.mkdir(parents=True)
        (path / _HELD).touch()
        return path

    def point_to(self, path: Path) -> None:
        """Make a folder the one in use, atomically and on disk before returning."""
        draft = self.pointer.with_suffix(".new")
        with draft.open("w", encoding="ascii") as file:
            file.write(path.name)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.pointer)
        descriptor = os.open(self.root, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def hold_current(self) -> HeldFolder | None:
        """Hold the folder in use, or `None` before the first one."""
        while (path := self.current()) is not None:
            try:
                descriptor = os.open(path / _HELD, os.O_RDONLY)
            except FileNotFoundError:
                if self.current() == path:
                    return None
                continue
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            # Between reading the pointer and locking, a rebuild may have swapped and swept.
            if self.current() == path and (path / _HELD).exists():
                return HeldFolder(path, descriptor)
            os.close(descriptor)
        return None

    def remove_if_free(self, path: Path) -> bool:
        """Delete a folder nobody holds and that is not in use; say whether it is gone."""
        if path == self.current():
            return False
        try:
            descriptor = os.open(path / _HELD, os.O_RDONLY)
        except FileNotFoundError:
            shutil.rmtree(path, ignore_errors=True)
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True

    def sweep(self) -> None:
        """Delete every folder nobody needs any more. Call it while `writing`."""
        for path in self.root.glob(f"{_PREFIX}*"):
            self.remove_if_free(path)

    @contextmanager
    def writing(self, wait_seconds: float) -> Iterator[None]:
        """Hold the writer's lock; raises `IndexBusy` if it is not free within the time."""
        self.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.root / "writer.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            deadline = time.monotonic() + wait_seconds
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise IndexBusy(
                            f"another process writes the index in {self.root}"
                        ) from None
                    time.sleep(_POLL_SECONDS)
            yield
        finally:
            os.close(descriptor)
