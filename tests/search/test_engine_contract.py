"""One contract, both engines: what is found, why, in which order, and what is counted."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.search.document import to_document
from entrepot.search.engine import DEPTH_MAX, FacetCount, Facets, SearchEngine
from entrepot.search.query import AnalysedQuery, SearchFilters, SearchQuery, analyse

MakeRow = Callable[..., SearchRow]
ROOT, VALVES, PUMPS = UUID(int=100), UUID(int=101), UUID(int=102)


async def find(
    engine: SearchEngine, text: str, *, offset: int = 0, limit: int = 10, **filters: object
) -> list[tuple[int, str]]:
    """Numbers of the offers found and why."""
    query = analyse(SearchQuery(text, SearchFilters(**filters)))  # type: ignore[arg-type]
    found = await engine.search(query, offset=offset, limit=limit, facets=False)
    return [(hit.offer_id.int, hit.matched_by.value) for hit in found.hits]


async def fill(engine: SearchEngine, *rows: SearchRow) -> None:
    await engine.update([to_document(row) for row in rows])


async def test_an_empty_index_answers_nothing(engine: SearchEngine) -> None:
    assert await find(engine, "toner") == []
    assert await find(engine, "") == []
    assert await engine.indexed_count() == 0


async def test_reasons_rank_from_exact_to_text(engine: SearchEngine, make_row: MakeRow) -> None:
    await fill(
        engine,
        make_row(1, article_number="X-1", title_en="Fits KR-4410/2 housings"),
        make_row(2, article_number="KR-4411/2"),
        make_row(3, article_number="ZZ-9", cross_references=("kr 4410.2",)),
        make_row(4, article_number="KR44102"),
        make_row(5, article_number="KR-4410/2"),
        make_row(6, article_number="Q-77", title_en="Unrelated"),
    )
    assert await find(engine, "kr-4410/2") == [
        (5, "EXACT_NUMBER"),
        (4, "NORMALIZED"),
        (3, "CROSS_REFERENCE"),
        (2, "FUZZY"),
        (1, "TEXT"),
    ]


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("006R90321", "EXACT_NUMBER"),
        (" 006r90321 ", "EXACT_NUMBER"),
        ("006-R-90321", "NORMALIZED"),
        ("006 R 90321", "NORMALIZED"),
        ("0О6R90321", "NORMALIZED"),
        ("006R90231", "FUZZY"),
        ("006R9032", "PARTIAL"),
        ("006R903211", "FUZZY"),
        ("0095205603217", "EXACT_NUMBER"),
        ("095205603217", "EXACT_NUMBER"),
        ("MFR 77/1", "NORMALIZED"),
        ("Xerox 006R90321", "EXACT_NUMBER"),
        ("toner 006R 90321", "NORMALIZED"),
        ("тонер", "TEXT"),
        ("тонеры чёрный", "TEXT"),
        ("toners", "TEXT"),
        ("tonner", "TEXT"),
        ("cartrigde black", "TEXT"),
        ("картредж", "TEXT"),
    ],
)
async def test_one_offer_is_found_however_it_is_typed(
    engine: SearchEngine, make_row: MakeRow, typed: str, reason: str
) -> None:
    row = make_row(
        1,
        article_number="006R90321",
        manufacturer_number="MFR-77.1",
        gtins=("0095205603217",),
        brand="Xerox",
        title_en="Toner cartridge black",
        title_ru="Картридж с тонером, чёрный",
    )
    await fill(engine, row, make_row(2, article_number="QQ-Z", title_en="Desk lamp"))
    assert await find(engine, typed) == [(1, reason)]


async def test_cyrillic_look_alikes_are_the_same_number(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    await fill(engine, make_row(1, article_number="КВ-100"), make_row(2, article_number="KB100X"))
    assert (await find(engine, "KB-100"))[0] == (1, "NORMALIZED")
    assert (await find(engine, "кв-100х"))[0] == (2, "NORMALIZED")


async def test_offers_with_all_words_come_before_those_with_some(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    await fill(
        engine,
        make_row(1, article_number="A-1", title_en="brass valve"),
        make_row(2, article_number="A-2", title_en="brass ball valve with lever"),
        make_row(3, article_number="A-3", title_en="steel spring"),
    )
    found = [number for number, _ in await find(engine, "brass ball valve")]
    assert found == [2, 1]


async def test_a_size_is_found_by_its_first_part(engine: SearchEngine, make_row: MakeRow) -> None:
    await fill(
        engine,
        make_row(1, article_number="A-A", title_ru="Болт М8х30 оцинкованный"),
        make_row(2, article_number="A-B", title_ru="Гайка М8 для болтов"),
        make_row(3, article_number="A-C", title_ru="Болт М10х30"),
    )
    assert {number for number, _ in (await find(engine, "болт м8"))[:2]} == {1, 2}
    assert (await find(engine, "болт m8x30"))[0] == (1, "TEXT")


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


async def test_pages_meet_without_a_gap_across_reasons(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    rows = [make_row(n, article_number="AB-100", title_en=f"part {n}") for n in range(1, 4)]
    rows += [make_row(n, article_number="AB100", title_en=f"part {n}") for n in range(4, 7)]
    rows += [make_row(n, article_number=f"Z{n}", title_en="AB-100 spare") for n in range(7, 20)]
    await fill(engine, *rows)
    whole = await find(engine, "AB-100", limit=100)
    assert {number for number, _ in whole} == set(range(1, 20))
    pages = [await find(engine, "AB-100", offset=at, limit=4) for at in range(0, 20, 4)]
    assert [hit for page in pages for hit in page] == whole
    assert await find(engine, "AB-100", offset=19) == []
    assert await find(engine, "AB-100", offset=DEPTH_MAX) == []


async def test_updates_replace_and_removals_remove(engine: SearchEngine, make_row: MakeRow) -> None:
    await fill(engine, make_row(1, article_number="OLD-100"), make_row(2, article_number="B-2222"))
    await fill(engine, make_row(1, article_number="NEW-999"))
    assert await find(engine, "OLD-100") == []
    assert await find(engine, "NEW-999") == [(1, "EXACT_NUMBER")]
    assert await engine.indexed_count() == 2
    await engine.update([], [UUID(int=1), UUID(int=77)])
    assert await find(engine, "NEW-999") == []
    assert await engine.indexed_count() == 1


async def test_a_rebuild_is_invisible_until_it_is_published(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    await fill(engine, make_row(1, article_number="OLD-100"))
    async with engine.rebuild() as rebuild:
        await rebuild.add([to_document(make_row(2, article_number="NEW-999"))])
        assert await find(engine, "OLD-100") == [(1, "EXACT_NUMBER")]
        assert await find(engine, "NEW-999") == []
        await rebuild.publish()
    assert await find(engine, "OLD-100") == []
    assert await find(engine, "NEW-999") == [(2, "EXACT_NUMBER")]
    await fill(engine, make_row(3, article_number="MORE-55"))
    assert await engine.indexed_count() == 2


async def test_a_failed_rebuild_leaves_the_index_as_it_was(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    await fill(engine, make_row(1, article_number="OLD-100"))
    with pytest.raises(RuntimeError, match="power cut"):
        async with engine.rebuild() as rebuild:
            await rebuild.add([to_document(make_row(2, article_number="NEW-999"))])
            raise RuntimeError("power cut")
    assert await find(engine, "OLD-100") == [(1, "EXACT_NUMBER")]
    assert await find(engine, "NEW-999") == []


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_240,
        "toner " * 2_000,
        "?!.,;:" * 50,
        "\u200b\u200d\ufeff",
        "\u202etoner\u202c",
        "a\x00b\x00",
        '" OR number IN ["x"]',
        "title:* AND (",
        "\\",
        "\ud800",
        "ﷺ" * 300,
        "e\u0301" * 200,
        "9" * 300,
        "-toner +black ~2 ^9",
    ],
)
async def test_no_text_breaks_an_engine(engine: SearchEngine, make_row: MakeRow, text: str) -> None:
    await fill(engine, make_row(1, article_number="006R90321", title_en="Desk lamp"))
    query: AnalysedQuery = analyse(SearchQuery(text))
    found = await engine.search(query, offset=0, limit=10, facets=True)
    assert found.total == len(found.hits) == 0
