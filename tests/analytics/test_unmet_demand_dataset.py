"""Unmet demand as a frame, by week and question."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl

from entrepot.analytics.datasets import unmet_demand
from entrepot.platform.catalog.unmet_demand.service import Verdict, dismiss, keep
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database
from entrepot.platform.identity.permissions import Role
from tests.factories import make_actor, make_buyer, make_company

WEDNESDAY = datetime(2026, 9, 16, 10, tzinfo=UTC)


async def test_weeks_companies_and_searches(database: Database) -> None:
    assert (await unmet_demand()).schema == {
        "week": pl.Date,
        "key": pl.String,
        "query": pl.String,
        "companies": pl.Int64,
        "searches": pl.Int64,
    }
    one, two = await make_buyer(), await make_buyer()
    operator = await make_actor(*await make_company(operator=True), Role.OPERATOR)
    for buyer, text, days in (
        (one, "KR-1000", 0),
        (one, "kr1000", 1),
        (two, "KR 1000", 2),
        (two, "насос", 0),
        (one, "KR-1000", 7),
        (two, "spam", 0),
    ):
        await keep(buyer, text, clock=FixedClock(WEDNESDAY + timedelta(days=days)))
    await dismiss(operator, "spam", Verdict.SPAM, clock=FixedClock(WEDNESDAY))
    await dismiss(operator, "насос", Verdict.DONE, clock=FixedClock(WEDNESDAY))
    assert (await unmet_demand()).rows() == [
        (date(2026, 9, 14), "kr1000", "KR 1000", 2, 3),
        (date(2026, 9, 14), "насос", "насос", 1, 1),
        (date(2026, 9, 21), "kr1000", "KR-1000", 1, 1),
    ]
