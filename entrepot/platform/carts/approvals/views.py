"""Approvals as people see them: put together from rows, people of the company, and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson

from entrepot.platform.carts.approvals.asking import Staff, asked_now, who_may_decide
from entrepot.platform.carts.approvals.errors import Person
from entrepot.platform.carts.approvals.rules import ApprovalStatus, Reason
from entrepot.platform.carts.approvals.snapshots import (
    Snapshot,
    load_reasons,
    load_snapshot,
    load_steps,
)
from entrepot.platform.database import Row, fetch

DECISIONS = """
SELECT approval_id, step, decided_by_id, stands_in_for_id, approved, reason, by_link, changes,
       decided_at
  FROM approval_decision WHERE approval_id = ANY($1::uuid[]) ORDER BY approval_id, step
"""


@dataclass(frozen=True, slots=True)
class StepView:
    """A step: whom the rules name, and whom it asks now (alternates, or who is left)."""

    number: int
    approvers: tuple[Person, ...]
    asked: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What somebody decided on a step; changes are (line id, before, after)."""

    step: int
    decided_by: Person
    stands_in_for: Person | None
    approved: bool
    reason: str
    by_link: bool
    changes: tuple[tuple[UUID, Decimal, Decimal], ...]
    decided_at: datetime


@dataclass(frozen=True, eq=False)
class ApprovalView:
    """An approval as its requester and approvers see it; each one read is a value of its own.

    The snapshot, which may hold a thousand lines, is taken apart when it is asked for.
    """

    id: UUID
    cart_id: UUID
    legal_entity_id: UUID
    company_id: UUID
    legal_entity_name: str
    requested_by: Person
    note: str
    status: ApprovalStatus
    reasons: tuple[Reason, ...]
    steps: tuple[StepView, ...]
    current_step: int
    stored_snapshot: str = field(repr=False)
    requested_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    decisions: tuple[DecisionView, ...]
    may_decide: bool
    stuck: bool
    """It waits for a step that nobody can decide."""

    @cached_property
    def snapshot(self) -> Snapshot:
        """What was handed in, or agreed last."""
        return load_snapshot(self.stored_snapshot)


async def approval_views(rows: Sequence[Row], staff: Staff, reader: UUID) -> list[ApprovalView]:
    """Return rows of `queries.ROWS` as one person sees them. At most two statements."""
    decisions = await fetch(DECISIONS, [row["id"] for row in rows])
    names = dict(staff.names) | await _names_of_others(rows, decisions, staff)
    by_approval: dict[UUID, list[DecisionView]] = {row["id"]: [] for row in rows}
    for decision in decisions:
        by_approval[decision["approval_id"]].append(_decision(decision, names))
    return [_view(row, tuple(by_approval[row["id"]]), staff, names, reader) for row in rows]


async def _names_of_others(
    rows: Sequence[Row], decisions: Sequence[Row], staff: Staff
) -> dict[UUID, str]:
    """Those who left the company have names all the same."""
    people = {person for row in rows for step in load_steps(row["steps"]) for person in step}
    people |= {row["requested_by_id"] for row in rows}
    for decision in decisions:
        people |= {decision["decided_by_id"], decision["stands_in_for_id"]}
    missing = [one for one in people - staff.names.keys() if one is not None]
    if not missing:
        return {}
    found = await fetch("SELECT id, name FROM user_account WHERE id = ANY($1::uuid[])", missing)
    return {row["id"]: row["name"] for row in found}


def _person(user_id: UUID, names: dict[UUID, str]) -> Person:
    return Person(user_id, names.get(user_id, ""))


def _decision(row: Row, names: dict[UUID, str]) -> DecisionView:
    changes: list[dict[str, Any]] = orjson.loads(row["changes"])
    away = row["stands_in_for_id"]
    return DecisionView(
        step=row["step"],
        decided_by=_person(row["decided_by_id"], names),
        stands_in_for=_person(away, names) if away is not None else None,
        approved=row["approved"],
        reason=row["reason"],
        by_link=row["by_link"],
        changes=tuple(
            (UUID(one["line_id"]), Decimal(one["before"]), Decimal(one["after"])) for one in changes
        ),
        decided_at=row["decided_at"],
    )


def _view(
    row: Row,
    decisions: tuple[DecisionView, ...],
    staff: Staff,
    names: dict[UUID, str],
    reader: UUID,
) -> ApprovalView:
    requester = row["requested_by_id"]
    steps = load_steps(row["steps"])
    pending = row["status"] == ApprovalStatus.PENDING
    current = steps[row["current_step"] - 1]
    return ApprovalView(
        id=row["id"],
        cart_id=row["cart_id"],
        legal_entity_id=row["legal_entity_id"],
        company_id=row["company_id"],
        legal_entity_name=row["legal_entity_name"],
        requested_by=_person(requester, names),
        note=row["note"],
        status=ApprovalStatus(row["status"]),
        reasons=load_reasons(row["reasons"]),
        steps=tuple(
            StepView(
                number,
                tuple(_person(one, names) for one in step),
                tuple(_person(one.user_id, names) for one in asked_now(step, staff, requester)),
            )
            for number, step in enumerate(steps, start=1)
        ),
        current_step=row["current_step"],
        stored_snapshot=row["snapshot"],
        requested_at=row["requested_at"],
        expires_at=row["expires_at"],
        decided_at=row["decided_at"],
        decisions=decisions,
        may_decide=pending and reader in who_may_decide(current, staff, requester),
        stuck=pending and not asked_now(current, staff, requester),
    )
