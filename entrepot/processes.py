"""Supervision: start parts in order, restart what falls over, stop everything in reverse order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from entrepot.platform.child_process import ChildProcess, Part, start_part

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A part that ran this long starts its back-off anew when it falls over."""


@dataclass(frozen=True)
class Fall:
    """A part ended by itself and will be started again after `delay` seconds."""

    part: str
    exit_code: int
    delay: float
    log: Path | None


def back_off(falls_in_a_row: int, longest: float = LONGEST_DELAY_SECONDS) -> float:
    """Return the seconds to wait before the next start: 0.5, 1, 2 … `longest`."""
    return float(min(longest, FIRST_DELAY_SECONDS * 2 ** (falls_in_a_row - 1)))


class Supervisor:
    """Keeps its parts running until `stop`. One event loop, no threads of its own.

    `longest_delay`: seconds that the pause before a start grows to.
    """

    def __init__(
        self, on_fall: Callable[[Fall], None], longest_delay: float = LONGEST_DELAY_SECONDS
    ) -> None:
        self._on_fall = on_fall
        self._longest_delay = longest_delay
        self._kept: list[_Kept] = []

    async def start(self, part: Part) -> None:
        """Start a part, wait until it serves, then keep it running. Raises `PartFailed`."""
        child = await start_part(part)
        self._kept.append(_Kept(part, child, self._on_fall, self._longest_delay))

    async def stop(self) -> None:
        """Stop the parts, the last started first. Safe to call twice."""
        while self._kept:
            await self._kept.pop().stop()


class _Kept:
    def __init__(
        self,
        part: Part,
        child: ChildProcess,
        on_fall: Callable[[Fall], None],
        longest_delay: float,
    ) -> None:
        self._part = part
        self._child = child
        self._on_fall = on_fall
        self._longest_delay = longest_delay
        self._stopping = asyncio.Event()
        self._changing = asyncio.Lock()
        self._task = asyncio.create_task(self._keep(), name=f"keep {part.spec.name}")

    async def stop(self) -> None:
        self._stopping.set()
        async with self._changing:
            await self._child.stop()
        await self._task

    async def _keep(self) -> None:
        clock = asyncio.get_running_loop().time
        falls = 0
        while True:
            started = clock()
            exit_code = await self._child.wait()
            if self._stopping.is_set():
                return
            falls = 1 if clock() - started >= STEADY_SECONDS else falls + 1
            delay = back_off(falls, self._longest_delay)
            spec = self._part.spec
            self._on_fall(Fall(spec.name, exit_code, delay, spec.log_path))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)
            async with self._changing:
                if self._stopping.is_set():
                    return
                await self._child.stop()  # ends what the fallen process had started itself
                self._part.before_start()
                self._child = await ChildProcess.start(spec)
