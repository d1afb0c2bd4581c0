"""Handing a cart in for agreement, and taking it back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from entrepot.platform.carts.access import ensure_open, usable_cart
from entrepot.platform.carts.approvals.asking import Staff, asked_now, step_without_anybody
from entrepot.platform.carts.approvals.errors import (
    AlreadyDecided,
    ApprovalNotNeeded,
    NoApproverLeft,
)
from entrepot.platform.carts.approvals.events import ApprovalWithdrawn
from entrepot.platform.carts.approvals.facts import (
    asking_budgets,
    need_for,
    rules_of,
    staff_of,
)
from entrepot.platform.carts.approvals.links import ask
from entrepot.platform.carts.approvals.locking import LockedApproval, close, locked_approval
from entrepot.platform.carts.approvals.requests import offer_facts, priced_cart
from entrepot.platform.carts.approvals.rules import (
    STATUS_WORDS_RU,
    ApprovalStatus,
    Need,
    RequestedCart,
    expires_at,
)
from entrepot.platform.carts.approvals.snapshots import (
    Snapshot,
    dump_snapshot,
    dump_steps,
    dumped,
    snapshot_of,
)
from entrepot.platform.carts.ordering import LockedCart, lock_carts, set_status
from entrepot.platform.clock import Clock
from entrepot.platform.database import execute, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.orders.errors import CartEmpty, OfferUnavailable
from entrepot.platform.outbox import record

MAX_NOTE = 1000
INSERT = """
INSERT INTO approval
       (id, cart_id, legal_entity_id, requested_by_id, note, status, reasons, steps, current_step,
        snapshot, requested_at, expires_at)
VALUES ($1, $2, $3, $4, $5, 'pending', $6::jsonb, $7::jsonb, 1, $8::jsonb, $9, $10)
"""


def checked_text(field: str, text: str, longest: int = MAX_NOTE) -> str:
    """Return a stripped text of people. Raises `InvalidInput` where it is too long."""
    found = text.strip()
    if len(found) > longest or "\x00" in found:
        raise InvalidInput(
            field, f"must be at most {longest} characters", f"не более {longest} знаков"
        )
    return found


async def submit(
    secret_key: bytes, actor: Actor, cart_id: UUID | None, note: str = "", *, clock: Clock
) -> UUID:
    """Hand a cart in for agreement and return the approval's id; the cart waits unchanged.

    Keeps the lines with their present prices, asks the first step (`ApprovalRequested`, one link a
    person). `None`: the default cart. Needs `cart.manage`. Locks the cart. Raises `NotFound`,
    `CartSubmitted`, `CartAlreadyOrdered`, `CartClosed`, `CartEmpty`, `OfferUnavailable`,
    `ApprovalNotNeeded`, `NoApproverLeft`.
    """
    actor.require(Permission.CART_MANAGE)
    text, now = checked_text("note", note), clock.now()
    async with transaction():
        row = await usable_cart(actor, cart_id, lock=True)
        await ensure_open(row)
        [cart] = await lock_carts([row.id])
        requested, snapshot = await _requested(cart, now)
        need, staff = await _need(actor, requested, now)
        approval_id = new_id()
        await execute(
            INSERT,
            approval_id,
            cart.id,
            row.legal_entity_id,
            actor.user_id,
            text,
            dumped(need.reasons),
            dump_steps(need.steps),
            dump_snapshot(snapshot),
            now,
            expires_at(now, need),
        )
        await set_status([cart.id], "submitted")
        people = asked_now(need.steps[0], staff, actor.user_id)
        await ask(secret_key, approval_id, 1, people, expires_at(now, need))
    return approval_id


async def _requested(cart: LockedCart, now: datetime) -> tuple[RequestedCart, Snapshot]:
    if not cart.lines:
        raise CartEmpty
    row = cart.cart
    facts = await offer_facts(row.company_id, (line.offer_id for line in cart.lines))
    for index, line in enumerate(cart.lines):
        found = facts[line.offer_id]
        if not found.offered:
            raise OfferUnavailable(line.offer_id, found.article.article_number).at(
                "lines", str(index), line_index=index
            )
    lines = {line.id: line for line in cart.lines}
    requested = await priced_cart(cart.id, row.company_id, row.legal_entity_id, lines, now)
    articles = {offer_id: found.article for offer_id, found in facts.items()}
    return requested, snapshot_of(requested, row.name, articles)


async def _need(actor: Actor, cart: RequestedCart, now: datetime) -> tuple[Need, Staff]:
    rules = (await rules_of([cart.company_id]))[cart.company_id]
    budgets = (await asking_budgets([cart], now))[cart.legal_entity_id]
    staff = await staff_of(cart.company_id, now)
    need = await need_for(cart, actor.user_id, rules, budgets, staff)
    if need is None:
        raise ApprovalNotNeeded
    empty = step_without_anybody(need.steps, staff, actor.user_id)
    if empty is not None:
        raise NoApproverLeft(empty)
    return need, staff


def already_decided(approval: LockedApproval) -> AlreadyDecided:
    """Return the refusal that names the approval's state."""
    return AlreadyDecided(approval.status.value, STATUS_WORDS_RU[approval.status])


async def withdraw(actor: Actor, approval_id: UUID, *, clock: Clock) -> None:
    """Take a request back, pending or agreed: the cart is open again.

    For who asked (with `cart.manage`) and administrators (`approval.manage`). Locks the cart, then
    the approval. Raises `NotFound`, `AlreadyDecided`. Records `ApprovalWithdrawn`.
    """
    managing = actor.may(Permission.APPROVAL_MANAGE)
    if not managing:
        actor.require(Permission.CART_MANAGE)
    async with transaction():
        approval = await locked_approval(approval_id)
        if approval is None or approval.company_id != actor.company_id:
            raise NotFound("approval").at("approvalId")
        if not managing and approval.requested_by_id != actor.user_id:
            raise NotFound("approval").at("approvalId")
        if approval.status not in (ApprovalStatus.PENDING, ApprovalStatus.APPROVED):
            raise already_decided(approval)
        await close(approval, ApprovalStatus.WITHDRAWN, clock.now())
        await record(ApprovalWithdrawn(approval_id, actor.user_id))
