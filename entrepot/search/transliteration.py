"""Plain transliteration between Cyrillic and Latin, in the variants that people write.

The tables join GOST 7.79 (system B), ISO 9 without its marks, BGN and passports, and what is
typed without any rule. A letter is written the same way all through one text, so the variants
of a text are counted by the letters it has, not by its length.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Mapping
from typing import Final

#: How a Cyrillic letter is written in Latin ones, the likeliest first.
LATIN_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "а": ("a",), "б": ("b",), "в": ("v", "w", "b"), "г": ("g", "h"), "д": ("d",),
    "е": ("e", "ye"), "ё": ("e", "yo", "jo"), "ж": ("zh", "j", "g"), "з": ("z", "s"), "и": ("i",),
    "й": ("y", "j", "i"), "к": ("k", "c", "q"), "л": ("l",), "м": ("m",), "н": ("n", "h"),
    "о": ("o",), "п": ("p",), "р": ("r", "p"), "с": ("s", "c"), "т": ("t",),
    "у": ("u", "y", "w"), "ф": ("f", "ph"), "х": ("h", "x", "kh"), "ц": ("c", "ts", "z"),
    "ч": ("ch", "4"), "ш": ("sh", "w"), "щ": ("shch", "sch"), "ъ": ("",), "ы": ("y", "i"),
    "ь": ("",), "э": ("e",), "ю": ("yu", "u", "ju"), "я": ("ya", "ia", "ja"),
    "кс": ("x", "ks"), "дж": ("j", "dzh"), "кв": ("q", "kv"), "ку": ("q", "ku"),
    "і": ("i",), "ї": ("i",), "є": ("ye", "e"), "ґ": ("g",), "ў": ("u", "w"),
}  # fmt: skip

#: How a Latin letter, or some together, is written in Cyrillic ones, the likeliest first.
CYRILLIC_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "a": ("а",), "b": ("б",), "c": ("ц", "к", "с"), "d": ("д",), "e": ("е", "э"), "f": ("ф",),
    "g": ("г",), "h": ("х", "г"), "i": ("и",), "j": ("й", "ж", "дж"), "k": ("к",), "l": ("л",),
    "m": ("м",), "n": ("н",), "o": ("о",), "p": ("п",), "q": ("к", "кв", "ку"), "r": ("р",),
    "s": ("с",), "t": ("т",), "u": ("у",), "v": ("в",), "w": ("в", "у", "ш"),
    "x": ("кс", "х"), "y": ("у", "й", "ы", "и"), "z": ("з", "ц"),
    "shch": ("щ",), "sch": ("щ", "ш"), "shh": ("щ",), "sh": ("ш",), "ch": ("ч",), "zh": ("ж",),
    "kh": ("х",), "ts": ("ц",), "cz": ("ц",), "ph": ("ф",), "yo": ("ё",), "jo": ("ё",),
    "yu": ("ю",), "ju": ("ю",), "iu": ("ю",), "ya": ("я",), "ja": ("я",), "ia": ("я",),
    "ye": ("е",), "ck": ("к",),
}  # fmt: skip

_MARKED: Final = str.maketrans(
    {"š": "sh", "č": "ch", "ž": "zh", "ŝ": "shch", "û": "yu", "â": "ya", "ʹ": "", "ʺ": ""}
)
_CYRILLIC_PIECES: Final = re.compile("кс|дж|кв|ку|[а-яёіїєґў]")
_CYRILLIC_LETTERS: Final = re.compile("[а-яёіїєґў]")
_LATIN_PIECES: Final = re.compile("|".join(sorted(CYRILLIC_OF, key=lambda piece: -len(piece))))
_LATIN_LETTERS: Final = re.compile("[a-z]")


def to_latin(text: str, limit: int = 8) -> tuple[str, ...]:
    """The Latin writings of a text's Cyrillic letters, the likeliest first; at most `limit`.

    The text is case-folded; what is not Cyrillic stays. Empty without Cyrillic letters.
    """
    folded = text.casefold()
    if not _CYRILLIC_LETTERS.search(folded):
        return ()
    return _variants(folded, ((_CYRILLIC_LETTERS, LATIN_OF), (_CYRILLIC_PIECES, LATIN_OF)), limit)


def to_cyrillic(text: str, limit: int = 8) -> tuple[str, ...]:
    """The Cyrillic writings of a text's Latin letters; see `to_latin`."""
    folded = text.casefold().translate(_MARKED)
    if not _LATIN_LETTERS.search(folded):
        return ()
    return _variants(folded, ((_LATIN_PIECES, CYRILLIC_OF), (_LATIN_LETTERS, CYRILLIC_OF)), limit)


def _variants(
    text: str,
    readings: tuple[tuple[re.Pattern[str], Mapping[str, tuple[str, ...]]], ...],
    limit: int,
) -> tuple[str, ...]:
    """The writings of all readings in turn, so that none of them takes the others' places."""
    each = [_written(text, pieces, table, limit) for pieces, table in readings]
    found: dict[str, None] = {}
    for together in zip(*each, strict=False):
        found.update(dict.fromkeys(together))
    for one in each:
        found.update(dict.fromkeys(one))
    return tuple(found)[:limit]


def _written(
    text: str, pieces: re.Pattern[str], table: Mapping[str, tuple[str, ...]], limit: int
) -> list[str]:
    """The text with each piece written in each of its ways, the likeliest combinations first."""
    used = list(dict.fromkeys(pieces.findall(text)))
    written: dict[str, None] = {}
    for choice in _cheapest([len(table[piece]) for piece in used], limit):
        ways = {piece: table[piece][at] for piece, at in zip(used, choice, strict=True)}
        written[_rewritten(text, pieces, ways)] = None
    return list(written)


def _rewritten(text: str, pieces: re.Pattern[str], ways: Mapping[str, str]) -> str:
    return pieces.sub(lambda match: ways[match.group()], text)


def _cheapest(sizes: list[int], limit: int) -> Iterator[tuple[int, ...]]:
    """Up to `limit` choices of one index a place, by their sum, then by places in order."""
    start = (0,) * len(sizes)
    heap, seen = [(0, start)], {start}
    for _ in range(limit):
        if not heap:
            return
        cost, choice = heapq.heappop(heap)
        yield choice
        for place, size in enumerate(sizes):
            at = choice[place] + 1
            following = (*choice[:place], at, *choice[place + 1 :])
            if at < size and following not in seen:
                seen.add(following)
                heapq.heappush(heap, (cost + 1, following))
