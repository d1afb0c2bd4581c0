"""Guesses about a file from its first bytes: kind, encoding, delimiter, decimal separator."""

from __future__ import annotations

import codecs
import csv
import re
from dataclasses import dataclass

from entrepot.interchange.spreadsheets.errors import (
    EmptyFile,
    UnknownDelimiter,
    UnknownEncoding,
    UnsupportedFormat,
)

SNIFFED_BYTES = 64 * 1024
DELIMITERS = (";", ",", "\t")
ENCODINGS = {
    "utf-8": "utf-8",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "koi8-r": "koi8-r",
    "cp866": "cp866",
}
_ALIASES = {"utf8": "utf-8", "utf-8-sig": "utf-8", "cp1251": "windows-1251", "1251": "windows-1251"}

_FOREIGN = (
    (
        b"\xd0\xcf\x11\xe0",
        "an old or password-protected Excel file (.xls)",
        "старый или защищённый паролем файл Excel (.xls)",
    ),
    (b"%PDF", "a PDF document", "документ PDF"),
    (b"\xff\xfe", "a text file in UTF-16", "текстовый файл в UTF-16"),
    (b"\xfe\xff", "a text file in UTF-16", "текстовый файл в UTF-16"),
    (b"Rar!", "a RAR archive", "архив RAR"),
    (b"7z\xbc\xaf", "a 7z archive", "архив 7z"),
    (b"\x1f\x8b", "a gzip archive", "архив gzip"),
    (b"\x89PNG", "a picture", "картинка"),
    (b"\xff\xd8\xff", "a picture", "картинка"),
    (b"PAR1", "a Parquet file", "файл Parquet"),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype html|html|table|\?xml)", re.IGNORECASE)
_COMMA_DECIMAL = re.compile(r"^-?\d{1,3}(?:[ .\u00a0\u202f]?\d{3})*,(?:\d{1,2}|\d{4,6})$")
_POINT_DECIMAL = re.compile(r"^-?\d{1,3}(?:[ ,\u00a0\u202f]?\d{3})*\.(?:\d{1,2}|\d{4,6})$")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text table is written.

    `settled` is False while only ASCII has been seen: the first line that is not UTF-8 then turns
    the rest of the file to Windows-1251. `bom` and `skipped_lines` describe what precedes the
    header (`sep=;`, which Excel writes).
    """

    encoding: str
    delimiter: str
    settled: bool = True
    bom: bool = False
    skipped_lines: int = 0


def refuse_foreign(head: bytes) -> None:
    """Raise `EmptyFile` or `UnsupportedFormat` unless the bytes may be a text table or a ZIP."""
    if not head.strip(b"\xef\xbb\xbf \t\r\n\x00,;"):
        raise EmptyFile
    for magic, name, name_ru in _FOREIGN:
        if head.startswith(magic):
            raise UnsupportedFormat(name, name_ru)
    if _MARKUP.match(head):
        raise UnsupportedFormat("a web page or XML file", "веб-страница или файл XML")
    if b"\r" in head and b"\n" not in head and len(head) == SNIFFED_BYTES:
        raise UnsupportedFormat(
            "a text with old Mac line ends", "текст с концами строк старого Mac"
        )
    if head.count(b"\x00") > len(head) // 100:
        raise UnsupportedFormat("a binary file", "двоичный файл")


def named_encoding(name: str) -> str:
    """Return the public name of the encoding. Raises `UnknownEncoding`."""
    wanted = name.strip().lower().replace("_", "-")
    wanted = _ALIASES.get(wanted, wanted)
    if wanted not in ENCODINGS:
        raise UnknownEncoding(name[:40], ", ".join(ENCODINGS))
    return wanted


def sniff_encoding(head: bytes) -> tuple[str, bool]:
    """Return the encoding's public name and whether the bytes prove it.

    A few bytes that are not UTF-8 among much that is are a broken line, not another encoding.
    """
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8", True
    high = sum(byte >= 0x80 for byte in head)
    if high == 0:
        return "utf-8", False
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    replaced = text.count("\ufffd")
    decoded = sum(character > "\x7f" for character in text) - replaced
    return ("utf-8", True) if decoded > 4 * replaced else ("windows-1251", True)


def sniff_dialect(head: bytes, encoding: str | None, delimiter: str | None) -> Dialect:
    """Guess what the caller did not say. Raises `UnknownEncoding`, `UnknownDelimiter`.

    The delimiter is the one that cuts the header into most cells.
    """
    if delimiter is not None and delimiter not in DELIMITERS:
        raise UnknownDelimiter
    if encoding is not None:
        name, settled = named_encoding(encoding), True
    else:
        name, settled = sniff_encoding(head)
    bom = head.startswith(codecs.BOM_UTF8)
    text = head.removeprefix(codecs.BOM_UTF8).decode(ENCODINGS[name], "replace")
    lines = text.splitlines() or [""]
    skipped = 0
    declared = re.fullmatch(r"sep=([;,\t])", lines[0].strip("\r\n "), re.IGNORECASE)
    if declared:
        skipped = 1
        delimiter = delimiter or declared.group(1)
    while skipped < len(lines) - 1 and not lines[skipped].strip(" \t;,\ufeff"):
        skipped += 1
    if delimiter is None:
        header = lines[skipped]
        delimiter = max(DELIMITERS, key=lambda candidate: _cell_count(header, candidate))
    return Dialect(name, delimiter, settled, bom, skipped)


def _cell_count(line: str, delimiter: str) -> int:
    return len(next(csv.reader([line], delimiter=delimiter), []))


def sniff_decimal(samples: list[str]) -> str | None:
    """Return `,` or `.` if the numbers of the sample use only one of them, else None.

    Numbers that read both ways (`1,234`) say nothing.
    """
    comma = any(_COMMA_DECIMAL.match(sample.strip()) for sample in samples)
    point = any(_POINT_DECIMAL.match(sample.strip()) for sample in samples)
    if comma == point:
        return None
    return "," if comma else "."
