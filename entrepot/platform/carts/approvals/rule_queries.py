"""Reads of approval rules and absences, for those who manage them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import orjson

from entrepot.platform.carts.approvals.errors import Person
from entrepot.platform.database import Row, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission

_RULES = """
SELECT r.id, r.name, r.legal_entity_id, r.above_amount, r.currency, r.category_id, r.cost_center,
       r.requester_id, r.new_seller, r.over_budget, r.expires_after_hours, r.active,
       (SELECT name FROM user_account WHERE id = r.requester_id) AS requester_name,
       (SELECT jsonb_agg(jsonb_build_array(s.step, p.id, u.name) ORDER BY s.step, p.place)
          FROM approval_rule_step s, unnest(s.approver_ids) WITH ORDINALITY AS p(id, place)
          JOIN user_account u ON u.id = p.id
         WHERE s.rule_id = r.id) AS steps
  FROM approval_rule r
"""


@dataclass(frozen=True, slots=True)
class ApprovalRuleRow:
    """A rule as it was set up."""

    id: UUID
    name: str
    steps: tuple[tuple[Person, ...], ...]
    legal_entity_id: UUID | None
    above_amount: Decimal | None
    currency: str | None
    category_id: UUID | None
    cost_center: str | None
    requester: Person | None
    new_seller: bool
    over_budget: bool
    expires_after_hours: int
    active: bool


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """Who is away, from when until before when, and who stands in."""

    id: UUID
    user: Person
    alternate: Person
    starts_at: datetime
    ends_at: datetime


def _rule(row: Row) -> ApprovalRuleRow:
    steps: dict[int, list[Person]] = {}
    for number, user_id, name in orjson.loads(row["steps"] or "[]"):
        steps.setdefault(number, []).append(Person(UUID(user_id), name))
    requester = row["requester_id"]
    return ApprovalRuleRow(
        id=row["id"],
        name=row["name"],
        steps=tuple(tuple(steps[number]) for number in sorted(steps)),
        legal_entity_id=row["legal_entity_id"],
        above_amount=row["above_amount"],
        currency=row["currency"],
        category_id=row["category_id"],
        cost_center=row["cost_center"],
        requester=Person(requester, row["requester_name"]) if requester is not None else None,
        new_seller=row["new_seller"],
        over_budget=row["over_budget"],
        expires_after_hours=row["expires_after_hours"],
        active=row["active"],
    )


async def rules_by_ids(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, ApprovalRuleRow]:
    """Return those rules that belong to the actor's company; none without `approval.manage`."""
    if not actor.may(Permission.APPROVAL_MANAGE):
        return {}
    rows = await fetch(
        f"{_RULES} WHERE r.id = ANY($1::uuid[]) AND r.company_id = $2", list(ids), actor.company_id
    )
    return {row["id"]: _rule(row) for row in rows}


async def own_rules(
    actor: Actor, *, after: tuple[str, UUID] | None, limit: int
) -> list[ApprovalRuleRow]:
    """Return the rules of the actor's company by (name, id). Needs `approval.manage`."""
    actor.require(Permission.APPROVAL_MANAGE)
    name, last = after or ("", UUID(int=0))
    rows = await fetch(
        f"{_RULES} WHERE r.company_id = $1 AND (r.name, r.id) > ($2, $3)"
        " ORDER BY r.name, r.id LIMIT $4",
        actor.company_id,
        name,
        last,
        limit,
    )
    return [_rule(row) for row in rows]


async def absences(actor: Actor, now: datetime, limit: int = 200) -> list[AbsenceRow]:
    """Return absences that are not over, soonest first: one's own, all with `approval.manage`.

    Needs `order.approve` or `approval.manage`.
    """
    managing = actor.may(Permission.APPROVAL_MANAGE)
    if not managing:
        actor.require(Permission.ORDER_APPROVE)
    rows = await fetch(
        "SELECT t.id, t.user_id, u.name, t.alternate_id, v.name AS alternate_name, t.starts_at,"
        "       t.ends_at"
        "  FROM approver_absence t JOIN user_account u ON u.id = t.user_id"
        "  JOIN user_account v ON v.id = t.alternate_id"
        " WHERE t.company_id = $1 AND t.ends_at > $2 AND (t.user_id = $3 OR $4)"
        " ORDER BY t.starts_at, t.id LIMIT $5",
        actor.company_id,
        now,
        actor.user_id,
        managing,
        limit,
    )
    return [
        AbsenceRow(
            row["id"],
            Person(row["user_id"], row["name"]),
            Person(row["alternate_id"], row["alternate_name"]),
            row["starts_at"],
            row["ends_at"],
        )
        for row in rows
    ]
