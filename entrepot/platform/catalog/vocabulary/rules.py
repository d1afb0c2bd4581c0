"""The marketplace's own words as search reads them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """What the operator has said about words. Phrases are folded, words separated by one space.

    `synonyms`: groups of phrases that mean the same. `replacements`: (phrase, what it also
    finds). `units`: (spelling, code of UN/ECE Rec 20). `version` differs where anything does.
    Compared by identity, so that what is made of it can be kept.
    """

    synonyms: tuple[tuple[str, ...], ...] = ()
    replacements: tuple[tuple[str, str], ...] = ()
    stop_words: frozenset[str] = frozenset()
    units: tuple[tuple[str, str], ...] = ()
    version: str = ""


NO_WORDS: Final = Vocabulary()
