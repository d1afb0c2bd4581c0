"""Price resolution as pure rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
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
    by_group: bool = False,
    least_value: str | None = None,
) -> TierCandidate:
    return TierCandidate(
        UUID(int=list_number), priority, currency, valid_from, valid_until, D(minimum), D(price),
        by_group, D(least_value) if least_value else None,
    )  # fmt: skip


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


def test_lists_of_the_company_come_before_those_of_its_groups() -> None:
    own, group = tier(1, "10", "99"), tier(2, "1", "50", priority=9, by_group=True)
    assert resolve(LISTED, [group, own], D(10), NOW).unit_price == D(99)
    found = resolve(LISTED, [group, own], D(9), NOW)
    assert (found.unit_price, found.source) == (D(50), "group_list")
    assert found.reason("en") == "Your customer group's price with this seller, from 1 on."
    assert found.reason("ru").startswith("Цена вашей группы покупателей")
    assert resolve(LISTED, [own], D(10), NOW).source == "company_list"


def test_a_price_for_any_quantity_names_no_tier() -> None:
    found = resolve(LISTED, [tier(1, "0", "90")], D("0.001"), NOW)
    assert (found.unit_price, found.tier_minimum) == (D(90), None)
    assert found.reason("en") == "Your company's price with this seller."
    assert found.reason("ru") == "Цена вашей компании у этого продавца."


@pytest.mark.parametrize(
    ("quantity", "order_value", "price"),
    [
        ("9", None, "100"),  # worth 900 at the list price
        ("10", None, "80"),  # worth 1000, though only 800 then
        ("1", "999.9999", "100"),
        ("1", "1000", "80"),
        ("10", "999", "100"),  # the order's value counts where it is known
        ("50", "0", "95"),
        ("50", None, "80"),
    ],
)
def test_a_list_may_ask_for_a_least_value(
    quantity: str, order_value: str | None, price: str
) -> None:
    candidates = [tier(1, "1", "80", priority=1, least_value="1000"), tier(2, "50", "95")]
    value = None if order_value is None else D(order_value)
    assert resolve(LISTED, candidates, D(quantity), NOW, order_value=value).unit_price == D(price)


def test_the_least_value_is_without_tax() -> None:
    gross = ListedPrice(D(120), "RUB", D(20))
    wholesale = [tier(1, "1", "90", least_value="1000")]
    assert resolve(gross, wholesale, D("9.999"), NOW).unit_price == D(120)  # 999.90 net
    assert resolve(gross, wholesale, D(10), NOW).unit_price == D(90)
    assert [
        (step.min_quantity, step.price.unit_price)
        for step in price_steps(gross, wholesale, D(1), NOW)
    ] == [(D(1), D(120)), (D(10), D(90))]
    assert (gross.net(D(12)), gross.gross(D(10))) == (D(10), D(12))
    assert (LISTED.net(D(12)), LISTED.gross(D(12))) == (D(12), D(12))


def test_the_schedule_knows_where_a_least_value_is_reached() -> None:
    # 100 each: 1000 is reached at 10; from 20 on they cost 40 (800), reached again at 25
    candidates = [tier(1, "20", "40"), tier(2, "1", "30", priority=1, least_value="1000")]
    assert [
        (step.min_quantity, step.price.unit_price)
        for step in price_steps(LISTED, candidates, D(1), NOW)
    ] == [(D(1), D(100)), (D(10), D(30)), (D(20), D(40)), (D(25), D(30))]
    thirds = [tier(1, "1", "30", least_value="1000")]
    (_, reached) = price_steps(ListedPrice(D(3), "RUB"), thirds, D(1), NOW)
    assert reached.min_quantity == D("333.332")  # 999.996, which an order rounds to 1000


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
        min_quantity=st.decimals(D(0), D(100), places=3),
        unit_price=st.decimals(D(0), D(200), places=4),
        by_group=st.just(False),
        min_order_value=st.none(),
    ),
    max_size=12,
    unique_by=lambda candidate: (candidate.price_list_id, candidate.min_quantity),
)
quantities = st.decimals(D("0.001"), D(200), places=3)


@st.composite
def lists_of_terms(draw: st.DrawFn) -> list[TierCandidate]:
    """Tiers of which those of one list share its level, priority and least value."""
    candidates = draw(candidates_strategy)
    terms = {
        number: (draw(st.booleans()), draw(st.integers(0, 1)), draw(st.sampled_from(LEAST_VALUES)))
        for number in range(1, 5)
    }
    return [
        one._replace(by_group=group, priority=priority, min_order_value=least)
        for one in candidates
        for group, priority, least in [terms[one.price_list_id.int]]
    ]


LEAST_VALUES = [None, None, D("0.01"), D(500), D("3333.3333")]
offers = st.builds(
    ListedPrice, st.decimals(D(0), D(200), places=4), st.just("RUB"), st.sampled_from([D(0), D(20)])
)


def by_the_book(
    offer: ListedPrice, candidates: list[TierCandidate], quantity: Decimal, value: Decimal | None
) -> tuple[Decimal, str, UUID | None]:
    """The order of the design, step by step over whole lists: an oracle."""
    if value is None:
        plain, _, _ = by_the_book(offer, candidates, quantity, D(0))
        worth = Fraction(plain) * Fraction(quantity) / (1 + Fraction(offer.included_tax) / 100)
    else:
        worth = Fraction(value)
    for level, source in ((False, "company_list"), (True, "group_list")):
        best: list[tuple[int, Decimal, UUID]] = []
        for key in {one.price_list_id for one in candidates}:
            tiers = [one for one in candidates if one.price_list_id == key]
            tiers = [
                one
                for one in tiers
                if one.by_group == level
                and one.currency == "RUB"
                and (one.valid_from is None or one.valid_from <= NOW)
                and (one.valid_until is None or one.valid_until > NOW)
                and one.min_quantity <= quantity
                and (one.min_order_value is None or Fraction(one.min_order_value) <= worth)
            ]
            if tiers:
                last = max(tiers, key=lambda one: one.min_quantity)
                best.append((-last.priority, last.unit_price, key))
        if best:
            return min(best)[1], source, min(best)[2]
    return offer.amount, "list", None


@given(offer=offers, candidates=lists_of_terms(), quantity=quantities, value=st.none() | quantities)
def test_resolution_goes_by_the_book(
    offer: ListedPrice, candidates: list[TierCandidate], quantity: Decimal, value: Decimal | None
) -> None:
    found = resolve(offer, candidates, quantity, NOW, order_value=value)
    assert (found.unit_price, found.source, found.price_list_id) == by_the_book(
        offer, candidates, quantity, value
    )


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
        == (found.price_list_id, found.tier_minimum or 0)
    ]
    assert [winner.unit_price for winner in winners] == [found.unit_price]
    for candidate in eligible:  # no later tier of the same list was reached
        if candidate.price_list_id == found.price_list_id:
            assert candidate.min_quantity <= (found.tier_minimum or 0)


@given(offer=offers, candidates=lists_of_terms(), smallest=quantities, quantity=quantities)
def test_the_schedule_says_what_resolution_says(
    offer: ListedPrice, candidates: list[TierCandidate], smallest: Decimal, quantity: Decimal
) -> None:
    steps = price_steps(offer, candidates, smallest, NOW)
    starts = [step.min_quantity for step in steps]
    assert starts[0] == smallest
    assert starts == sorted(set(starts))
    if quantity >= smallest:
        step = [step for step in steps if step.min_quantity <= quantity][-1]
        found = resolve(offer, candidates, quantity, NOW)
        assert (step.price.unit_price, step.price.source) == (found.unit_price, found.source)
