"""Success on real article numbers by the fault they are typed with, among the first ten.

Product data by Icecat (Icecat Open Content License). `python -m benchmarks search` asks more.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from benchmarks.relevance_catalogue import read_catalogue
from benchmarks.search_bounds import Bounds
from benchmarks.search_faults import FAULTS
from entrepot.platform.catalog.article_numbers import number_key
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.document import to_document
from entrepot.search.query import SearchQuery, analyse

SAMPLE = 200
BATCH = 2_000


@dataclass(frozen=True)
class Catalogue:
    """The indexed products: the keys of their numbers by offer, and a fixed sample of numbers."""

    engine: TantivyEngine
    keys: dict[UUID, str]
    bounds: Bounds
    sample: list[str]

    async def success(self, fault_name: str) -> tuple[float, float]:
        """The share of the sample found among ten when typed that way, and what could be."""
        fault = next(one for one in FAULTS if one.name == fault_name)
        chance = random.Random(7)
        asked, found, best = 0, 0, 0.0
        for number in self.sample:
            typed = fault.mistype(number, chance)
            if typed is None:
                continue
            query = analyse(SearchQuery(typed))
            answer = await self.engine.search(query, offset=0, limit=10, facets=False)
            asked += 1
            found += number_key(number) in {self.keys[hit.offer_id] for hit in answer.hits}
            at_best = self.bounds.best(fault_name, typed)
            best += 1.0 if at_best is None else at_best
        assert asked >= SAMPLE / 2
        return found / asked, best / asked


@pytest.fixture(scope="module")
async def catalogue(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Catalogue]:
    """All products of the real catalogue in a tantivy index."""
    rows = [each.row for each in read_catalogue(shared_data / "icecat_electronics.csv.gz")]
    engine = TantivyEngine(tmp_path_factory.mktemp("real"))
    async with engine.rebuild() as rebuild:
        for start in range(0, len(rows), BATCH):
            await rebuild.add([to_document(row) for row in rows[start : start + BATCH]])
        await rebuild.publish()
    assert await engine.indexed_count() == 19_406
    keys = {row.offer_id: number_key(row.article_number) for row in rows}
    sample = random.Random(42).sample([row.article_number for row in rows], SAMPLE)
    yield Catalogue(engine, keys, Bounds(keys.values()), sample)
    await engine.close()


@pytest.mark.parametrize(
    ("fault", "least"),
    [
        ("exact", 1.0),
        ("no separators", 0.99),
        ("spaces", 0.99),
        ("wrong character", 0.97),
        ("look-alikes", 0.99),
        ("other layout", 0.99),
        ("transliteration", 0.99),
        ("O for 0, I for 1", 0.99),
    ],
)
async def test_a_number_with_one_fault_is_in_the_top_ten(
    catalogue: Catalogue, fault: str, least: float
) -> None:
    found, _ = await catalogue.success(fault)
    assert found >= least


async def test_the_beginning_of_a_number_finds_it_as_often_as_ten_places_can_hold_it(
    catalogue: Catalogue,
) -> None:
    found, at_best = await catalogue.success("first 70 %")
    assert at_best < 0.99  # many numbers begin alike
    assert found >= at_best - 0.02
