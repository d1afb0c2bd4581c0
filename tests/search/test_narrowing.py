"""What a facet counts is what narrowing by it finds, however much or little was found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from entrepot.search.engine import SearchEngine
from entrepot.search.query import SearchFilters, SearchQuery, analyse
from tests.search.engine_asking import MakeRow, fill


@pytest.fixture
async def shop(engine: SearchEngine, make_row: MakeRow) -> SearchEngine:
    """Bolts of one brand, one of another that also has what is only near to what is asked for."""
    await fill(
        engine,
        *(make_row(n, title_en="hex bolt", brand="Kvant") for n in range(1, 13)),
        make_row(13, title_en="hex bolt", brand="Acme"),
        make_row(14, title_en="hex pin", brand="Acme"),
        make_row(15, title_en="hex pin", brand="Zeta", in_stock=False),
        make_row(16, article_number="QRZ-445577", title_en="gasket", brand="Kvant"),
        make_row(17, article_number="QRZ-445599", title_en="gasket", brand="Acme"),
        make_row(18, article_number="QRZ-445578", title_en="gasket", brand="Zeta"),
    )
    return engine


@pytest.mark.parametrize(
    "text",
    ["hex bolt", "hex pin", "QRZ-445577", "QRZ-445570", "QRZ-445511", "QRZ-445577 gasket",
     "QRZ-445511 gasket", "hex bolt zinc", "heks", "gasket pin", ""],
)  # fmt: skip
async def test_narrowing_finds_what_the_facet_counts(shop: SearchEngine, text: str) -> None:
    asked = SearchQuery(text)
    whole = await shop.search(analyse(asked), offset=0, limit=100, facets=True)
    counts = {one.value: one.count for one in whole.facets.brands}
    assert sum(counts.values()) == whole.total
    reasons = {hit.offer_id: hit.matched_by for hit in whole.hits}
    for brand in ("Kvant", "Acme", "Zeta", "Nobody"):
        narrowed = replace(asked, filters=SearchFilters(brands=(brand,)))
        found = await shop.search(analyse(narrowed), offset=0, limit=100, facets=True)
        assert found.total == counts.get(brand, 0), (text, brand)
        assert all(reasons[hit.offer_id] is hit.matched_by for hit in found.hits), (text, brand)
    stocked = replace(asked, filters=SearchFilters(in_stock=True))
    found = await shop.search(analyse(stocked), offset=0, limit=100, facets=False)
    assert found.total == whole.facets.in_stock
