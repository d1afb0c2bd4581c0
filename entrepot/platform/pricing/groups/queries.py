"""Reads of customer groups: a seller's own, batched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from entrepot.platform.database import Row, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.pricing.groups.recompute import rule_of
from entrepot.platform.pricing.groups.rules import GroupRule, reason


@dataclass(frozen=True, slots=True)
class CustomerGroupRow:
    """A group; `rule` is None where it is kept by hand."""

    id: UUID
    name: str
    rule: GroupRule | None
    member_count: int
    created_at: datetime
    recomputed_at: datetime | None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A company in a group."""

    group_id: UUID
    company_id: UUID
    company_name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A line of a group's log; `moved_by` is the name of who moved it by hand."""

    id: UUID
    group_id: UUID
    company_id: UUID
    company_name: str
    joined: bool
    moved_at: datetime
    moved_by: str | None
    facts: Mapping[str, Any]

    def reason(self, locale: str) -> str:
        """Return why, as a sentence."""
        return reason(self.facts, joined=self.joined, locale=locale)


_GROUP = """
SELECT g.id, g.name, g.kind, g.currency, g.min_turnover, g.min_orders, g.min_paid_on_time,
       g.min_years, g.window_days, g.created_at, g.recomputed_at,
       (SELECT count(*) FROM customer_group_member m WHERE m.group_id = g.id) AS member_count
  FROM customer_group g
"""


def _group(row: Row) -> CustomerGroupRow:
    return CustomerGroupRow(
        id=row["id"],
        name=row["name"],
        rule=rule_of(row) if row["kind"] == "rule" else None,
        member_count=row["member_count"],
        created_at=row["created_at"],
        recomputed_at=row["recomputed_at"],
    )


async def groups_by_ids(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, CustomerGroupRow]:
    """Return those of the groups that are the actor's company's, by id."""
    rows = await fetch(
        f"{_GROUP} WHERE g.id = ANY($1::uuid[]) AND g.seller_id = $2", list(ids), actor.company_id
    )
    return {row["id"]: _group(row) for row in rows}


async def own_groups(
    actor: Actor, *, after: tuple[str, UUID] | None, limit: int
) -> list[CustomerGroupRow]:
    """Return the actor's company's groups by (name, id), after that pair."""
    name, last = after or ("", UUID(int=0))
    rows = await fetch(
        f"{_GROUP} WHERE g.seller_id = $1 AND (g.name, g.id) > ($2, $3)"
        " ORDER BY g.name, g.id LIMIT $4",
        actor.company_id,
        name,
        last,
        limit,
    )
    return [_group(row) for row in rows]


async def members_of(
    actor: Actor, group_ids: Iterable[UUID], *, after: UUID | None, limit: int
) -> dict[UUID, list[MemberRow]]:
    """Return up to `limit` members of each own group by company id, after that id.

    Every group asked for is a key; another seller's is empty.
    """
    found: dict[UUID, list[MemberRow]] = {key: [] for key in group_ids}
    rows = await fetch(
        "SELECT g.id AS group_id, m.company_id, c.name AS company_name, m.since"
        "  FROM customer_group g, LATERAL ("
        "       SELECT company_id, since FROM customer_group_member"
        "        WHERE group_id = g.id AND company_id > $2 ORDER BY company_id LIMIT $3) m"
        "  JOIN company c ON c.id = m.company_id"
        " WHERE g.id = ANY($1::uuid[]) AND g.seller_id = $4 ORDER BY g.id, m.company_id",
        list(found),
        after or UUID(int=0),
        limit,
        actor.company_id,
    )
    for row in rows:
        found[row["group_id"]].append(MemberRow(**row))
    return found


async def moves_of(
    actor: Actor, group_ids: Iterable[UUID], *, after: tuple[datetime, UUID] | None, limit: int
) -> dict[UUID, list[MoveRow]]:
    """Return up to `limit` moves of each own group, newest first, after that (time, id).

    Every group asked for is a key; another seller's is empty.
    """
    found: dict[UUID, list[MoveRow]] = {key: [] for key in group_ids}
    moment, last = after or (None, None)
    rows = await fetch(
        "SELECT v.id, g.id AS group_id, v.company_id, c.name AS company_name, v.joined,"
        "       v.moved_at, u.name AS moved_by, v.facts"
        "  FROM customer_group g, LATERAL ("
        "       SELECT * FROM customer_group_move"
        "        WHERE group_id = g.id AND ($2::timestamptz IS NULL OR (moved_at, id) < ($2, $3))"
        "        ORDER BY moved_at DESC, id DESC LIMIT $4) v"
        "  JOIN company c ON c.id = v.company_id"
        "  LEFT JOIN user_account u ON u.id = v.moved_by_id"
        " WHERE g.id = ANY($1::uuid[]) AND g.seller_id = $5 ORDER BY g.id, v.moved_at DESC,"
        " v.id DESC",
        list(found),
        moment,
        last,
        limit,
        actor.company_id,
    )
    for row in rows:
        facts = orjson.loads(row["facts"])
        found[row["group_id"]].append(MoveRow(**{**row, "facts": facts}))
    return found
