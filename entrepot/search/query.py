"""What a buyer asks and what it means: the analysis of queries, shared by all engines."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final
from uuid import UUID

from entrepot.platform.catalog.article_numbers import exact_form, gtin14, number_key
from entrepot.search.article_numbers import has_digit, is_sloppy
from entrepot.search.document import PRICE_SCALE, VISIBLE_TO_ALL
from entrepot.search.words import allowed_typos, terms

#: Characters of a query that are read; nobody types more, machines do.
TEXT_MAX: Final = 256
#: Words of a query that are matched.
WORDS_MAX: Final = 16
#: Words and numbers of a query that may be mistyped: the dear part of a search.
TYPO_WORDS_MAX: Final = 8
SLOPPY_KEYS_MAX: Final = 4
#: Within a longer text, a token shorter than this is a word, not an article number.
INNER_NUMBER_MIN: Final = 5
#: Fewer offers than this holding all words, and offers holding some are found as well.
ENOUGH: Final = 10
#: The largest list price an index can hold, in ten-thousandths.
PRICE_MAX: Final = 2**62
_PRICE_BEYOND: Final = Decimal(10**14)


class MatchReason(StrEnum):
    """Why an offer was found; the order is the order of ranking."""

    BUYER_ALIAS = "BUYER_ALIAS"
    EXACT_NUMBER = "EXACT_NUMBER"
    NORMALIZED = "NORMALIZED"
    CROSS_REFERENCE = "CROSS_REFERENCE"
    PARTIAL = "PARTIAL"
    FUZZY = "FUZZY"
    TEXT = "TEXT"


class Sort(StrEnum):
    """In which order offers are shown; prices need a currency."""

    RELEVANCE = "RELEVANCE"
    PRICE_ASC = "PRICE_ASC"
    PRICE_DESC = "PRICE_DESC"
    DELIVERY = "DELIVERY"
    NEWEST = "NEWEST"


@dataclass(frozen=True, slots=True)
class AttributeFilter:
    """Conditions on one attribute: any of `values`, or a measure between the bounds, inclusive.

    Bounds are in the unit of the attribute's definition; `None` is open.
    """

    code: str
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """Conditions that all must hold; an empty tuple or `None` is no condition.

    A category includes its descendants. Prices are in `currency`, both bounds inclusive; they are
    ignored without a currency, and offers in others are left out with one.
    """

    category_id: UUID | None = None
    brands: tuple[str, ...] = ()
    seller_ids: tuple[UUID, ...] = ()
    in_stock: bool = False
    lead_days_max: int | None = None
    currency: str | None = None
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    attributes: tuple[AttributeFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A question as it came."""

    text: str
    filters: SearchFilters = field(default_factory=SearchFilters)
    sort: Sort = Sort.RELEVANCE


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
    name. `partial_keys`: beginnings or other parts of `number_keys`. `sloppy_keys` may be one
    edit away from a number key, where nothing better is found two (see `article_numbers`).
    """

    exact: tuple[str, ...] = ()
    gtins: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    retyped_keys: tuple[str, ...] = ()
    loose_keys: tuple[str, ...] = ()
    sound_keys: tuple[str, ...] = ()
    partial_keys: tuple[str, ...] = ()
    sloppy_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuantityProposal:
    """A quantity read out of the question (`100 шт`): not searched by, but proposed."""

    quantity: Decimal
    unit: str
    written: str


@dataclass(frozen=True, slots=True)
class OwnPrices:
    """Which offers have a price of the actor's own other than the list price.

    A price filter takes those of `within` whatever their list price, and others of `replaced`
    not.
    """

    replaced: tuple[UUID, ...] = ()
    within: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class AnalysedQuery:
    """What engines match. `browse` asks for every offer that passes the filters.

    `alias_products` are what the buyer calls so. `price_range` is in 1/10,000. Without `browse`
    and with nothing to look for, nothing is found.
    """

    browse: bool
    numbers: NumberForms
    words: tuple[Word, ...]
    filters: SearchFilters
    sort: Sort = Sort.RELEVANCE
    price_range: tuple[int, int] | None = None
    own_prices: OwnPrices | None = None
    alias_products: tuple[UUID, ...] = ()
    quantity: QuantityProposal | None = None
    visible_to: tuple[str, ...] = (VISIBLE_TO_ALL,)

    @property
    def is_empty(self) -> bool:
        """Whether no offer can match."""
        forms = self.numbers
        looks_for = self.browse or forms.keys or forms.gtins or self.words or self.alias_products
        impossible = self.price_range is not None and self.price_range[0] > self.price_range[1]
        return not looks_for or impossible

    def fingerprint(self) -> str:
        """Twelve characters that differ between questions, to tie a cursor to its question.

        Who asks and at what prices is left out: a cursor outlives a change of these.
        """
        question = repr(replace(self, visible_to=(), own_prices=None, alias_products=()))
        return hashlib.blake2b(question.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Prefix:
    """An unfinished question, for suggestions: what engines complete.

    `keys` are beginnings of number keys, in all their readings; `words` finished terms and
    `unfinished` the beginnings that the last word may have, none where there is no letter.
    """

    keys: tuple[str, ...]
    words: tuple[Term, ...]
    unfinished: tuple[str, ...]
    visible_to: tuple[str, ...] = (VISIBLE_TO_ALL,)


def _scaled(price: Decimal | None, otherwise: int) -> int:
    """A bound in ten-thousandths, kept within what an index can hold."""
    if price is None or not price.is_finite():
        return otherwise
    # Compared before converting: the integer of 1e999999 would take a megabyte.
    if price >= _PRICE_BEYOND:
        return PRICE_MAX
    return -1 if price < 0 else int(price.scaleb(PRICE_SCALE))


def _price_range(filters: SearchFilters) -> tuple[int, int] | None:
    if filters.currency is None:
        return None
    return _scaled(filters.price_from, 0), _scaled(filters.price_to, PRICE_MAX)


def _is_inner_number(key: str) -> bool:
    return len(key) >= INNER_NUMBER_MIN and has_digit(key)


def _inner_numbers(parts: list[str]) -> tuple[list[str], list[str]]:
    """Parts of a text that look like article numbers, and keys of neighbours put together."""
    exact = [part for part in parts if _is_inner_number(number_key(part))]
    joined = [number_key(left + right) for left, right in pairwise(parts)]
    keys = [number_key(part) for part in exact]
    return exact, keys + [key for key in joined if _is_inner_number(key)]


def analyse(query: SearchQuery, visible_to: tuple[str, ...] = (VISIBLE_TO_ALL,)) -> AnalysedQuery:
    """Turn a question into what engines match; pure, and total over any text.

    The whole text is tried as one number; in a longer text also each part with a digit and
    each two neighbours together. Only the first `TEXT_MAX` characters are read.
    """
    text = query.text[:TEXT_MAX]
    whole, whole_key = exact_form(text), number_key(text)
    parts = whole.split()[:WORDS_MAX]
    exact, keys = _inner_numbers(parts) if len(parts) > 1 else ([], [])
    gtins = [gtin14(part) for part in (text.strip(), *parts)]
    sloppy = dict.fromkeys(key for key in (whole_key, *keys) if is_sloppy(key))
    words = list(dict.fromkeys(terms(text)))[:WORDS_MAX]
    return AnalysedQuery(
        browse=not query.text.strip(),
        numbers=NumberForms(
            exact=tuple(dict.fromkeys(form for form in (whole, *exact) if number_key(form))),
            keys=tuple(dict.fromkeys(key for key in (whole_key, *keys) if key)),
            gtins=tuple(dict.fromkeys(gtin for gtin in gtins if gtin)),
            sloppy_keys=tuple(sloppy)[:SLOPPY_KEYS_MAX],
        ),
        words=tuple(
            Word(((Term(word, allowed_typos(word) if place < TYPO_WORDS_MAX else 0),),))
            for place, word in enumerate(words)
        ),
        filters=query.filters,
        sort=query.sort,
        price_range=_price_range(query.filters),
        visible_to=visible_to,
    )
