"""Budgets as pure functions: which period a day falls into, what an order counts, what is over.

All amounts are net of tax, in the budget's currency; amounts in other currencies do not count.
A budget of a cost centre counts the lines of that cost centre; one without counts everything,
delivery included.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from entrepot.platform.money import told_amount

MONTHS = {"month": 1, "quarter": 3, "year": 12}
"""How many months a period of each kind has."""

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
"""Between these a budget may start."""


class BudgetMode(StrEnum):
    """What happens when an order would exceed the budget."""

    BLOCK = "block"
    WARN = "warn"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Period:
    """One period of a budget; `ends_on` is the first day of the next one."""

    starts_on: date
    ends_on: date


def months_later(anchor: date, months: int) -> date:
    """Return the anchor's day `months` later; in a month without that day, its last day."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def period_of(anchor: date, period: str, day: date) -> Period | None:
    """Return the period that `day` falls into, `None` before the first.

    Every start is counted from the anchor, never from the start before, so that a budget of the
    31st comes back to the 31st after February.
    """
    if day < anchor:
        return None
    length = MONTHS[period]
    passed = (day.year - anchor.year) * 12 + day.month - anchor.month
    number = passed // length
    if months_later(anchor, number * length) > day:
        number -= 1
    return Period(
        months_later(anchor, number * length), months_later(anchor, (number + 1) * length)
    )


def local_day(now: datetime, time_zone: str) -> date:
    """Return the date at `now` in the time zone of a legal entity."""
    return now.astimezone(ZoneInfo(time_zone)).date()


@dataclass(frozen=True, slots=True)
class BudgetItem:
    """What one seller order takes for one cost centre; delivery has the cost centre ''."""

    seller_order_id: UUID
    cost_center: str
    currency: str
    net: Decimal


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A budget with its present period and what has been spent in it."""

    id: UUID
    legal_entity_id: UUID
    name: str
    cost_center: str
    currency: str
    amount: Decimal
    mode: BudgetMode
    period: Period
    spent: Decimal

    @property
    def left(self) -> Decimal:
        """What may still be spent; below zero where a warning or an approval let more through."""
        return self.amount - self.spent

    def counts(self, cost_center: str, currency: str) -> bool:
        """Say whether amounts of that cost centre and currency count towards the budget."""
        return currency == self.currency and self.cost_center in ("", cost_center)


@dataclass(frozen=True, slots=True)
class BudgetWarning:
    """A budget that an order exceeds; `spent` is without the order, `wanted` what it takes."""

    budget_id: UUID
    name: str
    currency: str
    amount: Decimal
    spent: Decimal
    wanted: Decimal

    def sentence(self, locale: str) -> str:
        """Return the excess in one sentence."""
        left = told_amount(self.amount - self.spent, self.currency)
        wanted = told_amount(self.wanted, self.currency)
        if locale == "ru":
            return (
                f"Бюджет «{self.name}»: осталось {left} {self.currency},"
                f" нужно {wanted} {self.currency}"
            )
        return f"Budget “{self.name}”: {left} {self.currency} left, {wanted} {self.currency} needed"


def taken(budget: BudgetState, items: Iterable[BudgetItem]) -> dict[UUID, Decimal]:
    """Return what each seller order takes from the budget; those that take nothing are left out."""
    sums: dict[UUID, Decimal] = {}
    for item in items:
        if item.net and budget.counts(item.cost_center, item.currency):
            sums[item.seller_order_id] = sums.get(item.seller_order_id, Decimal(0)) + item.net
    return sums


def excess(budget: BudgetState, wanted: Decimal) -> BudgetWarning | None:
    """Return what taking `wanted` would exceed, `None` where it fits or takes nothing."""
    if wanted <= 0 or budget.spent + wanted <= budget.amount:
        return None
    return BudgetWarning(
        budget.id, budget.name, budget.currency, budget.amount, budget.spent, wanted
    )


def exceeded(
    budgets: Sequence[BudgetState], amounts: Iterable[tuple[str, str, Decimal]]
) -> list[tuple[BudgetState, BudgetWarning]]:
    """Return the budgets that `(cost centre, currency, net)` amounts would exceed together."""
    given = list(amounts)
    found = []
    for budget in budgets:
        wanted = sum(
            (net for center, currency, net in given if budget.counts(center, currency)), Decimal(0)
        )
        over = excess(budget, wanted)
        if over is not None:
            found.append((budget, over))
    return found
