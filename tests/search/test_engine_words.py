"""Words on both engines: what a buyer writes finds what the catalogue calls so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from entrepot.platform.catalog.search_rows import SearchAttribute, SearchRow
from entrepot.platform.catalog.vocabulary.rules import Vocabulary
from entrepot.search.document import to_document
from entrepot.search.engine import SearchEngine
from entrepot.search.prefix_query import analyse_prefix
from entrepot.search.query import SearchQuery, analyse

MakeRow = Callable[..., SearchRow]
MARKET = Vocabulary(
    synonyms=(("ушм", "болгарка", "угловая шлифовальная машина"),),
    replacements=(("крокодил", "зажим"),),
    stop_words=frozenset({"купить"}),
    units=(("миллик", "MMT"),),
)


@pytest.fixture
async def stocked(engine: SearchEngine, make_row: MakeRow) -> SearchEngine:
    """An engine with a small shop."""
    diameter = SearchAttribute("diameter", 8.0, "MMT", ("Diameter", "Диаметр"))
    proof = SearchAttribute("proof", True, None, ("Waterproof", "Водонепроницаемый"))
    rows = [
        make_row(1, article_number="B-1", title_ru="Болт М8х30 оцинкованный", title_en="Bolt"),
        make_row(2, article_number="B-2", title_ru="Гайка", attributes=(diameter,)),
        make_row(3, article_number="V-3", title_ru='Кран шаровой 1/2"', title_en="Ball valve"),
        make_row(4, article_number="T-4", title_ru="Картридж Xerox", title_en="Toner cartridge"),
        make_row(5, article_number="G-5", title_ru="Угловая шлифовальная машина"),
        make_row(6, article_number="G-6", title_ru="Болгарка аккумуляторная"),
        make_row(7, article_number="C-7", title_ru="Зажим для провода"),
        make_row(8, article_number="W-8", title_ru="Роутер Wi-Fi", title_en="Router"),
        make_row(9, article_number="L-9", title_ru="Лампа 220 В", attributes=(proof,)),
        make_row(10, article_number="O-10", title_ru="Масло 500 мл", title_en="Oil"),
    ]
    await engine.update([to_document(row) for row in rows])
    return engine


async def found(engine: SearchEngine, text: str) -> list[int]:
    query = analyse(SearchQuery(text), vocabulary=MARKET)
    answer = await engine.search(query, offset=0, limit=10, facets=False)
    return [hit.offer_id.int for hit in answer.hits]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("болт м8 оцинк 100шт", 1), ("болт М8 x 30", 1), ("оцинкованные болты", 1), ("болд", 1),
        ("купить болт", 1), ("8 мм", 2), ("гайка 0.8 см", 2), ("гайка 8 миллик", 2),
        ('кран 1/2"', 3), ("кран 1/2 дюйма", 3), ("кран ½", 3), ("ball valve 1/2", 3),
        ("ксерокс картридж", 4), ("njyth", 4),
        ("тонер", 4), ("kartridzh", 4),
        ("rfhnhbl;", 4), ("крокодил", 7), ("wifi", 8), ("роутер wi-fi", 8), ("220v", 9),
        ("лампа 0,22 кВ", 9), ("водонепроницаемая лампа", 9), ("масло 0,5л", 10), ("0.5 l", 10),
    ],
)  # fmt: skip
async def test_a_question_finds_its_offer_first(
    stocked: SearchEngine, typed: str, first: int
) -> None:
    assert (await found(stocked, typed))[:1] == [first]


@pytest.mark.parametrize("typed", ["ушм", "болгарки", "угловые шлифовальные машины", "eiv"])
async def test_synonyms_find_each_other(stocked: SearchEngine, typed: str) -> None:
    assert sorted(await found(stocked, typed)) == [5, 6]


@pytest.mark.parametrize("typed", ["зажим", "гайка 9 мм", "кран 3/4", "лампа 12 В"])
async def test_what_is_meant_otherwise_is_not_taken_for_it(
    stocked: SearchEngine, typed: str
) -> None:
    query = analyse(SearchQuery(typed), vocabulary=MARKET)
    assert query.quantity is None
    expected = {"зажим": [7], "гайка 9 мм": [2], "кран 3/4": [3], "лампа 12 В": [9]}
    assert await found(stocked, typed) == expected[typed]


async def test_suggestions_complete_words_in_either_layout(stocked: SearchEngine) -> None:
    for typed in ("карт", "rfhn", "картридж xer", "rfhnhbl; xer"):
        suggested = await stocked.suggest(analyse_prefix(typed, MARKET), limit=5)
        assert [hit.offer_id.int for hit in suggested.names] == [4], typed
