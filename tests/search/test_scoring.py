"""What words are worth: the formula, and that engines compute it from what is visible alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.catalog.search_rows import SearchAttribute, SearchRow
from entrepot.search import scoring
from entrepot.search.document import OfferDocument, to_document
from entrepot.search.engine import SearchEngine
from entrepot.search.query import ENOUGH, SearchQuery, analyse
from entrepot.search.scoring import document_weight, term_weight

Row = Callable[..., SearchRow]


def test_the_weight_of_a_word_is_the_positive_inverse_document_frequency() -> None:
    assert term_weight(3, 100) == pytest.approx(math.log(1 + 97.5 / 3.5))
    assert term_weight(0, 0) == pytest.approx(math.log(2))


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(1, 1_000))
def test_rarer_words_weigh_more_and_every_word_weighs(holding: int, others: int, more: int) -> None:
    documents = holding + others
    weight = term_weight(holding, documents)
    assert 0 < weight < term_weight(holding, documents + more)
    assert term_weight(holding + more, documents) <= weight


@given(st.integers(-10, 10), st.integers(-10, 10))
def test_counts_that_cannot_be_are_read_as_the_nearest(holding: int, documents: int) -> None:
    possible = max(documents, 0)
    assert term_weight(holding, documents) == term_weight(min(max(holding, 0), possible), possible)


@given(
    st.lists(st.sampled_from(["bolt", "болт", "m8", "steel", "8.8", "гайк"]), max_size=80),
    st.booleans(),
    st.integers(0, 500),
    st.integers(0, 100),
)
def test_documents_weigh_within_bounds_and_quality_moves_little(
    title: list[str], in_stock: bool, rating: int, popularity: int
) -> None:
    plain = replace(_blank(), title_terms=tuple(title), in_stock=False, rating=0, popularity=0)
    given_ = replace(plain, in_stock=in_stock, rating=rating, popularity=popularity)
    assert 0.7 <= document_weight(plain) <= document_weight(given_) <= 1.3
    assert document_weight(given_) <= 1.07 * document_weight(plain) + 1e-9


def _blank() -> OfferDocument:
    return to_document(
        SearchRow(
            UUID(int=1), UUID(int=1), UUID(int=2), True, "X1", "X1", (), (), "", "", "", "", (),
            (), (), Decimal(1), "EUR", True,
        )
    )  # fmt: skip


def test_each_sign_of_quality_lifts_a_document() -> None:
    plain = replace(_blank(), in_stock=False)
    for better in ({"in_stock": True}, {"rating": 450}, {"popularity": 80}):
        assert document_weight(replace(plain, **better)) > document_weight(plain)


def test_short_titles_weigh_more_and_a_second_language_costs_nothing() -> None:
    english = replace(_blank(), title_terms=("hex", "bolt", "steel"))
    both = replace(english, title_terms=("hex", "bolt", "steel", "болт", "стальн"))
    longer = replace(english, title_terms=("hex", "bolt", "steel", "box", "of", "ten"))
    assert document_weight(both) == document_weight(english) > document_weight(longer)
    wordy = replace(english, other_terms=tuple(f"word{number}" for number in range(10)))
    assert document_weight(longer) < document_weight(wordy) < document_weight(english)
    repeated = replace(english, title_terms=("hex", "bolt", "steel", "hex", "bolt"))
    assert document_weight(repeated) == document_weight(english)


async def _scores(
    engine: SearchEngine, text: str, tokens: tuple[str, ...] | None = None
) -> dict[int, float]:
    query = analyse(SearchQuery(text)) if tokens is None else analyse(SearchQuery(text), tokens)
    found = await engine.search(query, offset=0, limit=50, facets=False)
    return {hit.offer_id.int: hit.score for hit in found.hits}


async def test_an_engine_adds_the_worths_of_the_fields_that_hold_a_word(
    engine: SearchEngine, make_row: Row
) -> None:
    rows = [
        make_row(1, title_en="torque wrench", description="a wrench"),
        make_row(2, title_en="torque wrench"),
        make_row(3, title_en="tool", description="wrench for all"),
        make_row(4, title_en="tool", attributes=(SearchAttribute("kind", "wrench"),)),
        make_row(5, title_en="tool", attributes=(SearchAttribute("w", True, None, ("wrench",)),)),
        make_row(6, title_en="tool", category_names=("wrench",), category_ids=(UUID(int=7),)),
        make_row(7, title_en="tool", attributes=(SearchAttribute("w", False, None, ("wrench",)),)),
    ]
    # Of a word that hardly an offer holds, longer and mistyped forms count as well.
    rows += [make_row(number, title_en="a wrench") for number in range(20, 20 + ENOUGH)]
    documents = {row.offer_id.int: to_document(row) for row in rows}
    await engine.update(list(documents.values()))
    word = term_weight(6 + ENOUGH, 7 + ENOUGH)
    worths = {
        1: scoring.TITLE + scoring.OTHER,
        2: scoring.TITLE,
        3: scoring.OTHER,
        4: scoring.ATTRIBUTE,
        5: scoring.FEATURE,
        6: scoring.CATEGORY,
        **dict.fromkeys(range(20, 20 + ENOUGH), scoring.TITLE),
    }
    assert await _scores(engine, "wrench") == {
        number: pytest.approx(word * worth * document_weight(documents[number]), abs=0.002)
        for number, worth in worths.items()
    }


async def test_what_is_hidden_does_not_move_a_score(engine: SearchEngine, make_row: Row) -> None:
    seen = [make_row(n, title_en=f"{'torque' if n < 4 else 'box'} wrench") for n in range(1, 30)]
    await engine.update([to_document(row) for row in seen])
    before = await _scores(engine, "torque wrench")
    assert set(before) >= {1, 2, 3}
    hidden = [
        make_row(n, title_en="torque wrench", restricted=True, seller_id=UUID(int=901))
        for n in range(100, 160)
    ]
    await engine.update([to_document(row) for row in hidden])
    assert await _scores(engine, "torque wrench") == before


async def test_all_words_stand_before_some_however_much_those_are_worth(
    engine: SearchEngine, make_row: Row
) -> None:
    weak = make_row(
        1,
        title_en=" ".join(f"word{n}" for n in range(40)),
        attributes=(SearchAttribute("a", "torque wrench"),),
        in_stock=False,
    )
    strong = [
        make_row(n, title_en="torque", description="torque", popularity=100) for n in range(2, 6)
    ]
    others = [make_row(n, title_en="wrench") for n in range(10, 40)]
    await engine.update([to_document(row) for row in (weak, *strong, *others)])
    found = await engine.search(
        analyse(SearchQuery("torque wrench")), offset=0, limit=50, facets=False
    )
    first, *rest = found.hits
    assert first.offer_id.int == 1
    assert first.all_words
    assert not any(hit.all_words for hit in rest)
    assert max(hit.score for hit in rest) > first.score
