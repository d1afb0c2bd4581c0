"""Words typed in the other keyboard layout: ``njyth`` for ``тонер``, ``ещтук`` for ``toner``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from entrepot.search.keyboard import retyped, to_cyrillic_layout
from entrepot.search.pieces import Kind, Piece, folded_case, readable
from entrepot.search.words import stem

#: Shorter words are something in either layout.
RETYPED_MIN: Final = 3
_SPACES: Final = re.compile(r"\s+")
#: Keys that carry letters on a Russian keyboard and signs on a Latin one.
_SIGN_KEYS: Final = frozenset("[]{};:'\",.<>`~")
_LATIN: Final = re.compile("[a-z]+")
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]+")
_VOWEL: Final = re.compile("[aeiouy]")


def other_layout(token: str) -> list[str]:
    """A case-folded word of letters in the other layout, where it is letters there."""
    script = _CYRILLIC if _LATIN.fullmatch(token) else _LATIN
    readings = dict.fromkeys(folded_case(reading) for reading in retyped(token))
    return [reading for reading in readings if script.fullmatch(reading)]


def retyped_stems(token: str) -> list[str]:
    """The stems that a case-folded word has in the other layout; none for a short one."""
    if len(token) < RETYPED_MIN:
        return []
    return [stem(reading) for reading in other_layout(token)]


def retyped_chunks(
    found: Sequence[Piece], text: str
) -> Iterator[tuple[list[Piece], tuple[str, ...]]]:
    """The pieces by the runs of signs that they stand in, and what such a run may be as one word.

    Stems of the run in the other layout are given only where its signs are letters there:
    ``rfhnhbl;`` is ``картридж``. Such a run is one word.
    """
    seen = folded_case(readable(text))
    starts = [match.end() for match in _SPACES.finditer(seen)]

    def run(one: Piece) -> int:
        return sum(start <= one.start for start in starts)

    bounds = [0, *starts, len(seen)]
    for number, members in groupby(found, key=run):
        chunk = list(members)
        if any(one.kind is not Kind.WORD or not _LATIN.fullmatch(one.written) for one in chunk):
            yield chunk, ()
            continue
        yield chunk, _as_one(chunk, seen[bounds[number] : bounds[number + 1]].strip())


def _as_one(chunk: list[Piece], written: str) -> tuple[str, ...]:
    if _SIGN_KEYS.isdisjoint(written) or not set(written) - _SIGN_KEYS:
        return ()
    # Signs between words of a language that has vowels are signs.
    words_like = all(len(one.written) > 2 and _VOWEL.search(one.written) for one in chunk)
    if len(chunk) > 1 and words_like:
        return ()
    ways = (written, written.rstrip(",.;:'\"`"))
    readings = dict.fromkeys(folded_case(to_cyrillic_layout(way)) for way in ways)
    return tuple(
        dict.fromkeys(
            stem(reading)
            for reading in readings
            if len(reading) >= RETYPED_MIN and _CYRILLIC.fullmatch(reading)
        )
    )
