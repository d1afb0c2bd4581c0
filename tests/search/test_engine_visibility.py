"""One contract, both engines: nothing an actor is shown depends on offers out of their sight."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.catalog.search_rows import SearchAttribute, SearchRow
from entrepot.search.document import (
    VISIBLE_TO_ALL,
    VISIBLE_TO_OPERATORS,
    assortment_token,
    seller_token,
)
from entrepot.search.engine import SearchEngine
from entrepot.search.query import Prefix, SearchFilters, SearchQuery, Sort, analyse
from entrepot.search.reading import NumberForms, Term
from tests.search.engine_asking import ROOT, VALVES, MakeRow, fill, find_words, numbered, word

MINE, OTHER = UUID(int=50), UUID(int=51)
HIDDEN_SELLER = UUID(int=999)
WORDS = ("valve", "pump", "brass", "lever", "gasket", "шланг", "насос", "латунный")
TOKENS = {
    "outsider": (VISIBLE_TO_ALL,),
    "member": (VISIBLE_TO_ALL, seller_token(UUID(int=7)), assortment_token(MINE)),
    "seller": (seller_token(UUID(int=900)),),
}
SORTS = (Sort.RELEVANCE, Sort.PRICE_DESC, Sort.DELIVERY)
QUESTIONS = (
    "valve",
    "valv",
    "vallve brass",
    "brass lever pump gasket",
    "насос латунный",
    "shlang",
    "KR-4410",
    "kr 4411",
    "KR-44",
    "4410",
    "KR-9999",
    "лк-4410",
    "Secret",
    "secrot",
    "",
)


def row_of(make_row: MakeRow, rng: random.Random, number: int) -> SearchRow:
    return make_row(
        number,
        article_number=f"KR-{rng.randrange(4400, 4420)}",
        title_en=" ".join(rng.sample(WORDS[:5], 3)),
        title_ru=" ".join(rng.sample(WORDS[5:], 2)),
        brand=rng.choice(("Acme", "Kvant")),
        category_ids=(ROOT, VALVES),
        category_names=("Parts Детали", "Valves Клапаны"),
        list_price=Decimal(rng.randrange(1, 9)),
        in_stock=rng.random() < 0.5,
        attributes=(SearchAttribute("length", rng.randrange(1, 50), "MMT"),),
        lead_time_days=rng.randrange(5),
    )


def hidden_row(make_row: MakeRow, rng: random.Random, number: int) -> SearchRow:
    """Like the others, and with words, a brand, an attribute and a price nobody else has."""
    row = row_of(make_row, rng, number)
    return replace(
        row,
        title_en=f"{row.title_en} secret vallve",
        brand=rng.choice((row.brand, "Secretive")),
        seller_id=HIDDEN_SELLER,
        restricted=True,
        assortment_ids=(OTHER,),
        category_ids=(ROOT, UUID(int=190)),
        category_names=("Parts Детали", "Secrets Тайны"),
        list_price=Decimal("777.77"),
        attributes=(*row.attributes, SearchAttribute("secret", "yes")),
    )


async def everything_shown(engine: SearchEngine, tokens: tuple[str, ...]) -> list[object]:
    """All that an actor with these tokens can be shown."""
    shown: list[object] = []
    for text in QUESTIONS:
        for sort in SORTS:
            query = analyse(SearchQuery(text, SearchFilters(currency="EUR"), sort), tokens)
            found = await engine.search(query, offset=0, limit=100, facets=True)
            shown.append((text, sort, found))
            listed = await engine.listed(query, limit=1_000)
            shown.append(sorted((one.offer_id, one.list_price) for one in listed))
    for prefix in (
        Prefix(keys=("kr44",), words=(), unfinished=("val", "sec"), visible_to=tokens),
        Prefix(keys=("k",), words=(Term("brass"),), unfinished=("v",), visible_to=tokens),
    ):
        shown.append(await engine.suggest(prefix, limit=8))
    return shown


async def test_hidden_offers_change_nothing_that_others_are_shown(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    rng = random.Random(5)
    seen = [row_of(make_row, rng, number) for number in range(1, 31)]
    seen += [
        replace(row_of(make_row, rng, number), restricted=True, assortment_ids=(MINE,))
        for number in range(31, 36)
    ]
    await fill(engine, *seen)
    before = {who: await everything_shown(engine, tokens) for who, tokens in TOKENS.items()}
    await fill(engine, *[hidden_row(make_row, rng, number) for number in range(1_000, 1_120)])
    await fill(engine, *[hidden_row(make_row, rng, number) for number in range(1_000, 1_040)])
    for who, tokens in TOKENS.items():
        after = await everything_shown(engine, tokens)
        for one, other in zip(before[who], after, strict=True):
            assert one == other, who
    operator = analyse(SearchQuery("secret"), (VISIBLE_TO_ALL, VISIBLE_TO_OPERATORS))
    assert (await engine.search(operator, offset=0, limit=1, facets=False)).total == 120
    assert before["outsider"] != before["member"]


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ((VISIBLE_TO_ALL,), {1}),
        ((VISIBLE_TO_ALL, assortment_token(MINE)), {1, 2}),
        ((VISIBLE_TO_ALL, assortment_token(MINE), assortment_token(OTHER)), {1, 2, 3}),
        ((VISIBLE_TO_ALL, seller_token(UUID(int=901))), {1, 3}),
        ((VISIBLE_TO_ALL, VISIBLE_TO_OPERATORS), {1, 2, 3}),
        ((seller_token(UUID(int=901)),), {3}),
        ((seller_token(UUID(int=900)),), {1, 2}),
        (("assortment:nothing",), set()),
        ((), set()),
        ((VISIBLE_TO_ALL, *(assortment_token(UUID(int=n)) for n in range(50, 350))), {1, 2, 3}),
    ],
)
async def test_tokens_decide_what_is_found(
    engine: SearchEngine, make_row: MakeRow, tokens: tuple[str, ...], expected: set[int]
) -> None:
    await fill(
        engine,
        make_row(1, title_en="valve"),
        make_row(2, title_en="valve", restricted=True, assortment_ids=(MINE,)),
        make_row(
            3,
            title_en="valve",
            restricted=True,
            assortment_ids=(OTHER,),
            seller_id=UUID(int=901),
        ),
    )
    for text in ("valve", ""):
        query = analyse(SearchQuery(text), tokens)
        found = await engine.search(query, offset=0, limit=10, facets=True)
        assert {number for number, _ in numbered(found)} == expected
        assert found.total == len(expected)
        assert sum(one.count for one in found.facets.brands) == len(expected)
        assert {one.offer_id.int for one in await engine.listed(query, limit=9)} == expected


async def test_a_word_only_hidden_offers_hold_may_be_mistyped(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    hidden = {"restricted": True, "assortment_ids": (OTHER,)}
    await fill(
        engine,
        make_row(1, title_en="bracket"),
        *[make_row(n, title_en="brockot", **hidden) for n in range(10, 40)],
    )
    assert await find_words(engine, word("brockot", typos=2)) == [1]
    member = (VISIBLE_TO_ALL, assortment_token(OTHER))
    found = await find_words(engine, word("brockot", typos=2), visible_to=member)
    assert set(found) == set(range(10, 40))


async def test_dear_ways_depend_on_what_is_in_sight(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    await fill(
        engine,
        make_row(1, article_number="KR-441099"),
        make_row(2, article_number="KR-441088", restricted=True, assortment_ids=(OTHER,)),
    )
    nothing = analyse(SearchQuery("x"))
    numbers = NumberForms(keys=("kr441088",), sloppy_keys=("kr441088",))
    for tokens, expected in (
        ((VISIBLE_TO_ALL,), [(1, "FUZZY")]),
        ((VISIBLE_TO_ALL, assortment_token(OTHER)), [(2, "NORMALIZED")]),
    ):
        query = replace(nothing, numbers=numbers, words=(), visible_to=tokens)
        found = await engine.search(query, offset=0, limit=10, facets=False)
        assert numbered(found) == expected
