"""Standing orders and ordering again: how their fields are called."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from entrepot.graphql.node import encode_id
from entrepot.platform.clock import SystemClock
from entrepot.platform.errors import DomainError
from entrepot.platform.orders.standing import service
from entrepot.platform.orders.standing.calendar import Calendar
from entrepot.platform.orders.standing.run_log import log_run
from entrepot.platform.orders.standing.service import StandingLine, StandingTerms
from tests.journeys.rows import BUYERS, SELLERS, Row, Victims, row

SOON = (datetime.now(UTC) + timedelta(days=3)).date()
TERMS: dict[str, Any] = {
    "name": "Mine #",
    "calendar": {"frequency": "MONTHLY_BY_DATE", "startsOn": "2026-01-31", "dayOfMonth": 31},
    "lines": [{"offerId": "$offer", "quantity": "1"}],
}
FULL: dict[str, Any] = {
    "name": "Mine #",
    "calendar": {
        "frequency": "WEEKLY",
        "startsOn": "2026-01-31",
        "endsOn": "2099-01-31",
        "interval": 2,
        "weekdays": [1, 5],
        "holidayCountry": "RU",
        "onHoliday": "BEFORE",
    },
    "lines": [{"offerId": "$offer", "quantity": "1", "maxQuantity": "2", "maxUnitPrice": "1000"}],
    "maxTotal": "5000",
    "poNumber": "4711",
    "costCenter": "LAB",
}

ROWS: dict[str, Row] = {
    "standingOrders": Row({"first": 50}, may=BUYERS | SELLERS),
    "standingOrderRuns": Row({"standingOrderId": "$standing", "first": 5}),
    "createStandingOrder": row(BUYERS, terms=TERMS),
    "updateStandingOrder": row(standingOrderId="$standing", terms=TERMS),
    "approveStandingOrder": row(standingOrderId="$standing"),
    "pauseStandingOrder": row(standingOrderId="$standing"),
    "resumeStandingOrder": row(standingOrderId="$standing"),
    "endStandingOrder": row(standingOrderId="$standing"),
    "reorder": row(orderId="$order"),
    "skipStandingOrderDate": row(standingOrderId="$standing", dueOn=SOON.isoformat()),
    "changeStandingOrderDate": row(
        standingOrderId="$standing",
        dueOn=SOON.isoformat(),
        quantities=[{"offerId": "$offer", "quantity": "1"}],
    ),
}
VALID: dict[str, dict[str, Any]] = {
    "createStandingOrder": {"input": {"terms": FULL}},
    "updateStandingOrder": {"input": {"standingOrderId": "$standing", "terms": FULL}},
    "approveStandingOrder": {"input": {"standingOrderId": "$foreignStanding"}},
    "reorder": {"input": {"orderId": "$order", "cartId": "$cart"}},
    "endStandingOrder": {"input": {"standingOrderId": "$endless"}},
    "skipStandingOrderDate": {
        "input": {"standingOrderId": "$daily", "dueOn": SOON.isoformat(), "skipped": True}
    },
    "changeStandingOrderDate": {
        "input": {
            "standingOrderId": "$daily",
            "dueOn": SOON.isoformat(),
            "quantities": [{"offerId": "$offer", "quantity": "1"}],
        }
    },
}
HIDDEN_NODES = ("standing",)
UNTOLD = ("standing",)


class Secret(DomainError):
    """A reason that nobody else may read."""

    en = ru = "SECRET"


async def build(victims: Victims) -> dict[str, str]:
    """Make standing orders of the victim, one of them a colleague's."""
    clock = SystemClock()
    daily = Calendar("weekly", date(2026, 1, 1), weekdays=(1, 2, 3, 4, 5, 6, 7))
    found: dict[str, str] = {}
    for name, maker in (
        ("standing", victims.buyer),
        ("daily", victims.buyer),
        ("endless", victims.buyer),
        ("foreignStanding", victims.colleague),
    ):
        terms = StandingTerms(
            name=f"SECRET {name}",
            calendar=daily,
            lines=(StandingLine(victims.shown.id, Decimal(2)),),
            max_total=Decimal(5000),
        )
        key = await service.create(maker, terms, clock=clock)
        found[name] = encode_id("StandingOrder", key)
        await log_run(key, date(2026, 1, 2), "skipped", clock.now(), reason=Secret())
    return found
