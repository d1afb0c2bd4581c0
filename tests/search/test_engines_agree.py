"""Both engines on the same real products: the same offers, reasons, order, totals and counts.

Product data by Icecat (Icecat Open Content License).
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.relevance_catalogue import read_catalogue
from benchmarks.search_faults import FAULTS, Fault
from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.platform.catalog.vocabulary.rules import NO_WORDS
from entrepot.platform.ids import new_id
from entrepot.search.backends.meilisearch import MeilisearchEngine
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.document import to_document
from entrepot.search.engine import Found, SearchEngine
from entrepot.search.prefix_query import analyse_prefix
from entrepot.search.query import SearchFilters, SearchQuery, Sort, analyse
from entrepot.search.ranking import WINDOW

PRODUCTS = 120
#: Single precision, in which tantivy adds, decides some equals otherwise.
DIGITS = 2


@dataclass(frozen=True)
class Both:
    """The two engines with the same offers, and what these are."""

    tantivy: TantivyEngine
    meilisearch: MeilisearchEngine
    rows: list[SearchRow]

    async def compare(self, query: SearchQuery) -> None:
        """Ask both and compare everything but digits of scores."""
        asked = analyse(query)

        async def ask(engine: SearchEngine) -> Found:
            return await engine.search(asked, offset=0, limit=WINDOW, facets=True)

        one, other = await ask(self.tantivy), await ask(self.meilisearch)
        assert one.total == other.total, query
        assert one.facets == other.facets, query
        mine, theirs = (
            {hit.offer_id: (hit.matched_by, hit.all_words) for hit in found.hits}
            for found in (one, other)
        )
        assert mine == theirs, query
        for left, right in zip(one.hits, other.hits, strict=True):
            assert left.score == pytest.approx(right.score, abs=10**-DIGITS), query


@pytest.fixture(scope="module")
async def both(
    shared_data: Path,
    tmp_path_factory: pytest.TempPathFactory,
    meilisearch: tuple[str, str | None],
) -> AsyncIterator[Both]:
    """The same products in both engines."""
    catalogue = [each.row for each in read_catalogue(shared_data / "icecat_electronics.csv.gz")]
    rows = random.Random(3).sample(catalogue, PRODUCTS)
    documents = [to_document(row) for row in rows]
    tantivy = TantivyEngine(tmp_path_factory.mktemp("agree"))
    server = MeilisearchEngine(*meilisearch, index=f"test_{new_id().hex}", timeout_seconds=60)
    await tantivy.update(documents)
    await server.update(documents)
    yield Both(tantivy, server, rows)
    await tantivy.close()
    await server.close()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_numbers_are_found_alike_however_they_are_typed(both: Both, fault: Fault) -> None:
    chance = random.Random(11)
    for row in both.rows[:3]:
        typed = fault.mistype(row.article_number, chance)
        if typed is not None:
            await both.compare(SearchQuery(typed))


async def test_words_are_found_alike(both: Both) -> None:
    chance = random.Random(12)
    for row in both.rows[4:8]:
        words = row.title_en.split()
        await both.compare(SearchQuery(row.title_en))
        await both.compare(SearchQuery(" ".join(chance.sample(words, min(2, len(words))))))
        longest = max(words, key=len)
        at = chance.randrange(1, len(longest) - 1)
        await both.compare(SearchQuery(longest[:at] + longest[at + 1 :]))


@pytest.mark.parametrize("sort", Sort)
async def test_browsing_and_sorting_are_alike(both: Both, sort: Sort) -> None:
    await both.compare(SearchQuery("", SearchFilters(in_stock=True), sort))
    brand = both.rows[0].brand
    await both.compare(SearchQuery("black", SearchFilters(brands=(brand,)), sort))


async def test_suggestions_are_alike(both: Both) -> None:
    for row in both.rows[:4]:
        for typed in (row.article_number[:4], row.title_en.split()[0][:3], row.brand[:2]):
            prefix = analyse_prefix(typed, NO_WORDS)
            one = await both.tantivy.suggest(prefix, limit=5)
            other = await both.meilisearch.suggest(prefix, limit=5)
            assert len(one.numbers) == len(other.numbers), typed
            assert len(one.names) == len(other.names), typed
            assert one.categories == other.categories, typed
