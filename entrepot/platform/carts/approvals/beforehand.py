"""Agreement to carts that do not exist yet: who may give it to the envelope of a standing order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from entrepot.platform.carts.approvals.asking import who_may_decide
from entrepot.platform.carts.approvals.facts import (
    asking_budgets,
    need_for,
    rules_of,
    staff_of,
)
from entrepot.platform.carts.approvals.rules import RequestedCart
from entrepot.platform.identity.permissions import Permission


@dataclass(frozen=True, slots=True)
class Deciders:
    """Who may agree at which step, each with the right by which they do; never the requester."""

    step: int
    people: Mapping[UUID, Permission]


async def who_agrees_beforehand(cart: RequestedCart, requester_id: UUID, now: datetime) -> Deciders:
    """Return who may agree once and for all to carts up to this one.

    One agreement stands for all steps, so it is the last step's: whoever has the final word on such
    a cart, their alternates while they are away, administrators where nobody of them is left. Where
    no rule and no budget asks, every approver. A fixed number of statements.
    """
    rules = (await rules_of([cart.company_id]))[cart.company_id]
    budgets = (await asking_budgets([cart], now))[cart.legal_entity_id]
    staff = await staff_of(cart.company_id, now)
    need = await need_for(cart, requester_id, rules, budgets, staff)
    steps = need.steps if need is not None else (tuple(staff.approvers),)
    found = who_may_decide(steps[-1], staff, requester_id)
    return Deciders(
        len(steps),
        {
            person: Permission.ORDER_APPROVE
            if person in staff.approvers
            else Permission.APPROVAL_MANAGE
            for person in found
        },
    )
