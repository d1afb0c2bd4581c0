"""Reads of budgets: the present period, what was spent in it, and by which orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.budgets.rules import (
    BudgetMode,
    BudgetState,
    Period,
    local_day,
    period_of,
)
from entrepot.platform.database import Row, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission

_BUDGETS = """
SELECT b.id, b.legal_entity_id, b.name, b.cost_center, b.currency, b.amount, b.period,
       b.starts_on, b.mode, b.active, e.time_zone
  FROM budget b JOIN legal_entity e ON e.id = b.legal_entity_id
"""
ACTIVE = f"{_BUDGETS} WHERE b.legal_entity_id = ANY($1::uuid[]) AND b.active ORDER BY b.id"
SPENT = """
SELECT p.budget_id, p.spent FROM budget_period p
  JOIN unnest($1::uuid[], $2::date[]) AS present(budget_id, starts_on) USING (budget_id, starts_on)
"""


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A budget as it was set up; `state` is of the present period, absent before the first."""

    id: UUID
    legal_entity_id: UUID
    name: str
    cost_center: str
    currency: str
    amount: Decimal
    period: str
    starts_on: date
    mode: BudgetMode
    active: bool
    state: BudgetState | None


@dataclass(frozen=True, slots=True)
class BudgetEntryRow:
    """What a seller order took from a period; negative when it was given back."""

    id: UUID
    period_starts_on: date
    seller_order_id: UUID
    order_number: str
    amount: Decimal
    entered_at: datetime


def present_period(row: Row, now: datetime) -> Period | None:
    """Return the period that a budget's row is in at `now`, by its legal entity's calendar."""
    return period_of(row["starts_on"], row["period"], local_day(now, row["time_zone"]))


def state_of(row: Row, period: Period, spent: Decimal) -> BudgetState:
    """Return a budget's row with its period as a state."""
    return BudgetState(
        id=row["id"],
        legal_entity_id=row["legal_entity_id"],
        name=row["name"],
        cost_center=row["cost_center"],
        currency=row["currency"],
        amount=row["amount"],
        mode=BudgetMode(row["mode"]),
        period=period,
        spent=spent,
    )


async def _with_states(rows: Sequence[Row], now: datetime) -> list[BudgetRow]:
    periods = {row["id"]: found for row in rows if (found := present_period(row, now))}
    spent: dict[UUID, Decimal] = {}
    if periods:
        starts = [period.starts_on for period in periods.values()]
        for row in await fetch(SPENT, list(periods), starts):
            spent[row["budget_id"]] = row["spent"]
    return [
        BudgetRow(
            **{
                key: row[key]
                for key in ("id", "legal_entity_id", "name", "cost_center", "currency", "amount")
            },
            period=row["period"],
            starts_on=row["starts_on"],
            mode=BudgetMode(row["mode"]),
            active=row["active"],
            state=state_of(row, period, spent.get(row["id"], Decimal(0)))
            if (period := periods.get(row["id"]))
            else None,
        )
        for row in rows
    ]


async def present_states(legal_entity_ids: Iterable[UUID], now: datetime) -> list[BudgetState]:
    """Return the active budgets of the legal entities that have begun. Two statements."""
    rows = await _with_states(await fetch(ACTIVE, list(legal_entity_ids)), now)
    return [row.state for row in rows if row.state is not None]


SEEN_BY = (Permission.CART_MANAGE, Permission.ORDER_APPROVE, Permission.APPROVAL_MANAGE)
"""Any of these lets a person see the budgets of the legal entity they act for."""

_VISIBLE = """
 e.company_id = $2 AND (b.legal_entity_id = $3 OR $4)
"""


async def by_ids(actor: Actor, ids: Iterable[UUID], now: datetime) -> dict[UUID, BudgetRow]:
    """Return those budgets, closed ones too, that the actor may see: of the legal entity they act
    for, with `approval.manage` of every one of the company."""
    if not any(actor.may(right) for right in SEEN_BY):
        return {}
    rows = await fetch(
        f"{_BUDGETS} WHERE b.id = ANY($1::uuid[]) AND {_VISIBLE}",
        list(ids),
        actor.company_id,
        actor.legal_entity_id,
        actor.may(Permission.APPROVAL_MANAGE),
    )
    return {row.id: row for row in await _with_states(rows, now)}


async def of_entity(
    actor: Actor,
    legal_entity_id: UUID | None,
    now: datetime,
    *,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[BudgetRow]:
    """Return a legal entity's budgets by (name, id), closed ones too.

    `None`: the one acted for; another of the company needs `approval.manage`. Raises `Forbidden`.
    """
    if not any(actor.may(right) for right in SEEN_BY):
        actor.require(Permission.CART_MANAGE)
    if legal_entity_id not in (None, actor.legal_entity_id):
        actor.require(Permission.APPROVAL_MANAGE)
    name, last = after or ("", UUID(int=0))
    rows = await fetch(
        f"{_BUDGETS} WHERE b.legal_entity_id = $1 AND {_VISIBLE} AND (b.name, b.id) > ($5, $6)"
        " ORDER BY b.name, b.id LIMIT $7",
        legal_entity_id or actor.legal_entity_id,
        actor.company_id,
        actor.legal_entity_id,
        actor.may(Permission.APPROVAL_MANAGE),
        name,
        last,
        limit,
    )
    return await _with_states(rows, now)


async def entries(
    budget_ids: Iterable[UUID], *, after: tuple[date, UUID] | None, limit: int
) -> dict[UUID, list[BudgetEntryRow]]:
    """Return up to `limit` entries of each budget by period and time, newest first.

    `after` is the (period, id) of the last one seen. Every budget asked for is a key. The caller
    checks that the budgets are visible.
    """
    found: dict[UUID, list[BudgetEntryRow]] = {budget_id: [] for budget_id in budget_ids}
    condition = " AND (period_starts_on, id) < ($3, $4)" if after else ""
    rows = await fetch(
        "SELECT b.id AS budget_id, t.id, t.period_starts_on, t.seller_order_id,"
        "       s.number AS order_number, t.amount, t.entered_at"
        "  FROM unnest($1::uuid[]) AS b(id), LATERAL ("
        "       SELECT * FROM budget_entry"
        f"       WHERE budget_id = b.id{condition}"
        "        ORDER BY period_starts_on DESC, id DESC LIMIT $2) t"
        "  JOIN seller_order s ON s.id = t.seller_order_id"
        " ORDER BY b.id, t.period_starts_on DESC, t.id DESC",
        list(found),
        limit,
        *(after or ()),
    )
    for row in rows:
        values = {name: value for name, value in row.items() if name != "budget_id"}
        found[row["budget_id"]].append(BudgetEntryRow(**values))
    return found
