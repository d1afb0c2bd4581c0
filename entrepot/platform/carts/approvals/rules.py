"""When a cart needs agreement and from whom, as pure functions.

A rule asks when every condition that is set holds. Conditions on lines (category, cost centre, new
seller) must hold for the same line; the amount of such a rule is that of the lines they select,
otherwise that of the whole cart with its delivery. All amounts are net of tax; an amount in
another currency than the rule's is above it, so that nothing slips through for want of a rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from entrepot.platform.carts.budgets.rules import BudgetState, BudgetWarning
from entrepot.platform.money import told_amount

DEFAULT_EXPIRY = timedelta(hours=72)
"""How long a request waits that only a budget asks for."""


class ApprovalStatus(StrEnum):
    """Where an approval stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    ORDERED = "ordered"


STATUSES = tuple(status.value for status in ApprovalStatus)
STATUS_WORDS_RU = {
    ApprovalStatus.PENDING: "ожидает",
    ApprovalStatus.APPROVED: "согласовано",
    ApprovalStatus.REFUSED: "отказано",
    ApprovalStatus.EXPIRED: "истёк срок",
    ApprovalStatus.WITHDRAWN: "отозвано",
    ApprovalStatus.ORDERED: "заказано",
}


@dataclass(frozen=True, slots=True)
class RequestedLine:
    """A line that is to be ordered, at its present price; `net` is after the discount."""

    line_id: UUID
    offer_id: UUID
    seller_id: UUID
    cost_center: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    net: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class RequestedCart:
    """A cart that is to be ordered, with what its delivery costs."""

    cart_id: UUID
    company_id: UUID
    legal_entity_id: UUID
    lines: tuple[RequestedLine, ...]
    delivery_net_by_currency: Mapping[str, Decimal] = field(default_factory=dict)

    def totals(self) -> dict[str, Decimal]:
        """Return the net of lines and delivery by currency."""
        sums = self.goods()
        for currency, net in self.delivery_net_by_currency.items():
            sums[currency] = sums.get(currency, Decimal(0)) + net
        return sums

    def goods(self) -> dict[str, Decimal]:
        """Return the net of the lines by currency."""
        return sums_of(self.lines)

    def budget_amounts(self) -> list[tuple[str, str, Decimal]]:
        """Return what counts towards budgets, as (cost centre, currency, net)."""
        return [(line.cost_center, line.currency, line.net) for line in self.lines] + [
            ("", currency, net) for currency, net in self.delivery_net_by_currency.items()
        ]


def sums_of(lines: Iterable[RequestedLine]) -> dict[str, Decimal]:
    """Return the net of lines by currency."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, Decimal(0)) + line.net
    return sums


@dataclass(frozen=True, slots=True)
class Rule:
    """An approval rule of a company; `steps` are its approvers by the number of the step."""

    id: UUID
    name: str
    steps: Mapping[int, tuple[UUID, ...]]
    legal_entity_id: UUID | None = None
    above_amount: Decimal | None = None
    currency: str | None = None
    category_path: str | None = None
    cost_center: str | None = None
    requester_id: UUID | None = None
    new_seller: bool = False
    over_budget: bool = False
    expires_after: timedelta = DEFAULT_EXPIRY


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules ask about besides the cart itself."""

    requester_id: UUID
    category_paths: Mapping[UUID, str] = field(default_factory=dict)
    """By offer."""
    known_sellers: frozenset[UUID] = frozenset()
    """Those the company has bought from."""
    exceeded: tuple[tuple[BudgetState, BudgetWarning], ...] = ()
    """Budgets that ask and that the cart would exceed."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why agreement is needed: a rule, or a budget that no rule catches. Sentences without dots."""

    key: str
    en: str
    ru: str

    def sentence(self, locale: str) -> str:
        """Return it in `ru`; anything else is English."""
        return self.ru if locale == "ru" else self.en


@dataclass(frozen=True, slots=True)
class Need:
    """Agreement that a cart needs: why, from whom step by step, and within which time."""

    reasons: tuple[Reason, ...]
    steps: tuple[tuple[UUID, ...], ...]
    expires_after: timedelta

    def summary(self, locale: str) -> str:
        """Return all reasons as one text."""
        return " ".join(f"{reason.sentence(locale)}." for reason in self.reasons)


def _selected(rule: Rule, cart: RequestedCart, facts: Facts) -> list[RequestedLine]:
    def fits(line: RequestedLine) -> bool:
        path = facts.category_paths.get(line.offer_id, "")
        wanted = rule.category_path
        return (
            (wanted is None or path == wanted or path.startswith(f"{wanted}/"))
            and (rule.cost_center is None or line.cost_center == rule.cost_center)
            and not (rule.new_seller and line.seller_id in facts.known_sellers)
        )

    return [line for line in cart.lines if fits(line)]


