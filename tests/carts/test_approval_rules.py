"""Rules of approvals, pure: what asks, whom, and what the outcome must not depend on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.carts.approvals.rules import (
    DEFAULT_EXPIRY,
    AgreedLine,
    Facts,
    RequestedCart,
    RequestedLine,
    Rule,
    asks,
    need_of,
    risen,
    same_lines,
)
from entrepot.platform.carts.budgets.rules import (
    BudgetMode,
    BudgetState,
    BudgetWarning,
    Period,
    exceeded,
)
from entrepot.platform.ids import new_id

COMPANY, ENTITY, OTHER_ENTITY = UUID(int=100), UUID(int=101), UUID(int=102)
ME, YOU, BOSS = UUID(int=1), UUID(int=2), UUID(int=3)
OFFERS = [UUID(int=10 + number) for number in range(4)]
PATHS = dict(zip(OFFERS, ["tools", "tools/saws", "toolsets", ""], strict=True))
SELLERS = [UUID(int=20), UUID(int=21)]
CENTERS = ["", "K1", "K2"]

nets = st.decimals(0, 1000, places=2)
lines = st.builds(
    RequestedLine,
    line_id=st.builds(new_id),
    offer_id=st.sampled_from(OFFERS),
    seller_id=st.sampled_from(SELLERS),
    cost_center=st.sampled_from(CENTERS),
    quantity=st.decimals(1, 9, places=0),
    unit_price=nets,
    discount=st.just(Decimal(0)),
    net=nets,
    currency=st.sampled_from(["RUB", "EUR"]),
)
rules = st.builds(
    Rule,
    id=st.builds(new_id),
    name=st.just("R"),
    steps=st.dictionaries(
        st.integers(1, 3),
        st.lists(st.sampled_from([ME, YOU, BOSS]), min_size=1, unique=True).map(tuple),
        min_size=1,
    ),
    legal_entity_id=st.sampled_from([None, ENTITY, OTHER_ENTITY]),
    above_amount=st.one_of(st.none(), nets),
    currency=st.just("RUB"),
    category_path=st.sampled_from([None, "tools", "tools/saws"]),
    cost_center=st.sampled_from([None, "K1"]),
    requester_id=st.sampled_from([None, ME, YOU]),
    new_seller=st.booleans(),
    over_budget=st.booleans(),
    expires_after=st.integers(1, 100).map(lambda hours: timedelta(hours=hours)),
)


def budget(amount: str = "100", center: str = "") -> BudgetState:
    """A budget that asks."""
    return BudgetState(
        UUID(int=50), ENTITY, "B", center, "RUB", Decimal(amount), BudgetMode.ASK,
        Period(date(2026, 1, 1), date(2026, 2, 1)), Decimal(0),
    )  # fmt: skip


def cart_of(given_lines: Sequence[RequestedLine], delivery: Decimal = Decimal(0)) -> RequestedCart:
    """A cart."""
    return RequestedCart(new_id(), COMPANY, ENTITY, tuple(given_lines), {"RUB": delivery})


def facts_of(cart: RequestedCart, known: frozenset[UUID], amount: str = "100") -> Facts:
    """What rules ask about, with one budget that asks."""
    over: list[tuple[BudgetState, BudgetWarning]] = exceeded(
        [budget(amount)], cart.budget_amounts()
    )
    return Facts(ME, PATHS, known, tuple(over))


def by_hand(rule: Rule, cart: RequestedCart, facts: Facts) -> bool:
    """The rule's meaning, said once more and differently."""
    wanted = []
    for line in cart.lines:
        parts = PATHS[line.offer_id].split("/")
        if (
            rule.category_path
            and rule.category_path.split("/") != parts[: rule.category_path.count("/") + 1]
        ):
            continue
        if rule.cost_center and rule.cost_center != line.cost_center:
            continue
        if rule.new_seller and line.seller_id in facts.known_sellers:
            continue
        wanted.append(line)
    on_lines = bool(rule.category_path or rule.cost_center or rule.new_seller)
    delivery = 0 if on_lines else sum(cart.delivery_net_by_currency.values())
    rub = delivery + sum(line.net for line in wanted if line.currency == "RUB")
    other = sum(line.net for line in wanted if line.currency != "RUB")
    return (
        bool(wanted)
        and rule.legal_entity_id in (None, ENTITY)
        and rule.requester_id in (None, ME)
        and (not rule.over_budget or bool(facts.exceeded))
        and (rule.above_amount is None or rub > rule.above_amount or other > 0)
    )


