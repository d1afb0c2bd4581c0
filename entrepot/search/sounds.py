"""How numbers and words sound, whatever the alphabet: equal for a text and its transliterations.

Letters that stand for each other in any common transliteration share a class, so one key serves
all variants: ``c k q s z к с ц з`` are one, ``g h х г`` and what hisses (``ш sh sch ж zh ч ch``)
another, ``i j y и й ы`` a third. Digits stay. What cannot share a class (``х`` is ``h`` or ``x``,
``у`` is ``u``, ``y`` or ``w``) is asked for in several variants; documents have one key a number.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import product
from typing import Final

#: Longest text that is heard, and of what is heard the part that counts.
HEARD_MAX: Final = 256
KEY_MAX: Final = 40
#: Most keys that one question asks for.
ASKED_MAX: Final = 12

# One symbol a class: S (k, c, s, z), H (h, g, hissing), i (i, j, y); other letters are their own.
_CLASSES: Final[dict[str, str]] = {
    **dict.fromkeys("ckqszксцз", "S"),
    **dict.fromkeys("ghгхжшщчґ", "H"),
    **dict.fromkeys("ijyийыіїѕј", "i"),
    **dict(zip("abdeflmnoprtuv", "abdeflmnoprtuv", strict=True)),
    **dict(zip("абдефлмнопртувэўє", "abdeflmnoprtuveue", strict=True)),
    "w": "v", "x": "S", "ю": "iu", "я": "ia", "ь": "", "ъ": "",
}  # fmt: skip
_TO_CLASSES: Final = str.maketrans(_CLASSES)
_MARKED: Final = str.maketrans({"š": "sh", "č": "ch", "ž": "zh", "ŝ": "sch", "û": "yu", "â": "ya"})
# What several letters stand for in the other alphabet, on classes: so the same whichever wrote it.
_TOGETHER: Final = re.compile("S+H+|dS*H+|H+|S+|pS*H+|i+[aeou]?")
_JOINED: Final = {"a": "a", "e": "e", "o": "e", "u": "u"}
# Letters with a second class, asked for in both: (letter, its other classes).
_DOUBTFUL: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("х", ("H", "S")), ("у", ("u", "i", "v")), ("дж", ("H", "i")), ("ж", ("H", "i")),
    ("ц", ("S", "tS")), ("ш", ("H", "v")), ("x", ("S", "H")), ("y", ("i", "u")),
    ("w", ("v", "u", "H")), ("j", ("i", "H")), ("ts", ("tS", "S")), ("tz", ("tS", "S")),
)  # fmt: skip


def _plain(text: str) -> str:
    """Letters and digits only, case-folded, marks gone but where they tell letters apart."""
    folded = text[:HEARD_MAX].casefold().translate(_MARKED)
    # й is a letter of its own, but decomposes to и, which shares its class.
    decomposed = unicodedata.normalize("NFKD", folded)
    return "".join(char for char in decomposed if char.isalnum())


def _join(match: re.Match[str]) -> str:
    group = match.group()
    if group[0] == "i":
        return _JOINED.get(group[-1], "i")
    if group[0] == "p":
        return "f"
    return "H" if "H" in group else "S"


def _heard(classes: str) -> str:
    return _TOGETHER.sub(_join, classes)[:KEY_MAX]


def number_sound(number: str) -> str:
    """The one key of a number by its sound; empty for one without letters or digits."""
    return _heard(_plain(number).translate(_TO_CLASSES))


def asked_sounds(text: str) -> tuple[str, ...]:
    """The keys that a typed number may have, at most `ASKED_MAX`, its own first.

    Empty for one without letters: its key says all.
    """
    plain = _plain(text)
    if not any(char.isalpha() for char in plain):
        return ()
    doubtful = [(letter, ways) for letter, ways in _DOUBTFUL if letter in plain]
    found: dict[str, None] = {}
    # By how many letters are read otherwise, so that the bound cuts the unlikeliest.
    choices = product(*(range(len(ways)) for _, ways in doubtful[:5]))
    for choice in sorted(choices, key=sum)[: 4 * ASKED_MAX]:
        read = plain
        for at, (letter, ways) in zip(choice, doubtful, strict=False):
            read = read.replace(letter, ways[at])
        found[_heard(read.translate(_TO_CLASSES))] = None
    return tuple(found)[:ASKED_MAX]


# --- words: vowels and doubled letters are heard less than consonants

_VOWELS: Final = re.compile("(?<!^)[aeiou]+")
_FIRST_VOWEL: Final = re.compile("^[aeiou]+")
_DOUBLED: Final = re.compile(r"([a-z])\1+", re.IGNORECASE)
_SILENT_H: Final = re.compile("(?<=[aeiou])h$")
#: A word of fewer consonants is compared with its vowels: ``sony`` is not ``sun``.
_CONSONANTS_MIN: Final = 3
# Letters that are heard in two ways in words: both sides have both.
_HEARD_TWICE: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("th", ("t", "s")), ("j", ("й", "ж")), ("sch", ("ш", "ск")), ("ch", ("ч", "к")),
)  # fmt: skip


@lru_cache(maxsize=50_000)
def word_sounds(word: str) -> tuple[str, ...]:
    """How a word may sound, at most four keys: the same side by side for documents and questions.

    ``ксерокс`` and ``xerox``, ``шнайдер`` and ``schneider`` share one. Empty for a word without
    letters or with digits, which is a number or a measure.
    """
    plain = _plain(word)
    if not plain or not plain.isalpha():
        return ()
    readings = [plain.replace("wh", "w") if plain.startswith("wh") else plain]
    for letters, ways in _HEARD_TWICE:
        if letters in plain:
            readings = [read.replace(letters, way) for read in readings for way in ways]
    if "w" in plain[1:]:
        readings += [read[0] + read[1:].replace("w", "") for read in readings]
    return tuple(dict.fromkeys(_word_sound(read) for read in readings if read))[:4]


def _word_sound(plain: str) -> str:
    classes = _SILENT_H.sub("", plain).translate(_TO_CLASSES).replace("tS", "S")
    heard = _DOUBLED.sub(r"\1", _heard(classes))
    bones = _VOWELS.sub("", _FIRST_VOWEL.sub("a", heard))
    return bones if len(bones) >= _CONSONANTS_MIN else "." + heard
