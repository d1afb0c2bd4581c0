"""What orders do to budgets: take from the present period, give back to the one taken from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.approvals.errors import ApprovalOutdated, ApprovalRequired
from entrepot.platform.carts.budgets.errors import BudgetExceeded
from entrepot.platform.carts.budgets.queries import ACTIVE, present_period, state_of
from entrepot.platform.carts.budgets.rules import (
    BudgetItem,
    BudgetMode,
    BudgetState,
    BudgetWarning,
    Period,
    excess,
    taken,
)
from entrepot.platform.database import Row, execute, execute_many, fetch, fetch_value
from entrepot.platform.ids import new_id
from entrepot.platform.quantities import trimmed

OPEN_PERIODS = """
INSERT INTO budget_period (id, budget_id, starts_on, spent)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::date[]), LATERAL (SELECT 0)
ON CONFLICT (budget_id, starts_on) DO NOTHING
"""
LOCK_PERIODS = """
SELECT p.id, p.budget_id, p.spent
  FROM budget_period p
  JOIN unnest($1::uuid[], $2::date[]) AS present(budget_id, starts_on) USING (budget_id, starts_on)
 ORDER BY p.budget_id, p.starts_on
   FOR UPDATE OF p
"""
TAKE = """
UPDATE budget_period p SET spent = p.spent + taken.amount
  FROM unnest($1::uuid[], $2::numeric[]) AS taken(id, amount)
 WHERE p.id = taken.id
"""
ENTER = """
INSERT INTO budget_entry (id, budget_id, period_starts_on, seller_order_id, amount, entered_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
LOCK_TAKEN = """
SELECT p.id, p.budget_id, p.starts_on FROM budget_period p
 WHERE (p.budget_id, p.starts_on) IN (
       SELECT t.budget_id, t.period_starts_on FROM budget_entry t WHERE t.seller_order_id = $1)
 ORDER BY p.budget_id, p.starts_on
   FOR UPDATE
"""
TAKEN = """
SELECT t.budget_id, t.period_starts_on, sum(t.amount) AS amount FROM budget_entry t
 WHERE t.seller_order_id = $1 GROUP BY t.budget_id, t.period_starts_on HAVING sum(t.amount) <> 0
"""


AGREED = """
SELECT EXISTS (
       SELECT FROM approval a, jsonb_array_elements(a.reasons) AS reason
        WHERE a.id = ANY($1::uuid[])
          AND (reason->>'key' = 'budget:' || $2::uuid OR EXISTS (
               SELECT FROM approval_rule r
                WHERE r.over_budget AND reason->>'key' = 'rule:' || r.id)))
"""


async def charge(
    legal_entity_id: UUID,
    items: Sequence[BudgetItem],
    now: datetime,
    *,
    approved: bool,
    approvals: Sequence[UUID] = (),
) -> list[BudgetWarning]:
    """Take an order's amounts from every budget they count towards, in the order's transaction.

    Returns what exceeded budgets that only warn, or that ask and were agreed to: beforehand
    (`approved`), or by those `approvals` of the order that were asked for because of a budget;
    orders at once may have spent what was left since. Locks the
    budgets (shared), then their present periods, both in the order of ids, so that concurrent
    orders never spend more than a blocking budget has. Raises `BudgetExceeded`, and
    `ApprovalRequired` for a budget that asks while nobody agreed to anything, `ApprovalOutdated`
    where they agreed to something else.
    """
    rows = await fetch(f"{ACTIVE} FOR SHARE OF b", [legal_entity_id])
    periods = {row["id"]: found for row in rows if (found := present_period(row, now))}
    wanted: dict[UUID, dict[UUID, Decimal]] = {}
    for row in rows:
        if period := periods.get(row["id"]):
            sums = taken(state_of(row, period, Decimal(0)), items)
            if sums:
                wanted[row["id"]] = sums
    if not wanted:
        return []
    affected = [row for row in rows if row["id"] in wanted]
    locked = await _lock_periods(affected, periods)
    warnings = []
    for row in affected:
        state = state_of(row, periods[row["id"]], locked[row["id"]]["spent"])
        over = excess(state, sum(wanted[row["id"]].values(), Decimal(0)))
        if over is not None:
            await _check(state, over, approved, approvals)
            warnings.append(over)
    await execute(
        TAKE,
        [locked[budget_id]["id"] for budget_id in wanted],
        [sum(sums.values(), Decimal(0)) for sums in wanted.values()],
    )
    await execute_many(
        ENTER,
        [
            (new_id(), budget_id, periods[budget_id].starts_on, seller_order_id, amount, now)
            for budget_id, sums in wanted.items()
            for seller_order_id, amount in sums.items()
        ],
    )
    return warnings


async def _lock_periods(rows: Sequence[Row], periods: dict[UUID, Period]) -> dict[UUID, Row]:
    ids = [row["id"] for row in rows]
    starts = [periods[budget_id].starts_on for budget_id in ids]
    await execute(OPEN_PERIODS, [new_id() for _ in ids], ids, starts)
    return {row["budget_id"]: row for row in await fetch(LOCK_PERIODS, ids, starts)}


async def _check(
    budget: BudgetState, over: BudgetWarning, approved: bool, approvals: Sequence[UUID]
) -> None:
    if budget.mode is BudgetMode.BLOCK:
        raise BudgetExceeded(
            budget.id, budget.name, budget.currency, trimmed(budget.left), trimmed(over.wanted)
        )
    if budget.mode is not BudgetMode.ASK or approved:
        return
    if not approvals:
        raise ApprovalRequired(
            cart_id=None,
            summary=over.sentence("en"),
            summary_ru=over.sentence("ru"),
            reasons=(over.sentence("en"),),
            reasons_ru=(over.sentence("ru"),),
        )
    if not await fetch_value(AGREED, list(approvals), budget.id):
        raise ApprovalOutdated(approvals[0], over.sentence("en"), over.sentence("ru"))


async def give_back(seller_order_id: UUID, now: datetime) -> None:
    """Return what a seller order took, to the periods it was taken from; a second time nothing.

    Call it in the transaction of the cancellation. Locks the periods in the order of budgets.
    """
    periods = {
        (row["budget_id"], row["starts_on"]): row["id"]
        for row in await fetch(LOCK_TAKEN, seller_order_id)
    }
    if not periods:
        return
    entries = await fetch(TAKEN, seller_order_id)  # after the lock: nobody else gives back now
    for entry in entries:
        period_id = periods[(entry["budget_id"], entry["period_starts_on"])]
        await execute(TAKE, [period_id], [-entry["amount"]])
    await execute_many(
        ENTER,
        [
            (
                new_id(),
                entry["budget_id"],
                entry["period_starts_on"],
                seller_order_id,
                -entry["amount"],
                now,
            )
            for entry in entries
        ],
    )
