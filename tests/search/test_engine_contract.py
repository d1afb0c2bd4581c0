"""One contract, both engines: what is found, why, in which order, and what is counted."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.search.article_numbers import sound_keys
from entrepot.search.engine import DEPTH_MAX, SearchEngine
from entrepot.search.query import AnalysedQuery, MatchReason, SearchQuery, analyse
from entrepot.search.words import sound_terms
from tests.search.engine_asking import MakeRow, fill, find, find_numbers, find_words, word


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


async def test_a_short_number_is_guessed_at_only_where_nobody_holds_it_as_a_word(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    await fill(
        engine,
        make_row(1, article_number="PS6"),
        make_row(2, article_number="PC4", title_en="Valve"),
        make_row(3, article_number="Q-7", title_en="Gamepad for PS4 consoles"),
        make_row(4, article_number="Q-8", title_en="Lamp PS9", restricted=True),
    )
    assert await find(engine, "ps4") == [(3, "TEXT")]
    assert await find(engine, "ps8") == [(1, "FUZZY")]
    assert await find(engine, "ps9") == [(1, "FUZZY")]  # nobody in sight holds it


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


async def test_every_way_to_find_a_number_has_its_place(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    rows = [
        make_row(1, article_number="AB-4410"),
        make_row(2, article_number="AB4410", brand="Kvant"),
        make_row(3, article_number="KR/4411", brand="Zed"),
        make_row(4, article_number="006512", brand="Zed"),
        make_row(5, article_number="XX-5", cross_references=("ZZ.777",)),
        make_row(6, article_number="LONG-123456-A"),
        make_row(7, article_number="Q-1", gtins=("4006381333931",)),
        make_row(8, article_number="щит-88"),
    ]
    await fill(engine, *rows)
    expected: list[tuple[dict[str, tuple[str, ...]], list[tuple[int, str]]]] = [
        ({"exact": ("ab-4410",)}, [(1, "EXACT_NUMBER")]),
        ({"gtins": ("04006381333931",)}, [(7, "EXACT_NUMBER")]),
        ({"keys": ("kr4411",)}, [(3, "NORMALIZED")]),
        ({"keys": ("kvantab4410",)}, [(2, "NORMALIZED")]),
        ({"keys": ("ab4410kvant",)}, [(2, "NORMALIZED")]),
        ({"retyped_keys": ("kr4411",)}, [(3, "NORMALIZED")]),
        ({"retyped_keys": ("zedkr4411",)}, [(3, "NORMALIZED")]),
        ({"loose_keys": ("6512",)}, [(4, "NORMALIZED")]),
        ({"keys": ("zz777",)}, [(5, "CROSS_REFERENCE")]),
        ({"partial_keys": ("long12",)}, [(6, "PARTIAL")]),
        ({"within_keys": ("123456",)}, [(6, "PARTIAL")]),
        ({"within_keys": ("3456",)}, [(6, "PARTIAL")]),
        ({"within_keys": ("3457",), "partial_keys": ("346",)}, []),
        ({"sloppy_keys": ("kr4412",)}, [(3, "FUZZY")]),
        ({"sloppy_keys": ("kr441",)}, [(3, "FUZZY")]),
        ({"sloppy_keys": ("kr44511",)}, [(3, "FUZZY")]),
        ({"sloppy_keys": ("rk4411",)}, [(3, "FUZZY")]),
        ({"sloppy_keys": ("kr9912",)}, []),
        ({"sloppy_keys": ("kr4499",)}, [(3, "FUZZY")]),
        ({"sound_keys": sound_keys("щит-88")}, [(8, "FUZZY")]),
        ({}, []),
    ]
    for forms, found in expected:
        assert await find_numbers(engine, **forms) == found, forms
    assert await find_numbers(engine, aliases=(4, 5)) == [(4, "BUYER_ALIAS"), (5, "BUYER_ALIAS")]


async def test_better_ways_to_find_a_number_rank_first(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    await fill(
        engine,
        make_row(1, article_number="XKR-4410-Z"),
        make_row(2, article_number="KR-441077"),
        make_row(3, article_number="KR-44107"),
        make_row(4, article_number="KR-4419"),
        make_row(5, article_number="N-5", cross_references=("KR4410",)),
        make_row(6, article_number="KR4410", brand="Acme"),
        make_row(7, article_number="KR-4410"),
        make_row(8, article_number="4410", brand="KR"),
        make_row(9, article_number="0KR4410"),
        make_row(10, article_number="KR-44I0"),
    )
    found = await find_numbers(
        engine,
        exact=("kr-4410",),
        keys=("kr4410",),
        loose_keys=("kr4410",),
        partial_keys=("kr4410",),
        within_keys=("kr4410",),
        sloppy_keys=("kr4410",),
    )
    assert found == [
        (7, "EXACT_NUMBER"),
        (6, "NORMALIZED"),
        (8, "NORMALIZED"),  # the brand is glued to it
        (10, "NORMALIZED"),  # loosely written
        (5, "CROSS_REFERENCE"),
        (3, "PARTIAL"),  # the shortest rest first
        (2, "PARTIAL"),
        (9, "PARTIAL"),  # not at the beginning
        (1, "PARTIAL"),
        (4, "FUZZY"),
    ]


async def test_two_edits_only_where_nothing_better_is_found(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    await fill(
        engine, make_row(1, article_number="KR-441099"), make_row(2, article_number="KR-441000")
    )
    assert await find_numbers(engine, sloppy_keys=("kr441090",)) == [(1, "FUZZY"), (2, "FUZZY")]
    assert await find_numbers(engine, sloppy_keys=("kr441088",)) == [(1, "FUZZY"), (2, "FUZZY")]
    await fill(engine, make_row(3, article_number="KR-441081"))
    assert await find_numbers(engine, sloppy_keys=("kr441088",)) == [(3, "FUZZY")]


async def test_words_beside_a_number_break_ties(engine: SearchEngine, make_row: MakeRow) -> None:
    await fill(
        engine,
        make_row(1, article_number="6205-2RS", brand="Acme"),
        make_row(2, article_number="6205-2RS", brand="Kvant"),
        make_row(3, article_number="6205-2RS", brand="Zed"),
    )
    assert await find(engine, "6205-2RS kvant") == [
        (2, "EXACT_NUMBER"),
        (1, "EXACT_NUMBER"),
        (3, "EXACT_NUMBER"),
    ]


async def test_rare_words_count_for_more_and_titles_for_more_than_texts(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    rows = [make_row(n, title_en="plain valve") for n in range(1, 12)]
    await fill(
        engine,
        *rows,
        make_row(20, title_en="plain lever"),
        make_row(21, title_en="plain thing", description="lever"),
        make_row(22, title_en="plain other", category_names=("Levers",)),
    )
    assert await find_words(engine, word("lever")) == [20, 21, 22]
    some = await find_words(engine, word("valv"), word("lever"))
    assert some[:3] == [20, 21, 22]
    assert sorted(some[3:]) == list(range(1, 12))


async def test_alternatives_count_and_need_all_their_terms(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    await fill(
        engine,
        make_row(1, title_en="ssd"),
        make_row(2, title_en="solid state drive"),
        make_row(3, title_en="solid drive"),
    )
    assert await find_words(engine, word("ssd", "solid state drive")) == [1, 2]
    assert await find_words(engine, word("solid state drive")) == [2]


async def test_typos_beginnings_and_sounds_only_where_hardly_an_offer_holds_the_word(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    await fill(
        engine,
        make_row(1, title_en="bracket"),
        make_row(2, title_en="bracketry"),
        make_row(3, title_ru="шланг"),
        make_row(4, title_en="brackut"),
    )
    assert await find_words(engine, word("bracket")) == [1]
    assert await find_words(engine, word("bracket", typos=1)) == [1, 4]
    assert await find_words(engine, word("brackot", typos=1)) == [1, 4]
    assert await find_words(engine, word("brockot", typos=2)) == [1, 4]
    assert await find_words(engine, word("brockot", typos=1)) == []
    assert await find_words(engine, word("brack", prefix=True)) == [1, 2, 4]
    (sound,) = sound_terms("шланг")
    assert await find_words(engine, word("shlang", sounds=sound)) == [3]
    await fill(engine, *[make_row(n, title_en="bracket") for n in range(10, 20)])
    found = await find_words(engine, word("bracket", typos=1, prefix=True))
    assert set(found) == {1, *range(10, 20)}


async def test_equal_offers_rank_by_stock_price_and_id(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    await fill(
        engine,
        make_row(4, article_number="KR-1", list_price=Decimal(3)),
        make_row(3, article_number="KR-1", list_price=Decimal(3)),
        make_row(2, article_number="KR-1", list_price=Decimal(2)),
        make_row(1, article_number="KR-1", list_price=Decimal(1), in_stock=False),
    )
    assert [number for number, _ in await find(engine, "KR-1")] == [2, 3, 4, 1]


async def test_a_hit_says_what_ranking_needs(engine: SearchEngine, make_row: MakeRow) -> None:
    big = UUID("0190b5a0-0000-7abc-bdef-fedcba987654")
    row = make_row(1, offer_id=big, product_id=UUID(int=77), article_number="KR-1")
    await fill(engine, replace(row, list_price=Decimal("1.2345"), in_stock=False))
    (hit,) = (
        await engine.search(analyse(SearchQuery("KR-1")), offset=0, limit=5, facets=False)
    ).hits
    assert (hit.offer_id, hit.product_id, hit.list_price) == (big, UUID(int=77), 12_345)
    assert (hit.in_stock, hit.matched_by) == (False, MatchReason.EXACT_NUMBER)
    assert hit.score > 0


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


async def test_a_beginning_with_the_printed_signs_comes_first(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    numbers = ["KR441-0", "KR-4410", "KR4-410", "KR-4-41"]
    await fill(engine, *(make_row(place, article_number=one) for place, one in enumerate(numbers)))
    for typed, first in (("KR-44", 1), ("kr44", 0), ("KR4-4", 2), ("kr-4-", 3)):
        found = await find(engine, typed)
        assert found[0] == (first, "PARTIAL"), typed
        assert len(found) == 4
