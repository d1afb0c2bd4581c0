"""Measures as terms whose order as text is their order as numbers, and ranges of them.

An engine that knows text only then finds measures between bounds exactly: a range is a regular
expression over the terms of one attribute. The bits of an IEEE 754 double, the sign bit turned
and those of negative numbers inverted, sort as the numbers do.
"""

from __future__ import annotations

import re
import struct
from typing import Final

SEPARATOR: Final = "\x1f"
_BYTES_MAX: Final = 100
_HEX: Final = "0123456789abcdef"
_SIGN: Final = 1 << 63
_ALL: Final = (1 << 64) - 1


def ordered(value: float) -> str:
    """Sixteen hexadecimal digits that sort as the numbers do; both zeros are one."""
    (bits,) = struct.unpack(">Q", struct.pack(">d", value + 0.0))
    return f"{~bits & _ALL if bits & _SIGN else bits | _SIGN:016x}"


def value_term(code: str, value: float) -> str:
    """The term of an attribute's value."""
    return f"{code}{SEPARATOR}{ordered(value)}"


def range_pattern(code: str, low: float | None, high: float | None) -> str | None:
    """A regular expression of all terms of an attribute between bounds, inclusive.

    `None` where nothing can be between them, or for no code at all. An open bound is infinite.
    """
    first = ordered(float("-inf") if low is None else low)
    last = ordered(float("inf") if high is None else high)
    if first > last or not _is_short(code):
        return None
    return f"{_escaped(code)}{SEPARATOR}{_between(first, last)}"


def _is_short(text: str) -> bool:
    """Whether an expression of the text stays within what tantivy takes (1,000 states)."""
    return len(text.encode(errors="replace")) <= _BYTES_MAX


def _escaped(text: str) -> str:
    """The text taken literally by tantivy's regular expressions."""
    return re.sub(r"([^\w\s]|_)", r"\\\1", text) if not text.isalnum() else text


def _digits(first: int, last: int) -> str:
    return _HEX[first] if first == last else f"[{_HEX[first : last + 1]}]"


def _between(first: str, last: str) -> str:
    same = next((n for n in range(len(first)) if first[n] != last[n]), len(first))
    if same == len(first):
        return first
    low, high = _HEX.index(first[same]), _HEX.index(last[same])
    branches = [first[: same + 1] + _from(first[same + 1 :])]
    branches.append(last[: same + 1] + _up_to(last[same + 1 :]))
    if high - low > 1:
        branches.append(f"{first[:same]}{_digits(low + 1, high - 1)}.*")
    return f"({'|'.join(branches)})"


def _from(rest: str) -> str:
    """Everything of the same length from `rest` on."""
    if not rest:
        return ""
    digit = _HEX.index(rest[0])
    here = rest[0] + _from(rest[1:])
    return here if digit == 15 else f"({here}|{_digits(digit + 1, 15)}.*)"


def _up_to(rest: str) -> str:
    """Everything of the same length up to `rest`."""
    if not rest:
        return ""
    digit = _HEX.index(rest[0])
    here = rest[0] + _up_to(rest[1:])
    return here if digit == 0 else f"({here}|{_digits(0, digit - 1)}.*)"
