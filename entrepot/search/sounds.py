"""How numbers and words sound, whatever the alphabet: equal for a text and its transliterations.

Letters that stand for each other in any common transliteration share a class, so one key serves
all variants: ``c k q s z к с ц з`` are one, ``g h х г`` and what hisses (``ш sh sch ж zh ч ch``)
another, ``i j y и й ы`` a third. Digits stay. What cannot share a class (``х`` is ``h`` or ``x``,
``у`` is ``u``, ``y`` or ``w``) is asked for in several variants; documents have one key a number.
A number of many letters, which is rather a name, has a rough key instead: there the doubtful
classes are one or are left out, because readings multiply and the rest says enough.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Final

#: Longest text that is heard, and of what is heard the part that counts.
HEARD_MAX: Final = 256
KEY_MAX: Final = 40
#: Most keys that one question asks for.
ASKED_MAX: Final = 24

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
_TOGETHER: Final = re.compile("[dpf]?[SH]*H|S+|i+[aeou]?")
_JOINED: Final = {"a": "a", "e": "e", "o": "e", "u": "u"}
# Letters with other classes beside their own, which is the first.
_DOUBTFUL: Final[dict[str, tuple[str, ...]]] = {
    "х": ("H", "S"), "у": ("u", "i", "v"), "дж": ("H", "i"), "ж": ("H", "i"), "ц": ("S", "tS"),
    "ш": ("H", "v"), "кв": ("Sv", "S"), "ку": ("Su", "S", "Si", "Sv"), "x": ("S", "H"),
    "y": ("i", "u"), "w": ("v", "u", "H"), "j": ("i", "H"), "ts": ("tS", "S"), "tz": ("tS", "S"),
}  # fmt: skip
_DOUBT: Final = re.compile("(дж|кв|ку|ts|tz|[хужцшxywj])")
#: Doubtful letters that are read otherwise; more than these are read as they are.
_DOUBTS_MAX: Final = 5

#: A number of so many letters, of those that its rough key keeps, has that key.
ROUGH_MIN: Final = 5
_TO_ROUGH: Final = str.maketrans({"H": "S", "i": "", "u": "", "v": ""})
_ROUGHLY: Final = re.compile("[pf]?[tdS]*S")
_ZH: Final = re.compile("дж|[жшjw]")


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
    if group[0] in "pf":
        return "f"
    return "H" if "H" in group else "S"


def _heard(classes: str) -> str:
    return _TOGETHER.sub(_join, classes)[:KEY_MAX]


def _rough(classes: str) -> str:
    """Without semivowels, hissing and plain consonants in one; empty with few letters left."""
    rough = _ROUGHLY.sub(
        lambda match: "f" if match.group()[0] in "pf" else "S", classes.translate(_TO_ROUGH)
    )
    letters = sum(char.isalpha() for char in rough)
    return "~" + rough[:KEY_MAX] if letters >= ROUGH_MIN else ""


def number_sound(number: str) -> str:
    """The one key of a number by its sound; empty for one without letters or digits."""
    classes = _plain(number).translate(_TO_CLASSES)
    return _rough(classes) or _heard(classes)


def asked_sounds(text: str) -> tuple[str, ...]:
    """The keys that a typed number may have, at most `ASKED_MAX`, the likeliest first.

    Empty for one without letters: its key says all.
    """
    plain = _plain(text)
    if not any(char.isalpha() for char in plain):
        return ()
    found = dict.fromkeys(
        key for way in ("ж", "й") if (key := _rough(_ZH.sub(way, plain).translate(_TO_CLASSES)))
    )
    for classes in (*_readings(plain, alike=True), *_readings(plain, alike=False)):
        if not (key := _rough(classes)) or not found:
            found[key or _heard(classes)] = None
    return tuple(found)[:ASKED_MAX]


def _readings(plain: str, *, alike: bool) -> Iterator[str]:
    """Classes of a text with its doubtful letters read otherwise, the fewest of them first.

    `alike`: a letter is read in the same way wherever it stands.
    """
    pieces = _DOUBT.split(plain)
    letters = list(dict.fromkeys(pieces[1::2])) if alike else pieces[1::2]
    letters = letters[:_DOUBTS_MAX]
    choices = product(*(range(len(_DOUBTFUL[letter])) for letter in letters))
    for choice in sorted(choices, key=sum)[:ASKED_MAX]:
        if alike:
            ways = {
                letter: _DOUBTFUL[letter][at] for letter, at in zip(letters, choice, strict=True)
            }
            read = [ways.get(piece, piece) for piece in pieces]
        else:
            read = pieces.copy()
            for place, at in enumerate(choice):
                read[2 * place + 1] = _DOUBTFUL[letters[place]][at]
        yield "".join(read).translate(_TO_CLASSES)


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
    letters or with digits, which is a number or a measure, and for one of a single sound
    (``xxxx``), which is nobody's word.
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
    heard = dict.fromkeys(_word_sound(read) for read in readings if read)
    return tuple(sound for sound in heard if len(sound) > len(".S"))[:4]


def _word_sound(plain: str) -> str:
    classes = _SILENT_H.sub("", plain).translate(_TO_CLASSES).replace("tS", "S")
    heard = _DOUBLED.sub(r"\1", _heard(classes))
    bones = _VOWELS.sub("", _FIRST_VOWEL.sub("a", heard))
    return bones if len(bones) >= _CONSONANTS_MIN else "." + heard
