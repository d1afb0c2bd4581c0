"""What time does to approvals: they expire, and absences that begin ask other people."""

from __future__ import annotations

from datetime import datetime

from entrepot.platform.carts.approvals.asking import asked_now
from entrepot.platform.carts.approvals.events import ApprovalExpired
from entrepot.platform.carts.approvals.facts import staff_of
from entrepot.platform.carts.approvals.links import ask
from entrepot.platform.carts.approvals.locking import close, locked_approval
from entrepot.platform.carts.approvals.rules import ApprovalStatus
from entrepot.platform.database import fetch, transaction
from entrepot.platform.outbox import record


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

    People who were asked before are not written to again.
    """
    pending = await fetch(
        "SELECT id FROM approval WHERE status = 'pending' AND expires_at > $1 ORDER BY id", now
    )
    for row in pending:
        async with transaction():
            approval = await locked_approval(row["id"])
            if approval is None or approval.status is not ApprovalStatus.PENDING:
                continue
            staff = await staff_of(approval.company_id, now)
            people = asked_now(approval.asked_step, staff, approval.requested_by_id)
            step, until = approval.current_step, approval.expires_at
            await ask(secret_key, approval.id, step, people, until)
