"""What holds for promotions whatever they are: money is neither lost nor made."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.platform.money import from_minor, minor_digits, round_minor
from entrepot.platform.orders.rules import Amounts, line_amounts
from entrepot.platform.pricing.order_parts import order_prices
from entrepot.platform.pricing.order_rows import OfferFacts, WantedLine
from entrepot.platform.pricing.promotions.discounts import spread
from entrepot.platform.pricing.promotions.rules import Promotion, PromotionKind, Verdict
from entrepot.platform.pricing.rules import Resolution
from entrepot.platform.pricing.terms import Terms

D = Decimal
SELLERS = (UUID(int=1), UUID(int=2))
OFFERS = [UUID(int=10 + number) for number in range(5)]
PATHS = ("a", "a/b", "c")
CURRENCIES = ("RUB", "JPY")

prices = st.one_of(st.decimals(0, 20, places=4), st.decimals(0, 100_000, places=2))
quantities = st.one_of(st.integers(1, 30).map(D), st.decimals(D("0.001"), 50, places=3))
percents = st.one_of(st.sampled_from([D(10), D(50), D(100)]), st.decimals(1, 100, places=4))
rates = st.sampled_from([D(0), D(10), D(20)])


@st.composite
def facts_of(draw: st.DrawFn, number: int, currency: str) -> tuple[OfferFacts, Decimal]:
    price = draw(prices)
    cost = draw(st.none() | st.decimals(0, 1, places=2).map(lambda share: price * share))
    fact = OfferFacts(
        seller_id=SELLERS[number % 2],
        currency=currency,
        tax_included=draw(st.booleans()),
        tax_rate=draw(rates),
        cost_price=cost,
        category_path=draw(st.sampled_from(PATHS)),
        seller_country="RU",
    )
    return fact, price


@st.composite
def promotions(draw: st.DrawFn, number: int) -> Promotion:
    kind = draw(st.sampled_from(list(PromotionKind)))
    is_bundle = kind is PromotionKind.BUNDLE
    by_percent = kind is PromotionKind.PERCENT or (is_bundle and draw(st.booleans()))
    by_amount = kind is PromotionKind.AMOUNT or (is_bundle and not by_percent)
    counts = st.integers(1, 4).map(D)
    offers = draw(st.lists(st.sampled_from(OFFERS), unique=True, min_size=2 * is_bundle))
    value = draw(st.none() | st.integers(0, 500).map(D))
    free = kind is PromotionKind.BUY_N_GET_M
    return Promotion(
        id=UUID(int=1000 + number),
        name_en=f"P{number}",
        name_ru=f"П{number}",
        kind=kind,
        seller_id=draw(st.none() | st.sampled_from(SELLERS)),
        percent=draw(percents) if by_percent else None,
        amount=draw(st.decimals("0.01", 200, places=2)) if by_amount else None,
        currency="RUB" if by_amount or value is not None else None,
        buy_quantity=draw(counts) if free else None,
        free_quantity=draw(counts) if free else None,
        category_path=None if offers else draw(st.none() | st.sampled_from(PATHS)),
        items={key: draw(counts) for key in offers},
        min_quantity=None if is_bundle else draw(st.none() | st.integers(1, 20).map(D)),
        min_order_value=value,
        exclusive=draw(st.booleans()),
        priority=draw(st.integers(-1, 1)),
        below_cost_allowed=draw(st.booleans()),
        uses_left=draw(st.none() | st.integers(0, 3)),
    )


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    currency = draw(st.sampled_from(CURRENCIES))
    drawn = {key: draw(facts_of(number, currency)) for number, key in enumerate(OFFERS)}
    lines = [
        WantedLine(UUID(int=100 + number), offer_id, draw(quantities))
        for number, offer_id in enumerate(
            draw(st.lists(st.sampled_from(OFFERS), min_size=1, max_size=8))
        )
    ]
    terms = {
        (seller, currency): Terms(
            seller, currency, delivery_charge=D(draw(st.sampled_from([0, 300]))),
            free_delivery_from=draw(st.none() | st.just(D(1000))),
        )
        for seller in SELLERS
    }  # fmt: skip
    count = draw(st.integers(0, 5))
    return {
        "lines": lines,
        "facts": {key: fact for key, (fact, _) in drawn.items()},
        "prices": {key: Resolution(price, currency, "list") for key, (_, price) in drawn.items()},
        "terms": terms,
        "promotions": [draw(promotions(number)) for number in range(count)],
        "buyer_country": draw(st.sampled_from(["RU", "DE"])),
    }


def gross(amounts: list[Amounts]) -> Decimal:
    return sum((one.gross for one in amounts), D(0))


@settings(max_examples=300, deadline=None)
@given(orders())
def test_money_is_neither_lost_nor_made(order: dict[str, Any]) -> None:
    found = order_prices(**order)
    assert set(found.lines) == {line.key for line in order["lines"]}
    by_id = {one.id: one for one in order["promotions"]}
    for line in found.lines.values():
        unit = D(1).scaleb(-minor_digits(line.currency))
        fact = order["facts"][line.offer_id]
        value = line.quantity * line.price.unit_price
        assert 0 <= line.discount <= round_minor(value, line.currency)
        assert line.discount == sum((one.amount for one in line.promotions), D(0))
        assert all(one.amount > 0 for one in line.promotions)
        assert round_minor(line.discount, line.currency) == line.discount
        assert min(line.amounts.net, line.amounts.tax, line.amounts.gross) >= 0
        assert not {one.id for one in line.promotions} - set(by_id)
        if fact.cost_price is not None and line.discount:
            last = by_id[line.promotions[-1].id]
            cost = fact.cost_in_price_terms
            assert cost is not None
            assert last.below_cost_allowed or value - line.discount > line.quantity * cost - unit
    for part in found.parts:
        own = [line for line in found.lines.values() if line.seller_id == part.seller_id]
        assert part.goods.gross == gross([line.amounts for line in own])
        assert part.goods.net + part.goods.tax == part.goods.gross
        off_lines = sum((line.discount for line in own), D(0))
        delivery = part.free_delivery_promotion
        off_delivery = delivery.amount if delivery else D(0)
        assert sum((one.amount for one in part.promotions), D(0)) == off_lines + off_delivery
        exclusive = [one for one in part.promotions if by_id[one.id].exclusive]
        assert len(part.promotions) == 1 or not exclusive


@settings(max_examples=100, deadline=None)
@given(orders(), st.randoms(use_true_random=False))
def test_the_order_of_lines_and_promotions_does_not_matter(
    order: dict[str, Any], shuffler: Random
) -> None:
    found = order_prices(**order)
    lines, rules = list(order["lines"]), list(order["promotions"])
    shuffler.shuffle(lines)
    shuffler.shuffle(rules)
    again = order_prices(**(order | {"lines": lines, "promotions": rules}))
    assert again.lines == found.lines
    assert again.parts == found.parts


@settings(max_examples=150, deadline=None)
@given(orders())
def test_the_buyer_gets_the_cheapest_of_all_outcomes(order: dict[str, Any]) -> None:
    """Leaving any promotion away, or taking one exclusive alone, is never cheaper."""
    found = order_prices(**order)
    costs = {part.seller_id: part.goods.gross + part.delivery.gross for part in found.parts}
    rules = order["promotions"]
    together = [one for one in rules if not one.exclusive]
    for allowed in ([], together, *([one] for one in rules if one.exclusive)):
        other = order_prices(**(order | {"promotions": allowed}))
        for part in other.parts:
            assert costs[part.seller_id] <= part.goods.gross + part.delivery.gross
    applied = {d.promotion.id for d in found.decisions if d.verdict is Verdict.APPLIED}
    assert applied == {one.id for part in found.parts for one in part.promotions}


@given(
    st.lists(st.fractions(0, 1000), min_size=1, max_size=20),
    st.fractions(0, 1),
)
def test_shares_sum_to_the_total_and_stay_within_their_weights(
    weights: list[Fraction], share: Fraction
) -> None:
    total = int(sum(weights) * share)
    shares = spread(total, weights)
    assert sum(shares) == (total if sum(weights) else 0)
    for one, weight in zip(shares, weights, strict=True):
        assert 0 <= one <= -(-weight.numerator // weight.denominator)


def test_a_free_line_costs_nothing_whatever_its_price() -> None:
    amounts = line_amounts(
        D(3), D("0.3333"), offer_rate=D(20), charged_rate=D(20), tax_included=False,
        currency="RUB", discount=from_minor(100, "RUB"),
    )  # fmt: skip
    assert amounts == Amounts(D(0), D(0), D(0))
