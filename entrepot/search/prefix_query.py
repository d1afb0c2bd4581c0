"""Unfinished questions, for suggestions while somebody types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from entrepot.platform.catalog.article_numbers import fold_look_alikes, number_key
from entrepot.platform.catalog.vocabulary.rules import Vocabulary
from entrepot.search.document import VISIBLE_TO_ALL
from entrepot.search.measures import piece_terms
from entrepot.search.number_query import PARTIAL_MIN, retyped_keys
from entrepot.search.pieces import Kind, Piece, folded_case, pieces, readable
from entrepot.search.query import Prefix
from entrepot.search.reading import TEXT_MAX, WORDS_MAX, Term
from entrepot.search.retyped_words import other_layout, retyped_chunks, retyped_stems
from entrepot.search.synonyms import Synonyms, compiled
from entrepot.search.words import STOP_WORDS, piece_term_of, stem, word_stems

#: Readings of an unfinished number, and of an unfinished word.
KEYS_MAX: Final = 8
UNFINISHED_MAX: Final = 6
#: A longer word without a vowel is a word of the other layout, if that one has vowels.
_TELLING_MIN: Final = 4
#: Letters before the first number of most sizes; three begin words.
_SIZE_LETTERS_MAX: Final = 1
_LATIN_VOWELS: Final = frozenset("aeiou")
_CYRILLIC_VOWELS: Final = frozenset("аеиоуыэюя")


def analyse_prefix(
    text: str, vocabulary: Vocabulary, visible_to: tuple[str, ...] = (VISIBLE_TO_ALL,)
) -> Prefix:
    """Read what somebody has typed so far; pure, total and bounded over any text.

    The last word is unfinished unless a space follows it. Reads `TEXT_MAX` characters.
    """
    text = text[:TEXT_MAX]
    synonyms = compiled(vocabulary)
    seen = folded_case(readable(text))
    found = synonyms.with_units(pieces(text))
    last = found.pop() if found and found[-1].end == len(seen) else None
    keys = [number_key(text), *retyped_keys(text, KEYS_MAX)]
    if last is not None and found and _is_number(last):
        keys.insert(1, number_key(last.written))
    read = [*found, last] if last is not None else found
    words = _retyped(found, text) if _is_retyped(read) else _finished(found, synonyms)
    words += _begun(last)
    return Prefix(
        keys=tuple(dict.fromkeys(key for key in keys if key))[:KEYS_MAX],
        words=tuple(dict.fromkeys(Term(word) for word in words if word))[:WORDS_MAX],
        unfinished=_beginnings(last),
        visible_to=visible_to,
    )


def _is_number(last: Piece) -> bool:
    """Whether the last word may begin an article number of its own: ``bosch 0601``."""
    figures = any(char.isdigit() for char in last.written)
    return figures and last.kind is not Kind.MEASURE and len(last.written) >= PARTIAL_MIN


def _is_retyped(found: Sequence[Piece]) -> bool:
    """Whether the text seems typed in the other layout: a word cannot be said, but in that one."""
    for one in found:
        if len(one.written) < _TELLING_MIN or not one.written.isalpha():
            continue
        letters = frozenset(one.written)
        if letters & (_LATIN_VOWELS | _CYRILLIC_VOWELS):
            continue
        others = frozenset("".join(other_layout(one.written)))
        if others & (_LATIN_VOWELS | _CYRILLIC_VOWELS):
            return True
    return False


def _finished(found: Sequence[Piece], synonyms: Synonyms) -> list[str]:
    """One stem for each part of each word, one term for each measure."""
    words: list[str] = []
    for one in found:
        if one.kind is not Kind.WORD:
            words += piece_term_of(one)
        elif not synonyms.is_stop_word(one):
            words += word_stems(one)
    return words


def _retyped(found: Sequence[Piece], text: str) -> list[str]:
    """The same of words typed in the other layout, `rfhnhbl;` whole."""
    words: list[str] = []
    for chunk, signs in retyped_chunks(found, text):
        if signs:
            words.append(signs[0])
            continue
        for one in chunk:
            words += retyped_stems(one.written)[:1] or (
                word_stems(one) if one.kind is Kind.WORD else piece_term_of(one)
            )
    return words


def _begun(last: Piece | None) -> list[str]:
    """What is sure of an unfinished word: the parts before it, a number whatever its unit."""
    if last is None or last.kind is Kind.SIZE:
        return []
    if last.kind is Kind.WORD:
        return [stem(part) for part in last.parts[:-1] if part not in STOP_WORDS]
    return [term for term in piece_terms(last) if not any(char.isalpha() for char in term)]


def _beginnings(last: Piece | None) -> tuple[str, ...]:
    """What the last word may begin, as written, as stem and in the other layout."""
    if last is None:
        return ()
    if last.kind is Kind.SIZE:
        return (fold_look_alikes(last.written),)
    written = last.parts[-1] if last.parts else last.written
    if last.kind is not Kind.WORD or not any(char.isalpha() for char in written):
        return ()
    if not written.isalpha():
        return (fold_look_alikes(written),)
    found = [written, *other_layout(written)]
    if len(written) <= _SIZE_LETTERS_MAX:
        # Threads and the like are written in either alphabet, and kept in one: `болт м` for M8.
        found.append(fold_look_alikes(written))
    # A stem may be shorter than what is typed: `тонеры` begins no stem, `тонер` does.
    stems = [stem(one) for one in found if one not in STOP_WORDS]
    return tuple(dict.fromkeys(one for one in (*found, *stems) if one))[:UNFINISHED_MAX]
