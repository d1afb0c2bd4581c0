"""Analysis of words: tokens, stop words, stems and how many typos a word may have.

Documents pass through `index_terms` and queries through `terms`, so both engines compare the same
strings and need no language settings of their own. Russian and English are told apart by script.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import snowballstemmer

from entrepot.platform.catalog.article_numbers import fold_look_alikes
from entrepot.platform.catalog.search_rows import SearchAttribute
from entrepot.search.article_numbers import has_digit

#: A longer run of letters is not a word anybody searches by; it is cut.
WORD_MAX: Final = 40

_TOKEN: Final = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+")
_BETWEEN_SIZES: Final = re.compile(r"(?<=\d)x(?=\d)")
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")

_ENGLISH_STOPS: Final = (
    "a an and are as at be by for from in is it of on or per that the this to with"
)
_RUSSIAN_STOPS: Final = "без в во для до и из или к как на не о об от по под при с со то у"

#: Words too common to search by.
STOP_WORDS: Final = frozenset((*_ENGLISH_STOPS.split(), *_RUSSIAN_STOPS.split()))


class _Stemmers(threading.local):
    """Snowball stemmers keep the word in themselves, so each thread has its own pair."""

    def __init__(self) -> None:
        self.russian = snowballstemmer.stemmer("russian")
        self.english = snowballstemmer.stemmer("english")


_STEMMERS = _Stemmers()


def tokens(text: str) -> list[str]:
    """Case-folded words and numbers in order; ``12,5`` is one token, written ``12.5``.

    Compatibility forms are unified, ``ё`` is read as ``е``, and control and zero-width
    characters are dropped, so they neither split nor hide a word.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    visible = "".join(
        char for char in folded if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    return [match.group().replace(",", ".")[:WORD_MAX] for match in _TOKEN.finditer(visible)]


@lru_cache(maxsize=100_000)
def stem(token: str) -> str:
    """The stem of a case-folded token; tokens with digits only get look-alikes folded."""
    if has_digit(token):
        return fold_look_alikes(token)
    if _CYRILLIC.search(token):
        return str(_STEMMERS.russian.stemWord(token))
    return str(_STEMMERS.english.stemWord(token))


def terms(text: str) -> list[str]:
    """The stems of a text in order, without stop words; doubles stay."""
    return [stem(token) for token in tokens(text) if token not in STOP_WORDS]


def index_terms(text: str) -> list[str]:
    """The `terms` of a document: sizes also in parts, so that ``m8`` finds ``M8x30``."""
    found: list[str] = []
    for term in terms(text):
        found.append(term)
        parts = _BETWEEN_SIZES.split(term)
        if len(parts) > 1:
            found += parts
    return found


def allowed_typos(term: str) -> int:
    """Edits allowed in a term: none below 4 characters or in figures, 1 below 8, else 2."""
    if len(term) < 4 or (has_digit(term) and len(term) < 6):
        return 0
    return 1 if len(term) < 8 or has_digit(term) else 2


def attribute_terms(attributes: Iterable[SearchAttribute]) -> list[str]:
    """The `index_terms` of attributes: texts, and measures with their units."""
    return index_terms(" ".join(one.value for one in attributes if isinstance(one.value, str)))


def sound_terms(text: str) -> list[str]:
    """How the words of a text sound, each once, whatever the alphabet."""
    return list(dict.fromkeys(terms(text)))
