"""Amounts, taxes and states of orders, without a database."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.money import MINOR_DIGITS, from_minor, round_minor, to_minor
from entrepot.platform.orders.rules import (
    TRANSITIONS,
    Amounts,
    PricedLine,
    SellerOrderStatus,
    line_amounts,
    may_move,
    split_by_seller,
    sum_amounts,
    tax_rate_for,
)

prices = st.decimals(0, 1_000_000, places=4)
quantities = st.decimals(Decimal("0.001"), 1_000_000, places=3)
rates = st.sampled_from([Decimal(0), Decimal(5), Decimal(10), Decimal("19"), Decimal(20)])
currencies = st.sampled_from(sorted(MINOR_DIGITS))


def amounts(
    quantity: str,
    price: str,
    *,
    rate: str = "20",
    charged: str | None = None,
    included: bool = False,
    currency: str = "RUB",
    discount: str = "0",
) -> Amounts:
    return line_amounts(
        Decimal(quantity),
        Decimal(price),
        offer_rate=Decimal(rate),
        charged_rate=Decimal(rate if charged is None else charged),
        tax_included=included,
        currency=currency,
        discount=Decimal(discount),
    )


@pytest.mark.parametrize(
    ("given_amounts", "expected"),
    [
        (amounts("3", "10.0050"), ("30.02", "6.00", "36.02")),  # 30.015 → half up
        (amounts("7", "0.3333"), ("2.33", "0.47", "2.80")),
        (amounts("1", "120", included=True), ("100.00", "20.00", "120.00")),
        (amounts("3", "9.99", included=True), ("24.98", "4.99", "29.97")),
        (amounts("1", "120", included=True, charged="0"), ("100.00", "0", "100.00")),
        (amounts("1", "120", charged="0"), ("120.00", "0.00", "120.00")),
        (amounts("3", "10.5", currency="JPY", rate="10"), ("32", "3", "35")),
        (amounts("1", "1.2345", currency="KWD", rate="5"), ("1.235", "0.062", "1.297")),
        (amounts("3", "10.0050", discount="5.0150"), ("25.00", "5.00", "30.00")),
        (amounts("2", "120", included=True, discount="120"), ("100.00", "20.00", "120.00")),
        (amounts("1", "10", discount="11"), ("0.00", "0.00", "0.00")),
    ],
)
def test_amounts_by_hand(given_amounts: Amounts, expected: tuple[str, str, str]) -> None:
    assert given_amounts == Amounts(*map(Decimal, expected))


@given(quantities, prices, rates, st.booleans(), currencies)
def test_amounts_are_whole_minor_units_and_add_up(
    quantity: Decimal, price: Decimal, rate: Decimal, included: bool, currency: str
) -> None:
    found = line_amounts(
        quantity,
        price,
        offer_rate=rate,
        charged_rate=rate,
        tax_included=included,
        currency=currency,
    )
    assert found.net + found.tax == found.gross
    for amount in (found.net, found.tax, found.gross):
        assert amount >= 0
        assert from_minor(to_minor(amount, currency), currency) == amount
    exact = Fraction(quantity) * Fraction(price)
    unit = Fraction(1, 10 ** MINOR_DIGITS[currency])
    rounded = found.gross if included else found.net
    assert abs(Fraction(rounded) - exact) <= unit / 2


@given(st.decimals(-1_000_000, 1_000_000, places=6), currencies)
def test_rounding_is_half_up_away_from_zero(amount: Decimal, currency: str) -> None:
    places = Decimal(1).scaleb(-MINOR_DIGITS[currency])
    assert round_minor(amount, currency) == amount.quantize(places, rounding=ROUND_HALF_UP)
    assert round_minor(-amount, currency) == -round_minor(amount, currency)


def test_tax_is_charged_within_one_country_only() -> None:
    assert tax_rate_for(Decimal(20), "RU", "RU") == 20
    assert tax_rate_for(Decimal(20), "RU", "DE") == 0


def test_states_move_only_along_the_table() -> None:
    allowed = {
        (present.value, wanted.value)
        for present in SellerOrderStatus
        for wanted in SellerOrderStatus
        if may_move(present, wanted)
    }
    assert allowed == {
        ("awaiting_payment", "placed"),
        ("awaiting_payment", "cancelled"),
        ("placed", "confirmed"),
        ("placed", "cancelled"),
        ("confirmed", "shipped"),
        ("confirmed", "cancelled"),
        ("shipped", "delivered"),
    }
    assert set(TRANSITIONS) == set(SellerOrderStatus)


def _line(index: int, seller: int, currency: str, net: str) -> PricedLine:
    return PricedLine(
        line_index=index,
        offer_id=UUID(int=index),
        seller_id=UUID(int=seller),
        currency=currency,
        quantity=Decimal(1),
        unit_price=Decimal(net),
        amounts=Amounts(Decimal(net), Decimal(0), Decimal(net)),
    )


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["RUB", "EUR"]), st.integers(1, 9))))
def test_the_split_loses_and_doubles_nothing(rows: list[tuple[int, str, int]]) -> None:
    lines = [_line(i, seller, currency, str(net)) for i, (seller, currency, net) in enumerate(rows)]
    parts = split_by_seller(lines)
    assert sorted(line.line_index for _, _, members in parts for line in members) == list(
        range(len(rows))
    )
    assert len(parts) == len({(seller, currency) for seller, currency, _ in rows})
    for seller, currency, members in parts:
        assert {(line.seller_id, line.currency) for line in members} == {(seller, currency)}
        indexes = [line.line_index for line in members]
        assert indexes == sorted(indexes)
    total = sum_amounts(lines)
    assert total.net == sum(net for _, _, net in rows)
