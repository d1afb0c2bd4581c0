"""The unit that readers yield: one line of a table, with the place to resume after it."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.platform.catalog.import_problems import LineProblem


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a file: everything before it has been read.

    `line` is the number of the last line read (1-based, as an editor or Excel counts), `offset`
    the byte after it (text files only; 0 in workbooks), `encoding` the one proven so far (empty:
    only ASCII was seen).
    """

    line: int
    offset: int
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its number, its cells as sent, the place after it, or why it is unreadable."""

    line_number: int
    cells: tuple[str, ...]
    cursor: Cursor
    problem: LineProblem | None = None
