"""An approval and its cart, locked: always the cart first, as ordering does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from entrepot.platform.carts.approvals.rules import ApprovalStatus
from entrepot.platform.carts.approvals.snapshots import Snapshot, load_snapshot, load_steps
from entrepot.platform.database import execute, fetch_one, fetch_value

ROW = """
SELECT a.id, a.cart_id, a.legal_entity_id, e.company_id, a.requested_by_id, a.status, a.steps,
       a.current_step, a.snapshot, a.expires_at
  FROM approval a JOIN legal_entity e ON e.id = a.legal_entity_id
 WHERE a.id = $1 FOR UPDATE OF a
"""
REOPEN = "UPDATE cart SET status = 'open' WHERE id = $1 AND status = 'submitted'"
CLOSE = "UPDATE approval SET status = $2, decided_at = $3 WHERE id = $1"


@dataclass(frozen=True, slots=True)
class LockedApproval:
    """An approval whose row and cart are locked until the transaction ends."""

    id: UUID
    cart_id: UUID
    legal_entity_id: UUID
    company_id: UUID
    requested_by_id: UUID
    status: ApprovalStatus
    steps: tuple[tuple[UUID, ...], ...]
    current_step: int
    snapshot: Snapshot
    expires_at: datetime

    @property
    def asked_step(self) -> tuple[UUID, ...]:
        """The approvers of the present step."""
        return self.steps[self.current_step - 1]


async def locked_approval(approval_id: UUID) -> LockedApproval | None:
    """Lock an approval's cart and the approval; `None` where there is none."""
    await fetch_value(
        "SELECT id FROM cart WHERE id = (SELECT cart_id FROM approval WHERE id = $1) FOR UPDATE",
        approval_id,
    )
    row = await fetch_one(ROW, approval_id)
    if row is None:
        return None
    values = dict(row)
    values["status"] = ApprovalStatus(values["status"])
    values["steps"] = load_steps(values["steps"])
    values["snapshot"] = load_snapshot(values["snapshot"])
    return LockedApproval(**values)


async def close(approval: LockedApproval, status: ApprovalStatus, now: datetime) -> None:
    """End an approval; unless it agreed, its cart is open again."""
    await execute(CLOSE, approval.id, status.value, now)
    if status is not ApprovalStatus.APPROVED:
        await execute(REOPEN, approval.cart_id)
