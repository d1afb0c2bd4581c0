"""Approvals, their rules and absences, and budgets: how their fields are called."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from entrepot.graphql.node import encode_id
from entrepot.platform.carts import service as carts
from entrepot.platform.carts.approvals import service
from entrepot.platform.carts.approvals.service import RuleTerms
from entrepot.platform.carts.budgets import keeping
from entrepot.platform.carts.budgets.keeping import NewBudget
from entrepot.platform.carts.budgets.rules import BudgetMode
from entrepot.platform.clock import SystemClock
from entrepot.platform.database import execute, fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import Company, LegalEntity, User
from entrepot.platform.identity.permissions import Permission, Role
from entrepot.platform.identity.tokens import link_token
from tests.factories import make_actor
from tests.graphql_client import GraphQLClient
from tests.journeys.isolation_world import World
from tests.journeys.rows import BUYERS, Row, Victims, row

CLOCK = SystemClock()  # approvals expire: those of the world must be alive whenever it is made
KEY = b"test-secret-key-of-more-than-32-characters"
AWAY = {"startsAt": "2030-01-01T00:00:00Z", "endsAt": "2030-02-01T00:00:00Z"}
BUDGET = {
    "name": "Mine #",
    "amount": "10",
    "currency": "RUB",
    "period": "MONTH",
    "startsOn": "2026-01-31",
    "mode": "WARN",
}
SELLERS_TOO = BUYERS | {"other_seller"}  # administrators of any company manage approvals

ROWS: dict[str, Row] = {
    "approvals": Row({"filter": "ALL", "first": 50}, may=SELLERS_TOO),
    "approvalByLink": Row({"token": "guess"}),
    "approvalRules": Row({"first": 50}, may=SELLERS_TOO),
    "approverAbsences": Row(may=SELLERS_TOO),
    "budgets": Row({"first": 50}, may=SELLERS_TOO),
    "submitCart": row(cartId="$approvalCart", note="x"),
    "withdrawApproval": row(approvalId="$approval"),
    "approveCart": row(approvalId="$approval"),
    "refuseCart": row(approvalId="$approval", reason="x"),
    "decideApprovalByLink": row(token="guess", approve=True),
    "createApprovalRule": row(name="R", steps=[{"approverIds": ["$approver"]}]),
    "updateApprovalRule": row(
        ruleId="$approvalRule", name="R", steps=[{"approverIds": ["$approver"]}]
    ),
    "deleteApprovalRule": row(ruleId="$approvalRule"),
    "setApproverAbsence": row(**AWAY, userId="$approver", alternateId="$deputy"),
    "cancelApproverAbsence": row(absenceId="$absence"),
    "createBudget": row(**BUDGET, legalEntityId="$entity"),
    "updateBudget": row(budgetId="$budget", name="Stolen"),
    "closeBudget": row(budgetId="$budget"),
}
VALID: dict[str, dict[str, Any]] = {
    "approvalByLink": {"token": "$approvalLink"},
    "submitCart": {"input": {"cartId": "$dearCart", "note": "x"}},
    "approveCart": {
        "input": {
            "approvalId": "$decidable",
            "changes": [{"lineId": "$decidableLine", "quantity": "1"}],
            "reason": "x",
            "step": 1,
        }
    },
    "refuseCart": {"input": {"approvalId": "$decidable", "reason": "x", "step": 1}},
    "decideApprovalByLink": {"input": {"token": "$approvalLink", "approve": False, "reason": "x"}},
    "createApprovalRule": {
        "input": {
            "name": "Rule #",
            "steps": [{"approverIds": ["$approver"]}],
            "legalEntityId": "$entity",
            "aboveAmount": "5",
            "currency": "RUB",
            "categoryId": "$category",
            "costCenter": "K",
            "requesterId": "$colleague",
        }
    },
    "createBudget": {"input": BUDGET | {"costCenter": "K", "legalEntityId": "$entity"}},
    "updateBudget": {
        "input": {"budgetId": "$budget", "name": "New #", "amount": "7", "mode": "BLOCK"}
    },
    "budgets": {"legalEntityId": "$entity", "first": 20},
}
UNTOLD = ("approval", "approvalRule", "absence", "budget", "approvalCart")
HIDDEN_NODES = ("approval", "approvalRule", "budget")


def _allowed(actor: Actor) -> Actor:
    """The person with every right, for setting things up."""
    return Actor(actor.user_id, actor.company_id, actor.legal_entity_id, frozenset(Permission))


async def _waiting_cart(requester: Actor, offer_id: UUID, name: str) -> tuple[UUID, UUID]:
    """A cart that waits for agreement: the cart and its approval."""
    cart = await carts.create(requester, name)
    line = carts.NewCartLine(offer_id, Decimal(2), cost_center="SECRET-K")
    await carts.add_lines(requester, cart, [line], clock=CLOCK)
    return cart, await service.submit(KEY, requester, cart, "SECRET note", clock=CLOCK)


async def build(victims: Victims) -> dict[str, str]:
    """Make a rule, a budget, an absence and an approval that waits."""
    company = await Company.get(id=victims.buyer.company_id)
    entity = await LegalEntity.get(id=victims.buyer.legal_entity_id)
    approver = await make_actor(company, entity, Role.APPROVER)
    deputy = await make_actor(company, entity, Role.APPROVER)
    await User.filter(id=approver.user_id).update(name="SECRET approver")
    admin = _allowed(victims.buyer)
    terms = RuleTerms(
        "SECRET rule", [[approver.user_id]], cost_center="SECRET-K", expires_after_hours=2000
    )
    rule = await service.create_rule(admin, terms, clock=CLOCK)
    new = NewBudget(
        "SECRET budget", Decimal(10**6), "RUB", "month", date(2026, 1, 31), BudgetMode.WARN
    )
    budget = await keeping.create(admin, new, clock=CLOCK)
    absence = await service.set_absence(
        admin,
        approver.user_id,
        datetime(2029, 1, 1, tzinfo=UTC),
        datetime(2029, 2, 1, tzinfo=UTC),
        deputy.user_id,
        clock=CLOCK,
    )
    cart, approval = await _waiting_cart(victims.buyer, victims.shown.id, "SECRET cart")
    return {
        "approver": encode_id("User", approver.user_id),
        "deputy": encode_id("User", deputy.user_id),
        "approvalRule": encode_id("ApprovalRule", rule),
        "budget": encode_id("Budget", budget),
        "absence": encode_id("ApproverAbsence", absence),
        "approval": encode_id("Approval", approval),
        "approvalCart": encode_id("Cart", cart),
    }


async def prepare(api: GraphQLClient, world: World, people: dict[str, Actor]) -> None:
    """Let the buyer's person decide on a colleague's cart, by link too; fill one to hand in."""
    buyer = people["buyer"]
    await execute(
        "UPDATE membership SET roles = array_append(roles, 'approver') WHERE user_id = $1",
        buyer.user_id,
    )
    offer: UUID = await fetch_value(
        "SELECT offer_id FROM cart_line WHERE cost_center = 'SECRET-K' LIMIT 1"
    )
    colleague = await fetch_value(
        "SELECT user_id FROM membership WHERE company_id = $1 AND user_id <> $2"
        " AND 'buyer' = ANY (roles) ORDER BY created_at LIMIT 1",
        buyer.company_id,
        buyer.user_id,
    )
    requester = _allowed(Actor(colleague, buyer.company_id, buyer.legal_entity_id, frozenset()))
    terms = RuleTerms("Deciding", [[buyer.user_id]], cost_center="SECRET-K",
                      requester_id=colleague, expires_after_hours=2000)  # fmt: skip
    await service.create_rule(_allowed(buyer), terms, clock=CLOCK)
    _, approval = await _waiting_cart(requester, offer, "Decidable")
    link: UUID = await fetch_value(
        "SELECT id FROM approval_link WHERE approval_id = $1 AND user_id = $2",
        approval,
        buyer.user_id,
    )
    line: UUID = await fetch_value(
        "SELECT l.id FROM cart_line l JOIN approval a ON a.cart_id = l.cart_id WHERE a.id = $1",
        approval,
    )
    dear = await carts.create(buyer, "Dear")
    one = carts.NewCartLine(offer, Decimal(1), cost_center="SECRET-K")
    await carts.add_lines(buyer, dear, [one], clock=CLOCK)
    world.ids["decidable"] = encode_id("Approval", approval)
    world.ids["decidableLine"] = encode_id("CartLine", line)
    world.ids["approvalLink"] = link_token(api.resources.identity.secret_key, "approve", link)
    world.ids["dearCart"] = encode_id("Cart", dear)
