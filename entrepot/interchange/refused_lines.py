"""The file of refused lines: as the sender's file had them, with what is wrong and how to mend it.

Format, encoding and delimiter are the sent file's own, so it can be mended and sent again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from entrepot.interchange.spreadsheets.writing import CsvWriter, XlsxWriter
from entrepot.platform.catalog.import_problems import LineProblem

REASON_COLUMNS = {
    "en": ("line", "column", "reason", "how to mend"),
    "ru": ("строка", "столбец", "причина", "как исправить"),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not taken."""

    line_number: int
    cells: Sequence[str]
    problem: LineProblem | None


async def write_refused_lines(
    layout: Mapping[str, Any], lines: AsyncIterator[Refused], path: Path, locale: str
) -> int:
    """Write the lines to `path` with line, column, reason and remedy in `locale`; return how many.

    `layout` says how the sent file was written. Broken lines stand whole in the first column.
    """
    header = [str(title) for title in layout.get("header", ())]
    encoding = layout.get("encoding", "utf-8")
    if encoding == "utf-8" and (layout.get("bom") or locale == "ru"):
        encoding = "utf-8-sig"  # Excel takes a file without the mark for the local code page
    writer: CsvWriter | XlsxWriter
    if layout.get("kind") == "xlsx":
        writer = XlsxWriter(path)
    else:
        writer = CsvWriter(path, encoding=encoding, delimiter=layout.get("delimiter", ";"))
    count = 0
    with writer:
        writer.write([*header, *REASON_COLUMNS["ru" if locale == "ru" else "en"]])
        async for line in lines:
            cells = [*line.cells, *[""] * (len(header) - len(line.cells))]
            reasons: list[str] = [str(line.line_number)]
            if line.problem is not None:
                problem = line.problem
                reasons += [problem.field or "", problem.message(locale), problem.remedy(locale)]
            writer.write([*cells, *reasons])
            count += 1
    return count
