"""What the text of a question may mean: words, article numbers, quantities, measures."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

#: Characters of a query that are read; nobody types more, machines do.
TEXT_MAX: Final = 256
#: Words of a query that are matched.
WORDS_MAX: Final = 16
#: Words and numbers of a query that may be mistyped: the dear part of a search.
TYPO_WORDS_MAX: Final = 8
#: Other ways to say one word, and terms in one of them.
ALTERNATIVES_MAX: Final = 8
TERMS_MAX: Final = 6
#: Within a longer text, a token shorter than this is a word, not an article number.
INNER_NUMBER_MIN: Final = 5


@dataclass(frozen=True, slots=True)
class Term:
    """One stem to look for and the edits it may be away.

    `prefix`: where hardly an offer holds the stem itself, those with longer stems count too.
    """

    text: str
    typos: int = 0
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """One thing asked for: any of the alternatives, each of which is terms that must all be held.

    The first alternative is what was written; the others are synonyms, the other keyboard layout,
    the word with its unit spelt otherwise. `sounds` are compared with `sound_terms` where hardly
    an offer holds any alternative.
    """

    alternatives: tuple[tuple[Term, ...], ...]
    sounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberForms:
    """The article numbers that a question may mean, as `OfferDocument` holds them.

    `exact`: `numbers`. `keys`, and after them `retyped_keys` (the other keyboard layout, plain
    transliteration): `number_keys`, `glued_keys`. `loose_keys`, `sound_keys`: the fields of that
    name. `partial_keys`: beginnings of `number_keys`, `partial_forms` (the same as printed) of
    `numbers`; `within_keys`: parts of them wherever (the grams of one stand in a row among those
    of the other). `sloppy_keys` may be one edit away from a number key, where nothing better is
    found two (see `article_numbers`).
    """

    exact: tuple[str, ...] = ()
    gtins: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    retyped_keys: tuple[str, ...] = ()
    loose_keys: tuple[str, ...] = ()
    sound_keys: tuple[str, ...] = ()
    partial_keys: tuple[str, ...] = ()
    partial_forms: tuple[str, ...] = ()
    within_keys: tuple[str, ...] = ()
    sloppy_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuantityProposal:
    """A quantity read out of the question (`100 шт`): not searched by, but proposed."""

    quantity: Decimal
    unit: str
    written: str


@dataclass(frozen=True, slots=True)
class MeasureProposal:
    """A range of a measure read out of the question (`10–16 mm`): not searched by, but proposed.

    Bounds are inclusive, in `unit` (UN/ECE Rec 20); `None` is open, never both.
    """

    low: Decimal | None
    high: Decimal | None
    unit: str
    written: str


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a question, and what it says that is better proposed than searched by."""

    words: tuple[Word, ...] = ()
    quantity: QuantityProposal | None = None
    measures: tuple[MeasureProposal, ...] = ()
