"""Searches that found nothing: what is kept of them, and under which key."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.catalog.unmet_demand import rules, service
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database, execute, fetch, fetch_value
from entrepot.platform.identity.permissions import Role
from tests.factories import make_actor, make_buyer, make_company, make_seller

WEDNESDAY = datetime(2026, 9, 16, 10, tzinfo=UTC)


def clock() -> FixedClock:
    return FixedClock(WEDNESDAY)


async def kept() -> list[tuple[object, ...]]:
    rows = await fetch(
        "SELECT key, text, company_id, week, searches, first_at, last_at FROM unmet_query"
        " ORDER BY first_at, key, week"
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Kr-4410 ", "kr4410"),
        ("kr 4410", "kr4410"),
        ("КR4410", "kr4410"),  # a Cyrillic К
        ("\u200bkr\x004410\u202e", "kr4410"),
        ("Болт  1/2", "болт 1/2"),
        ("болт 12", "болт 12"),
        ("Щётка 8 мм", "щетка 8 мм"),
        ("подшипник 6204-2RS", "подшипник 62042rs"),
        ("bolt 12,5", "bolt 12.5"),
    ],
)
def test_spellings_of_one_question_share_a_key(text: str, key: str) -> None:
    found = rules.question(text)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize(
    "text",
    ["", "  ", "...", "—/—", "a", "\u200b\u202e", "ab" * 51, "ivan@example.test", "x" * 9999],
)
def test_what_nobody_could_supply_is_not_kept(text: str) -> None:
    assert rules.question(text) is None


@given(st.text(max_size=300))
def test_any_text_has_an_answer_that_the_table_takes(text: str) -> None:
    found = rules.question(text)
    if found is not None:
        assert rules.KEY_MIN <= len(found.key) <= rules.KEY_MAX
        assert 1 <= len(found.text) <= rules.TEXT_MAX
        found.text.encode()
        assert rules.question(found.text) == found


async def test_a_question_is_counted_by_company_and_week(database: Database) -> None:
    one, two = await make_buyer(), await make_buyer()
    later = FixedClock(WEDNESDAY + timedelta(days=1))
    next_week = FixedClock(WEDNESDAY + timedelta(days=7))
    await service.keep(one, "Kr-4410", clock=clock())
    await service.keep(one, "kr 4410 ", clock=later)
    await service.keep(two, "KR4410", clock=later)
    await service.keep(one, "kr4410", clock=next_week)
    monday = date(2026, 9, 14)
    assert await kept() == [
        ("kr4410", "kr 4410", one.company_id, monday, 2, WEDNESDAY, later.now()),
        ("kr4410", "KR4410", two.company_id, monday, 1, later.now(), later.now()),
        ("kr4410", "kr4410", one.company_id, date(2026, 9, 21), 1, *[next_week.now()] * 2),
    ]


async def test_only_buying_companies_lack_something(database: Database) -> None:
    company, entity = await make_company(operator=True)
    operator = await make_actor(company, entity, Role.OPERATOR)
    seller = (await make_seller()).actor
    closed = await make_buyer()
    await execute("UPDATE company SET active = false WHERE id = $1", closed.company_id)
    for actor in (operator, seller, closed):
        await service.keep(actor, "KR4410", clock=clock())
    assert await kept() == []


async def test_a_script_fills_no_table(database: Database) -> None:
    buyer, other = await make_buyer(), await make_buyer()
    await execute(
        "INSERT INTO unmet_query (id, key, text, company_id, week, searches, first_at, last_at)"
        " SELECT gen_random_uuid(), 'kr' || n, 'kr ' || n, $1, '2026-09-14', 1, $2, $2"
        "   FROM generate_series(1, 199) n",
        buyer.company_id,
        WEDNESDAY,
    )
    for number in (1000, 2000, 3000):
        await service.keep(buyer, f"KR-{number}", clock=clock())
    await service.keep(buyer, "KR-1000", clock=clock())
    await service.keep(other, "KR-2000", clock=clock())
    rows = await fetch("SELECT key, searches, company_id FROM unmet_query WHERE key ~ '000$'")
    assert [(row["key"], row["searches"], row["company_id"]) for row in rows] == [
        ("kr1000", 2, buyer.company_id),
        ("kr2000", 1, other.company_id),
    ]
    await service.keep(buyer, "KR-3000", clock=FixedClock(WEDNESDAY + timedelta(days=2)))
    assert await fetch_value("SELECT count(*) FROM unmet_query") == 202


async def test_a_database_that_refuses_does_not_fail_the_search(database: Database) -> None:
    buyer = await make_buyer()
    await execute("DROP TABLE unmet_query")
    await service.keep(buyer, "KR4410", clock=clock())
