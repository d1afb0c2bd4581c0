"""Approvals of carts, in one place: other slices and the outer layers import these."""

from __future__ import annotations

from entrepot.platform.carts.approvals.absences import cancel_absence, set_absence
from entrepot.platform.carts.approvals.beforehand import Deciders, who_agrees_beforehand
from entrepot.platform.carts.approvals.deciding import Verdict, decide, decide_by_link
from entrepot.platform.carts.approvals.drift import QuantityChange
from entrepot.platform.carts.approvals.expiry import ask_anew, expire_due
from entrepot.platform.carts.approvals.gate import ensure_may_order
from entrepot.platform.carts.approvals.requests import priced_cart, requested_cart
from entrepot.platform.carts.approvals.rule_service import (
    RuleTerms,
    create_rule,
    delete_rule,
    update_rule,
)
from entrepot.platform.carts.approvals.submitting import submit, withdraw

__all__ = [
    "Deciders",
    "QuantityChange",
    "RuleTerms",
    "Verdict",
    "ask_anew",
    "cancel_absence",
    "create_rule",
    "decide",
    "decide_by_link",
    "delete_rule",
    "ensure_may_order",
    "expire_due",
    "priced_cart",
    "requested_cart",
    "set_absence",
    "submit",
    "update_rule",
    "who_agrees_beforehand",
    "withdraw",
]
