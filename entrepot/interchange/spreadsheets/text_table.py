"""CSV, line by line: a broken line is reported and the reading goes on with the next one."""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from entrepot.interchange.spreadsheets.rows import Cursor, Row
from entrepot.interchange.spreadsheets.sniff import ENCODINGS, Dialect
from entrepot.platform.catalog.import_problems import LineProblem, ProblemCode

MAX_LINE_BYTES = 256 * 1024
MAX_LINES_OF_A_RECORD = 100
_CONTROLS = frozenset(map(chr, range(32))) - {"\t", "\n", "\r"}


@dataclass(frozen=True, slots=True)
class _Line:
    """One physical line: its text without the line end, or the reason it cannot be read."""

    number: int
    end: int
    text: str
    problem: LineProblem | None = None


class _PhysicalLines:
    """Lines of a binary file with their numbers and byte offsets; lines can be put back.

    At most `MAX_LINE_BYTES` of a line are kept; the rest of a longer one is skipped.
    """

    def __init__(self, file: BinaryIO, dialect: Dialect, at: Cursor) -> None:
        self._file = file
        self._number = at.line
        self._offset = at.offset
        self._returned: deque[_Line] = deque()
        self.encoding = at.encoding or dialect.encoding
        self._settled = dialect.settled or bool(at.encoding)

    @property
    def proven_encoding(self) -> str:
        """The encoding to resume with; empty while only ASCII has been seen."""
        return self.encoding if self._settled else ""

    def take(self) -> _Line | None:
        """Return the next line, or None at the end of the file."""
        if self._returned:
            return self._returned.popleft()
        raw = self._file.readline(MAX_LINE_BYTES)
        if not raw:
            return None
        self._number += 1
        self._offset += len(raw)
        if len(raw) == MAX_LINE_BYTES and not raw.endswith(b"\n"):
            self._skip_to_line_end()
            detail = str(MAX_LINE_BYTES // 1024)
            problem = LineProblem(ProblemCode.LINE_TOO_LONG, detail=detail)
            return _Line(self._number, self._offset, self._lossy(raw[:200]), problem)
        return self._decoded(raw)

    def put_back(self, lines: list[_Line]) -> None:
        """Give lines back, in their order, to be taken again."""
        self._returned.extendleft(reversed(lines))

    def _skip_to_line_end(self) -> None:
        while piece := self._file.readline(MAX_LINE_BYTES):
            self._offset += len(piece)
            if piece.endswith(b"\n"):
                return

    def _decoded(self, raw: bytes) -> _Line:
        if self._offset == len(raw):
            raw = raw.removeprefix(codecs.BOM_UTF8)
        problem = None
        try:
            text = raw.decode(ENCODINGS[self.encoding])
            self._settled = self._settled or not text.isascii()
        except UnicodeDecodeError:
            if not self._settled:
                self.encoding, self._settled = "windows-1251", True
                return self._decoded(raw)
            text = self._lossy(raw)
            problem = LineProblem(ProblemCode.UNREADABLE_CHARACTERS, detail=self.encoding)
        text = text.removesuffix("\n").removesuffix("\r")
        if problem is None and not text.isprintable() and not _CONTROLS.isdisjoint(text):
            problem = LineProblem(ProblemCode.UNREADABLE_CHARACTERS, detail=self.encoding)
            text = "".join("\ufffd" if character in _CONTROLS else character for character in text)
        return _Line(self._number, self._offset, text, problem)

    def _lossy(self, raw: bytes) -> str:
        return raw.decode(ENCODINGS[self.encoding], "replace").replace("\x00", "\ufffd")


class _Record:
    """Feeds one record to `csv`: further lines only while a quoted cell is open."""

    def __init__(self, lines: _PhysicalLines, first: _Line) -> None:
        self._lines = lines
        self._pending: _Line | None = first
        self.taken: list[_Line] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line, self._pending = self._pending, None
        if line is None:
            if len(self.taken) >= MAX_LINES_OF_A_RECORD:
                raise StopIteration
            line = self._lines.take()
            if line is None:
                raise StopIteration
        self.taken.append(line)
        if line.problem is not None and len(self.taken) > 1:
            raise StopIteration
        return line.text + "\n"


def read_text_rows(file: BinaryIO, dialect: Dialect, start: Cursor | None = None) -> Iterator[Row]:
    """Yield the records of a CSV file from `start` (default: the first line).

    The header is a row like any other. Blank lines are passed over. Quoted cells may span up to
    `MAX_LINES_OF_A_RECORD` lines; a quote that is never closed costs only the line it stands in.
    Memory: one record. Nothing is raised for bad content; such rows carry `problem`.
    """
    at = start or Cursor(0, 0)
    file.seek(at.offset)
    lines = _PhysicalLines(file, dialect, at)
    width: int | None = None
    while (first := lines.take()) is not None:
        if first.problem is None and not first.text.strip(" \t"):
            continue
        row = _read_record(lines, first, dialect, width)
        if width is None and row.problem is None:
            width = len(row.cells)
        yield row


def _read_record(lines: _PhysicalLines, first: _Line, dialect: Dialect, width: int | None) -> Row:
    def here(line: _Line) -> Cursor:
        return Cursor(line.number, line.end, lines.proven_encoding)

    if first.problem is not None:
        return Row(first.number, (first.text,), here(first), first.problem)
    record = _Record(lines, first)
    try:
        cells = tuple(next(csv.reader(record, delimiter=dialect.delimiter, strict=True)))
        broken = False
    except (csv.Error, StopIteration):
        cells, broken = (), True
    last = record.taken[-1]
    if len(record.taken) > 1 and (
        broken or last.problem is not None or (width is not None and len(cells) != width)
    ):
        # The open quote swallowed its neighbours: blame the first line, read the others again.
        lines.put_back(record.taken[1:])
        broken, last = True, first
    if broken:
        problem = LineProblem(ProblemCode.BROKEN_LINE)
        return Row(first.number, (first.text,), here(first), problem)
    return Row(first.number, cells, here(last))
