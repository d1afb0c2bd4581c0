"""What counts as the same unmet question, and what is not kept; pure functions."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from entrepot.platform.catalog.article_numbers import number_key
from entrepot.platform.invisible import without_invisible

#: A longer text is a pasted list or a machine's, not an article anybody could supply.
TEXT_MAX: Final = 100
#: What the table takes; folding can lengthen a text.
KEY_MAX: Final = 256
#: A shorter key is a finger on the keyboard.
KEY_MIN: Final = 2
#: With a token of so many letters and no digit the text is words; without it is one number.
WORD_MIN: Final = 3
#: New questions of a company that are kept in a day.
NEW_A_DAY: Final = 200
#: Where the count of one question stops.
SEARCHES_MAX: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Question:
    """A question to keep: as it was written, and the key under which it is counted."""

    text: str
    key: str


def question(text: str) -> Question | None:
    """Return what to keep of a search, or None where nothing is worth keeping.

    Not kept: blank texts, punctuation only, a single letter or digit, more than `TEXT_MAX`
    characters, and whatever holds an ``@``: somebody's address is nobody's demand. `text` is
    without invisible characters, spaces collapsed.
    """
    if len(text) > TEXT_MAX * 2:  # before the work
        return None
    written = _visible(text)
    if len(written) > TEXT_MAX or "@" in written:
        return None
    key = demand_key(written)[:KEY_MAX]
    return Question(written, key) if len(key) >= KEY_MIN else None


def demand_key(text: str) -> str:
    """Return the key that spellings of one question share; empty without a letter or digit.

    A number is its `number_key`: ``Kr-4410``, ``kr 4410`` and ``КR4410`` (a Cyrillic К) are one.
    Of words each is folded by itself and their order kept, so that ``bolt 1/2`` is not
    ``bolt 12``.
    """
    tokens = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").split()
    if not any(len(token) >= WORD_MIN and token.isalpha() for token in tokens):
        return number_key(text)
    return " ".join(filter(None, map(_word_key, tokens)))


def _word_key(token: str) -> str:
    if token.isalpha():
        return token
    if any(char.isalpha() for char in token):
        return number_key(token)
    measure = "".join(char for char in token.replace(",", ".") if char.isdigit() or char in "./")
    return measure.strip("./")


def _visible(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", without_invisible(text)).split())


def week_of(moment: datetime) -> date:
    """Return the Monday (UTC) of the week that a moment is in."""
    day = moment.date()
    return day - timedelta(days=day.weekday())
