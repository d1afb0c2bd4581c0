"""Deciding on a cart: agree, with other quantities where wished, or refuse with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.approvals import links
from entrepot.platform.carts.approvals.asking import Asked, Staff, asked_now, who_may_decide
from entrepot.platform.carts.approvals.drift import (
    QuantityChange,
    present_snapshot,
    with_changes,
)
from entrepot.platform.carts.approvals.errors import (
    ApprovalExpired,
    NotAsked,
    OwnApproval,
    PriceDrift,
)
from entrepot.platform.carts.approvals.events import ApprovalDecided
from entrepot.platform.carts.approvals.facts import staff_of
from entrepot.platform.carts.approvals.locking import LockedApproval, close, locked_approval
from entrepot.platform.carts.approvals.rules import ApprovalStatus, risen
from entrepot.platform.carts.approvals.snapshots import Snapshot, dump_snapshot, dumped
from entrepot.platform.carts.approvals.submitting import already_decided, checked_text
from entrepot.platform.clock import Clock
from entrepot.platform.database import execute, transaction
from entrepot.platform.errors import DomainError, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.errors import InvalidToken
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.orders.errors import TotalChanged
from entrepot.platform.outbox import record
from entrepot.platform.quantities import trimmed

INSERT = """
INSERT INTO approval_decision
       (id, approval_id, step, decided_by_id, stands_in_for_id, approved, reason, by_link, changes,
        decided_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10)
"""
NEXT_STEP = "UPDATE approval SET current_step = current_step + 1 WHERE id = $1"
KEEP = "UPDATE approval SET snapshot = $2::jsonb WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody decides. `step`: the one they were shown, so that no other is decided.

    `expected_totals`: the net sums by currency that they were shown, before any `changes`; None
    agrees to whatever it costs now.
    """

    approved: bool
    reason: str = ""
    accept_price_changes: bool = False
    changes: tuple[QuantityChange, ...] = ()
    step: int | None = None
    expected_totals: Mapping[str, Decimal] | None = None


async def decide(
    secret_key: bytes, actor: Actor, approval_id: UUID, verdict: Verdict, *, clock: Clock
) -> None:
    """Decide the present step of an approval as one of those it asks, or their alternate.

    A refusal needs a reason, ends the approval and opens the cart again. Agreement passes to the
    next step or, after the last, lets the cart be ordered. Needs `order.approve`, or
    `approval.manage` where nobody else is left. Locks the cart, then the approval. Raises
    `NotFound`, `OwnApproval`, `NotAsked`, `AlreadyDecided`, `ApprovalExpired`, `TotalChanged`,
    `PriceDrift`, `InvalidInput`, `QuantityNotOrderable`, `DeliveriesExceedLine`. Records
    `ApprovalRequested` or `ApprovalDecided`.
    """
    rights = (Permission.ORDER_APPROVE, Permission.APPROVAL_MANAGE, Permission.CART_MANAGE)
    if not any(actor.may(right) for right in rights):
        actor.require(Permission.ORDER_APPROVE)
    checked = _checked(verdict)
    now = clock.now()
    async with transaction():
        approval = await locked_approval(approval_id)
        if approval is None or approval.company_id != actor.company_id:
            raise NotFound("approval").at("approvalId")
        staff = await staff_of(approval.company_id, now)
        asked = _entitled(approval, staff, actor.user_id, verdict.step, now)
        if asked is None:
            raise _stranger(approval, staff, actor)
        _ensure_scope(actor, staff)
        await _decide(secret_key, approval, staff, asked, checked, now, by_link=False)


async def decide_by_link(secret_key: bytes, token: str, verdict: Verdict, *, clock: Clock) -> UUID:
    """Decide by the link of a letter and return the approval's id; the link is used up by it.

    Raises `InvalidToken` for links that are used, expired or of somebody who may no longer decide,
    and what `decide` raises; then the link can be used again.
    """
    checked, now = _checked(verdict), clock.now()
    link = await links.live_link(token, now)
    async with transaction():
        approval = await locked_approval(link.approval_id)
        if approval is None:
            raise InvalidToken
        staff = await staff_of(approval.company_id, now)
        asked = _entitled(approval, staff, link.user_id, link.step, now)
        if asked is None:
            raise InvalidToken
        await links.use(link, now)
        await _decide(secret_key, approval, staff, asked, checked, now, by_link=True)
    return link.approval_id


