"""Texts typed while the keyboard was in its other layout: ЙЦУКЕН for QWERTY and back.

A key that carries a letter on one layout may carry a sign on the other (``ю`` and ``.``), so
retyping must see the text before anything drops its signs or folds its look-alikes.
"""

from __future__ import annotations

from typing import Final

# The keys row by row, from left to right, plain and with shift: the US and the Russian PC layout.
_LATIN: Final = (
    "`1234567890-=qwertyuiop[]asdfghjkl;'\\zxcvbnm,./"
    '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|ZXCVBNM<>?'
)
_CYRILLIC: Final = (
    "ё1234567890-=йцукенгшщзхъфывапролджэ\\ячсмитьбю."
    'Ё!"№;%:?*()_+ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭ/ЯЧСМИТЬБЮ,'
)
# Letters that Ukrainian and Belarusian keyboards have in the place of Russian ones.
_ALSO: Final = {"і": "s", "ї": "]", "є": "'", "ў": "o", "І": "S", "Ї": "}", "Є": '"', "Ў": "O"}

_TO_LATIN: Final = str.maketrans(_CYRILLIC, _LATIN) | str.maketrans(_ALSO)
_TO_CYRILLIC: Final = str.maketrans(_LATIN, _CYRILLIC)
_LETTERS_TO_CYRILLIC: Final = {
    ord(latin): cyrillic
    for latin, cyrillic in zip(_LATIN, _CYRILLIC, strict=True)
    if latin.isalpha()
}
_LETTERS_TO_LATIN: Final = {code: latin for code, latin in _TO_LATIN.items() if chr(code).isalpha()}
_CYRILLIC_LETTERS: Final = frozenset(map(chr, _LETTERS_TO_LATIN))
_LATIN_LETTERS: Final = frozenset(map(chr, _LETTERS_TO_CYRILLIC))


def to_latin_layout(text: str, *, signs: bool = True) -> str:
    """What the same keys give on a Latin keyboard; without `signs` only letters are retyped."""
    return text.translate(_TO_LATIN if signs else _LETTERS_TO_LATIN)


def to_cyrillic_layout(text: str, *, signs: bool = True) -> str:
    """What the same keys give on a Russian keyboard.

    Without `signs` only letters are retyped: the comma of ``njyth, xthysq`` is meant as one.
    """
    return text.translate(_TO_CYRILLIC if signs else _LETTERS_TO_CYRILLIC)


def retyped(text: str) -> tuple[str, ...]:
    """What a text may be in the other layout, the likeliest first; empty without letters.

    A text in both alphabets is read both ways. At most four readings, none of them the text.
    """
    found: dict[str, None] = {}
    if not _CYRILLIC_LETTERS.isdisjoint(text):
        found[to_latin_layout(text)] = None
        found[to_latin_layout(text, signs=False)] = None
    if not _LATIN_LETTERS.isdisjoint(text):
        found[to_cyrillic_layout(text)] = None
        found[to_cyrillic_layout(text, signs=False)] = None
    found.pop(text, None)
    return tuple(found)