@given(rules, st.lists(lines, max_size=5), nets, st.sets(st.sampled_from(SELLERS)))
def test_a_rule_asks_when_all_its_conditions_hold(
    rule: Rule, held: list[RequestedLine], delivery: Decimal, known: set[UUID]
) -> None:
    cart = cart_of(held, delivery)
    facts = facts_of(cart, frozenset(known))
    assert asks(rule, cart, facts) == by_hand(rule, cart, facts)


@given(rules, st.lists(lines, min_size=1, max_size=5), lines, st.sets(st.sampled_from(SELLERS)))
def test_more_in_the_cart_never_spares_the_question(
    rule: Rule, held: list[RequestedLine], more: RequestedLine, known: set[UUID]
) -> None:
    small, large = cart_of(held), cart_of([*held, more])
    if asks(rule, small, facts_of(small, frozenset(known))):
        assert asks(rule, large, facts_of(large, frozenset(known)))


@given(st.lists(rules, max_size=4), st.lists(lines, min_size=1, max_size=4))
def test_steps_are_joined_by_number(given_rules: list[Rule], held: list[RequestedLine]) -> None:
    cart = cart_of(held)
    facts = facts_of(cart, frozenset(), "0")
    matching = [rule for rule in given_rules if asks(rule, cart, facts)]
    need = need_of(cart, given_rules, facts, [ME, YOU])
    caught = any(rule.over_budget for rule in matching)
    if not matching and (not facts.exceeded or caught):
        assert need is None
        return
    assert need is not None
    numbers = sorted({number for rule in matching for number in rule.steps})
    expected = [
        {person for rule in matching for person in rule.steps.get(number, ())} for number in numbers
    ]
    if facts.exceeded and not caught:
        if 1 not in numbers:
            expected.insert(0, set())
        expected[0] |= {YOU}  # all approvers but who asks
    assert [set(step) for step in need.steps] == expected
    assert all(len(step) == len(set(step)) for step in need.steps)
    hours = [rule.expires_after for rule in matching]
    assert need.expires_after == min(hours, default=DEFAULT_EXPIRY)


@given(st.lists(lines, max_size=5), st.randoms())
def test_the_same_lines_in_any_order_and_any_parts(
    held: list[RequestedLine], random: object
) -> None:
    agreed = [
        AgreedLine(one.offer_id, one.cost_center, one.quantity, one.net, one.currency)
        for one in held
    ]
    random.shuffle(agreed)  # type: ignore[attr-defined]
    assert same_lines(held, agreed)
    for index, one in enumerate(agreed):
        less = [*agreed]
        less[index] = replace(one, quantity=one.quantity + 1)
        assert not same_lines(held, less)


def test_what_rose() -> None:
    one, two = Decimal(1), Decimal(2)
    assert risen({"RUB": two}, {"RUB": two}) is None
    assert risen({"RUB": two, "EUR": one}, {"RUB": one}) is None
    assert risen({"RUB": one}, {"RUB": two}) == ("RUB", one, two)
    assert risen({"RUB": two}, {"RUB": one, "EUR": one}) == ("EUR", Decimal(0), one)


def test_reasons_in_both_languages() -> None:
    rule = Rule(UUID(int=9), "Saws", {1: (BOSS,)}, category_path="tools", new_seller=True,
                above_amount=Decimal(5), currency="RUB", cost_center="K1", requester_id=ME,
                over_budget=True)  # fmt: skip
    line = RequestedLine(new_id(), OFFERS[1], SELLERS[0], "K1", Decimal(1), Decimal(200),
                         Decimal(0), Decimal(200), "RUB")  # fmt: skip
    cart = cart_of([line])
    need = need_of(cart, [rule], facts_of(cart, frozenset()), [])
    assert need is not None
    assert need.summary("en") == (
        "Rule “Saws”: 200 RUB is above 5 RUB; goods of tools; cost centre K1; orders of this"
        " person; a seller you have not bought from; Budget “B”: 100 RUB left, 200 RUB needed."
    )
    assert need.summary("ru") == (
        "Правило «Saws»: 200 RUB — больше 5 RUB; товары категории tools; центр затрат K1; заказы"
        " этого сотрудника; продавец, у которого вы ещё не покупали; Бюджет «B»: осталось 100 RUB,"
        " нужно 200 RUB."
    )