def _checked(verdict: Verdict) -> Verdict:
    reason = checked_text("reason", verdict.reason)
    if not verdict.approved and not reason:
        raise InvalidInput("reason", "say why you refuse", "укажите причину отказа")
    return replace(verdict, reason=reason)


def _ensure_scope(actor: Actor, staff: Staff) -> None:
    """An API key decides only with the right by which its person does."""
    needed = (
        Permission.ORDER_APPROVE if actor.user_id in staff.approvers else Permission.APPROVAL_MANAGE
    )
    actor.require(needed)


def _entitled(
    approval: LockedApproval, staff: Staff, user_id: UUID, step: int | None, now: datetime
) -> Asked | None:
    """Return as whom the person decides now, `None` if they have nothing to do with it.

    Raises `OwnApproval`, `AlreadyDecided`, `ApprovalExpired`.
    """
    requester = approval.requested_by_id
    if user_id == requester:
        raise OwnApproval
    asked = who_may_decide(approval.asked_step, staff, requester).get(user_id)
    before = approval.steps[: approval.current_step - 1]
    took_part = any(user_id in who_may_decide(one, staff, requester) for one in before)
    if asked is None and not took_part:
        return None
    if approval.status is not ApprovalStatus.PENDING:
        raise already_decided(approval)
    if asked is None or (step is not None and step != approval.current_step):
        raise already_decided(approval)
    if approval.expires_at <= now:
        raise ApprovalExpired(approval.expires_at)
    return asked


def _stranger(approval: LockedApproval, staff: Staff, actor: Actor) -> DomainError:
    """A later step's approvers and administrators see the approval; to others it is not there."""
    later = approval.steps[approval.current_step :]
    sees = actor.may(Permission.APPROVAL_MANAGE) or any(
        actor.user_id in who_may_decide(one, staff, approval.requested_by_id) for one in later
    )
    if sees:
        return NotAsked(approval.current_step)
    return NotFound("approval").at("approvalId")


async def _decide(
    secret_key: bytes,
    approval: LockedApproval,
    staff: Staff,
    asked: Asked,
    verdict: Verdict,
    now: datetime,
    *,
    by_link: bool,
) -> None:
    changed: list[dict[str, object]] = []
    if verdict.approved:
        changed = await _settle_prices(approval, verdict, now)
    await execute(
        INSERT,
        new_id(),
        approval.id,
        approval.current_step,
        asked.user_id,
        asked.stands_in_for,
        verdict.approved,
        verdict.reason,
        by_link,
        dumped(changed),
        now,
    )
    if not verdict.approved:
        await close(approval, ApprovalStatus.REFUSED, now)
        await record(ApprovalDecided(approval.id, approved=False))
    elif approval.current_step < len(approval.steps):
        await execute(NEXT_STEP, approval.id)
        step = approval.current_step + 1
        people = asked_now(approval.steps[step - 1], staff, approval.requested_by_id)
        await links.ask(secret_key, approval.id, step, people, approval.expires_at)
    else:
        await close(approval, ApprovalStatus.APPROVED, now)
        await record(ApprovalDecided(approval.id, approved=True))


async def _settle_prices(
    approval: LockedApproval, verdict: Verdict, now: datetime
) -> list[dict[str, object]]:
    """Refuse a cost that was not shown or accepted, change quantities, keep what is agreed now."""
    then = approval.snapshot
    present = await present_snapshot(approval, then, now)
    _ensure_shown(present.totals(), verdict.expected_totals)
    higher = risen(then.totals(), present.totals())
    if higher is not None and not verdict.accept_price_changes:
        currency, before, after = higher
        raise PriceDrift(approval.id, currency, trimmed(before), trimmed(after))
    changes = await with_changes(approval, then, verdict.changes, now)
    if changes is not None:
        await _keep(approval, changes.snapshot)
        return [
            {"line_id": one.line_id, "before": one.before, "after": one.after}
            for one in changes.lines
        ]
    if higher is not None:
        await _keep(approval, present)
    return []


def _ensure_shown(totals: Mapping[str, Decimal], expected: Mapping[str, Decimal] | None) -> None:
    if expected is None:
        return
    for currency in sorted(totals.keys() | expected.keys()):
        shown, total = expected.get(currency, Decimal(0)), totals.get(currency, Decimal(0))
        if shown != total:
            raise TotalChanged(currency, trimmed(shown), trimmed(total)).at("expectedTotals")


async def _keep(approval: LockedApproval, agreed: Snapshot) -> None:
    await execute(KEEP, approval.id, dump_snapshot(agreed))
