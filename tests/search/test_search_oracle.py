"""Filters, counts, orders and pages of both engines beside a few lines of Python that do the same.

Offers and questions are made by chance with a seed, so a failure repeats.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.catalog.search_rows import SearchAttribute, SearchRow
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.document import (
    VISIBLE_TO_ALL,
    VISIBLE_TO_OPERATORS,
    OfferDocument,
    assortment_token,
    seller_token,
    to_document,
)
from entrepot.search.engine import AttributeFacet, FacetCount, Facets, SearchEngine
from entrepot.search.query import (
    AnalysedQuery,
    AttributeFilter,
    OwnPrices,
    SearchFilters,
    SearchQuery,
    Sort,
    analyse,
)
from tests.search.engine_asking import MakeRow

OFFERS = 250
QUESTIONS = 60
BRANDS = ("Acme", "acme", "ACMÉ", 'O"B\\x', "Завод", "-")
CURRENCIES = ("EUR", "RUB")
COLOURS = ("red", "Red", "red\u200b", "зелёный", 'a" OR "b', "x" * 120)
WORDS = ("valve", "pump", "gasket")
SELLERS = tuple(UUID(int=900 + number) for number in range(4))
LISTS = tuple(UUID(int=700 + number) for number in range(3))
#: Roots, their children, and grandchildren of the first child.
PATHS = (
    (UUID(int=100),),
    (UUID(int=100), UUID(int=101)),
    (UUID(int=100), UUID(int=101), UUID(int=102)),
    (UUID(int=200),),
    (),
)
ASKERS: tuple[tuple[str, ...], ...] = (
    (VISIBLE_TO_ALL,),
    (VISIBLE_TO_ALL, assortment_token(LISTS[0])),
    (VISIBLE_TO_ALL, assortment_token(LISTS[1]), assortment_token(LISTS[2]), "seller:none"),
    (VISIBLE_TO_ALL, VISIBLE_TO_OPERATORS),
    (seller_token(SELLERS[0]),),
    (VISIBLE_TO_ALL, seller_token(SELLERS[1])),
    ("seller:nobody",),
    (),
)


def made_up(chance: random.Random, make_row: MakeRow, number: int) -> SearchRow:
    """An offer by chance, from so few values that many are equal."""
    attributes = []
    if chance.random() < 0.7:
        length = chance.choice((0, -1.5, 8, 8.0001, 10, 16, 1e-9, 1e12))
        attributes.append(SearchAttribute("length", length, "MMT"))
    if chance.random() < 0.6:
        attributes.append(SearchAttribute("colour.main", chance.choice(COLOURS)))
    if chance.random() < 0.3:
        attributes.append(SearchAttribute("ce", chance.random() < 0.5))
    restricted = chance.random() < 0.3
    return make_row(
        number,
        product_id=UUID(int=5000 + number // 3),
        seller_id=chance.choice(SELLERS),
        brand=chance.choice(BRANDS),
        title_en=" ".join(chance.sample(WORDS, chance.randint(1, 3))),
        category_ids=chance.choice(PATHS),
        list_price=Decimal(chance.choice((0, 1, 5, 5, 5, 9999))) + Decimal(chance.randint(0, 1)),
        currency=chance.choice(CURRENCIES),
        in_stock=chance.random() < 0.6,
        lead_time_days=chance.choice((0, 1, 3, 3, 3, 90)),
        created_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=chance.randint(0, 4)),
        restricted=restricted,
        assortment_ids=tuple(chance.sample(LISTS, chance.randint(0, 2))) if restricted else (),
        attributes=tuple(attributes),
    )


def some(chance: random.Random, values: Sequence[str]) -> tuple[str, ...]:
    return tuple(chance.sample(list(values), chance.randint(1, 3)))


def asked(chance: random.Random) -> AnalysedQuery:
    """A question by chance: any filters together, any order, any asker, any prices of their own."""
    given = SearchFilters()
    if chance.random() < 0.3:
        chosen = chance.choice([UUID(int=one) for one in (100, 101, 102, 200, 999)])
        given = replace(given, category_id=chosen)
    if chance.random() < 0.3:
        given = replace(given, brands=some(chance, (*BRANDS, "nobody")))
    if chance.random() < 0.2:
        given = replace(given, seller_ids=tuple(chance.sample(SELLERS, 2)))
    if chance.random() < 0.2:
        given = replace(given, in_stock=True)
    if chance.random() < 0.2:
        given = replace(given, lead_days_max=chance.choice((0, 2, 3, 2**40)))
    if chance.random() < 0.5:
        low, high = (chance.choice((None, Decimal(0), Decimal(5), Decimal("5.0001"), Decimal(6)))
                     for _ in range(2))  # fmt: skip
        currency = chance.choice(CURRENCIES)
        given = replace(given, currency=currency, price_from=low, price_to=high)
    attributes = []
    if chance.random() < 0.3:
        bounds = (None, -1.5, 0.0, 8.0, 8.0001, 15.9, 16.0, 1e12, float("inf"))
        low_, high_ = chance.choice(bounds), chance.choice(bounds)
        attributes.append(AttributeFilter("length", low=low_, high=high_))
    if chance.random() < 0.3:
        attributes.append(AttributeFilter("colour.main", some(chance, COLOURS)))
    if chance.random() < 0.1:
        attributes.append(AttributeFilter("ce", (chance.choice(("true", "false")),)))
    given = replace(given, attributes=tuple(attributes))
    own = None
    if chance.random() < 0.5:
        replaced = [UUID(int=number) for number in chance.sample(range(1, OFFERS + 1), 60)]
        own = OwnPrices(tuple(replaced), tuple(replaced[: chance.randint(0, 60)]))
    return analyse(
        SearchQuery(chance.choice(("", "", *WORDS)), given, chance.choice(list(Sort))),
        chance.choice(ASKERS),
        own_prices=own,
    )


def passes(query: AnalysedQuery, one: OfferDocument) -> bool:
    """Whether an offer is to be found."""
    given = query.filters
    stems = {term.text for word in query.words for way in word.alternatives for term in way}
    return (
        not set(query.visible_to).isdisjoint(one.visible_to)
        and (query.browse or not stems.isdisjoint(one.title_terms))
        and (given.category_id is None or given.category_id in one.category_ids)
        and (not given.brands or one.brand in given.brands)
        and (not given.seller_ids or one.seller_id in given.seller_ids)
        and (not given.in_stock or one.in_stock)
        and (given.lead_days_max is None or one.lead_time_days <= given.lead_days_max)
        and (given.currency is None or (one.currency == given.currency and priced(query, one)))
        and all(has(wanted, one) for wanted in given.attributes)
    )


def priced(query: AnalysedQuery, one: OfferDocument) -> bool:
    """Whether the price, the asker's own where there is one, is in range."""
    given = query.filters
    if given.price_from in (None, 0) and given.price_to is None:
        return True
    if query.own_prices is not None and one.offer_id in query.own_prices.replaced:
        return one.offer_id in query.own_prices.within
    price = Decimal(one.list_price).scaleb(-4)
    return (given.price_from is None or price >= given.price_from) and (
        given.price_to is None or price <= given.price_to
    )


