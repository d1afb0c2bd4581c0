"""Reads of approvals: what is asked, of whom, what was decided."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from entrepot.platform.carts.approvals.asking import Staff, who_may_decide
from entrepot.platform.carts.approvals.facts import staff_of
from entrepot.platform.carts.approvals.links import live_link
from entrepot.platform.carts.approvals.snapshots import load_steps
from entrepot.platform.carts.approvals.views import ApprovalView, approval_views
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
CANDIDATES = """
SELECT a.id, a.requested_by_id, a.steps, a.current_step, a.requested_at, a.expires_at
  FROM approval a JOIN legal_entity e ON e.id = a.legal_entity_id
 WHERE e.company_id = $1 AND a.status = 'pending' AND a.requested_by_id <> $2
"""
NEWEST_FIRST = " ORDER BY a.requested_at DESC, a.id DESC"


async def by_ids(actor: Actor, ids: Iterable[UUID], now: datetime) -> dict[UUID, ApprovalView]:
    """Return those approvals that the actor may see: their own requests, those whose steps name or
    ask them or that they decided on, and with `approval.manage` all of the company."""
    rows = await fetch(
        f"{ROWS} WHERE a.id = ANY($1::uuid[]) AND e.company_id = $2", list(ids), actor.company_id
    )
    if not rows:
        return {}
    staff = await staff_of(actor.company_id, now)
    views = await approval_views(rows, staff, actor.user_id)
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
    keyset, values = _after(after)
    rows = await fetch(
        f"{ROWS} WHERE {condition}{keyset}{NEWEST_FIRST} LIMIT $3",
        actor.company_id,
        actor.user_id,
        limit,
        *values,
    )
    return await approval_views(rows, await staff_of(actor.company_id, now), actor.user_id)


def _after(after: tuple[datetime, UUID] | None) -> tuple[str, tuple[datetime, UUID] | tuple[()]]:
    return (" AND (a.requested_at, a.id) < ($4, $5)", after) if after else ("", ())


async def _waiting(
    actor: Actor, now: datetime, after: tuple[datetime, UUID] | None, limit: int
) -> list[ApprovalView]:
    """Who is asked depends on roles and absences of the moment, so it is found out here."""
    staff = await staff_of(actor.company_id, now)
    found: list[UUID] = []
    while len(found) < limit:
        keyset, values = _after(after)
        rows = await fetch(
            f"{CANDIDATES}{keyset}{NEWEST_FIRST} LIMIT $3",
            actor.company_id,
            actor.user_id,
            CHUNK,
            *values,
        )
        found += [row["id"] for row in rows if _awaits(row, actor, staff, now)]
        if len(rows) < CHUNK:
            break
        after = (rows[-1]["requested_at"], rows[-1]["id"])
    rows = await fetch(f"{ROWS} WHERE a.id = ANY($1::uuid[]){NEWEST_FIRST}", found[:limit])
    return await approval_views(rows, staff, actor.user_id)


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
    [view] = await approval_views([row], staff, link.user_id)
    return view


async def for_letter(approval_id: UUID, now: datetime) -> ApprovalView | None:
    """Return an approval for the letters about it, whoever reads them."""
    row = await fetch_one(f"{ROWS} WHERE a.id = $1", approval_id)
    if row is None:
        return None
    staff = await staff_of(row["company_id"], now)
    [view] = await approval_views([row], staff, row["requested_by_id"])
    return view
