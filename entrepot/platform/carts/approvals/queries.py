"""Reads of approvals: what is asked, of whom, what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import orjson

from entrepot.platform.carts.approvals.asking import Staff, asked_now, who_may_decide
from entrepot.platform.carts.approvals.errors import Person
from entrepot.platform.carts.approvals.facts import staff_of
from entrepot.platform.carts.approvals.links import live_link
from entrepot.platform.carts.approvals.rules import ApprovalStatus, Reason
from entrepot.platform.carts.approvals.snapshots import (
    Snapshot,
    load_reasons,
    load_snapshot,
    load_steps,
)
from entrepot.platform.database import Row, fetch, fetch_one
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.errors import InvalidToken
from entrepot.platform.identity.permissions import Permission

Which = Literal["waiting_for_me", "mine", "all"]
CHUNK = 200
ROWS = """
SELECT a.id, a.cart_id, a.legal_entity_id, e.company_id, e.name AS legal_entity_name,
       a.requested_by_id, a.note, a.status, a.reasons, a.steps, a.current_step, a.snapshot,
       a.requested_at, a.expires_at, a.decided_at
  FROM approval a JOIN legal_entity e ON e.id = a.legal_entity_id
"""
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


@dataclass(frozen=True, slots=True, eq=False)
class ApprovalView:
    """An approval as its requester and approvers see it; each one read is a value of its own."""

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
    snapshot: Snapshot
    requested_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    decisions: tuple[DecisionView, ...]
    may_decide: bool
    stuck: bool
    """It waits for a step that nobody can decide."""


async def by_ids(actor: Actor, ids: Iterable[UUID], now: datetime) -> dict[UUID, ApprovalView]:
    """Return those approvals that the actor may see: their own requests, those whose steps name or
    ask them or that they decided on, and with `approval.manage` all of the company."""
    rows = await fetch(
        f"{ROWS} WHERE a.id = ANY($1::uuid[]) AND e.company_id = $2", list(ids), actor.company_id
    )
    if not rows:
        return {}
    staff = await staff_of(actor.company_id, now)
    views = await _views(rows, staff, actor.user_id)
    return {view.id: view for view in views if _sees(actor, view, staff)}


def _sees(actor: Actor, view: ApprovalView, staff: Staff) -> bool:
    if actor.may(Permission.APPROVAL_MANAGE):
        return True
    if view.requested_by.id == actor.user_id:
        return actor.may(Permission.CART_MANAGE)
    if not actor.may(Permission.ORDER_APPROVE):
        return False
    if any(one.decided_by.id == actor.user_id for one in view.decisions):
        return True
    steps = ([one.id for one in step.approvers] for step in view.steps)
    return any(actor.user_id in who_may_decide(step, staff, view.requested_by.id) for step in steps)


async def newest(
    actor: Actor,
    which: Which,
    now: datetime,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ApprovalView]:
    """Return approvals, newest first: those that wait for the actor, that they asked for, or all.

    Waiting needs `order.approve` or `approval.manage`, one's own `cart.manage`, all
    `approval.manage`. A fixed number of statements, but that those waiting are looked through
    by 200.
    """
    condition = "e.company_id = $1 AND $2::uuid IS NOT NULL"
    if which == "mine":
        actor.require(Permission.CART_MANAGE)
        condition = "e.company_id = $1 AND a.requested_by_id = $2"
    elif which == "all":
        actor.require(Permission.APPROVAL_MANAGE)
    else:
        if not actor.may(Permission.APPROVAL_MANAGE):
            actor.require(Permission.ORDER_APPROVE)
        return await _waiting(actor, now, after, limit)
    rows = await _page(actor, condition, after, limit)
    return await _views(rows, await staff_of(actor.company_id, now), actor.user_id)


async def _page(
    actor: Actor, condition: str, after: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    keyset = " AND (a.requested_at, a.id) < ($4, $5)" if after else ""
    return await fetch(
        f"{ROWS} WHERE {condition}{keyset} ORDER BY a.requested_at DESC, a.id DESC LIMIT $3",
        actor.company_id,
        actor.user_id,
        limit,
        *(after or ()),
    )


async def _waiting(
    actor: Actor, now: datetime, after: tuple[datetime, UUID] | None, limit: int
) -> list[ApprovalView]:
    """Who is asked depends on roles and absences of the moment, so it is found out here."""
    staff = await staff_of(actor.company_id, now)
    condition = "e.company_id = $1 AND a.status = 'pending' AND a.requested_by_id <> $2"
    found: list[Row] = []
    while len(found) < limit:
        rows = await _page(actor, condition, after, CHUNK)
        found += [row for row in rows if _awaits(row, actor, staff, now)]
        if len(rows) < CHUNK:
            break
        after = (rows[-1]["requested_at"], rows[-1]["id"])
    return await _views(found[:limit], staff, actor.user_id)


def _awaits(row: Row, actor: Actor, staff: Staff, now: datetime) -> bool:
    step = load_steps(row["steps"])[row["current_step"] - 1]
    asked = who_may_decide(step, staff, row["requested_by_id"])
    return row["expires_at"] > now and actor.user_id in asked


async def by_link(token: str, now: datetime) -> ApprovalView:
    """Return the approval that a live link of a letter is for; nothing else opens with it.

    Raises `InvalidToken`, also where the link's person may no longer decide.
    """
    link = await live_link(token, now)
    row = await fetch_one(f"{ROWS} WHERE a.id = $1", link.approval_id)
    if row is None:
        raise InvalidToken
    staff = await staff_of(row["company_id"], now)
    step = load_steps(row["steps"])[link.step - 1]
    if link.user_id not in who_may_decide(step, staff, row["requested_by_id"]):
        raise InvalidToken
    [view] = await _views([row], staff, link.user_id)
    return view


async def for_letter(approval_id: UUID, now: datetime) -> ApprovalView | None:
    """Return an approval for the letters about it, whoever reads them."""
    row = await fetch_one(f"{ROWS} WHERE a.id = $1", approval_id)
    if row is None:
        return None
    staff = await staff_of(row["company_id"], now)
    [view] = await _views([row], staff, row["requested_by_id"])
    return view


async def _views(rows: Sequence[Row], staff: Staff, reader: UUID) -> list[ApprovalView]:
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
        snapshot=load_snapshot(row["snapshot"]),
        requested_at=row["requested_at"],
        expires_at=row["expires_at"],
        decided_at=row["decided_at"],
        decisions=decisions,
        may_decide=pending and reader in who_may_decide(current, staff, requester),
        stuck=pending and not asked_now(current, staff, requester),
    )
