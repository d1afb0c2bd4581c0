"""The one gate that every way of ordering passes: what needs agreement has it, or is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.approvals.asking import Staff, asked_now
from entrepot.platform.carts.approvals.errors import ApprovalOutdated, ApprovalRequired, Person
from entrepot.platform.carts.approvals.facts import (
    asking_budgets,
    need_for,
    rules_of,
    staff_of,
)
from entrepot.platform.carts.approvals.rules import (
    Need,
    RequestedCart,
    Rule,
    risen,
    same_lines,
)
from entrepot.platform.carts.approvals.snapshots import (
    Snapshot,
    load_reasons,
    load_snapshot,
    load_steps,
)
from entrepot.platform.carts.budgets.rules import BudgetState
from entrepot.platform.database import Row, execute, fetch, fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.quantities import plain

ANYTHING = """
SELECT EXISTS (SELECT FROM approval WHERE cart_id = ANY($1::uuid[])
                  AND status IN ('pending','approved'))
    OR EXISTS (SELECT FROM approval_rule WHERE company_id = ANY($2::uuid[]) AND active)
    OR EXISTS (SELECT FROM budget WHERE legal_entity_id = ANY($3::uuid[]) AND active
                  AND mode = 'ask')
"""
"""Whether anything can ask or was agreed: for most orders of most companies nothing."""
LIVE = """
SELECT id, cart_id, status, requested_by_id, reasons, steps, current_step, snapshot FROM approval
 WHERE cart_id = ANY($1::uuid[]) AND status IN ('pending','approved')
 ORDER BY id FOR UPDATE
