"""Offers out of sight change nothing: each engine answers as one that never held them.

Two indexes, one with many hidden offers beside the public ones; questions by chance with a seed.
Numbers and words of hidden offers are near those of public ones, so that every decision made by
counting (is the word rare, is anything found yet) would come out otherwise with them.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from entrepot.platform.catalog.search_rows import SearchAttribute, SearchRow
from entrepot.platform.catalog.vocabulary.rules import NO_WORDS
from entrepot.platform.ids import new_id
from entrepot.search.backends.meilisearch import MeilisearchEngine
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.document import VISIBLE_TO_ALL, assortment_token, seller_token, to_document
from entrepot.search.engine import Found, SearchEngine, Suggested
from entrepot.search.prefix_query import analyse_prefix
from entrepot.search.query import OwnPrices, SearchFilters, SearchQuery, Sort, analyse
from tests.search.engine_asking import MakeRow

PUBLIC, HIDDEN = 40, 90
LIST, SELLER = UUID(int=70), UUID(int=901)
STEMS = ("valve", "pump", "gasket", "bolt", "cartridge", "клапан", "насос", "прокладка", "болт")
ASKERS = (
    (VISIBLE_TO_ALL,),
    (VISIBLE_TO_ALL, assortment_token(UUID(int=71)), "seller:of-nothing"),
    (seller_token(SELLER),),
)


def typed(chance: random.Random, text: str) -> str:
    """A text with a fault, or none."""
    at = chance.randrange(len(text))
    return chance.choice(
        (text, text, text[: max(at, 2)], text[:at] + text[at + 1 :], text[:at] + "x" + text[at:],
         text[:at] + chance.choice("0189aeiо") + text[at + 1 :], text.replace("-", " "))
    )  # fmt: skip


def offers(chance: random.Random, make_row: MakeRow) -> tuple[list[SearchRow], list[SearchRow]]:
    """Public and hidden offers, alike."""
    rows = []
    for number in range(1, PUBLIC + HIDDEN + 1):
        words = [chance.choice(STEMS) for _ in range(chance.randint(1, 3))]
        if number > PUBLIC and chance.random() < 0.5:
            words = [typed(chance, word) for word in words]
        digits = f"{chance.randint(0, 12):02d}{chance.randint(0, 99):02d}"
        rows.append(
            make_row(
                number,
                product_id=UUID(int=1000 + number // 2),
                article_number=f"{chance.choice(('KR', 'QX', 'B'))}-{digits}",
                brand=chance.choice(("Acme", "Kvant", "Bosch")),
                seller_id=SELLER if number % 5 == 0 else UUID(int=900),
                title_en=" ".join(words),
                category_ids=(UUID(int=100), UUID(int=101 + number % 2)),
                category_names=("Flow", "Valves" if number % 2 else "Pumps"),
                cross_references=("ZZ-77",) if number % 7 == 0 else (),
                attributes=(SearchAttribute("length", float(number), "MMT"),),
                in_stock=chance.random() < 0.5,
            )
        )
    hidden = [
        replace(row, restricted=True, assortment_ids=(LIST,), seller_id=UUID(int=902))
        for row in rows[PUBLIC:]
    ]
    return rows[:PUBLIC], hidden


async def answers(engine: SearchEngine, seed: int, questions: int) -> list[Found | Suggested]:
    """What an engine says to questions by chance."""
    chance = random.Random(seed)
    found: list[Found | Suggested] = []
    for _ in range(questions):
        word = chance.choice(
            (chance.choice(STEMS), chance.choice(("KR", "QX", "B")) + f"-{chance.randint(0, 1299)}")
        )
        text = " ".join(typed(chance, one) for one in (word, chance.choice(STEMS)))
        text = chance.choice((text, typed(chance, word), "ZZ-77", "ZZ-78", ""))
        filters = chance.choice(
            (
                SearchFilters(),
                SearchFilters(),
                SearchFilters(brands=("Acme",)),
                SearchFilters(category_id=UUID(int=101), in_stock=True),
            )
        )
        seen = chance.choice(ASKERS)
        sort = chance.choice((Sort.RELEVANCE, Sort.RELEVANCE, Sort.PRICE_ASC, Sort.NEWEST))
        own = chance.choice((None, OwnPrices((UUID(int=3), UUID(int=PUBLIC + 3)), ())))
        query = analyse(SearchQuery(text, filters, sort), seen, own_prices=own)
        found.append(await engine.search(query, offset=0, limit=100, facets=True))
        prefix = analyse_prefix(text[: chance.randint(1, 8)], NO_WORDS, seen)
        found.append(await engine.suggest(prefix, limit=5))
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_tantivy(tmp_path: Path, make_row: MakeRow, seed: int) -> None:
    public, hidden = offers(random.Random(seed), make_row)
    without, beside = TantivyEngine(tmp_path / "without"), TantivyEngine(tmp_path / "beside")
    await without.update([to_document(row) for row in public])
    await beside.update([to_document(row) for row in [*hidden[:50], *public]])
    await beside.update([to_document(row) for row in hidden[50:]])
    for one, other in zip(
        await answers(without, seed, 150), await answers(beside, seed, 150), strict=True
    ):
        assert one == other
    for engine in (without, beside):
        await engine.close()


async def test_meilisearch(meilisearch: tuple[str, str | None], make_row: MakeRow) -> None:
    public, hidden = offers(random.Random(9), make_row)
    without, beside = (
        MeilisearchEngine(*meilisearch, index=f"test_{new_id().hex}", timeout_seconds=60)
        for _ in range(2)
    )
    await without.update([to_document(row) for row in public])
    await beside.update([to_document(row) for row in [*hidden, *public]])
    for one, other in zip(await answers(without, 9, 50), await answers(beside, 9, 50), strict=True):
        assert one == other
    for engine in (without, beside):
        await engine.close()