def asks(rule: Rule, cart: RequestedCart, facts: Facts) -> bool:
    """Say whether every condition of the rule holds for the cart."""
    if rule.legal_entity_id not in (None, cart.legal_entity_id):
        return False
    if rule.requester_id not in (None, facts.requester_id):
        return False
    if rule.over_budget and not facts.exceeded:
        return False
    lines = _selected(rule, cart, facts)
    if not lines:
        return False
    return rule.above_amount is None or above(rule, _counted(rule, cart, lines))


def _counted(rule: Rule, cart: RequestedCart, lines: Sequence[RequestedLine]) -> dict[str, Decimal]:
    of_lines = rule.category_path is not None or rule.cost_center is not None or rule.new_seller
    return sums_of(lines) if of_lines else cart.totals()


def above(rule: Rule, sums: Mapping[str, Decimal]) -> bool:
    """Say whether amounts by currency pass the rule's; one in another currency does."""
    if rule.above_amount is None:
        return True
    return any(
        net > rule.above_amount if currency == rule.currency else net > 0
        for currency, net in sums.items()
    )


def _amounts(sums: Mapping[str, Decimal]) -> str:
    return ", ".join(
        f"{told_amount(net, currency)} {currency}" for currency, net in sorted(sums.items())
    )


def _reason(rule: Rule, cart: RequestedCart, facts: Facts) -> Reason:
    en: list[str] = []
    ru: list[str] = []

    def say(english: str, russian: str) -> None:
        en.append(english)
        ru.append(russian)

    if rule.above_amount is not None and rule.currency is not None:
        sums = _amounts(_counted(rule, cart, _selected(rule, cart, facts)))
        limit = f"{told_amount(rule.above_amount, rule.currency)} {rule.currency}"
        say(f"{sums} is above {limit}", f"{sums} — больше {limit}")
    if rule.category_path is not None:
        say(f"goods of {rule.category_path}", f"товары категории {rule.category_path}")
    if rule.cost_center is not None:
        say(f"cost centre {rule.cost_center}", f"центр затрат {rule.cost_center}")
    if rule.requester_id is not None:
        say("orders of this person", "заказы этого сотрудника")
    if rule.new_seller:
        say("a seller you have not bought from", "продавец, у которого вы ещё не покупали")
    if rule.over_budget:
        for _, over in facts.exceeded:
            say(over.sentence("en"), over.sentence("ru"))
    if not en:
        say("every order", "каждый заказ")
    return Reason(
        f"rule:{rule.id}",
        f"Rule “{rule.name}”: {'; '.join(en)}",
        f"Правило «{rule.name}»: {'; '.join(ru)}",
    )


def need_of(
    cart: RequestedCart, rules: Iterable[Rule], facts: Facts, approvers: Iterable[UUID]
) -> Need | None:
    """Return the agreement that the cart needs, `None` where it may be ordered as it is.

    Steps of several rules are joined by their numbers: any one approver of a step decides it. A
    budget that asks while no rule with that condition holds asks all `approvers` of the company.
    """
    matching = [rule for rule in rules if asks(rule, cart, facts)]
    reasons = [_reason(rule, cart, facts) for rule in matching]
    steps: dict[int, dict[UUID, None]] = {}
    for rule in matching:
        for number, people in rule.steps.items():
            steps.setdefault(number, {}).update(dict.fromkeys(people))
    if facts.exceeded and not any(rule.over_budget for rule in matching):
        reasons += [
            Reason(f"budget:{budget.id}", over.sentence("en"), over.sentence("ru"))
            for budget, over in facts.exceeded
        ]
        others = [one for one in approvers if one != facts.requester_id]
        steps.setdefault(1, {}).update(dict.fromkeys(others))
    if not reasons:
        return None
    return Need(
        tuple(reasons),
        tuple(tuple(steps[number]) for number in sorted(steps)),
        min((rule.expires_after for rule in matching), default=DEFAULT_EXPIRY),
    )


@dataclass(frozen=True, slots=True)
class AgreedLine:
    """What of a line was agreed."""

    offer_id: UUID
    cost_center: str
    quantity: Decimal
    net: Decimal
    currency: str


def same_lines(lines: Iterable[RequestedLine], agreed: Iterable[AgreedLine]) -> bool:
    """Say whether exactly the agreed quantities would be ordered, offer by offer."""
    return _quantities(lines) == _quantities(agreed)


def _quantities(
    lines: Iterable[RequestedLine | AgreedLine],
) -> dict[tuple[UUID, str], Decimal]:
    sums: dict[tuple[UUID, str], Decimal] = {}
    for line in lines:
        key = (line.offer_id, line.cost_center)
        sums[key] = sums.get(key, Decimal(0)) + line.quantity
    return sums


def risen(
    then: Mapping[str, Decimal], now: Mapping[str, Decimal]
) -> tuple[str, Decimal, Decimal] | None:
    """Return the first currency whose sum rose, with both sums; `None` where none did."""
    for currency in sorted(now):
        before = then.get(currency, Decimal(0))
        if now[currency] > before:
            return currency, before, now[currency]
    return None


def expires_at(requested_at: datetime, need: Need) -> datetime:
    """Return until when somebody must decide."""
    return requested_at + need.expires_after
