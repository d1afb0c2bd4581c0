"""Success on real article numbers: exact, without separators, one wrong character.

Product data by Icecat (Icecat Open Content License).
"""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.document import to_document
from entrepot.search.query import SearchQuery, analyse

SAMPLE = 500
_LETTERS, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"


@dataclass(frozen=True)
class Catalogue:
    """The indexed products: their numbers by offer, and a fixed sample of those."""

    engine: TantivyEngine
    numbers: dict[UUID, str]
    sample: list[str]

    async def success(self, mistype: Callable[[str], str], top: int = 10) -> float:
        """The share of the sample found among the first hits when typed that way."""
        found = 0
        for number in self.sample:
            query = analyse(SearchQuery(mistype(number)))
            answer = await self.engine.search(query, offset=0, limit=top, facets=False)
            found += number in {self.numbers[hit.offer_id] for hit in answer.hits}
        return found / len(self.sample)


@pytest.fixture(scope="module")
async def catalogue(
    shared_data: Path,
    make_row: Callable[..., SearchRow],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Catalogue]:
    """All products of the real catalogue in a tantivy index."""
    csv.field_size_limit(10_000_000)
    rows: list[SearchRow] = []
    with gzip.open(shared_data / "icecat_electronics.csv.gz", "rt", encoding="utf-8") as file:
        for place, line in enumerate(csv.DictReader(file, delimiter=";"), 1):
            attributes = json.loads(line["attributes_json"])
            texts = tuple(value for value in attributes.values() if isinstance(value, str))
            rows.append(
                make_row(
                    place,
                    article_number=line["article_number"],
                    manufacturer_number=line["article_number"],
                    gtins=tuple(filter(None, line["gtin"].split("|"))),
                    brand=line["brand"],
                    title_en=line["title"],
                    description=line["short_description"],
                    attribute_values=texts,
                )
            )
    engine = TantivyEngine(tmp_path_factory.mktemp("real"))
    async with engine.rebuild() as rebuild:
        for start in range(0, len(rows), 2_000):
            await rebuild.add([to_document(row) for row in rows[start : start + 2_000]])
        await rebuild.publish()
    assert await engine.indexed_count() == 19_406
    numbers = {row.offer_id: row.article_number for row in rows}
    sample = random.Random(42).sample(list(numbers.values()), SAMPLE)
    yield Catalogue(engine, numbers, sample)
    await engine.close()


async def test_every_exact_number_is_in_the_top_ten(catalogue: Catalogue) -> None:
    assert await catalogue.success(lambda number: number) == 1.0


async def test_every_number_without_its_separators_is_in_the_top_ten(
    catalogue: Catalogue,
) -> None:
    dropped = str.maketrans("", "", " -/.,_")
    assert await catalogue.success(lambda number: number.translate(dropped)) == 1.0


async def test_a_number_with_one_wrong_character_is_in_the_top_ten(catalogue: Catalogue) -> None:
    rng = random.Random(7)

    def mistype(number: str) -> str:
        at = rng.choice([place for place, char in enumerate(number) if char.isalnum()])
        kin = _DIGITS if number[at].isdigit() else _LETTERS
        other = rng.choice([char for char in kin if char != number[at].lower()])
        return number[:at] + other + number[at + 1 :]

    assert await catalogue.success(mistype) >= 0.97
