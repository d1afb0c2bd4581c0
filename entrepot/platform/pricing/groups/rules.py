"""Who belongs to a customer group by its rule, and why; pure.

A company belongs while it meets every condition that is set. The window is the last `window_days`
calendar days in the seller's time zone, today included. A company without any order due in the
window has no payment discipline to show: that condition is then not met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from dateutil.relativedelta import relativedelta

from entrepot.platform.quantities import plain

ConditionKind = Literal["turnover", "orders", "paid_on_time", "years"]
MONTHS = 12


@dataclass(frozen=True, slots=True)
class GroupRule:
    """Conditions, None where there is none; `currency` is that of the turnover.

    `min_paid_on_time` in percent, `min_years` in years of which a quarter is the least part.
    """

    window_days: int
    currency: str | None = None
    min_turnover: Decimal | None = None
    min_orders: int | None = None
    min_paid_on_time: Decimal | None = None
    min_years: Decimal | None = None

    def since(self, today: date) -> date:
        """Return the first day of the window that ends today."""
        return today - timedelta(days=self.window_days - 1)


@dataclass(frozen=True, slots=True)
class Dealings:
    """What a company did with the seller: in the window, but for the day of the first order.

    `turnover` is net, in the rule's currency. `due` counts the orders that had to be paid in the
    window, or were paid already though due in it; `paid_on_time` those of them paid by their day.
    """

    turnover: Decimal = Decimal(0)
    orders: int = 0
    due: int = 0
    paid_on_time: int = 0
    first_order_on: date | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One condition: what it needs, what there is, and whether that is enough.

    `have` is a number as text, or the day of the first order (ISO 8601) for years; None where
    there is nothing to measure.
    """

    kind: ConditionKind
    need: str
    have: str | None
    met: bool


def anniversary(first: date, years: Decimal) -> date:
    """Return the day on which so many years are complete; the end of a month stays its end.

    29 February is complete on 28 February of a common year.
    """
    return first + relativedelta(months=int(years * MONTHS))


def judge(rule: GroupRule, dealings: Dealings, today: date) -> tuple[Check, ...]:
    """Check every condition that is set, in the order turnover, orders, payments, years."""
    checks: list[Check] = []
    if rule.min_turnover is not None:
        enough = dealings.turnover >= rule.min_turnover
        checks.append(Check("turnover", plain(rule.min_turnover), plain(dealings.turnover), enough))
    if rule.min_orders is not None:
        enough = dealings.orders >= rule.min_orders
        checks.append(Check("orders", str(rule.min_orders), str(dealings.orders), enough))
    if rule.min_paid_on_time is not None:
        # Compared without dividing: 2 of 3 is neither 66.66 nor 66.67 percent.
        enough = dealings.due > 0 and (
            dealings.paid_on_time * 100 >= rule.min_paid_on_time * dealings.due
        )
        have = f"{dealings.paid_on_time}/{dealings.due}" if dealings.due else None
        checks.append(Check("paid_on_time", plain(rule.min_paid_on_time), have, enough))
    if rule.min_years is not None:
        first = dealings.first_order_on
        enough = first is not None and anniversary(first, rule.min_years) <= today
        have = first.isoformat() if first else None
        checks.append(Check("years", plain(rule.min_years), have, enough))
    return tuple(checks)


def belongs(checks: Sequence[Check]) -> bool:
    """Say whether all conditions are met; a rule has at least one."""
    return all(check.met for check in checks)


def facts_of(rule: GroupRule, checks: Sequence[Check]) -> dict[str, Any]:
    """Return what the log stores of a decision by rule."""
    return {
        "window_days": rule.window_days,
        "currency": rule.currency,
        "checks": [
            {"kind": one.kind, "need": one.need, "have": one.have, "met": one.met} for one in checks
        ],
    }


BY_HAND: Mapping[str, Any] = {"by_hand": True}
NOT_BUYING: Mapping[str, Any] = {"not_buying": True}
"""Facts of moves that no condition decided."""


def reason(facts: Mapping[str, Any], *, joined: bool, locale: str) -> str:
    """Tell a move's facts as a sentence: all conditions of who joined, the failed of who left."""
    russian = locale == "ru"
    if facts.get("not_buying"):
        return "Компания больше не покупает." if russian else "The company no longer buys."
    checks = facts.get("checks")
    if not checks:
        return "Вручную." if russian else "By hand."
    told = [one for one in checks if joined or not one["met"]]
    tell = _russian if russian else _english
    text = "; ".join(tell(one, facts) for one in told).rstrip(".")
    return f"{text[0].upper()}{text[1:]}."


def _spaced(number: str) -> str:
    """Write `120000.5` as `120 000.5`."""
    whole, dot, rest = number.partition(".")
    return f"{int(whole):,}".replace(",", " ") + dot + rest


def _english(check: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    need, have = check["need"], check["have"]
    days = facts["window_days"]
    window = "in 1 day" if days == 1 else f"in {days} days"
    match check["kind"]:
        case "turnover":
            currency = facts["currency"]
            return f"turnover {_spaced(have)} {currency} {window}, at least {_spaced(need)} needed"
        case "orders":
            return f"{have} {'order' if have == '1' else 'orders'} {window}, at least {need} needed"
        case "paid_on_time":
            if have is None:
                return f"no orders due {window}, at least {need}% paid on time needed"
            paid, due = have.split("/")
            return f"{paid} of {due} orders due {window} paid on time, at least {need}% needed"
        case _:
            years = "1 year" if need == "1" else f"{need} years"
            if have is None:
                return f"no orders yet, at least {years} of buying needed"
            return f"buys since {have}, at least {years} needed"


def _russian(check: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    need, have = check["need"], check["have"]
    window = f"за {facts['window_days']} дн."
    match check["kind"]:
        case "turnover":
            currency = facts["currency"]
            return f"оборот {_spaced(have)} {currency} {window}, нужно не менее {_spaced(need)}"
        case "orders":
            return f"заказов {window}: {have}, нужно не менее {need}"
        case "paid_on_time":
            if have is None:
                return f"нет заказов со сроком оплаты {window}, нужно не менее {need}% в срок"
            paid, due = have.split("/")
            return f"оплачено в срок {paid} из {due} заказов {window}, нужно не менее {need}%"
        case _:
            if have is None:
                return f"заказов ещё не было, нужно покупать не менее {need} г."
            day = date.fromisoformat(have).strftime("%d.%m.%Y")
            return f"покупает с {day}, нужно не менее {need} г."
