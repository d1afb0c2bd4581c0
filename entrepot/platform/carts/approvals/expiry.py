"""What time does to approvals: they expire, and absences that begin ask other people."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from entrepot.platform.carts.approvals.asking import asked_now
from entrepot.platform.carts.approvals.events import ApprovalExpired
from entrepot.platform.carts.approvals.facts import staff_of
from entrepot.platform.carts.approvals.links import ask
from entrepot.platform.carts.approvals.locking import close, locked_approval
from entrepot.platform.carts.approvals.rules import ApprovalStatus
from entrepot.platform.carts.approvals.snapshots import load_steps
from entrepot.platform.database import Row, fetch, transaction
from entrepot.platform.outbox import record

WAITING = """
SELECT a.id, e.company_id, a.requested_by_id, a.steps, a.current_step,
       ARRAY(SELECT l.user_id FROM approval_link l
              WHERE l.approval_id = a.id AND l.step = a.current_step) AS asked
  FROM approval a JOIN legal_entity e ON e.id = a.legal_entity_id
 WHERE a.status = 'pending' AND a.expires_at > $1 ORDER BY a.id
"""


async def expire_due(now: datetime) -> int:
    """End every pending approval whose time is over; its cart is open again. Returns how many.

    One transaction each, so that it bears being run twice at once: whoever locks an approval
    second finds it expired. Records `ApprovalExpired`.
    """
    due = await fetch(
        "SELECT id FROM approval WHERE status = 'pending' AND expires_at <= $1 ORDER BY id", now
    )
    ended = 0
    for row in due:
        async with transaction():
            approval = await locked_approval(row["id"])
            if approval is None or approval.status is not ApprovalStatus.PENDING:
                continue
            await close(approval, ApprovalStatus.EXPIRED, now)
            await record(ApprovalExpired(approval.id))
            ended += 1
    return ended


async def ask_anew(secret_key: bytes, now: datetime) -> None:
    """Ask whoever is to decide now and was not asked: an absence began, an approver left.

    People who were asked before are not written to again. Two statements a company that has
    approvals waiting; only those approvals are locked that ask somebody new.
    """
    waiting: dict[UUID, list[Row]] = {}
    for row in await fetch(WAITING, now):
        waiting.setdefault(row["company_id"], []).append(row)
    for company_id, rows in waiting.items():
        staff = await staff_of(company_id, now)
        for row in rows:
            step = load_steps(row["steps"])[row["current_step"] - 1]
            people = asked_now(step, staff, row["requested_by_id"])
            if {one.user_id for one in people} - set(row["asked"]):
                await _ask(secret_key, row["id"], now)


async def _ask(secret_key: bytes, approval_id: UUID, now: datetime) -> None:
    async with transaction():
        approval = await locked_approval(approval_id)
        if approval is None or approval.status is not ApprovalStatus.PENDING:
            return
        staff = await staff_of(approval.company_id, now)
        people = asked_now(approval.asked_step, staff, approval.requested_by_id)
        await ask(secret_key, approval.id, approval.current_step, people, approval.expires_at)
