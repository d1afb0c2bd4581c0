"""The one fold of article numbers, brands and GTINs: pure functions.

A maker prints ``KR-4410/2`` and buyers type ``kr 4410 2`` or ``КR44102`` (a Cyrillic К). Product
identity, imports and search all compare the keys made here, so what is equal to one is equal to
all of them:

* `exact_form` keeps the separators: what the maker printed, without case and outer space;
* `number_key` drops everything but letters and digits and folds look-alikes;
* `brand_key` does the same for brands;
* `gtin14` gives the one form in which GTIN-8, -12, -13 and -14 are equal.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from entrepot.platform.invisible import without_invisible

#: Longest text taken for a number, in characters; the rest of a longer text is ignored.
NUMBER_MAX: Final = 256

_LOOK_ALIKES: Final = str.maketrans(
    # Case-folded Cyrillic letters whose capitals cannot be told from Latin ones.
    "авекмнорстух"
    # Ukrainian, Belarusian, Serbian and Greek letters that share a Latin shape.
    "іјѕαβεηικμνορτυχζ",
    "abekmhopctyxijsabehikmnoptyxz",
)


def _unaccented(text: str) -> str:
    """Compatibility decomposition without marks: ``É`` is ``E``, a full-width ``Ａ`` is ``A``."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def exact_form(text: str) -> str:
    """The printed number: case-folded, spaces collapsed, invisible characters dropped.

    Separators stay, so ``AB-1`` and ``AB1`` differ. At most `NUMBER_MAX` characters are read.
    """
    folded = unicodedata.normalize("NFKC", text[:NUMBER_MAX]).casefold()
    return " ".join(without_invisible(folded).split())


def number_key(text: str) -> str:
    """The number without separators, case, accents and look-alikes; may be empty.

    Idempotent: the key of a key is the key. At most `NUMBER_MAX` characters are read.
    """
    text = text[:NUMBER_MAX]
    if text.isascii():  # has neither accents nor look-alikes
        return "".join(filter(str.isalnum, text.lower()))
    folded = _unaccented(_unaccented(text).casefold()).translate(_LOOK_ALIKES)
    return "".join(char for char in folded if char.isalnum())


def article_key(text: str) -> str:
    """The number as identities compare it: its `number_key`, or signs alone as they are.

    Empty only for blank text.
    """
    return number_key(text) or exact_form(text)


def brand_key(text: str) -> str:
    """The brand without case, accents, separators and look-alikes: ``Würth`` is ``WURTH``.

    A brand of signs alone keeps its `exact_form`; empty only for blank text.
    """
    return number_key(text) or exact_form(text)


def fold_look_alikes(token: str) -> str:
    """A case-folded token with Cyrillic and Greek look-alikes written in Latin letters."""
    return token.translate(_LOOK_ALIKES)


def gtin_check_digit(body: str) -> int:
    """The check digit of a GTIN body (all digits but the last), by the GS1 mod-10 rule."""
    weighted = sum(
        int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(body))
    )
    return -weighted % 10


def gtin14(text: str) -> str | None:
    """The 14-digit form of a GTIN-8, -12, -13 or -14, or `None` if the text is not one.

    Spaces and dashes are allowed between the digits; the check digit must be right.
    """
    digits = "".join(char for char in text[:NUMBER_MAX] if char not in " \t-‐‑–\u00a0")
    if len(digits) not in (8, 12, 13, 14) or not (digits.isascii() and digits.isdigit()):
        return None
    if gtin_check_digit(digits[:-1]) != int(digits[-1]) or not digits.strip("0"):
        return None
    return digits.zfill(14)
