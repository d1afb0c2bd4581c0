"""The command as a person runs it: a process, its lines, its exit code."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

COMMAND = (sys.executable, "-m", "entrepot")


def clean_environment(**extra: str) -> dict[str, str]:
    """Our environment without any ENTREPOT_ variable or language, plus `extra`."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("ENTREPOT_", "LANG", "LC_"))
    }
    return {**kept, **extra}


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str


async def run_command(*arguments: str, prefix: tuple[str, ...] = (), **extra: str) -> Outcome:
    """Run `entrepot ARGUMENTS` to its end; 60 seconds at most."""
    process = await asyncio.create_subprocess_exec(
        *prefix,
        *COMMAND,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=clean_environment(**extra),
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), 60)
    except BaseException:
        process.kill()
        await process.wait()
        raise
    return Outcome(process.returncode or 0, out.decode(), err.decode())


@dataclass
class Demo:
    """A running `entrepot demo`."""

    process: asyncio.subprocess.Process
    home: Path
    lines: list[str] = field(default_factory=list)
    address: str = ""

    @classmethod
    async def launch(cls, home: Path, *arguments: str, prefix: tuple[str, ...] = ()) -> Demo:
        """Start it on any free port, without demo data; do not wait for it."""
        command = (*COMMAND, "demo", "--port", "0", "--home", str(home), "--no-data", *arguments)
        process = await asyncio.create_subprocess_exec(
            *prefix,
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=clean_environment(),
        )
        return cls(process, home)

    async def until_line(self, pattern: str, seconds: float = 60) -> re.Match[str]:
        """Read its output until a line matches."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            while line := (await self.process.stdout.readline()).decode():
                self.lines.append(line.rstrip("\n"))
                if match := re.search(pattern, line):
                    return match
        raise AssertionError("it ended first:\n" + "\n".join(self.lines))

    async def until_ready(self) -> Demo:
        """Wait for the line with the address."""
        self.address = (await self.until_line(r"is ready: (http://127\.0\.0\.1:\d+)$"))[1]
        return self

    async def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        out, _ = await asyncio.wait_for(self.process.communicate(), 60)
        self.lines += out.decode().splitlines()
        return self.process.returncode or 0


@pytest.fixture(scope="session")
async def migrated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an empty, migrated database; making one takes seconds, so copy it."""
    home = tmp_path_factory.mktemp("migrated") / "home"
    outcome = await run_command("migrate", "--home", str(home))
    assert outcome.code == 0, outcome.err
    return home


@pytest.fixture
async def home(tmp_path: Path, migrated_home: Path) -> Path:
    """A data folder of this test's own, used before."""
    await copy_home(migrated_home, tmp_path / "home")
    return tmp_path / "home"


async def copy_home(source: Path, target: Path) -> None:
    """Copy a folder that nothing runs on, with the owners of its files."""
    copy = await asyncio.create_subprocess_exec("cp", "-a", str(source), str(target))
    assert await copy.wait() == 0


LaunchDemo = Callable[..., Awaitable[Demo]]


@pytest.fixture
async def launch_demo() -> AsyncIterator[LaunchDemo]:
    """`Demo.launch` for this test; whatever is still running at its end is stopped."""
    launched: list[Demo] = []

    async def launch(home: Path, *arguments: str, prefix: tuple[str, ...] = ()) -> Demo:
        demo = await Demo.launch(home, *arguments, prefix=prefix)
        launched.append(demo)
        return demo

    yield launch
    for demo in launched:
        if demo.process.returncode is None:
            await demo.end(signal.SIGTERM)
