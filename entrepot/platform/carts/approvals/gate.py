"""The one gate that every way of ordering passes: what needs agreement has it, or is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from entrepot.platform.money import told_amount

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


@dataclass(frozen=True, slots=True)
class _Judge:
    """What a company asks, and who would be asked."""

    rules: Sequence[Rule]
    staff: Staff

    async def need(
        self, cart: RequestedCart, requester: UUID, budgets: Sequence[BudgetState]
    ) -> Need | None:
        return await need_for(cart, requester, self.rules, budgets, self.staff)


async def ensure_may_order(
    actor: Actor, carts: Sequence[RequestedCart], now: datetime
) -> list[UUID]:
    """Let carts be ordered that need no agreement or have it; return the approvals used up.

    Call it in the transaction of the order, with the carts locked. Carts of a legal entity that
    nobody agreed to are judged each by itself and all together, so that an order is not cut into
    carts below a limit. Marks the approvals as ordered. Locks them. One statement where nothing
    asks, else a fixed number a cart at most. Raises `ApprovalRequired` where agreement lacks or is
    pending, `ApprovalOutdated` where other lines, more money or a reason that nobody has seen
    would be ordered.
    """
    companies = list({cart.company_id for cart in carts})
    entities = sorted({cart.legal_entity_id for cart in carts})
    cart_ids = [cart.cart_id for cart in carts]
    if not await fetch_value(ANYTHING, cart_ids, companies, entities):
        return []
    live = {row["cart_id"]: row for row in await fetch(LIVE, cart_ids)}
    rules = await rules_of(companies)
    judges = {one: _Judge(rules[one], await staff_of(one, now)) for one in companies}
    budgets = await asking_budgets(carts, now)
    for entity_id in entities:
        own = [cart for cart in carts if cart.legal_entity_id == entity_id]
        agreed = [cart for cart in own if cart.cart_id in live]
        judge = judges[own[0].company_id]
        left = await _check_agreed(agreed, live, judge, budgets[entity_id])
        fresh = [cart for cart in own if cart.cart_id not in live]
        await _check_fresh(fresh, actor.user_id, judge, left)
    _check_totals(carts, live)
    used = [row["id"] for row in live.values()]
    if used:
        await execute(ORDERED, used)
    return used


async def _check_agreed(
    carts: Sequence[RequestedCart],
    live: Mapping[UUID, Row],
    judge: _Judge,
    budgets: Sequence[BudgetState],
) -> Sequence[BudgetState]:
    """Check what was agreed to, cart by cart; return the budgets as they stand after it."""
    for cart in carts:
        approval = live[cart.cart_id]
        if approval["status"] == "pending":
            raise pending(approval, cart, judge.staff)
        need = await judge.need(cart, approval["requested_by_id"], budgets)
        _ensure_fits(cart, approval, need)
        budgets = [_without(budget, cart) for budget in budgets]
    return budgets


async def _check_fresh(
    carts: Sequence[RequestedCart],
    requester: UUID,
    judge: _Judge,
    budgets: Sequence[BudgetState],
) -> None:
    for cart in carts:
        need = await judge.need(cart, requester, budgets)
        if need is not None:
            raise required(cart.cart_id, need, judge.staff, requester)
    if len(carts) < 2:
        return
    delivery: dict[str, Decimal] = {}
    for cart in carts:
        for currency, net in cart.delivery_net_by_currency.items():
            delivery[currency] = delivery.get(currency, Decimal(0)) + net
    together = replace(
        carts[0],
        lines=tuple(line for cart in carts for line in cart.lines),
        delivery_net_by_currency=delivery,
    )
    need = await judge.need(together, requester, budgets)
    if need is not None:
        raise required(None, need, judge.staff, requester)


def _without(budget: BudgetState, cart: RequestedCart) -> BudgetState:
    """Return the budget as it stands when the cart is ordered."""
    amounts = (
        net for center, currency, net in cart.budget_amounts() if budget.counts(center, currency)
    )
    return replace(budget, spent=budget.spent + sum(amounts, Decimal(0)))


def required(cart_id: UUID | None, need: Need, staff: Staff, requester: UUID) -> ApprovalRequired:
    """Return the refusal of a cart that nobody has been asked about; None: of several together."""
    people = asked_now(need.steps[0], staff, requester) if need.steps else []
    summary, summary_ru = need.summary("en"), need.summary("ru")
    if cart_id is None:
        summary += " Merge the carts and hand the result in."
        summary_ru += " Объедините корзины и отправьте результат."
    return ApprovalRequired(
        cart_id=cart_id,
        summary=summary,
        summary_ru=summary_ru,
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


def _ensure_fits(cart: RequestedCart, approval: Row, need: Need | None) -> None:
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
        currency, *sums = found
        before, after = (f"{told_amount(amount, currency)} {currency}" for amount in sums)
        raise ApprovalOutdated(
            approval_id,
            f"{before} was agreed and it costs {after}",
            f"согласовано {before}, а стоит {after}",
        )


def _check_totals(carts: Sequence[RequestedCart], live: Mapping[UUID, Row]) -> None:
    """Compare what was agreed in each legal entity with its sums now, delivery included.

    Carts ordered together share their deliveries, however these are told apart; beside carts that
    nobody had to agree to, a delivery counts to the first cart that needs it.
    """
    for entity_id in {cart.legal_entity_id for cart in carts}:
        own = [one for one in carts if one.legal_entity_id == entity_id and one.cart_id in live]
        if own:
            agreed = [load_snapshot(live[cart.cart_id]["snapshot"]) for cart in own]
            _check_sum(live[own[0].cart_id]["id"], _joined(agreed), _joined(own))


def _joined(parts: Sequence[RequestedCart] | Sequence[Snapshot]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for part in parts:
        for currency, net in part.totals().items():
            sums[currency] = sums.get(currency, Decimal(0)) + net
    return sums
