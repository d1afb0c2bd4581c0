"""How buyers get article numbers wrong, one fault at a time, the same for the same seed."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from entrepot.search.keyboard import to_cyrillic_layout

_LETTERS, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
_SEPARATORS: Final = re.compile(r"[^\w]|_")
_TWINS: Final = dict(zip("ABEKMHOPCTYXaeopcyx", "АВЕКМНОРСТУХаеорсух", strict=True))
_CONFUSED: Final = {"0": "O", "O": "0", "o": "0", "1": "I", "I": "1", "l": "1"}

#: Ways to write Latin letters in Cyrillic ones; each writer keeps to one of them.
WRITERS: Final = tuple(
    dict(zip(_LETTERS, ways.split(), strict=True))
    for ways in (
        "а б ц д е ф г х и й к л м н о п к р с т у в в кс й з",
        "а б с д е ф г х и ж к л м н о п кв р с т у в в х у з",
        "а б к д е ф г г и дж к л м н о п ку р с т у в у кс и з",
        "а б ц д э ф г х и дж к л м н о п к р с т у в в кс ы ц",
    )
)
_JOINED: Final = re.compile("shch|sh|ch|zh|kh|ts|yu|ya|ph")
_JOINED_AS: Final = {
    "shch": "щ", "sh": "ш", "ch": "ч", "zh": "ж", "kh": "х", "ts": "ц", "yu": "ю", "ya": "я",
    "ph": "ф",
}  # fmt: skip

Mistype = Callable[[str, random.Random], str | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """A class of faults; `mistype` gives `None` for a number that cannot have it."""

    name: str
    mistype: Mistype


def _changed(number: str, typed: str) -> str | None:
    return typed if typed != number and typed.strip() else None


def _without_separators(number: str, _chance: random.Random) -> str | None:
    return _changed(number, _SEPARATORS.sub("", number))


def _spaces(number: str, chance: random.Random) -> str | None:
    """Spaces for the separators, and one more where letters meet digits or anywhere."""
    spaced = _SEPARATORS.sub(" ", number)
    seams = [m.start() for m in re.finditer(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])", spaced)]
    at = chance.choice(seams or list(range(1, len(spaced))) or [0])
    return _changed(number, f"{spaced[:at]} {spaced[at:]}")


def _beginning(number: str, _chance: random.Random) -> str | None:
    """The first 70 % of the characters."""
    return _changed(number, number[: math.ceil(0.7 * len(number))].rstrip())


def _middle(number: str, _chance: random.Random) -> str | None:
    """The number without its first and its last fifth."""
    cut = max(1, len(number) // 5)
    return _changed(number, number[cut:-cut].strip()) if len(number) >= 5 else None


def _places(number: str) -> list[int]:
    return [place for place, char in enumerate(number) if char.isalnum() and char.isascii()]


def _wrong(number: str, chance: random.Random) -> str | None:
    """A digit for a digit, a letter for a letter."""
    if not (places := _places(number)):
        return None
    at = chance.choice(places)
    kin = _DIGITS if number[at].isdigit() else _LETTERS
    other = chance.choice([char for char in kin if char != number[at].lower()])
    return number[:at] + other + number[at + 1 :]


def _two_wrong(number: str, chance: random.Random) -> str | None:
    once = _wrong(number, chance)
    return once and _changed(number, _wrong(once, chance) or number)


def _missing(number: str, chance: random.Random) -> str | None:
    if len(places := _places(number)) < 3:
        return None
    at = chance.choice(places)
    return number[:at] + number[at + 1 :]


def _swapped(number: str, chance: random.Random) -> str | None:
    pairs = [
        at
        for at in range(len(number) - 1)
        if number[at : at + 2].isalnum() and number[at].lower() != number[at + 1].lower()
    ]
    if not pairs:
        return None
    at = chance.choice(pairs)
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


def _look_alikes(number: str, chance: random.Random) -> str | None:
    """Half of the letters that have a Cyrillic twin, and one at least."""
    places = [place for place, char in enumerate(number) if char in _TWINS]
    if not places:
        return None
    wrong = {place for place in places if chance.random() < 0.5} | {chance.choice(places)}
    return "".join(_TWINS[char] if place in wrong else char for place, char in enumerate(number))


def _other_layout(number: str, _chance: random.Random) -> str | None:
    return _changed(number, to_cyrillic_layout(number))


def _transliterated(number: str, chance: random.Random) -> str | None:
    """All letters in Cyrillic, by one of the `WRITERS`, letter by letter or by sounds."""
    writer, plain = chance.choice(WRITERS), number.lower()
    if chance.random() < 0.5:
        plain = _JOINED.sub(lambda match: _JOINED_AS[match.group()], plain)
    typed = "".join(writer.get(char, char) for char in plain)
    return _changed(number, typed.upper() if chance.random() < 0.5 else typed)


def _zero_for_o(number: str, chance: random.Random) -> str | None:
    """One zero for O, or one for I or l, or the other way round."""
    places = [place for place, char in enumerate(number) if char in _CONFUSED]
    if not places or not any(char.isdigit() for char in number):
        return None
    at = chance.choice(places)
    return number[:at] + _CONFUSED[number[at]] + number[at + 1 :]


FAULTS: Final = (
    Fault("exact", lambda number, _chance: number),
    Fault("no separators", _without_separators),
    Fault("spaces", _spaces),
    Fault("first 70 %", _beginning),
    Fault("middle 60 %", _middle),
    Fault("wrong character", _wrong),
    Fault("missing character", _missing),
    Fault("swapped characters", _swapped),
    Fault("two wrong characters", _two_wrong),
    Fault("look-alikes", _look_alikes),
    Fault("other layout", _other_layout),
    Fault("transliteration", _transliterated),
    Fault("O for 0, I for 1", _zero_for_o),
)
