"""Price resolution as pure rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.pricing.rules import ListedPrice, TierCandidate, price_steps, resolve

D = Decimal
NOW = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LISTED = ListedPrice(D(100), "RUB")


def tier(
    list_number: int,
    minimum: str,
    price: str,
    *,
    priority: int = 0,
    currency: str = "RUB",
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> TierCandidate:
    return TierCandidate(
        UUID(int=list_number), priority, currency, valid_from, valid_until, D(minimum), D(price)
    )


def test_without_lists_the_list_price_holds() -> None:
    found = resolve(LISTED, [], D(5), NOW)
    assert (found.unit_price, found.currency, found.source) == (D(100), "RUB", "list")
    assert (found.price_list_id, found.tier_minimum) == (None, None)
    assert found.reason("en") == (
        "The seller's list price: no price of your company applies to this quantity."
    )
    assert found.reason("ru").startswith("Цена продавца по прайсу")


@pytest.mark.parametrize(
    ("quantity", "price", "minimum"),
    [("9.999", "100", None), ("10", "90", "10"), ("49", "90", "10"), ("50", "80", "50")],
)
def test_the_tier_with_the_highest_minimum_reached_counts(
    quantity: str, price: str, minimum: str | None
) -> None:
    found = resolve(LISTED, [tier(1, "50", "80"), tier(1, "10", "90")], D(quantity), NOW)
    assert found.unit_price == D(price)
    assert found.tier_minimum == (None if minimum is None else D(minimum))
    if minimum:
        assert found.reason("en") == f"Your company's price with this seller, from {minimum} on."
        assert found.reason("ru").endswith(f"при заказе от {minimum}.")


def test_among_lists_priority_then_price_then_id_decides() -> None:
    low, high = tier(3, "1", "50"), tier(2, "1", "95", priority=1)
    assert resolve(LISTED, [low, high], D(1), NOW).price_list_id == UUID(int=2)
    dear, cheap = tier(1, "1", "90"), tier(2, "1", "89.9999")
    assert resolve(LISTED, [dear, cheap], D(1), NOW).price_list_id == UUID(int=2)
    one, two = tier(1, "1", "90"), tier(2, "1", "90")
    assert resolve(LISTED, [two, one], D(1), NOW).price_list_id == UUID(int=1)


def test_a_list_wins_over_a_cheaper_list_price() -> None:
    assert resolve(LISTED, [tier(1, "1", "110")], D(1), NOW).unit_price == D(110)


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "in_force"),
    [
        (None, None, True),
        (NOW, None, True),
        (NOW + HOUR, None, False),
        (None, NOW, False),  # the end is exclusive
        (None, NOW + HOUR, True),
        (NOW - HOUR, NOW + HOUR, True),
        (NOW - 2 * HOUR, NOW - HOUR, False),
    ],
)
def test_only_lists_in_force_count(
    valid_from: datetime | None, valid_until: datetime | None, in_force: bool
) -> None:
    candidate = tier(1, "1", "90", valid_from=valid_from, valid_until=valid_until)
    assert resolve(LISTED, [candidate], D(1), NOW).source == (
        "company_list" if in_force else "list"
    )


def test_a_list_in_another_currency_never_applies() -> None:
    assert resolve(LISTED, [tier(1, "1", "1", currency="USD")], D(1), NOW).source == "list"
    assert len(price_steps(LISTED, [tier(1, "5", "1", currency="USD")], D(1), NOW)) == 1


def test_the_schedule_starts_at_the_least_orderable_quantity() -> None:
    candidates = [tier(1, "2", "95"), tier(1, "10", "90"), tier(1, "50", "90"), tier(2, "99", "1")]
    steps = price_steps(LISTED, candidates, D(5), NOW)
    assert [(step.min_quantity, step.price.unit_price) for step in steps] == [
        (D(5), D(95)), (D(10), D(90)), (D(99), D(1)),
    ]  # fmt: skip


candidates_strategy = st.lists(
    st.builds(
        TierCandidate,
        price_list_id=st.integers(1, 4).map(lambda number: UUID(int=number)),
        priority=st.just(0),
        currency=st.sampled_from(["RUB", "RUB", "USD"]),
        valid_from=st.none() | st.just(NOW) | st.just(NOW + HOUR),
        valid_until=st.none() | st.just(NOW) | st.just(NOW + HOUR),
        min_quantity=st.decimals(D("0.001"), D(100), places=3),
        unit_price=st.decimals(D("0.0001"), D(200), places=4),
    ),
    max_size=12,
    unique_by=lambda candidate: (candidate.price_list_id, candidate.min_quantity),
)
quantities = st.decimals(D("0.001"), D(200), places=3)


@given(candidates=candidates_strategy, quantity=quantities, dice=st.randoms())
def test_the_order_of_candidates_does_not_matter(
    candidates: list[TierCandidate], quantity: Decimal, dice: object
) -> None:
    found = resolve(LISTED, candidates, quantity, NOW)
    dice.shuffle(shuffled := list(candidates))  # type: ignore[attr-defined]
    assert resolve(LISTED, shuffled, quantity, NOW) == found


@given(candidates=candidates_strategy, quantity=quantities)
def test_the_winner_is_a_tier_in_force_or_the_list_price(
    candidates: list[TierCandidate], quantity: Decimal
) -> None:
    found = resolve(LISTED, candidates, quantity, NOW)
    assert found.currency == "RUB"
    eligible = [
        candidate
        for candidate in candidates
        if candidate.currency == "RUB"
        and candidate.valid_at(NOW)
        and candidate.min_quantity <= quantity
    ]
    if not eligible:
        assert (found.source, found.unit_price) == ("list", LISTED.amount)
        return
    winners = [
        candidate
        for candidate in eligible
        if (candidate.price_list_id, candidate.min_quantity)
        == (found.price_list_id, found.tier_minimum)
    ]
    assert [winner.unit_price for winner in winners] == [found.unit_price]
    for candidate in eligible:  # no later tier of the same list was reached
        if candidate.price_list_id == found.price_list_id:
            assert candidate.min_quantity <= (found.tier_minimum or 0)


@given(candidates=candidates_strategy, smallest=quantities, quantity=quantities)
def test_the_schedule_says_what_resolution_says(
    candidates: list[TierCandidate], smallest: Decimal, quantity: Decimal
) -> None:
    steps = price_steps(LISTED, candidates, smallest, NOW)
    starts = [step.min_quantity for step in steps]
    assert starts[0] == smallest
    assert starts == sorted(set(starts))
    if quantity >= smallest:
        step = [step for step in steps if step.min_quantity <= quantity][-1]
        found = resolve(LISTED, candidates, quantity, NOW)
        assert (step.price.unit_price, step.price.source) == (found.unit_price, found.source)
