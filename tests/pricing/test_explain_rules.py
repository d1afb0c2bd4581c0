"""What is said about every candidate, beside what resolution decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.pricing.explain_rules import (
    Candidate,
    ChainLink,
    ChainStep,
    GivenList,
    Judgement,
    Outcome,
    judge,
)
from entrepot.platform.pricing.explain_wording import Asked, reason_of, rule_in_words
from entrepot.platform.pricing.list_rules import PriceRule
from entrepot.platform.pricing.rules import ListedPrice, resolve

D = Decimal
NOW = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LISTED = ListedPrice(D(100), "RUB")


def fixed(number: int, tiers: dict[str, str] | None = None, **terms: Any) -> GivenList:
    values = {
        "by_group": False, "priority": 0, "currency": "RUB", "active": True, "regions": (),
        "min_order_value": None, "valid_from": None, "valid_until": None,
        "chain": (ChainLink(UUID(int=number), f"List {number}", None),),
    }  # fmt: skip
    steps = tuple((D(least), D(price)) for least, price in (tiers or {"1": "90"}).items())
    return GivenList(**(values | terms), tiers=steps)


def outcome(one: GivenList, *others: GivenList, quantity: str = "5") -> Outcome:
    judged = judge(LISTED, [one, *others], D(quantity), "RU", NOW)
    return next(found.outcome for found in judged.candidates if found.given is one)


@pytest.mark.parametrize(
    ("one", "expected", "en", "ru"),
    [
        (fixed(1), Outcome.WINS, "It applies: no other list", "Применяется: ни один"),
        (fixed(1, active=False), Outcome.INACTIVE, "switched off.", "отключён."),
        (fixed(1, currency="USD"), Outcome.OTHER_CURRENCY, "in USD, the offer in RUB.", "USD"),
        (fixed(1, regions=("DE",)), Outcome.OTHER_REGION, "buyers in RU.", "из RU."),
        (
            fixed(1, valid_from=NOW + HOUR),
            Outcome.NOT_YET_VALID,
            "from 2026-06-01 04:00 on.",  # in the buyer's time zone
            "01.06.2026 04:00.",
        ),
        (
            fixed(1, valid_until=NOW),
            Outcome.EXPIRED,
            "until 2026-06-01 03:00.",
            "до 01.06.2026 03:00.",
        ),
        (fixed(1, {"6": "90"}), Outcome.BELOW_TIER, "of 6; you asked about 5.", "от 6, а вопрос"),
        (
            fixed(1, min_order_value=D("500.01")),
            Outcome.BELOW_ORDER_VALUE,
            "at least 500.01 RUB net; this line is worth 500.",
            "от 500.01 RUB",
        ),
    ],
)
def test_why_a_list_alone_applies_or_not(
    one: GivenList, expected: Outcome, en: str, ru: str
) -> None:
    judged = judge(LISTED, [one], D(5), "RU", NOW)
    asked = Asked(D(5), "RUB", "RU", "Europe/Moscow", judged.line_value)
    found = next(found for found in judged.candidates if found.given is one)
    assert found.outcome == expected
    assert en in reason_of(found, asked, "en")
    assert ru in reason_of(found, asked, "ru")
    listed = next(found for found in judged.candidates if found.given is None)
    if expected == Outcome.WINS:
        assert (judged.winner.unit_price, listed.outcome) == (D(90), Outcome.LOWER_LEVEL)
    else:
        assert (judged.winner.unit_price, listed.outcome) == (D(100), Outcome.WINS)
        assert judged.candidates[0] is listed


def test_a_list_without_the_offer() -> None:
    one = fixed(1)
    empty = GivenList(**{name: getattr(one, name) for name in one.__slots__} | {"tiers": ()})
    (listed, found) = judge(LISTED, [empty], D(5), "RU", NOW).candidates
    assert listed.outcome == Outcome.WINS
    assert found == Candidate(empty, Outcome.NO_PRICE, None, "RUB")


def test_why_a_list_loses_to_another() -> None:
    assert outcome(fixed(1, by_group=True, priority=9), fixed(2)) == Outcome.LOWER_LEVEL
    assert outcome(fixed(1, {"1": "1"}), fixed(2, priority=1)) == Outcome.LOWER_PRIORITY
    assert outcome(fixed(1, {"1": "91"}), fixed(2)) == Outcome.DEARER
    assert outcome(fixed(2), fixed(1)) == Outcome.SAME_PRICE
    assert outcome(fixed(1), fixed(2)) == Outcome.WINS
    # the first reason against it counts
    many = fixed(1, regions=("DE",), valid_until=NOW, by_group=True)
    assert outcome(many, fixed(2)) == Outcome.OTHER_REGION


def test_a_chain_is_shown_step_by_step() -> None:
    links = (
        ChainLink(UUID(int=3), "Top", PriceRule(D(-10), None, "to_99")),
        ChainLink(UUID(int=2), "Middle", PriceRule(None, D("-2.50"))),
        ChainLink(UUID(int=1), "Base", None),
    )
    judged = judge(LISTED, [fixed(3, {"1": "90", "5": "80"}, chain=links)], D(5), "RU", NOW)
    (winner, _) = judged.candidates
    assert winner.steps == (
        ChainStep(UUID(int=1), "Base", None, D(80)),
        ChainStep(UUID(int=2), "Middle", links[1].rule, D("77.5")),
        ChainStep(UUID(int=3), "Top", links[0].rule, D("69.99")),  # 69.75
    )
    assert winner.unit_price == judged.winner.unit_price == D("69.99")
    words = [rule_in_words(step.rule, "en") for step in winner.steps]
    assert words == ["", "-2.5", "-10 %, rounded to .99"]
    assert rule_in_words(PriceRule(D(3), None, "to_05"), "ru") == "+3 %, округление до 0,05"

    off = (ChainLink(UUID(int=4), "Off", PriceRule(D(-20), None)),)
    (winner, _) = judge(LISTED, [fixed(4, chain=off)], D("0.5"), "RU", NOW).candidates
    assert winner.steps == (
        ChainStep(None, None, None, D(100)),
        ChainStep(UUID(int=4), "Off", off[0].rule, D(80)),
    )
    assert (winner.unit_price, winner.tier_minimum) == (D(80), None)
    foreign = judge(LISTED, [fixed(4, chain=off, currency="USD")], D(1), "RU", NOW).candidates[1]
    assert (foreign.outcome, foreign.unit_price) == (Outcome.OTHER_CURRENCY, None)


numbers = st.integers(1, 5)
given_lists = st.lists(
    st.builds(
        lambda number, tiers, rule, **terms: fixed(
            number,
            chain=(ChainLink(UUID(int=number), "n", rule),),
            **terms,
            **({} if rule else {"tiers": tiers}),
        ),
        number=numbers,
        tiers=st.dictionaries(st.sampled_from(["1", "5", "20"]), st.sampled_from(["70", "90"])),
        rule=st.none() | st.just(PriceRule(D(-20), None, "to_99")),
        by_group=st.booleans(),
        priority=st.integers(0, 1),
        currency=st.sampled_from(["RUB", "RUB", "RUB", "USD"]),
        active=st.sampled_from([True, True, False]),
        regions=st.sampled_from([(), (), ("RU", "KZ"), ("DE",)]),
        min_order_value=st.sampled_from([None, None, D(400), D(2000)]),
        valid_from=st.sampled_from([None, None, NOW, NOW + HOUR]),
        valid_until=st.sampled_from([None, None, NOW, NOW + HOUR]),
    ),
    max_size=5,
    unique_by=lambda one: one.id,
)


def applicable(judged: Judgement) -> list[Candidate]:
    ranked = (Outcome.WINS, Outcome.LOWER_LEVEL, Outcome.LOWER_PRIORITY, Outcome.DEARER,
              Outcome.SAME_PRICE)  # fmt: skip
    return [one for one in judged.candidates if one.given and one.outcome in ranked]


@given(lists=given_lists, quantity=st.sampled_from(["0.5", "1", "4.4", "5", "21", "100"]))
def test_explanations_agree_with_resolution(lists: list[GivenList], quantity: str) -> None:
    judged = judge(LISTED, lists, D(quantity), "RU", NOW)
    usable = [
        tier
        for one in lists
        if one.active and (not one.regions or "RU" in one.regions)
        for tier in one.candidates(LISTED)
    ]
    assert judged.winner == resolve(LISTED, usable, D(quantity), NOW)
    assert len(judged.candidates) == len(lists) + 1
    assert [one.outcome for one in judged.candidates].count(Outcome.WINS) == 1
    first = judged.candidates[0]
    assert first.unit_price == judged.winner.unit_price
    assert (first.given.id if first.given else None) == judged.winner.price_list_id
    # take the winner away and the best of those said to apply takes its place
    others = [one for one in lists if first.given is None or one.id != first.given.id]
    runner_up = judge(LISTED, others, D(quantity), "RU", NOW).candidates[0]
    if first.given is None:
        assert applicable(judged) == []
    elif first.given.min_order_value is None and not any(
        one.min_order_value
        for one in others  # the winner's price decides about those
    ):
        rest = [one.given for one in applicable(judged)[1:]]
        assert runner_up.given in rest if rest else runner_up.given is None
