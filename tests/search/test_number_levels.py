"""The ways to find a number: each reason's worst stays below its next better one."""

from __future__ import annotations

from itertools import pairwise

import pytest

from entrepot.search.number_levels import (
    Level,
    equal_forms,
    nearness,
    perhaps_words,
    placed,
    without_guesses,
)
from entrepot.search.query import MatchReason
from entrepot.search.ranking import personal_boost
from entrepot.search.reading import NumberForms

ALL_WORDS, HEAVIEST, LIGHTEST = 1e9, 1.3, 0.7


def test_neither_words_nor_purchases_lift_an_offer_over_one_of_a_better_level() -> None:
    for worse, better in pairwise(sorted(Level)):
        reason, score = placed(worse, ALL_WORDS, HEAVIEST)
        better_reason, least = placed(better, 0.0, LIGHTEST)
        order = list(MatchReason)
        assert order.index(better_reason) <= order.index(reason)
        if reason is better_reason:
            assert score * personal_boost(1_000) < least, (worse, better)


def test_words_and_weight_tell_offers_of_one_level_apart() -> None:
    scores = [placed(Level.KEYS, words, LIGHTEST)[1] for words in (-1.0, 0.0, 2.0, 30.0)]
    assert scores[0] == scores[1] < scores[2] < scores[3]
    assert placed(Level.KEYS, 2.0, HEAVIEST) > placed(Level.KEYS, 2.0, LIGHTEST)


@pytest.mark.parametrize(
    ("held", "typed", "near"),
    [((6,), (6,), 0.9), ((7, 20), (6,), 0.8), ((5,), (6,), 0.0), ((15,), (6,), 0.0), ((), (6,), 0)],
)
def test_numbers_as_long_as_what_was_typed_are_nearest(
    held: tuple[int, ...], typed: tuple[int, ...], near: float
) -> None:
    assert nearness(held, typed) == pytest.approx(near)


def test_only_forms_that_there_are_are_looked_for() -> None:
    forms = NumberForms(keys=("kr44",), retyped_keys=("rh44", "kr44"))
    assert equal_forms(forms) == [
        (Level.KEYS, "number_key", ("kr44",)),
        (Level.GLUED, "glued_key", ("kr44",)),
        (Level.RETYPED, "number_key", ("rh44", "kr44")),
        (Level.RETYPED, "glued_key", ("rh44", "kr44")),
        (Level.CROSS, "cross_key", ("kr44", "rh44")),
    ]


def test_short_keys_are_guessed_at_only_where_they_are_no_words() -> None:
    short = NumberForms(sloppy_keys=("ps4",), sound_keys=("pS4",))
    assert perhaps_words(short) == ("ps4",)
    assert perhaps_words(NumberForms(sloppy_keys=("ps40", "338"))) == ()
    assert without_guesses(short, ()) == short
    assert without_guesses(short, {"ps4"}) == NumberForms()
