"""What a buyer asks and what it means: the analysis of queries, shared by all engines."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from entrepot.platform.catalog.vocabulary.rules import NO_WORDS, Vocabulary
from entrepot.search.document import PRICE_SCALE, VISIBLE_TO_ALL
from entrepot.search.number_query import number_forms
from entrepot.search.reading import (
    TEXT_MAX,
    MeasureProposal,
    NumberForms,
    QuantityProposal,
    Term,
    Word,
)
from entrepot.search.word_query import words_of

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

    `alias_products` are what the buyer calls so. `price_range` is in 1/10,000. `quantity` and
    `measures` are proposed, not matched. Without `browse` and with nothing to look for, nothing is
    found.
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
    measures: tuple[MeasureProposal, ...] = ()
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

        Who asks, at what prices and with which synonyms is left out: a cursor outlives a change
        of these.
        """
        words = tuple(Word(word.alternatives[:1]) for word in self.words)
        question = repr(
            replace(self, words=words, visible_to=(), own_prices=None, alias_products=())
        )
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


def analyse(
    query: SearchQuery,
    visible_to: tuple[str, ...] = (VISIBLE_TO_ALL,),
    *,
    vocabulary: Vocabulary = NO_WORDS,
    alias_products: tuple[UUID, ...] = (),
    own_prices: OwnPrices | None = None,
) -> AnalysedQuery:
    """Turn a question into what engines match; pure, and total over any text.

    Only the first `TEXT_MAX` characters are read.
    """
    text = query.text[:TEXT_MAX]
    read = words_of(text, vocabulary)
    return AnalysedQuery(
        browse=not query.text.strip(),
        numbers=number_forms(text),
        words=read.words,
        filters=query.filters,
        sort=query.sort,
        price_range=_price_range(query.filters),
        own_prices=own_prices,
        alias_products=alias_products,
        quantity=read.quantity,
        measures=read.measures,
        visible_to=visible_to,
    )
