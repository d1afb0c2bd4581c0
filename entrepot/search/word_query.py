"""The words of a question: what they may mean, and what is better proposed than searched by."""

from __future__ import annotations

from entrepot.platform.catalog.vocabulary.rules import Vocabulary
from entrepot.search.reading import TYPO_WORDS_MAX, WORDS_MAX, Term, Word, Words
from entrepot.search.words import allowed_typos, terms


def words_of(text: str, vocabulary: Vocabulary) -> Words:
    """Read the words of a question; pure, total and bounded over any text."""
    found = list(dict.fromkeys(terms(text)))[:WORDS_MAX]
    found = [word for word in found if word not in vocabulary.stop_words]
    return Words(
        tuple(
            Word(((Term(word, allowed_typos(word) if place < TYPO_WORDS_MAX else 0),),))
            for place, word in enumerate(found)
        )
    )
