"""One contract, both engines: filters, counts, orders, own prices and what is listed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.catalog.search_rows import SearchAttribute
from entrepot.search.engine import AttributeFacet, FacetCount, Facets, ListedHit, SearchEngine
from entrepot.search.query import (
    AttributeFilter,
    OwnPrices,
    SearchFilters,
    SearchQuery,
    Sort,
    analyse,
)
from tests.search.engine_asking import (
    PUMPS,
    ROOT,
    VALVES,
    MakeRow,
    browsing,
    fill,
    find,
    numbered,
)


@pytest.fixture
async def stocked(engine: SearchEngine, make_row: MakeRow) -> SearchEngine:
    """An engine with five valves and pumps of two sellers."""
    await fill(
        engine,
        make_row(1, title_en="valve", category_ids=(ROOT, VALVES), list_price=Decimal("5.50")),
        make_row(2, title_en="valve", category_ids=(ROOT, VALVES), brand="Kvant", in_stock=False),
        make_row(3, title_en="valve", category_ids=(ROOT, PUMPS), seller_id=UUID(int=901)),
        make_row(4, title_en="valve", category_ids=(ROOT, PUMPS), brand='O"B\\x', currency="RUB"),
        make_row(5, title_en="pump", category_ids=(ROOT, PUMPS), list_price=Decimal("99.9999")),
    )
    return engine


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, {1, 2, 3, 4}),
        ({"category_id": ROOT}, {1, 2, 3, 4}),
        ({"category_id": VALVES}, {1, 2}),
        ({"category_id": UUID(int=5)}, set()),
        ({"brands": ("Acme",)}, {1, 3}),
        ({"brands": ("Acme", "Kvant")}, {1, 2, 3}),
        ({"brands": ('O"B\\x',)}, {4}),
        ({"brands": ('" OR "',)}, set()),
        ({"seller_ids": (UUID(int=901),)}, {3}),
        ({"in_stock": True}, {1, 3, 4}),
        ({"currency": "EUR", "price_to": Decimal("5.50")}, {1}),
        ({"currency": "EUR", "price_from": Decimal("5.5001")}, {2, 3}),
        ({"currency": "RUB", "price_from": Decimal(10), "price_to": Decimal(10)}, {4}),
        ({"price_to": Decimal(1)}, {1, 2, 3, 4}),
    ],
)
async def test_filters_narrow(
    stocked: SearchEngine, filters: dict[str, object], expected: set[int]
) -> None:
    assert {number for number, _ in await find(stocked, "valve", **filters)} == expected


async def test_blank_text_browses_everything_under_the_filters(stocked: SearchEngine) -> None:
    assert {number for number, _ in await find(stocked, " ")} == {1, 2, 3, 4, 5}
    assert {number for number, _ in await find(stocked, "", category_id=VALVES)} == {1, 2}


async def test_facets_count_all_that_is_found(stocked: SearchEngine) -> None:
    query = analyse(SearchQuery("valve", SearchFilters(category_id=ROOT)))
    found = await stocked.search(query, offset=0, limit=1, facets=True)
    assert len(found.hits) == 1
    assert found.total == 4
    assert found.facets.brands == (
        FacetCount("Acme", 2),
        FacetCount("Kvant", 1),
        FacetCount('O"B\\x', 1),
    )
    assert found.facets.categories == (
        FacetCount(str(ROOT), 4),
        FacetCount(str(VALVES), 2),
        FacetCount(str(PUMPS), 2),
    )


async def test_hits_counts_and_facets_hide_what_the_actor_may_not_see(
    stocked: SearchEngine, make_row: MakeRow
) -> None:
    query = analyse(SearchQuery("valve"), visible_to=("company-7",))
    found = await stocked.search(query, offset=0, limit=10, facets=True)
    assert (found.hits, found.total, found.facets) == ((), 0, Facets())


async def test_counts_of_sellers_and_stock(stocked: SearchEngine) -> None:
    found = await stocked.search(analyse(SearchQuery("valve")), offset=0, limit=0, facets=True)
    assert found.hits == ()
    assert found.facets.sellers == (
        FacetCount(str(UUID(int=900)), 3),
        FacetCount(str(UUID(int=901)), 1),
    )
    assert found.facets.in_stock == 3
    assert found.facets.attributes == ()


LENGTH, PITCH, STEEL, CE = "length", "pitch.mm", "material", "ce"


@pytest.fixture
async def measured(engine: SearchEngine, make_row: MakeRow) -> SearchEngine:
    """An engine with bolts of several lengths and materials, one without any attribute."""

    def attributes(length: float, pitch: float, material: str) -> tuple[SearchAttribute, ...]:
        return (
            SearchAttribute(LENGTH, length, "MMT"),
            SearchAttribute(PITCH, pitch, "MMT"),
            SearchAttribute(STEEL, material),
        )

    await fill(
        engine,
        make_row(1, title_en="bolt", attributes=attributes(10, -1.5, "steel")),
        make_row(2, title_en="bolt", attributes=attributes(16, 0.1, "steel")),
        make_row(3, title_en="bolt", attributes=attributes(16.5, 0.3, 'A2 "x"')),
        make_row(
            4,
            title_en="bolt",
            attributes=(*attributes(100, 2, "brass"), SearchAttribute(CE, True)),
        ),
        make_row(5, title_en="bolt"),
    )
    return engine


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([AttributeFilter(LENGTH, low=10, high=16)], {1, 2}),
        ([AttributeFilter(LENGTH, low=10.0001, high=16.4999)], {2}),
        ([AttributeFilter(LENGTH, low=16)], {2, 3, 4}),
        ([AttributeFilter(LENGTH, high=16.5)], {1, 2, 3}),
        ([AttributeFilter(LENGTH, low=100, high=100)], {4}),
        ([AttributeFilter(LENGTH, low=16, high=10)], set()),
        ([AttributeFilter(LENGTH, low=float("nan"))], set()),
        ([AttributeFilter(LENGTH, low=float("-inf"), high=float("inf"))], {1, 2, 3, 4}),
        ([AttributeFilter(PITCH, high=0)], {1}),
        ([AttributeFilter(PITCH, low=-1.5, high=0.1)], {1, 2}),
        ([AttributeFilter(PITCH, low=-0.0, high=0.3)], {2, 3}),
        ([AttributeFilter(STEEL, ("steel",))], {1, 2}),
        ([AttributeFilter(STEEL, ("steel", 'A2 "x"'))], {1, 2, 3}),
        ([AttributeFilter(STEEL, ("Steel",))], set()),
        ([AttributeFilter(STEEL, ("steel",)), AttributeFilter(LENGTH, low=11)], {2}),
        ([AttributeFilter(CE, ("true",))], {4}),
        ([AttributeFilter("nothing", ("true",))], set()),
        ([AttributeFilter("nothing", low=1)], set()),
        ([AttributeFilter(STEEL, low=1)], set()),
        ([AttributeFilter('le".*', low=1)], set()),
        ([AttributeFilter("x" * 10_000, low=1)], set()),
        ([AttributeFilter(STEEL, ("x" * 10_000,))], set()),
    ],
)
async def test_attributes_narrow(
    measured: SearchEngine, wanted: list[AttributeFilter], expected: set[int]
) -> None:
    found = await find(measured, "bolt", attributes=tuple(wanted))
    assert {number for number, _ in found} == expected


async def test_attributes_are_counted(measured: SearchEngine) -> None:
    found = await measured.search(analyse(SearchQuery("bolt")), offset=0, limit=1, facets=True)
    assert found.facets.attributes == (
        AttributeFacet(LENGTH, 4, (), 10, 100),
        AttributeFacet(
            STEEL, 4, (FacetCount("steel", 2), FacetCount('A2 "x"', 1), FacetCount("brass", 1))
        ),
        AttributeFacet(PITCH, 4, (), -1.5, 2),
        AttributeFacet(CE, 1, (FacetCount("true", 1),)),
    )
    narrowed = await measured.search(
        analyse(SearchQuery("", SearchFilters(attributes=(AttributeFilter(STEEL, ("brass",)),)))),
        offset=0,
        limit=1,
        facets=True,
    )
    assert narrowed.facets.attributes == (
        AttributeFacet(CE, 1, (FacetCount("true", 1),)),
        AttributeFacet(LENGTH, 1, (), 100, 100),
        AttributeFacet(STEEL, 1, (FacetCount("brass", 1),)),
        AttributeFacet(PITCH, 1, (), 2, 2),
    )


@pytest.fixture
async def priced(engine: SearchEngine, make_row: MakeRow) -> SearchEngine:
    """An engine with offers of several prices, times of delivery and ages."""

    def at(day: int) -> datetime:
        return datetime(2026, 1, day, tzinfo=UTC)

    await fill(
        engine,
        make_row(4, list_price=Decimal(7), lead_time_days=0, created_at=at(1)),
        make_row(3, list_price=Decimal(5), lead_time_days=2, created_at=at(1)),
    )
    await fill(
        engine,
        make_row(2, list_price=Decimal(5), lead_time_days=2, created_at=at(3)),
        make_row(1, list_price=Decimal(9), lead_time_days=14, created_at=at(2)),
        make_row(5, list_price=Decimal(5), lead_time_days=1, created_at=at(1)),
    )
    return engine


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.PRICE_ASC, [2, 3, 5, 4, 1]),
        (Sort.PRICE_DESC, [1, 4, 2, 3, 5]),
        (Sort.DELIVERY, [4, 5, 2, 3, 1]),
        (Sort.NEWEST, [2, 1, 3, 4, 5]),
    ],
)
async def test_sorts_put_equals_in_the_order_of_ids(
    priced: SearchEngine, sort: Sort, expected: list[int]
) -> None:
    query = browsing(sort, currency="EUR")
    whole = numbered(await priced.search(query, offset=0, limit=10, facets=False))
    assert [number for number, _ in whole] == expected
    for size in (1, 2, 3):
        pages = [
            numbered(await priced.search(query, offset=at, limit=size, facets=False))
            for at in range(0, 6, size)
        ]
        assert [hit for page in pages for hit in page] == whole


async def test_a_sorted_answer_says_why(engine: SearchEngine, make_row: MakeRow) -> None:
    await fill(
        engine,
        make_row(1, article_number="KR-4410", list_price=Decimal(3)),
        make_row(2, article_number="X-1", title_en="for KR-4410", list_price=Decimal(1)),
        make_row(3, article_number="KR-4411", list_price=Decimal(2)),
    )
    query = analyse(SearchQuery("KR-4410", SearchFilters(currency="EUR"), Sort.PRICE_ASC))
    assert numbered(await engine.search(query, offset=0, limit=10, facets=False)) == [
        (2, "TEXT"),
        (3, "FUZZY"),
        (1, "EXACT_NUMBER"),
    ]


@pytest.mark.parametrize(
    ("days", "expected"), [(0, {4}), (1, {4, 5}), (2, {2, 3, 4, 5}), (-1, set())]
)
async def test_delivery_narrows(priced: SearchEngine, days: int, expected: set[int]) -> None:
    query = browsing(lead_days_max=days)
    found = numbered(await priced.search(query, offset=0, limit=10, facets=False))
    assert {number for number, _ in found} == expected


@pytest.mark.parametrize(
    ("low", "high", "replaced", "within", "expected"),
    [
        (5, 7, (), (), {2, 3, 4, 5}),
        (5, 7, (2, 1), (1,), {1, 3, 4, 5}),
        (5, 7, (2, 3), (2,), {2, 4, 5}),
        (1, 2, (1,), (1,), {1}),
        (5, 5, (2, 3, 5), (), set()),
        (8, None, (1, 4), (4,), {4}),
        (9, 8, (1,), (1,), set()),
    ],
)
async def test_a_price_filter_goes_by_the_buyers_own_prices(
    priced: SearchEngine,
    low: int,
    high: int | None,
    replaced: tuple[int, ...],
    within: tuple[int, ...],
    expected: set[int],
) -> None:
    own = OwnPrices(
        tuple(UUID(int=number) for number in replaced), tuple(UUID(int=number) for number in within)
    )
    filters = SearchFilters(
        currency="EUR",
        price_from=Decimal(low),
        price_to=None if high is None else Decimal(high),
    )
    query = analyse(SearchQuery("", filters), own_prices=own)
    found = await priced.search(query, offset=0, limit=10, facets=True)
    assert {number for number, _ in numbered(found)} == expected
    assert found.total == sum(one.count for one in found.facets.brands) == len(expected)


async def test_thousands_of_own_prices(priced: SearchEngine) -> None:
    ids = tuple(UUID(int=number) for number in range(2, 10_002))
    own = OwnPrices(replaced=ids, within=ids[1:])
    query = analyse(
        SearchQuery("", SearchFilters(currency="EUR", price_to=Decimal(9))), own_prices=own
    )
    found = await priced.search(query, offset=0, limit=10, facets=False)
    assert {number for number, _ in numbered(found)} == {1, 3, 4, 5}


async def test_what_is_found_is_listed_with_list_prices(priced: SearchEngine) -> None:
    query = browsing(lead_days_max=1, currency="EUR")
    assert set(await priced.listed(query, limit=10)) == {
        ListedHit(UUID(int=4), 70_000),
        ListedHit(UUID(int=5), 50_000),
    }
    assert len(await priced.listed(query, limit=1)) == 1
    assert list(await priced.listed(analyse(SearchQuery("!?")), limit=10)) == []


async def test_browsing_shows_first_what_is_worth_most(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    await fill(
        engine,
        make_row(1, title_en="pump", in_stock=False),
        make_row(2, title_en="pump", popularity=100, rating=Decimal(5)),
        make_row(3, title_en="pump"),
    )
    found = numbered(await engine.search(browsing(), offset=0, limit=10, facets=False))
    assert [number for number, _ in found] == [2, 3, 1]