"""
ORDERED = "UPDATE approval SET status = 'ordered' WHERE id = ANY($1::uuid[])"


async def ensure_may_order(
    actor: Actor, carts: Sequence[RequestedCart], now: datetime
) -> list[UUID]:
    """Let carts be ordered that need no agreement or have it; return the approvals used up.

    Call it in the transaction of the order, with the carts locked. Every cart is judged by
    itself, budgets over all carts of a legal entity together. Marks the approvals as ordered.
    Locks them. One statement where nothing asks, else a fixed number for each cart at most. Raises
    `ApprovalRequired`
    where agreement lacks or is pending, `ApprovalOutdated` where other lines, more money or a
    reason that nobody has seen would be ordered.
    """
    companies = list({cart.company_id for cart in carts})
    entities = list({cart.legal_entity_id for cart in carts})
    cart_ids = [cart.cart_id for cart in carts]
    if not await fetch_value(ANYTHING, cart_ids, companies, entities):
        return []
    live = {row["cart_id"]: row for row in await fetch(LIVE, cart_ids)}
    rules = await rules_of(companies)
    staff = {company_id: await staff_of(company_id, now) for company_id in companies}
    budgets = await asking_budgets(carts, now)
    in_turn = _agreed_first(carts, live)
    for cart in in_turn:
        asking = _on_top_of(budgets[cart.legal_entity_id], cart, in_turn)
        company_rules, people = rules[cart.company_id], staff[cart.company_id]
        await _judge(actor, cart, live.get(cart.cart_id), company_rules, asking, people)
    _check_totals(carts, live)
    used = [row["id"] for row in live.values()]
    if used:
        await execute(ORDERED, used)
    return used


def _agreed_first(carts: Sequence[RequestedCart], live: Mapping[UUID, Row]) -> list[RequestedCart]:
    """Agreed carts first: what they take from a budget, somebody agreed to."""
    return sorted(carts, key=lambda cart: (cart.cart_id not in live, cart.cart_id))


def _on_top_of(
    budgets: Sequence[BudgetState], cart: RequestedCart, order: Sequence[RequestedCart]
) -> list[BudgetState]:
    """Return the budgets as they stand when the carts before this one are ordered."""
    earlier = order[: order.index(cart)]
    found = []
    for budget in budgets:
        spent = budget.spent + sum(
            (
                net
                for other in earlier
                if other.legal_entity_id == budget.legal_entity_id
                for center, currency, net in other.budget_amounts()
                if budget.counts(center, currency)
            ),
            Decimal(0),
        )
        found.append(replace(budget, spent=spent))
    return found


async def _judge(
    actor: Actor,
    cart: RequestedCart,
    approval: Row | None,
    rules: Sequence[Rule],
    budgets: Sequence[BudgetState],
    staff: Staff,
) -> None:
    if approval is not None and approval["status"] == "pending":
        raise pending(approval, cart, staff)
    requester = approval["requested_by_id"] if approval is not None else actor.user_id
    need = await need_for(cart, requester, rules, budgets, staff)
    if approval is not None:
        _check_agreed(cart, approval, need)
    elif need is not None:
        raise required(cart, need, staff, requester)


def required(cart: RequestedCart, need: Need, staff: Staff, requester: UUID) -> ApprovalRequired:
    """Return the refusal of a cart that nobody has been asked about."""
    people = asked_now(need.steps[0], staff, requester) if need.steps else []
    return ApprovalRequired(
        cart_id=cart.cart_id,
        summary=need.summary("en"),
        summary_ru=need.summary("ru"),
        reasons=tuple(reason.en for reason in need.reasons),
        reasons_ru=tuple(reason.ru for reason in need.reasons),
        approvers=tuple(Person(one.user_id, staff.names.get(one.user_id, "")) for one in people),
    )


def pending(approval: Row, cart: RequestedCart, staff: Staff) -> ApprovalRequired:
    """Return the refusal of a cart that waits for a decision."""
    reasons = load_reasons(approval["reasons"])
    step = load_steps(approval["steps"])[approval["current_step"] - 1]
    people = asked_now(step, staff, approval["requested_by_id"])
    return ApprovalRequired(
        cart_id=cart.cart_id,
        summary=" ".join(f"{reason.en}." for reason in reasons),
        summary_ru=" ".join(f"{reason.ru}." for reason in reasons),
        reasons=tuple(reason.en for reason in reasons),
        reasons_ru=tuple(reason.ru for reason in reasons),
        approvers=tuple(Person(one.user_id, staff.names.get(one.user_id, "")) for one in people),
        pending_approval_id=approval["id"],
    )


def _check_agreed(cart: RequestedCart, approval: Row, need: Need | None) -> None:
    agreed = load_snapshot(approval["snapshot"])
    if not same_lines(cart.lines, agreed.agreed()):
        raise ApprovalOutdated(
            approval["id"], "the cart holds other lines than agreed", "в корзине другие строки"
        )
    _check_sum(approval["id"], agreed.goods(), cart.goods())
    known = {reason.key for reason in load_reasons(approval["reasons"])}
    for reason in need.reasons if need is not None else ():
        if reason.key not in known:
            raise ApprovalOutdated(approval["id"], reason.en, reason.ru)


def _check_sum(
    approval_id: UUID, then: Mapping[str, Decimal], present: Mapping[str, Decimal]
) -> None:
    found = risen(then, present)
    if found is not None:
        currency, before, after = found
        raise ApprovalOutdated(
            approval_id,
            f"{plain(before)} {currency} was agreed and it costs {plain(after)} {currency}",
            f"согласовано {plain(before)} {currency}, а стоит {plain(after)} {currency}",
        )


def _check_totals(carts: Sequence[RequestedCart], live: Mapping[UUID, Row]) -> None:
    """Compare with delivery, where all carts of a legal entity have been agreed to.

    Carts ordered together share their deliveries, however these are told apart.
    """
    for entity_id in {cart.legal_entity_id for cart in carts}:
        own = [cart for cart in carts if cart.legal_entity_id == entity_id]
        if not all(cart.cart_id in live for cart in own):
            continue
        agreed = [load_snapshot(live[cart.cart_id]["snapshot"]) for cart in own]
        _check_sum(live[own[0].cart_id]["id"], _joined(agreed), _joined(own))


def _joined(parts: Sequence[RequestedCart] | Sequence[Snapshot]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for part in parts:
        for currency, net in part.totals().items():
            sums[currency] = sums.get(currency, Decimal(0)) + net
    return sums
