"""The marketplace's own words: what an entry may say, and what all say to search. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.catalog.technical_units import TEXT_UNITS
from entrepot.platform.catalog.unit_names import is_known_unit
from entrepot.platform.catalog.vocabulary.errors import SearchWordContradiction
from entrepot.platform.errors import InvalidInput
from entrepot.platform.invisible import without_invisible

WORD_LENGTH: Final = 100
#: Words of an entry, and words in one phrase of it.
WORDS_MAX: Final = 20
PHRASE_MAX: Final = 6
#: Entries of a marketplace; they are held in memory.
ENTRIES_MAX: Final = 2_000


class SearchWordKind(StrEnum):
    """What an entry says about its words."""

    SYNONYM = "synonym"
    REPLACEMENT = "replacement"
    STOP_WORD = "stop_word"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the operator wrote it: phrases without outer and double spaces."""

    kind: SearchWordKind
    words: tuple[str, ...]
    means: tuple[str, ...] = ()


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


def fold(text: str) -> str:
    """A phrase as phrases are compared: case-folded, ``ё`` as ``е``, invisible signs dropped."""
    unified = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return " ".join(without_invisible(unified).split())


def checked(kind: SearchWordKind, words: Sequence[str], means: Sequence[str]) -> Entry:
    """Return the entry cleaned. Raises `InvalidInput` about `words.N`, `means.N`, or a list.

    Units take one word a spelling and one known code; stop words are single words.
    """
    if kind in (SearchWordKind.SYNONYM, SearchWordKind.STOP_WORD) and means:
        raise InvalidInput("means", "goes with replacements and units only", "здесь не нужно")
    single = kind in (SearchWordKind.STOP_WORD, SearchWordKind.UNIT)
    cleaned = _phrases("words", words, single=single)
    if kind is SearchWordKind.SYNONYM and len(cleaned) < 2:
        raise InvalidInput("words", "two words or more", "нужно хотя бы два слова")
    if kind is SearchWordKind.UNIT:
        return Entry(kind, cleaned, (_code(means),))
    if kind is SearchWordKind.REPLACEMENT:
        meant = _phrases("means", means, single=False)
        for index, one in enumerate(meant):
            if fold(one) in map(fold, cleaned):
                raise InvalidInput(
                    f"means.{index}", "is among the words itself", "уже есть среди самих слов"
                )
        return Entry(kind, cleaned, meant)
    return Entry(kind, cleaned)


def _phrases(field: str, phrases: Sequence[str], *, single: bool) -> tuple[str, ...]:
    if not 1 <= len(phrases) <= WORDS_MAX:
        raise InvalidInput(field, f"1–{WORDS_MAX} words", f"от 1 до {WORDS_MAX} слов")
    found: dict[str, str] = {}
    most = 1 if single else PHRASE_MAX
    for index, phrase in enumerate(phrases):
        place = f"{field}.{index}"
        cleaned = " ".join(clean_text(place, phrase, WORD_LENGTH).split())
        folded = fold(cleaned)
        if not any(char.isalnum() for char in folded):
            raise InvalidInput(place, "needs a letter or digit", "нужна буква или цифра")
        if len(folded.split()) > most or len(folded) > WORD_LENGTH:
            raise InvalidInput(
                place, f"at most {most} words", "одно слово" if single else f"не более {most} слов"
            )
        if folded in found:
            raise InvalidInput(place, "is named twice", "названо дважды")
        found[folded] = cleaned
    return tuple(found.values())


def _code(means: Sequence[str]) -> str:
    code = means[0].strip().upper() if len(means) == 1 and len(means[0]) <= WORD_LENGTH else ""
    if not is_known_unit(code):
        raise InvalidInput(
            "means",
            "one code of UN/ECE Recommendation 20 that we know, like MMT",
            "один известный код единицы по UN/ECE Rec 20, например MMT",
        )
    return code


def check_contradictions(entry: Entry, others: Iterable[Entry]) -> None:
    """Raise `SearchWordContradiction` where `others` say the opposite about one of its words.

    A stop word is not searched by, so it means nothing else; a spelling is of one unit only.
    Words that mean each other in a circle are fine: what they mean is looked up once.
    """
    stops, meant, units = _said(others)
    is_stop, is_unit = entry.kind is SearchWordKind.STOP_WORD, entry.kind is SearchWordKind.UNIT
    for field, phrases in (("words", entry.words), ("means", () if is_unit else entry.means)):
        for index, phrase in enumerate(phrases):
            folded = fold(phrase)
            said: SearchWordKind | None = None
            if is_stop:
                said = meant.get(folded)
            elif folded in stops:
                said = SearchWordKind.STOP_WORD
            elif is_unit:
                code = TEXT_UNITS.get(folded) or units.get(folded)
                said = SearchWordKind.UNIT if code and code != entry.means[0] else None
            if said is not None:
                raise SearchWordContradiction(phrase, index, said.value).at(field, str(index))


def _said(
    others: Iterable[Entry],
) -> tuple[set[str], dict[str, SearchWordKind], dict[str, str]]:
    """Stop words, words that mean something, and units by their spellings."""
    stops: set[str] = set()
    meant: dict[str, SearchWordKind] = {}
    units: dict[str, str] = {}
    for other in others:
        folded = [fold(word) for word in other.words]
        if other.kind is SearchWordKind.STOP_WORD:
            stops.update(folded)
            continue
        meant.update(dict.fromkeys(folded, other.kind))
        if other.kind is SearchWordKind.UNIT:
            units.update(dict.fromkeys(folded, other.means[0]))
        else:
            meant.update(dict.fromkeys(map(fold, other.means), other.kind))
    return stops, meant, units


def vocabulary_of(entries: Iterable[Entry], version: str) -> Vocabulary:
    """All entries as search reads them."""
    synonyms: list[tuple[str, ...]] = []
    replacements: list[tuple[str, str]] = []
    stops: set[str] = set()
    units: dict[str, str] = {}
    for entry in entries:
        words = tuple(fold(word) for word in entry.words)
        if entry.kind is SearchWordKind.SYNONYM:
            synonyms.append(words)
        elif entry.kind is SearchWordKind.REPLACEMENT:
            replacements += [(word, fold(meant)) for word in words for meant in entry.means]
        elif entry.kind is SearchWordKind.STOP_WORD:
            stops.update(words)
        else:
            units.update(dict.fromkeys(words, entry.means[0]))
    return Vocabulary(
        tuple(synonyms), tuple(replacements), frozenset(stops), tuple(units.items()), version
    )