def has(wanted: AttributeFilter, one: OfferDocument) -> bool:
    """Whether an offer meets a condition on a property."""
    texts = [text.value for text in one.texts if text.code == wanted.code]
    measures = [measure.value for measure in one.measures if measure.code == wanted.code]
    if wanted.values and not {value[:100] for value in wanted.values}.intersection(texts):
        return False
    if wanted.low is None and wanted.high is None:
        return bool(texts or measures)
    low = float("-inf") if wanted.low is None else wanted.low
    high = float("inf") if wanted.high is None else wanted.high
    return any(low <= value <= high for value in measures)


def counted(found: Sequence[OfferDocument]) -> Facets:
    """The facets of what is to be found."""
    codes = Counter(
        code
        for one in found
        for code in {each.code for each in one.texts} | {each.code for each in one.measures}
    )
    attributes = []
    for code in codes:
        values = Counter(text.value for one in found for text in one.texts if text.code == code)
        spans = [each.value for one in found for each in one.measures if each.code == code]
        attributes.append(
            AttributeFacet(
                code,
                codes[code],
                most_frequent(values),
                min(spans, default=None),
                max(spans, default=None),
            )
        )
    return Facets(
        most_frequent(Counter(one.brand for one in found)),
        most_frequent(Counter(str(each) for one in found for each in one.category_ids)),
        most_frequent(Counter(str(one.seller_id) for one in found)),
        sum(one.in_stock for one in found),
        tuple(sorted(attributes, key=lambda facet: (-facet.count, facet.code))),
    )


