"""What promotions take off, by hand: each table row is worked out in its comment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from entrepot.platform.pricing.promotions.rules import (
    Outcome,
    Part,
    Promotion,
    PromotionKind,
    PromotionLine,
    Verdict,
    outcomes,
)

D = Decimal
SELLER, RIVAL = UUID(int=1), UUID(int=2)
BOLT, NUT, WASHER = UUID(int=11), UUID(int=12), UUID(int=13)


def line(
    number: int,
    offer_id: UUID,
    quantity: str,
    price: str,
    *,
    cost: str | None = None,
    path: str = "fasteners/bolts",
) -> PromotionLine:
    least = None if cost is None else D(cost)
    return PromotionLine(UUID(int=100 + number), offer_id, path, D(quantity), D(price), least)


def promotion(number: int, kind: str, /, **values: Any) -> Promotion:
    decimals = ("percent", "amount", "buy_quantity", "free_quantity", "min_quantity")
    for name in (*decimals, "min_order_value"):
        if name in values:
            values[name] = D(values[name])
    key = UUID(int=1000 + number)
    return Promotion(key, f"P{number}", f"П{number}", PromotionKind(kind), **values)


def part(*lines: PromotionLine, currency: str = "RUB", delivery: str = "0") -> Part:
    value = sum((one.quantity * one.unit_price for one in lines), D(0))
    return Part(SELLER, currency, value, lines, D(delivery))


def combined(goods: Part, *promotions: Promotion) -> Outcome:
    return outcomes(goods, promotions)[0]


def off(goods: Part, *promotions: Promotion) -> list[str]:
    outcome = combined(goods, *promotions)
    return [str(outcome.discount(one.key)) for one in goods.lines]


def verdicts(goods: Part, *promotions: Promotion) -> list[Verdict]:
    return [one.verdict for one in combined(goods, *promotions).decisions]


@pytest.mark.parametrize(
    ("quantity", "price", "percent", "expected"),
    [
        ("10", "100", "10", "100.00"),
        ("3", "10.005", "50", "15.01"),  # 30.015 / 2 = 15.0075
        ("1", "0.05", "50", "0.03"),  # 0.025 → half up
        ("1", "0.04", "10", "0"),  # 0.004 → nothing
        ("3", "0.3333", "100", "1.00"),  # 0.9999: the whole line, which shows as 1.00
        ("2.5", "19.99", "33.3333", "16.66"),  # 49.975 × 0.333333 = 16.65831…
    ],
)
def test_a_percentage_is_rounded_once_a_line(
    quantity: str, price: str, percent: str, expected: str
) -> None:
    goods = part(line(1, BOLT, quantity, price))
    assert off(goods, promotion(1, "percent", percent=percent)) == [expected]


def test_an_amount_comes_off_each_unit_and_never_more_than_the_line() -> None:
    goods = part(line(1, BOLT, "3", "100"), line(2, NUT, "4", "1.50"), line(3, WASHER, "0.5", "9"))
    assert off(goods, promotion(1, "amount", amount="2.25", currency="RUB")) == [
        "6.75", "6.00", "1.13",  # 3 × 2.25; 9.00 is more than 4 × 1.50; 1.125
    ]  # fmt: skip
    assert verdicts(goods, promotion(1, "amount", amount="2", currency="EUR")) == [
        Verdict.OTHER_CURRENCY
    ]


def test_promotions_follow_each_other_by_priority_then_id() -> None:
    goods = part(line(1, BOLT, "1", "100"))
    tenth, five = (
        promotion(2, "percent", percent="10"),
        promotion(1, "amount", amount="5", currency="RUB"),
    )
    outcome = combined(goods, tenth, five)  # 100 − 5 = 95; 10 % of 95 = 9.50
    assert [(one.name_en, one.amount) for one in outcome.taken[goods.lines[0].key]] == [
        ("P1", D("5.00")), ("P2", D("9.50")),
    ]  # fmt: skip
    first = promotion(2, "percent", percent="10", priority=1)
    outcome = combined(goods, first, five)  # 10 % of 100 = 10; 5
    assert [(one.name_en, one.amount) for one in outcome.taken[goods.lines[0].key]] == [
        ("P2", D("10.00")), ("P1", D("5.00")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("quantities", "expected"),
    [
        (["3"], ["10.00"]),  # one of three
        (["2"], ["0"]),
        (["7"], ["20.00"]),  # two sets, the seventh pays
        (["2", "1"], ["6.67", "3.33"]),  # one free in all, shared 2 : 1
        (["1", "1", "1"], ["3.33", "3.34", "3.33"]),  # 3.33, 6.67, 10.00 reached
    ],
)
def test_free_units_count_over_all_lines_of_the_offer(
    quantities: list[str], expected: list[str]
) -> None:
    goods = part(*(line(n, BOLT, quantity, "10") for n, quantity in enumerate(quantities)))
    rule = promotion(1, "buy_n_get_m", buy_quantity="2", free_quantity="1")
    assert off(goods, rule) == expected
    foreign = part(*goods.lines[:-1], line(50, NUT, "1", "10"))
    assert sum(combined(foreign, rule).discount(one.key) for one in foreign.lines) <= D("20.00")


def test_a_bundle_takes_its_amount_off_full_sets_only() -> None:
    rule = promotion(1, "bundle", amount="10", currency="RUB", items={BOLT: D(2), NUT: D(1)})
    # Sets: min(5 // 2, 3 // 1) = 2 → 20.00 off. In the sets are 4 bolts (40.00) and 2 nuts (10.00),
    # so bolts bear 16.00 and nuts 4.00.
    goods = part(line(1, BOLT, "5", "10"), line(2, NUT, "3", "5"), line(3, WASHER, "9", "1"))
    assert off(goods, rule) == ["16.00", "4.00", "0"]
    short = part(line(1, BOLT, "1", "10"), line(2, NUT, "3", "5"))
    assert verdicts(short, rule) == [Verdict.INCOMPLETE_BUNDLE]
    assert off(short, rule) == ["0", "0"]
    # 10 % of 50.00 in the sets = 5.00, again 4 : 1
    tenth = promotion(1, "bundle", percent="10", items={BOLT: D(2), NUT: D(1)})
    assert off(goods, tenth) == ["4.00", "1.00", "0"]
    # three lines of equal value share 10.00: 3.33, 6.67, 10.00 are reached
    thirds = part(line(1, BOLT, "1", "10"), line(2, NUT, "1", "10"), line(3, WASHER, "1", "10"))
    rule = promotion(
        1, "bundle", amount="10", currency="RUB", items={BOLT: D(1), NUT: D(1), WASHER: D(1)}
    )
    assert off(thirds, rule) == ["3.33", "3.34", "3.33"]
    # never more than the set costs
    cheap = part(line(1, BOLT, "1", "2"), line(2, NUT, "1", "1"), line(3, WASHER, "1", "0"))
    assert off(cheap, rule) == ["2.00", "1.00", "0"]


def test_free_shipping_takes_the_delivery_charge() -> None:
    goods = part(line(1, BOLT, "1", "10"), delivery="300")
    rule, later = promotion(1, "free_shipping"), promotion(2, "free_shipping")
    outcome = combined(goods, rule, later)
    assert outcome.free_delivery == rule
    assert [(one.verdict, one.amount) for one in outcome.decisions] == [
        (Verdict.APPLIED, D(300)), (Verdict.NOTHING_OFF, D(0)),
    ]  # fmt: skip
    assert verdicts(part(line(1, BOLT, "1", "10")), rule) == [Verdict.NOTHING_OFF]


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"category_path": "fasteners"}, Verdict.APPLIED),
        ({"category_path": "fasteners/bolts"}, Verdict.APPLIED),
        ({"category_path": "fasteners/bolt"}, Verdict.NOT_COVERED),  # no prefix of a name
        ({"category_path": "tools"}, Verdict.NOT_COVERED),
        ({"items": {BOLT: D(1)}}, Verdict.APPLIED),
        ({"items": {NUT: D(1)}}, Verdict.NOT_COVERED),
        ({"seller_id": SELLER}, Verdict.APPLIED),
        ({"min_quantity": "10"}, Verdict.APPLIED),
        ({"min_quantity": "10.001"}, Verdict.BELOW_QUANTITY),
        ({"min_order_value": "100", "currency": "RUB"}, Verdict.APPLIED),
        ({"min_order_value": "100.01", "currency": "RUB"}, Verdict.BELOW_VALUE),
        ({"min_order_value": "1", "currency": "EUR"}, Verdict.OTHER_CURRENCY),
        ({"first_order_with": frozenset({SELLER})}, Verdict.APPLIED),
        ({"first_order_with": frozenset({RIVAL})}, Verdict.NOT_FIRST_ORDER),
        ({"uses_left": 0}, Verdict.USED_UP),
        ({"uses_left": 1}, Verdict.APPLIED),
    ],
)
def test_targets_and_conditions(values: dict[str, Any], verdict: Verdict) -> None:
    goods = part(line(1, BOLT, "4", "10"), line(2, BOLT, "6", "10"))
    rule = promotion(1, "percent", percent="10", **values)
    assert verdicts(goods, rule) == [verdict]
    expected = ["4.00", "6.00"] if verdict is Verdict.APPLIED else ["0", "0"]
    assert off(goods, rule) == expected


def test_another_sellers_promotion_does_not_even_show() -> None:
    goods = part(line(1, BOLT, "4", "10"))
    assert combined(goods, promotion(1, "percent", percent="10", seller_id=RIVAL)) == Outcome()


def test_the_least_quantity_is_of_each_offer() -> None:
    goods = part(line(1, BOLT, "4", "10"), line(2, NUT, "6", "10"))
    rule = promotion(1, "percent", percent="10", min_quantity="5")
    assert off(goods, rule) == ["0", "6.00"]


def test_nothing_is_sold_below_cost_unless_allowed() -> None:
    goods = part(line(1, BOLT, "10", "10", cost="9"), line(2, NUT, "10", "10", cost="8.9"))
    tenth = promotion(1, "percent", percent="10")
    more = promotion(2, "percent", percent="1")
    assert off(goods, tenth) == ["10.00", "10.00"]  # to 9.00 and 9.00: bolts reach their cost
    assert off(goods, tenth, more) == ["10.00", "10.90"]  # 1 % of 90.00 = 0.90: nuts may go to 8.91
    assert verdicts(part(goods.lines[0]), tenth, more) == [Verdict.APPLIED, Verdict.BELOW_COST]
    allowed = promotion(2, "percent", percent="1", below_cost_allowed=True)
    assert off(goods, tenth, allowed) == ["10.90", "10.90"]
    bundle = promotion(
        1, "bundle", amount="20", currency="RUB", items={BOLT: D(10), NUT: D(10)}
    )  # 10.00 off each: fine
    assert off(goods, bundle) == ["10.00", "10.00"]
    dearer = promotion(
        1, "bundle", amount="21", currency="RUB", items={BOLT: D(10), NUT: D(10)}
    )  # 10.50 off bolts is below cost, so the bundle is off as a whole
    assert off(goods, dearer) == ["0", "0"]
    assert verdicts(goods, dearer) == [Verdict.BELOW_COST]


def test_exclusive_promotions_are_outcomes_of_their_own() -> None:
    goods = part(line(1, BOLT, "1", "100"))
    together = [promotion(1, "percent", percent="5"), promotion(2, "percent", percent="4")]
    alone = [
        promotion(3, "percent", percent="10", exclusive=True, priority=-5),
        promotion(4, "percent", percent="1", exclusive=True, priority=5),
    ]
    found = outcomes(goods, [*alone, *together])
    assert [one.discount(goods.lines[0].key) for one in found] == [D("8.80"), D(1), D(10)]
    assert [[d.promotion.name_en for d in one.decisions] for one in found] == [
        ["P1", "P2"], ["P4"], ["P3"],
    ]  # fmt: skip
    assert min(found, key=lambda one: one.rank) is found[1]


def test_currencies_have_their_own_minor_units() -> None:
    goods = part(line(1, BOLT, "3", "105"), currency="JPY")
    assert off(goods, promotion(1, "percent", percent="10")) == ["32"]  # 31.5
    goods = part(line(1, BOLT, "1", "1.2345"), currency="KWD")
    assert off(goods, promotion(1, "percent", percent="10")) == ["0.123"]
