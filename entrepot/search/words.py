"""Analysis of words: stop words, stems, sounds and how many typos a word may have.

Documents pass through `index_terms`; `word_query` makes questions of the same stems. So both
engines compare equal strings and need no language settings of their own. Russian and English are
told apart by script.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Final

import snowballstemmer

from entrepot.platform.catalog.article_numbers import fold_look_alikes
from entrepot.platform.catalog.search_rows import SearchAttribute
from entrepot.platform.quantities import plain
from entrepot.search.article_numbers import has_digit
from entrepot.search.measures import measure_term, piece_measures, piece_terms
from entrepot.search.pieces import Kind, Piece, pieces
from entrepot.search.sounds import word_sounds

#: A longer run of letters is not a word anybody searches by; it is cut.
WORD_MAX: Final = 40
#: Shorter words are not taken for beginnings of longer ones.
PREFIX_MIN: Final = 4
#: Shorter words sound like too many others.
HEARD_MIN: Final = 3

_LETTERS_AND_FIGURES: Final = re.compile(r"([^\W\d_]{3,})(\d+)|(\d+)([^\W\d_]{4,})")
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")

_ENGLISH_STOPS: Final = (
    "a an and are as at be by for from in is it of on or per that the this to with"
)
_RUSSIAN_STOPS: Final = "без в во для до и из или к как на не о об от по под при с со то у"
_PLAIN_MAX: Final = Decimal(10**15)

#: Words too common to search by.
STOP_WORDS: Final = frozenset((*_ENGLISH_STOPS.split(), *_RUSSIAN_STOPS.split()))


class _Stemmers(threading.local):
    """Snowball stemmers keep the word in themselves, so each thread has its own pair."""

    def __init__(self) -> None:
        self.russian = snowballstemmer.stemmer("russian")
        self.english = snowballstemmer.stemmer("english")


_STEMMERS = _Stemmers()


@lru_cache(maxsize=100_000)
def stem(token: str) -> str:
    """The stem of a case-folded token; tokens with digits only get look-alikes folded."""
    if has_digit(token):
        return fold_look_alikes(token)
    if _CYRILLIC.search(token):
        return str(_STEMMERS.russian.stemWord(token))
    return str(_STEMMERS.english.stemWord(token))


def word_stems(piece: Piece) -> list[str]:
    """The stems of a word's parts, without stop words; of a number its term."""
    parts = piece.parts if len(piece.parts) > 1 else (piece.written,)
    return [stem(part[:WORD_MAX]) for part in parts if part not in STOP_WORDS]


def joined_stem(piece: Piece) -> str:
    """The stem of a word written with hyphens, written without; empty for others."""
    if len(piece.parts) < 2 or all(part.isdecimal() for part in piece.parts):
        return ""
    return stem(piece.written[:WORD_MAX])


def split_at_digits(token: str) -> tuple[str, ...]:
    """The terms of ``iphone13`` in two, empty for what is not letters and figures in a row."""
    match = _LETTERS_AND_FIGURES.fullmatch(token)
    return tuple(stem(part) for part in match.groups() if part) if match else ()


def piece_term_of(piece: Piece) -> list[str]:
    """The terms of a number, size or measure as a question asks for it."""
    return piece_measures(piece) if piece.kind is Kind.MEASURE else piece_terms(piece)[:1]


@lru_cache(maxsize=4)
def _pieces_of_document(text: str) -> tuple[Piece, ...]:
    """The pieces of a text that is asked for its terms and then for its sounds."""
    return tuple(pieces(text))


def terms(text: str) -> list[str]:
    """The terms of a text in order, one for each word or measure; doubles stay."""
    found: list[str] = []
    for piece in pieces(text):
        found += word_stems(piece) if piece.kind is Kind.WORD else piece_term_of(piece)
    return found


def index_terms(text: str) -> list[str]:
    """The `terms` of a document, each in every form that a question may have it in.

    Sizes also in parts, so that ``m8`` finds ``M8x30``; measures also as bare numbers; words with
    hyphens also in one.
    """
    found: list[str] = []
    for piece in _pieces_of_document(text):
        if piece.kind is not Kind.WORD:
            found += piece_terms(piece)
            continue
        found += word_stems(piece)
        if joined := joined_stem(piece):
            found.append(joined)
    return found


def allowed_typos(term: str) -> int:
    """Edits allowed in a term: none below 4 characters or in figures, 1 below 8, else 2."""
    if len(term) < 4 or (has_digit(term) and len(term) < 6):
        return 0
    return 1 if len(term) < 8 or has_digit(term) else 2


def attribute_terms(attributes: Iterable[SearchAttribute]) -> list[str]:
    """The `index_terms` of attributes that say how much or which: texts, measures with units."""
    found: list[str] = []
    for one in attributes:
        if isinstance(one.value, bool):
            continue
        if isinstance(one.value, str):
            found += index_terms(one.value)
        else:
            found += _number_terms(one.value, one.unit)
    return found


def feature_terms(attributes: Iterable[SearchAttribute]) -> list[str]:
    """The `index_terms` of the names of attributes that are true."""
    return [
        term for one in attributes if one.value is True for term in index_terms(" ".join(one.names))
    ]


def _number_terms(value: float, unit: str | None) -> list[str]:
    if not math.isfinite(value):
        return []
    exact = Decimal(repr(value))
    term = measure_term(exact, unit) if unit else plain(exact) if abs(exact) < _PLAIN_MAX else ""
    return [term] if term else []


def sound_terms(text: str) -> list[str]:
    """How the words of a text sound, each once, whatever the alphabet."""
    heard: dict[str, None] = {}
    for piece in _pieces_of_document(text):
        if piece.kind is Kind.WORD:
            heard.update(dict.fromkeys(sounds_of(piece)))
    return list(heard)


def sounds_of(piece: Piece) -> list[str]:
    """How the parts of a word sound, and the word in one."""
    stems = [*word_stems(piece), joined_stem(piece)]
    long = [each for each in dict.fromkeys(stems) if len(each) >= HEARD_MIN]
    return [sound for each in long for sound in word_sounds(each)]
