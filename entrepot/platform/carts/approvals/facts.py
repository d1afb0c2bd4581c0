"""What deciding needs to know: the rules of a company, its people, and what rules ask about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from entrepot.platform.carts.approvals.asking import Staff
from entrepot.platform.carts.approvals.rules import Facts, Need, RequestedCart, Rule, need_of
from entrepot.platform.carts.budgets.queries import present_states
from entrepot.platform.carts.budgets.rules import BudgetMode, BudgetState, exceeded
from entrepot.platform.database import Row, fetch
from entrepot.platform.identity.permissions import Permission, permissions_of

RULES = """
SELECT r.id, r.company_id, r.name, r.legal_entity_id, r.above_amount, r.currency,
       c.path AS category_path, r.cost_center, r.requester_id, r.new_seller, r.over_budget,
       r.expires_after_hours,
       (SELECT jsonb_object_agg(s.step, s.approver_ids) FROM approval_rule_step s
         WHERE s.rule_id = r.id) AS steps
  FROM approval_rule r LEFT JOIN category c ON c.id = r.category_id
 WHERE r.company_id = ANY($1::uuid[]) AND r.active
 ORDER BY r.created_at, r.id
"""
PATHS = """
SELECT o.id, coalesce(c.path, '') AS path
  FROM offer o JOIN product p ON p.id = o.product_id LEFT JOIN category c ON c.id = p.category_id
 WHERE o.id = ANY($1::uuid[])
"""
KNOWN_SELLERS = """
SELECT wanted.seller_id FROM unnest($2::uuid[]) AS wanted(seller_id)
 WHERE EXISTS (SELECT 1 FROM seller_order s JOIN purchase_order o ON o.id = s.order_id
                WHERE s.seller_id = wanted.seller_id AND o.buyer_id = $1
                  AND s.status <> 'cancelled')
"""
STAFF = """
SELECT u.id, u.name, m.roles FROM membership m JOIN user_account u ON u.id = m.user_id
 WHERE m.company_id = $1 AND u.disabled_at IS NULL ORDER BY m.created_at, u.id
"""
AWAY = """
SELECT DISTINCT ON (user_id) user_id, alternate_id FROM approver_absence
 WHERE company_id = $1 AND starts_at <= $2 AND ends_at > $2
 ORDER BY user_id, id DESC
"""


def _rule(row: Row) -> Rule:
    steps = orjson.loads(row["steps"]) if row["steps"] else {}
    return Rule(
        id=row["id"],
        name=row["name"],
        steps={
            int(number): tuple(UUID(person) for person in people)
            for number, people in sorted(steps.items(), key=lambda item: int(item[0]))
        },
        legal_entity_id=row["legal_entity_id"],
        above_amount=row["above_amount"],
        currency=row["currency"],
        category_path=row["category_path"],
        cost_center=row["cost_center"],
        requester_id=row["requester_id"],
        new_seller=row["new_seller"],
        over_budget=row["over_budget"],
        expires_after=timedelta(hours=row["expires_after_hours"]),
    )


async def rules_of(company_ids: Iterable[UUID]) -> dict[UUID, list[Rule]]:
    """Return the active rules of each company, oldest first; every company is a key."""
    found: dict[UUID, list[Rule]] = {company_id: [] for company_id in company_ids}
    for row in await fetch(RULES, list(found)):
        found[row["company_id"]].append(_rule(row))
    return found


async def staff_of(company_id: UUID, now: datetime) -> Staff:
    """Return who may decide in a company at `now`, and who is away. Two statements."""
    people = await fetch(STAFF, company_id)
    rights = {row["id"]: permissions_of(list(row["roles"])) for row in people}
    away = await fetch(AWAY, company_id, now)
    return Staff(
        approvers=frozenset(one for one in rights if Permission.ORDER_APPROVE in rights[one]),
        managers=frozenset(one for one in rights if Permission.APPROVAL_MANAGE in rights[one]),
        alternates={row["user_id"]: row["alternate_id"] for row in away},
        names={row["id"]: row["name"] for row in people},
    )


async def asking_budgets(
    carts: Sequence[RequestedCart], now: datetime
) -> dict[UUID, list[BudgetState]]:
    """Return the budgets that ask, by legal entity; every entity of the carts is a key."""
    found: dict[UUID, list[BudgetState]] = {cart.legal_entity_id: [] for cart in carts}
    for budget in await present_states(found, now):
        if budget.mode is BudgetMode.ASK:
            found[budget.legal_entity_id].append(budget)
    return found


async def need_for(
    cart: RequestedCart,
    requester_id: UUID,
    rules: Sequence[Rule],
    budgets: Sequence[BudgetState],
    staff: Staff,
) -> Need | None:
    """Return the agreement that a cart needs, `None` where it needs none.

    At most two statements, for the rules that ask about categories and sellers.
    """
    paths: dict[UUID, str] = {}
    if any(rule.category_path is not None for rule in rules):
        offers = list({line.offer_id for line in cart.lines})
        paths = {row["id"]: row["path"] for row in await fetch(PATHS, offers)}
    known: frozenset[UUID] = frozenset()
    if any(rule.new_seller for rule in rules):
        sellers = list({line.seller_id for line in cart.lines})
        rows = await fetch(KNOWN_SELLERS, cart.company_id, sellers)
        known = frozenset(row["seller_id"] for row in rows)
    over = exceeded(budgets, cart.budget_amounts())
    facts = Facts(requester_id, paths, known, tuple(over))
    in_order = [person for person in staff.names if person in staff.approvers]
    return need_of(cart, rules, facts, in_order)
