"""Progress of long work: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

LINE_EVERY_SECONDS = 2.0


class Progress:
    """Use as a context manager; whoever works calls `update`."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._bar: Bar | None = None
        self._last_line: float | None = None
        if sys.stdout.isatty():
            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(),
            )
            self._task = self._bar.add_task(title, total=None)

    def __enter__(self) -> Progress:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, done: int, total: int | None, text: str = "") -> None:
        """Tell how far the work is; `total` None: unknown, `text`: what is being done now."""
        label = f"{self.title}: {text}" if text else self.title
        if self._bar is not None:
            self._bar.update(self._task, description=label, completed=done, total=total)
            return
        now = time.monotonic()
        finished = bool(total) and done >= (total or 0)
        recently = self._last_line is not None and now - self._last_line < LINE_EVERY_SECONDS
        if recently and not finished:
            return
        self._last_line = now
        count = f" {done}/{total}" if total else f" {done}" if done else ""
        sys.stdout.write(f"{label}{count}\n")
        sys.stdout.flush()
