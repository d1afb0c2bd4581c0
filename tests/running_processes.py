"""What runs on a data folder, as /proc tells: the proof that nothing was left behind."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path


def on_folder(folder: Path) -> dict[int, str]:
    """Every process, but this one, whose command line, environment or working folder names it."""
    needle = os.fsencode(folder)
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        told = b""
        for name in ("cmdline", "environ"):
            with suppress(OSError):
                told += (entry / name).read_bytes()
        with suppress(OSError):
            told += os.fsencode(os.readlink(entry / "cwd"))  # PostgreSQL's children name it here
        if needle in told:
            with suppress(OSError):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(entry.name)] = command.decode("utf-8", "replace").strip()
    return found


async def none_left(folder: Path, seconds: float = 30) -> dict[int, str]:
    """Wait until nothing runs on the folder; return what still does when time is up."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        left = on_folder(folder)
        if not left or asyncio.get_running_loop().time() > deadline:
            return left
        await asyncio.sleep(0.05)
