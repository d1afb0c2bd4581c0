"""Twenty thousand hostile questions: always an answer, never more work than is bounded."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import fields
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.models import AttributeDefinition
from entrepot.platform.catalog.search_rows import SearchAttribute, SearchRow
from entrepot.platform.catalog.vocabulary.rules import NO_WORDS
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.document import VISIBLE_TO_ALL, assortment_token, to_document
from entrepot.search.highlight import highlighted
from entrepot.search.number_query import SLOPPY_KEYS_MAX
from entrepot.search.prefix_query import analyse_prefix
from entrepot.search.query import (
    AnalysedQuery,
    AttributeFilter,
    SearchFilters,
    SearchQuery,
    Sort,
    analyse,
)
from entrepot.search.reading import ALTERNATIVES_MAX, TERMS_MAX, WORDS_MAX
from entrepot.search.reindex import rebuild
from tests.factories import make_buyer, make_offer, make_price_list, make_product, make_seller
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

QUESTIONS = 20_000
#: Every question is analysed; every so many-th is put to the engine too, the dear part. All of
#: them take some 70 s of CPU.
ENGINE_EVERY = 5
REQUESTS = 500
#: Forms of numbers that one question may ask for, whatever it holds.
FORMS_MAX = 400
#: Compatibility forms make at most 18 characters of one of the 256 that are read.
FORM_MAX = 18 * 256

_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "0123456789",
    "АВЕКМНОРСТУХ",
    "-./\\,;:_#№ ",
    "\"'`~!@$%^&*()[]{}<>|+=?",
    " \t\n\r\x0b\u00a0\u2003",
    "\u200b\u200c\u200d\ufeff\u00ad",
    "\u202a\u202b\u202e\u2066\u2069\u200f",
    "\u05e9\u05dc\u05d5\u05dd\u0645\u0631\u062d\u0628\u0660\u0661\u0662\u0663",
    "\u6f22\u5b57\u304b\u306a\u30ab\ud55c",
    "αβγδΩµ²³½¼⅓①Ⅳ",
    "\U0001f600\U0001f469\u200d\U0001f467\U0001f1f7\U0001f1fa",
    "e\u0301\u0300\u0327\u0338\u20dd",
    "\U0001d538\U0001d7ce\uff21\uff10",
    "\x01\x02\x1b\x7f\x85\u2028",
    "ß\u0130\u0131\u017f\ufb00\ufb03\u0149",
)
_PHRASES = (
    *("болт м8x30", "KR-4410/2", "лк-4410", "100шт", "10–16 mm", '1/2"', "006R 90321"),
    *("4006381333931", "brand:Acme", "title:* AND other:[a TO z]", "*:*", "price > NaN"),
    *("1e999999", "NaN", "-Infinity", "' OR 1=1 --", "\\", "/(a+)+$/", "~~~~", "AND OR NOT"),
    *("undefined", "8 мм 8 мм 8 мм", "по 100 шт по", "0x0", "\u0661\u0662 шт", "9" * 60),
    *("м" * 60, "x" * 9, "1-1-1-1-1-1-1-1", "30x30x30x30x30", "№" * 30),
)


def hostile_text(chance: random.Random) -> str:
    """Runs of odd characters, phrases that mean something, and both broken at random."""
    parts: list[str] = []
    for _ in range(chance.randint(1, 6)):
        if chance.random() < 0.4:
            phrase = chance.choice(_PHRASES)
            start = chance.randint(0, len(phrase) - 1)
            parts.append(phrase if chance.random() < 0.5 else phrase[start:])
        else:
            letters = chance.choice(_ALPHABETS)
            parts.append("".join(chance.choices(letters, k=chance.randint(1, 12))))
        parts.append(chance.choice(("", " ", " ", "-", "\u200b")))
    text = "".join(parts)
    return text * chance.randint(200, 400) if chance.random() < 0.01 else text


def hostile_filters(chance: random.Random) -> tuple[SearchFilters, Sort]:
    """Conditions as careless as their callers; mostly none."""
    if chance.random() < 0.7:
        return SearchFilters(), Sort.RELEVANCE
    prices = [None, Decimal("NaN"), Decimal("-Infinity"), Decimal("1e999999"), Decimal("-1"),
              Decimal("1e-9999"), Decimal(10)]  # fmt: skip
    bounds = [None, float("nan"), float("inf"), -0.0, 8.0, 1e308, -1e308, 5e-324]
    texts = ["", "Acme", "\x01", '"', "zinc\\", "\u202e", "x" * 10_000]
    attributes = [
        AttributeFilter(
            chance.choice(("diameter", "coating", "no.such", 'a b"c', "")),
            tuple(chance.choices(texts, k=chance.randint(0, 3))),
            chance.choice(bounds),
            chance.choice(bounds),
        )
        for _ in range(chance.randint(0, 3))
    ]
    filters = SearchFilters(
        category_id=chance.choice((None, None, UUID(int=chance.randint(0, 9)))),
        brands=tuple(chance.choices(texts, k=chance.randint(0, 2))),
        seller_ids=tuple(UUID(int=900) for _ in range(chance.randint(0, 1))),
        in_stock=chance.random() < 0.3,
        lead_days_max=chance.choice((None, None, 0, -1, 2**31)),
        currency=chance.choice((None, "EUR", "", "\u200b")),
        price_from=chance.choice(prices),
        price_to=chance.choice(prices),
        attributes=tuple(attributes),
    )
    return filters, chance.choice(list(Sort))


def questions(count: int, seed: int) -> Iterator[SearchQuery]:
    """The same questions for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        filters, sort = hostile_filters(chance)
        yield SearchQuery(hostile_text(chance), filters, sort)


