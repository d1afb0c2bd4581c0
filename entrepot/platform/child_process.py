"""A program that we start, follow and stop, and that dies when we do.

Every child gets a session of its own, so that Ctrl-C reaches only the parent, which then stops
its children in order; its environment carries `MARK`, by which leftovers are found (`home.py`).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from entrepot.platform import launch
from entrepot.platform.errors import DomainError

MARK = "ENTREPOT_SUPERVISED_HOME"
LOG_LIMIT_BYTES = 10 * 1024 * 1024


class PartFailed(DomainError):
    """A process could not be started or did not become ready; `tail` is the end of its log."""

    code = "PART_FAILED"
    en = "{part} did not start. The end of {log}:\n{tail}"
    ru = "{part}: запуск не удался. Конец журнала {log}:\n{tail}"
    part: str
    log: str
    tail: str


@dataclass(frozen=True)
class Account:
    """The system account a child runs as; `reach` keeps the right to enter closed folders."""

    uid: int
    gid: int
    reach: bool


@dataclass(frozen=True)
class ProcessSpec:
    """What to run. `log_path` None: the child writes where we write. Times in seconds."""

    name: str
    command: tuple[str, ...]
    log_path: Path | None
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    account: Account | None = None
    inherited_files: tuple[int, ...] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0


async def _always_ready() -> bool:
    return True


@dataclass(frozen=True)
class Part:
    """A process with the question whether it serves, and what to tidy before each start."""

    spec: ProcessSpec
    ready: Callable[[], Awaitable[bool]] = _always_ready
    before_start: Callable[[], None] = lambda: None
    ready_seconds: float = 60.0


class ChildProcess:
    """A started child. Made by `start`; `stop` may be called any number of times."""

    def __init__(self, spec: ProcessSpec, process: asyncio.subprocess.Process) -> None:
        self.spec = spec
        self._process = process

    @classmethod
    async def start(cls, spec: ProcessSpec) -> ChildProcess:
        """Start `spec`. A program that cannot be executed shows up as exit code 126."""
        account, reach = "-", "-"
        if spec.account is not None:
            account = f"{spec.account.uid}:{spec.account.gid}"
            reach = "reach" if spec.account.reach else "-"
        output = _open_log(spec.log_path) if spec.log_path else None
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", launch.__file__),
                *(str(os.getpid()), str(int(spec.stop_signal)), account, reach),
                *spec.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **spec.environment},
                cwd=spec.folder,
                pass_fds=spec.inherited_files,
                start_new_session=True,
            )
        finally:
            if output is not None:
                os.close(output)
        return cls(spec, process)

    @property
    def pid(self) -> int:
        """Process id; also the id of the process group of the child and its own children."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._process.returncode

    async def wait(self) -> int:
        """Wait for the end and return the exit code."""
        return await self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the child alone; nothing where it has ended."""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def stop(self) -> None:
        """Ask it to stop, wait `stop_seconds`, then kill it and whatever it had started."""
        if self.exit_code is None:
            self.signal(self.spec.stop_signal)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wait(), self.spec.stop_seconds)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        await self.wait()

    def failure(self) -> PartFailed:
        """Describe a failed start with the end of the log."""
        path = self.spec.log_path
        return PartFailed(self.spec.name, str(path or "-"), log_tail(path) if path else "")


async def start_part(part: Part) -> ChildProcess:
    """Start a part and wait until it serves. Raises `PartFailed` (and leaves nothing running)."""
    part.before_start()
    child = await ChildProcess.start(part.spec)
    try:
        await until_ready(part, child)
    except BaseException:
        await child.stop()
        raise
    return child


async def until_ready(part: Part, child: ChildProcess) -> None:
    """Wait until the part serves. Raises `PartFailed` when it ends first or takes too long."""
    deadline = asyncio.get_running_loop().time() + part.ready_seconds
    while not await part.ready():
        if child.exit_code is not None or asyncio.get_running_loop().time() > deadline:
            raise child.failure()
        await asyncio.sleep(0.05)
    if child.exit_code is not None:
        raise child.failure()


def log_tail(path: Path, lines: int = 20) -> str:
    """Return the last lines of a log, at most 8 KiB; an empty text where there is none."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 8192))
            text = log.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _open_log(path: Path) -> int:
    """Open for appending; a log over the limit is set aside as `.1` first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        if path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(path.with_suffix(path.suffix + ".1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
