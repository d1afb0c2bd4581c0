"""Restricted offers in both engines: found by those who see an assortment of theirs, and no trace
of them for others, neither in counts and facets nor in how words are understood."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from uuid import UUID

import pytest

from entrepot.platform.catalog.assortments import service as assortments
from entrepot.platform.catalog.events import AssortmentChanged
from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.platform.config import Settings
from entrepot.platform.database import fetch
from entrepot.platform.identity.permissions import Role
from entrepot.platform.outbox import load
from entrepot.search.asking import asker
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.changes import changed_offers
from entrepot.search.document import (
    VISIBLE_TO_ALL,
    VISIBLE_TO_OPERATORS,
    assortment_token,
    to_document,
)
from entrepot.search.document import seller_token as own
from entrepot.search.engine import SearchEngine
from entrepot.search.query import AnalysedQuery, SearchFilters, SearchQuery, analyse
from entrepot.workers.resources import WorkerResources, open_resources
from entrepot.workers.search_index import index_changes
from tests.factories import make_actor, make_buyer, make_company, make_offer, make_seller
from tests.sql_counter import counted_sql

MakeRow = Callable[..., SearchRow]
ONE, TWO = UUID(int=501), UUID(int=502)
SELLER = UUID(int=900)


@pytest.fixture
async def stocked(engine: SearchEngine, make_row: MakeRow) -> SearchEngine:
    """An open offer, one in the first assortment, one in both."""
    rows = [
        make_row(1, title_en="Ball valve", article_number="V-1", brand="Open"),
        make_row(2, title_en="Ball valve", article_number="V-2", brand="First",
                 restricted=True, assortment_ids=(ONE,)),
        make_row(3, title_en="Ball valve", article_number="V-2", brand="Both",
                 restricted=True, assortment_ids=(ONE, TWO)),
    ]  # fmt: skip
    await engine.update([to_document(row) for row in rows])
    return engine


def asked(text: str, *tokens: str, brands: tuple[str, ...] = ()) -> AnalysedQuery:
    return analyse(SearchQuery(text, SearchFilters(brands=brands)), tokens)


async def seen(engine: SearchEngine, query: AnalysedQuery) -> set[int]:
    """Numbers of the offers found; totals and facets must agree with them."""
    found = await engine.search(query, offset=0, limit=10, facets=True)
    assert found.total == len(found.hits) == sum(facet.count for facet in found.facets.brands)
    return {hit.offer_id.int for hit in found.hits}


async def test_tokens_decide_about_hits_totals_and_facets(stocked: SearchEngine) -> None:
    first, second = assortment_token(ONE), assortment_token(TWO)
    for text in ("", "valve", "ball valv"):
        assert await seen(stocked, asked(text, VISIBLE_TO_ALL)) == {1}
        assert await seen(stocked, asked(text, VISIBLE_TO_ALL, first)) == {1, 2, 3}
        assert await seen(stocked, asked(text, VISIBLE_TO_ALL, second)) == {1, 3}
        assert await seen(stocked, asked(text, first, second)) == {2, 3}
        assert await seen(stocked, asked(text, VISIBLE_TO_ALL, VISIBLE_TO_OPERATORS)) == {1, 2, 3}
        assert await seen(stocked, asked(text, own(SELLER))) == {1, 2, 3}
        assert await seen(stocked, asked(text, own(UUID(int=901)))) == set()
    for text in ("V-2", "v2"):  # an edit away from the open V-1
        assert await seen(stocked, asked(text, VISIBLE_TO_ALL)) <= {1}
        assert 3 in await seen(stocked, asked(text, VISIBLE_TO_ALL, second))
    assert await seen(stocked, asked("", VISIBLE_TO_ALL, brands=("First", "Both"))) == set()


async def test_hundreds_of_assortments_are_one_condition(stocked: SearchEngine) -> None:
    many = [assortment_token(UUID(int=10_000 + number)) for number in range(500)]
    assert await seen(stocked, asked("valve", VISIBLE_TO_ALL, *many)) == {1}
    assert await seen(stocked, asked("valve", VISIBLE_TO_ALL, *many, assortment_token(TWO))) == {
        1,
        3,
    }


async def test_leaving_an_assortment_replaces_the_document(
    stocked: SearchEngine, make_row: MakeRow
) -> None:
    row = make_row(2, title_en="Ball valve", article_number="V-2", brand="First")
    await stocked.update([to_document(row)])
    assert await seen(stocked, asked("valve", VISIBLE_TO_ALL)) == {1, 2}
    await stocked.update([to_document(replace(row, restricted=True, assortment_ids=(TWO,)))])
    assert await seen(stocked, asked("valve", VISIBLE_TO_ALL, assortment_token(ONE))) == {1, 3}


async def test_hidden_words_do_not_change_which_words_may_be_mistyped(
    tantivy_engine: TantivyEngine, make_row: MakeRow
) -> None:
    """A word that ten offers hold is taken as meant; ten hidden ones must not decide that."""
    shown = to_document(make_row(1, title_en="Flange gasket", article_number="G-1"))
    await tantivy_engine.update([shown])
    question = asked("flangy", VISIBLE_TO_ALL)
    assert await seen(tantivy_engine, question) == {1}
    await tantivy_engine.update(
        [
            to_document(
                make_row(number, title_en="Flangy", article_number=f"H{number}",
                         restricted=True, assortment_ids=(ONE,))
            )
            for number in range(100, 130)
        ]
    )  # fmt: skip
    assert await seen(tantivy_engine, question) == {1}


async def test_cursors_outlive_a_change_of_what_is_seen() -> None:
    before = asked("valve", VISIBLE_TO_ALL).fingerprint()
    assert asked("valve", VISIBLE_TO_ALL, assortment_token(ONE)).fingerprint() == before
    assert asked("valves", VISIBLE_TO_ALL).fingerprint() != before


@pytest.mark.usefixtures("database")
async def test_tokens_of_an_actor_take_one_statement() -> None:
    seller, buyer = await make_seller(), await make_buyer()
    operator = await make_actor(*await make_company(operator=True), Role.OPERATOR)
    made = [await assortments.create_assortment(seller.actor, f"A{n}") for n in range(3)]
    for assortment in made[:2]:
        await assortments.set_audience(seller.actor, assortment, company_ids=[buyer.company_id])
    await asker(buyer.company_id)  # the words of the market are read once
    async with counted_sql() as statements:
        found = (await asker(buyer.company_id)).tokens
    assert len(statements) == 1, statements
    assert found[:2] == (VISIBLE_TO_ALL, own(buyer.company_id))
    assert set(found[2:]) == {assortment_token(one) for one in made[:2]}
    assert (await asker(seller.id)).tokens == (own(seller.id),)
    assert (await asker(operator.company_id)).tokens == (
        VISIBLE_TO_ALL,
        VISIBLE_TO_OPERATORS,
        own(operator.company_id),
    )
    assert (await asker(UUID(int=5))).tokens == (own(UUID(int=5)),)


@pytest.fixture
async def resources(
    settings: Settings, tantivy_engine: TantivyEngine
) -> AsyncIterator[WorkerResources]:
    """A worker's resources with an index of the test's own."""
    async with open_resources(settings) as opened:
        yield replace(opened, search=tantivy_engine)


@pytest.mark.usefixtures("database")
async def test_the_consumer_indexes_what_assortments_changed(resources: WorkerResources) -> None:
    seller = await make_seller()
    offer = await make_offer(seller)
    await index_changes([AssortmentChanged(seller.id, (offer.id,))], resources)
    question = asked("", VISIBLE_TO_ALL)
    assert len(await seen(resources.search, question)) == 1
    made = await assortments.create_assortment(seller.actor, "Secret")
    await assortments.set_offers(seller.actor, made, add=[offer.id])
    rows = await fetch("SELECT kind, payload FROM outbox_event WHERE kind = 'AssortmentChanged'")
    events = [load(row["kind"], row["payload"]) for row in rows]
    assert await changed_offers(events) == [offer.id]
    await index_changes(events, resources)
    assert await seen(resources.search, question) == set()
    named = asked("", VISIBLE_TO_ALL, assortment_token(made))
    assert await seen(resources.search, named) == {offer.id.int}