def assert_bounded(query: AnalysedQuery) -> None:
    """What an engine is asked to match does not grow with the text."""
    assert len(query.words) <= WORDS_MAX
    for word in query.words:
        assert len(word.alternatives) <= ALTERNATIVES_MAX
        assert all(len(alternative) <= TERMS_MAX for alternative in word.alternatives)
    forms = query.numbers
    assert len(forms.sloppy_keys) <= SLOPPY_KEYS_MAX
    every = [form for name in fields(forms) for form in getattr(forms, name.name)]
    assert len(every) <= FORMS_MAX
    assert all(len(form) <= FORM_MAX for form in every)


@pytest.fixture
async def stocked(
    tantivy_engine: TantivyEngine, make_row: Callable[..., SearchRow]
) -> TantivyEngine:
    """Open and hidden offers with numbers, words and properties that the phrases come near to."""
    titles = ("Болт М8x30 оцинкованный", 'Ball valve 1/2"', "Лампа E27 8 мм", "Тонер 006R90321")
    rows = [
        make_row(
            number,
            article_number=f"KR-{4400 + number}/{number % 7}",
            manufacturer_number=f"006R{90300 + number}",
            title_en=titles[number % 4],
            title_ru=titles[(number + 1) % 4],
            category_ids=(UUID(int=number % 9),),
            category_names=("Fasteners Крепёж",),
            attributes=(
                SearchAttribute("diameter", float(number), "MMT"),
                SearchAttribute("coating", "zinc"),
            ),
            restricted=number % 5 == 0,
            assortment_ids=(UUID(int=501),) if number % 5 == 0 else (),
        )
        for number in range(1, 121)
    ]
    await tantivy_engine.update([to_document(row) for row in rows])
    return tantivy_engine


async def test_twenty_thousand_hostile_questions_are_answered(stocked: TantivyEngine) -> None:
    tokens = (VISIBLE_TO_ALL, assortment_token(UUID(int=7)))
    hidden = {UUID(int=number) for number in range(5, 121, 5)}
    answered = found_any = 0
    for place, asked in enumerate(questions(QUESTIONS, seed=4410)):
        query = analyse(asked, tokens)
        assert_bounded(query)
        if place % ENGINE_EVERY:
            continue
        facets = place % 25 == 0
        found = await stocked.search(query, offset=0, limit=3, facets=facets)
        assert len(found.hits) <= min(found.total, 3)
        assert not hidden & {hit.offer_id for hit in found.hits}
        if facets:
            assert "".join(one.text for one in highlighted(asked.text, query)) == asked.text
            prefix = analyse_prefix(asked.text, NO_WORDS, tokens)
            suggested = await stocked.suggest(prefix, limit=3)
            shown = {hit.offer_id for hit in (*suggested.numbers, *suggested.names)}
            assert not hidden & shown
        answered += 1
        found_any += bool(found.hits)
    assert answered == QUESTIONS // ENGINE_EVERY
    assert found_any > answered // 20, "the questions must come near to what is there"