def most_frequent(counts: Counter[str]) -> tuple[FacetCount, ...]:
    found = [FacetCount(value, count) for value, count in counts.items()]
    return tuple(sorted(found, key=lambda facet: (-facet.count, facet.value)))


def in_order(sort: Sort, found: Sequence[OfferDocument]) -> list[UUID]:
    """The offers in an order that the question asks for."""
    columns = {
        Sort.PRICE_ASC: lambda one: one.list_price,
        Sort.PRICE_DESC: lambda one: -one.list_price,
        Sort.DELIVERY: lambda one: one.lead_time_days,
        Sort.NEWEST: lambda one: -one.created,
    }
    return [
        one.offer_id for one in sorted(found, key=lambda one: (columns[sort](one), one.offer_id))
    ]


@dataclass(frozen=True)
class Stocked:
    """An engine and what it holds."""

    engine: SearchEngine
    documents: list[OfferDocument]


@pytest.fixture
async def stocked(engine: SearchEngine, make_row: MakeRow) -> Stocked:
    """A few hundred offers by chance, indexed in several commits, some of them twice."""
    chance = random.Random(4410)
    rows = [made_up(chance, make_row, number) for number in range(1, OFFERS + 1)]
    # What an offer was before must be forgotten: its words, its prices, who saw it.
    former = [replace(row, restricted=False, title_en="valve pump", brand="Former") for row in rows]
    await engine.update([to_document(row) for row in former[:100]])
    documents = [to_document(row) for row in rows]
    for first in range(0, OFFERS, 90):
        await engine.update(documents[first : first + 90])
    gone = {one.offer_id for one in chance.sample(documents, 10)}
    await engine.update([], sorted(gone))
    return Stocked(engine, [one for one in documents if one.offer_id not in gone])


@pytest.mark.parametrize("seed", range(2))
async def test_any_filters_together_find_and_count_what_they_should(
    stocked: Stocked, seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(QUESTIONS):
        query = asked(chance)
        expected = [one for one in stocked.documents if passes(query, one)]
        if query.is_empty:
            expected = []
        found = await stocked.engine.search(query, offset=0, limit=OFFERS, facets=True)
        ids = [hit.offer_id for hit in found.hits]
        assert sorted(ids) == sorted(one.offer_id for one in expected), query
        assert found.total == len(expected), query
        assert found.facets == counted(expected), query
        listed = await stocked.engine.listed(query, limit=OFFERS)
        assert {one.offer_id: one.list_price for one in listed} == {
            one.offer_id: one.list_price for one in expected
        }
        if query.sort is not Sort.RELEVANCE:
            assert ids == in_order(query.sort, expected), query


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("text", ["", "valve", "valve pump", "KR-44"])
async def test_pages_of_any_size_are_the_whole_without_repeats(
    tantivy_engine: TantivyEngine, make_row: MakeRow, sort: Sort, text: str
) -> None:
    chance = random.Random(7)
    rows = [made_up(chance, make_row, number) for number in range(1, 1001)]
    rows = [replace(row, article_number=f"KR-44{row.offer_id.int:04d}") for row in rows]
    for first in range(0, 1000, 300):
        await tantivy_engine.update([to_document(row) for row in rows[first : first + 300]])
    query = analyse(SearchQuery(text, sort=sort))
    whole = await tantivy_engine.search(query, offset=0, limit=1000, facets=False)
    for size in (7, 100):
        seen: list[UUID] = []
        while len(seen) < whole.total:
            page = await tantivy_engine.search(query, offset=len(seen), limit=size, facets=False)
            assert page.total == whole.total
            assert page.hits
            seen += [hit.offer_id for hit in page.hits]
        assert len(set(seen)) == len(seen)
        assert seen == [hit.offer_id for hit in whole.hits]
