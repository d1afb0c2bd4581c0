"""The order of hits: total, and no part of it moves what a better part has decided."""

from __future__ import annotations

import math
from collections.abc import Mapping
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.search.engine import Hit
from entrepot.search.query import MatchReason, SearchQuery, Sort, analyse
from entrepot.search.ranking import PERSONAL_MAX, personal_boost, rank

QUERY = analyse(SearchQuery("bolt"))
REASONS = list(MatchReason)


def hit(
    number: int,
    reason: MatchReason = MatchReason.TEXT,
    score: float = 1.0,
    *,
    price: int = 10,
    in_stock: bool = True,
    all_words: bool = False,
) -> Hit:
    return Hit(
        UUID(int=number), reason, UUID(int=1_000 + number), score, price, in_stock, all_words
    )


@st.composite
def answers(draw: st.DrawFn) -> tuple[list[Hit], dict[UUID, int]]:
    """Hits of different offers, often equal in most things, and what a company bought."""
    numbers = draw(st.lists(st.integers(1, 50), unique=True, max_size=20))
    hits = [
        hit(
            number,
            draw(st.sampled_from(REASONS)),
            draw(st.sampled_from([0.0, 1.0, 1.05, 1.0500001, 2.0]) | st.floats(0, 1_000)),
            price=draw(st.integers(0, 3)),
            in_stock=draw(st.booleans()),
            all_words=draw(st.booleans()),
        )
        for number in numbers
    ]
    bought = {
        UUID(int=1_000 + number): draw(st.integers(0, 40))
        for number in numbers
        if draw(st.booleans())
    }
    return hits, bought


@given(answers(), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_that_hits_come_in(answer, chance) -> None:  # type: ignore[no-untyped-def]
    hits, bought = answer
    ordered = rank(QUERY, hits, bought)
    assert sorted(ordered, key=lambda one: one.offer_id) == sorted(
        hits, key=lambda one: one.offer_id
    )
    shuffled = list(hits)
    chance.shuffle(shuffled)
    assert rank(QUERY, shuffled, bought) == ordered
    assert rank(QUERY, ordered, bought) == ordered


@given(answers())
def test_no_hit_stands_before_one_of_a_better_reason(
    answer: tuple[list[Hit], Mapping[UUID, int]],
) -> None:
    ordered = [REASONS.index(one.matched_by) for one in rank(QUERY, *answer)]
    assert ordered == sorted(ordered)


@given(answers())
def test_no_hit_with_some_words_stands_before_one_with_all(
    answer: tuple[list[Hit], Mapping[UUID, int]],
) -> None:
    ordered = rank(QUERY, *answer)
    for reason in REASONS:
        some = [not one.all_words for one in ordered if one.matched_by is reason]
        assert some == sorted(some)


@given(answers())
def test_no_purchase_lifts_a_hit_over_one_that_matches_clearly_better(
    answer: tuple[list[Hit], Mapping[UUID, int]],
) -> None:
    ordered = rank(QUERY, *answer)
    for place, before in enumerate(ordered):
        for after in ordered[place + 1 :]:
            if (before.matched_by, before.all_words) == (after.matched_by, after.all_words):
                assert after.score <= before.score * (1 + PERSONAL_MAX) + 0.001


@given(answers(), st.integers(0, 19), st.floats(0, 5), st.integers(0, 5))
def test_a_better_score_or_another_purchase_never_costs_a_place(
    answer: tuple[list[Hit], dict[UUID, int]], which: int, more: float, times: int
) -> None:
    hits, bought = answer
    if which >= len(hits):
        return
    chosen = hits[which]

    def place(hits: list[Hit], bought: Mapping[UUID, int]) -> int:
        ids = [one.offer_id for one in rank(QUERY, hits, bought)]
        return ids.index(chosen.offer_id)

    before = place(hits, bought)
    better = Hit(
        chosen.offer_id,
        chosen.matched_by,
        chosen.product_id,
        chosen.score + more,
        chosen.list_price,
        chosen.in_stock,
        chosen.all_words,
    )
    assert place([better if one is chosen else one for one in hits], bought) <= before
    again = {**bought, chosen.product_id: bought.get(chosen.product_id, 0) + times}
    assert place(hits, again) <= before


def test_equal_hits_are_ordered_by_purchases_then_stock_then_price_then_offer() -> None:
    hits = [
        hit(5, price=1, in_stock=False),
        hit(4, price=9),
        hit(3, price=9),
        hit(2, price=7),
        hit(1, price=99, score=0.0, in_stock=False),
        hit(9, price=99, score=0.0, in_stock=False),
    ]
    bought = {hits[5].product_id: 1}
    assert [one.offer_id.int for one in rank(QUERY, hits, bought)] == [2, 3, 4, 5, 9, 1]


def test_what_a_company_buys_stands_before_what_matches_about_as_well() -> None:
    near, clearly = hit(1, score=9.5), hit(2, score=8.9)
    best = hit(3, score=10.0)
    bought = {near.product_id: 12, clearly.product_id: 12}
    assert rank(QUERY, [best, near, clearly], {}) == [best, near, clearly]
    assert rank(QUERY, [best, near, clearly], bought) == [near, best, clearly]


def test_scores_that_differ_by_rounding_only_are_equal() -> None:
    dear, cheap = hit(1, score=3.000_04, price=9), hit(2, score=3.0, price=8)
    assert rank(QUERY, [dear, cheap], {}) == [cheap, dear]


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_counts_as_none(odd: float) -> None:
    broken, sound = hit(1, score=odd), hit(2, score=0.5)
    assert rank(QUERY, [broken, sound], {}) == [sound, broken]


@pytest.mark.parametrize("sort", [one for one in Sort if one is not Sort.RELEVANCE])
def test_another_order_than_relevance_is_the_engines(sort: Sort) -> None:
    query = analyse(SearchQuery("bolt", sort=sort))
    hits = [hit(3, score=1.0), hit(1, MatchReason.EXACT_NUMBER), hit(2, score=9.0)]
    assert rank(query, hits, {hits[2].product_id: 5}) == hits


def test_the_boost_grows_with_purchases_and_stays_bounded() -> None:
    boosts = [personal_boost(times) for times in range(30)]
    assert boosts[0] == personal_boost(-3) == 1
    assert boosts == sorted(boosts)
    assert boosts[10] == boosts[29] == pytest.approx(1.1)


@pytest.mark.parametrize("reason", [MatchReason.PARTIAL, MatchReason.FUZZY])
def test_a_guessed_number_shows_other_products_before_further_offers_of_one(
    reason: MatchReason,
) -> None:
    product = UUID(int=7)
    first, second, third = (
        Hit(UUID(int=number), reason, product, 3.0, price)
        for number, price in ((1, 1), (2, 2), (3, 3))
    )
    other = hit(4, reason, 1.0)
    sure = Hit(UUID(int=5), MatchReason.NORMALIZED, product, 0.0, 1)
    text = hit(6, MatchReason.TEXT, 9.0)
    expected = [sure, first, other, second, third, text]
    assert rank(QUERY, [third, text, other, second, first, sure], {}) == expected


def test_an_exact_number_keeps_all_its_offers_together() -> None:
    same = [Hit(UUID(int=n), MatchReason.EXACT_NUMBER, UUID(int=7), 2.0, n) for n in (1, 2)]
    other = hit(4, MatchReason.EXACT_NUMBER, 1.0)
    assert rank(QUERY, [other, *same], {}) == [*same, other]
