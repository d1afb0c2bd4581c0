"""Which parts of a shown text match the question: pure, from the text and the question alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from entrepot.platform.catalog.article_numbers import number_key
from entrepot.search.query import AnalysedQuery
from entrepot.search.words import index_terms


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of the text; put together the fragments are the text."""

    text: str
    matched: bool


#: A run without spaces is looked at as a number, what it is made of as words.
_RUN: Final = re.compile(r"\S+")
_WORD: Final = re.compile(r"[^\W_]+")


def highlighted(text: str, query: AnalysedQuery) -> list[Fragment]:
    """Cut a text into fragments that match the question's words or numbers and those between.

    A word matches where it shares a stem with any alternative of a word asked for, or begins as
    one that may be unfinished; a number where it is one asked for by its key.
    """
    keys = {*query.numbers.keys, *query.numbers.retyped_keys} - {""}
    if number_key(text) in keys:
        return [Fragment(text, True)]
    terms = [
        term for word in query.words for alternative in word.alternatives for term in alternative
    ]
    stems = {term.text for term in terms}
    beginnings = tuple(term.text for term in terms if term.prefix)

    def matches(word: str) -> bool:
        return any(
            term in stems or (beginnings and term.startswith(beginnings))
            for term in index_terms(word)
        )

    found: list[Fragment] = []
    done = 0
    for run in _RUN.finditer(text):
        if number_key(run.group()) in keys:
            spans = [run.span()]
        else:
            words = _WORD.finditer(text, *run.span())
            spans = [word.span() for word in words if matches(word.group())]
        for start, end in spans:
            if start > done:
                found.append(Fragment(text[done:start], False))
            found.append(Fragment(text[start:end], True))
            done = end
    if done < len(text):
        found.append(Fragment(text[done:], False))
    return found