FUZZED = """
query ($text: String!, $filter: OfferFilter, $sort: OfferSort! = RELEVANCE, $after: String) {
  searchOffers(query: $text, filter: $filter, sort: $sort, first: 3, after: $after) {
    totalCount priceBasis
    edges { matchedBy highlights { title { text matched } } node { id } }
    facets { inStock brands { count } attributes { code unit } }
    understood { quantity { quantity unit } measures { least greatest unit } }
  }
  searchSuggestions(query: $text) { recent numbers { id } names { id } categories { id } }
}
"""


def hostile_input(chance: random.Random) -> dict[str, Any]:
    """A filter as JSON, of wrong types too."""
    numbers = ["NaN", "Infinity", "1e999999", "-1", "10", 7, None, "x", "9" * 41]
    condition = {
        "code": chance.choice(("diameter", "coating", "nothing", "x" * 10_000, "\u0000")),
        chance.choice(("from", "to", "values", "unit")): chance.choice(
            (*numbers, ["zinc"], ["x"] * 51, "mm", "inch", "\u202e")
        ),
    }
    choices: list[dict[str, Any]] = [
        {},
        {"brands": ["\u0001", '"', "x" * 10_000]},
        {"brands": ["x"] * 51},
        {"categoryId": chance.choice(("", "garbage", encode_id("Category", UUID(int=3))))},
        {"sellerIds": [chance.choice(("", "\u202e", encode_id("Company", UUID(int=3))))]},
        {"deliveryDaysMax": chance.choice((-1, 0, 2**31 - 1, 2**31, 1.5, "3"))},
        {"currency": "RUB", "priceFrom": chance.choice(numbers)},
        {"currency": "RUB", "priceTo": chance.choice(numbers)},
        {"currency": "\u200b" * 300, "priceTo": "1"},
        {"attributes": [condition]},
        {"attributes": [condition] * 21},
        {"noSuchField": 1},
    ]
    return chance.choice(choices)


async def test_hostile_requests_get_typed_answers(graphql: GraphQLClient) -> None:
    for code, kind, unit in (("diameter", "number", "MMT"), ("coating", "text", None)):
        await AttributeDefinition.create(
            code=code, name_en=code, name_ru=code, kind=kind, unit=unit
        )
    seller, buyer = await make_seller(), await make_buyer()
    offer = await make_offer(seller, await make_product("KR-4410/2", title="Болт М8x30"))
    await make_price_list(seller, buyer.company_id, {offer.id: {"1": "5"}})
    await rebuild(graphql.resources.search)
    chance = random.Random(90321)
    answered = refused = 0
    for _ in range(REQUESTS):
        asked = {
            "text": hostile_text(chance).encode("utf-8", "ignore").decode(),
            "filter": hostile_input(chance) if chance.random() < 0.6 else None,
            "sort": chance.choice(("RELEVANCE", "PRICE_ASC", "DELIVERY", "NEWEST", "COLOUR")),
            "after": "nonsense" if chance.random() < 0.05 else None,
        }
        async with counted_sql() as statements:
            reply = await graphql.run(FUZZED, actor=buyer, **asked)
        assert reply.status in (200, 400), (asked, reply.body)
        assert "INTERNAL" not in reply.codes, (asked, reply.body)
        assert all(error["message"] for error in reply.body.get("errors", []))
        assert len(statements) <= 14, (asked, statements)
        answered += not reply.codes
        refused += bool(reply.codes)
    assert min(answered, refused) > REQUESTS // 10
