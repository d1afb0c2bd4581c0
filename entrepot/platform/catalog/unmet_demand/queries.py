"""Reads of searches that found nothing: for operators, and whole for analytics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from entrepot.platform.database import fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission

# What an operator has done away with counts from the next time it is asked.
_OPEN = """
  FROM unmet_query q LEFT JOIN unmet_dismissal d ON d.key = q.key
 WHERE (d.key IS NULL OR (d.verdict = 'done' AND q.last_at > d.dismissed_at))
"""
_LIST = f"""
SELECT * FROM (
    SELECT q.key, (array_agg(q.text ORDER BY q.last_at DESC, q.id))[1] AS text,
           count(DISTINCT q.company_id) AS companies, sum(q.searches) AS searches,
           min(q.first_at) AS first_at, max(q.last_at) AS last_at
    {_OPEN} GROUP BY q.key) asked
"""
_ASKERS = f"""
SELECT * FROM (
    SELECT q.key, q.company_id, c.name, sum(q.searches) AS searches, min(q.first_at) AS first_at,
           max(q.last_at) AS last_at,
           row_number() OVER (PARTITION BY q.key
                              ORDER BY sum(q.searches) DESC, q.company_id) AS place
    {_OPEN.replace("LEFT JOIN", "JOIN company c ON c.id = q.company_id LEFT JOIN")}
       AND q.key = ANY($1::text[])
     GROUP BY q.key, q.company_id, c.name) asked
 WHERE place <= $2 ORDER BY key, place
"""
ASKERS_MAX = 50

UnmetKey = tuple[int, int, str]
"""Where a page continues: companies, searches and key of the last question shown."""


@dataclass(frozen=True, slots=True)
class UnmetRow:
    """A question that found nothing, as last written, and how many asked it how often."""

    key: str
    text: str
    companies: int
    searches: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class AskerRow:
    """How often a company asked a question."""

    company_id: UUID
    name: str
    searches: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A question in a week (its Monday): how many companies asked, how often in all."""

    week: date
    key: str
    text: str
    companies: int
    searches: int


async def unmet_demand(actor: Actor, *, after: UnmetKey | None, limit: int) -> list[UnmetRow]:
    """Return what is asked for and not there, of most companies first, then of most searches.

    Needs `marketplace.operate`: nobody else learns what others look for. Counts all of the table,
    which holds 13 months.
    """
    actor.require(Permission.MARKETPLACE_OPERATE)
    sql, arguments = _LIST, [limit]
    if after is not None:
        sql += " WHERE (-companies, -searches, key) > (-$2::bigint, -$3::bigint, $4)"
        arguments += list(after)  # type: ignore[arg-type]
    rows = await fetch(f"{sql} ORDER BY -companies, -searches, key LIMIT $1", *arguments)
    return [UnmetRow(**row) for row in rows]


async def askers(actor: Actor, keys: Sequence[str]) -> dict[str, list[AskerRow]]:
    """Return up to `ASKERS_MAX` companies a question, the most frequent first.

    Needs `marketplace.operate`.
    """
    actor.require(Permission.MARKETPLACE_OPERATE)
    found: dict[str, list[AskerRow]] = defaultdict(list)
    for row in await fetch(_ASKERS, list(keys), ASKERS_MAX):
        found[row["key"]].append(
            AskerRow(
                row["company_id"], row["name"], row["searches"], row["first_at"], row["last_at"]
            )
        )
    return found


async def by_week() -> list[WeekRow]:
    """Return every question of every week but spam, by week and key, for the operator's shell."""
    rows = await fetch(
        "SELECT q.week, q.key, (array_agg(q.text ORDER BY q.last_at DESC, q.id))[1] AS text,"
        " count(*) AS companies, sum(q.searches) AS searches"
        "  FROM unmet_query q LEFT JOIN unmet_dismissal d ON d.key = q.key AND d.verdict = 'spam'"
        " WHERE d.key IS NULL GROUP BY q.week, q.key ORDER BY q.week, q.key"
    )
    return [WeekRow(**row) for row in rows]
