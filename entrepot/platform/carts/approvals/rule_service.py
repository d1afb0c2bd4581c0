"""Writing approval rules: what asks for agreement in a company, and whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.approvals.errors import ApprovalRuleNameTaken, NotAnApprover
from entrepot.platform.carts.approvals.facts import staff_of
from entrepot.platform.carts.rules import MAX_COST_CENTER
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.clock import Clock
from entrepot.platform.database import execute, execute_many, fetch_value, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.money import MINOR_DIGITS

MAX_NAME = 200
MAX_STEPS = 10
MAX_APPROVERS = 50
MAX_HOURS = 24 * 90
MAX_AMOUNT = Decimal(10**13)
VALUES = (
    "legal_entity_id, name, above_amount, currency, category_id, cost_center, requester_id,"
    " new_seller, over_budget, expires_after_hours, active"
)
INSERT = f"""
INSERT INTO approval_rule (id, company_id, created_at, {VALUES})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""
UPDATE = f"""
UPDATE approval_rule SET ({VALUES}) = ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
 WHERE id = $1 AND company_id = $2
"""
NAMESAKE = """
SELECT id FROM approval_rule WHERE company_id = $1 AND name = $2 AND id IS DISTINCT FROM $3
"""


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """All that a rule says; conditions that are not set hold always. Amounts are net of tax."""

    name: str
    steps: Sequence[Sequence[UUID]]
    legal_entity_id: UUID | None = None
    above_amount: Decimal | None = None
    currency: str | None = None
    category_id: UUID | None = None
    cost_center: str | None = None
    requester_id: UUID | None = None
    new_seller: bool = False
    over_budget: bool = False
    expires_after_hours: int = 72
    active: bool = True


async def create_rule(actor: Actor, terms: RuleTerms, *, clock: Clock) -> UUID:
    """Add a rule to the actor's company and return its id.

    Needs `approval.manage`. Locks the company. Raises `InvalidInput`, `NotFound` (legal entity,
    category, requester), `NotAnApprover`, `ApprovalRuleNameTaken`.
    """
    actor.require(Permission.APPROVAL_MANAGE)
    rule_id, now = new_id(), clock.now()
    async with transaction():
        values = await _checked(actor, terms, None, clock)
        await execute(INSERT, rule_id, actor.company_id, now, *values)
        await _write_steps(rule_id, terms.steps)
    return rule_id


async def update_rule(actor: Actor, rule_id: UUID, terms: RuleTerms, *, clock: Clock) -> None:
    """Replace all that a rule says; approvals that wait stay as they were asked for.

    Needs `approval.manage`. Raises what `create_rule` does.
    """
    actor.require(Permission.APPROVAL_MANAGE)
    async with transaction():
        values = await _checked(actor, terms, rule_id, clock)
        if not await execute(UPDATE, rule_id, actor.company_id, *values):
            raise NotFound("approval rule").at("ruleId")
        await execute("DELETE FROM approval_rule_step WHERE rule_id = $1", rule_id)
        await _write_steps(rule_id, terms.steps)


async def delete_rule(actor: Actor, rule_id: UUID) -> None:
    """Delete a rule; approvals that wait because of it still do.

    Needs `approval.manage`. Raises `NotFound`.
    """
    actor.require(Permission.APPROVAL_MANAGE)
    deleted = await execute(
        "DELETE FROM approval_rule WHERE id = $1 AND company_id = $2", rule_id, actor.company_id
    )
    if not deleted:
        raise NotFound("approval rule").at("ruleId")


async def _write_steps(rule_id: UUID, steps: Sequence[Sequence[UUID]]) -> None:
    await execute_many(
        "INSERT INTO approval_rule_step (id, rule_id, step, approver_ids) VALUES ($1, $2, $3, $4)",
        [
            (new_id(), rule_id, number, list(dict.fromkeys(people)))
            for number, people in enumerate(steps, start=1)
        ],
    )


async def _checked(
    actor: Actor, terms: RuleTerms, rule_id: UUID | None, clock: Clock
) -> tuple[object, ...]:
    name = clean_text("name", terms.name, MAX_NAME)
    _check_amount(terms)
    if not 1 <= terms.expires_after_hours <= MAX_HOURS:
        raise InvalidInput(
            "expiresAfterHours", f"take 1 to {MAX_HOURS}", f"допустимо от 1 до {MAX_HOURS}"
        )
    center = terms.cost_center
    if center is not None:
        center = clean_text("costCenter", center, MAX_COST_CENTER)
    await execute("SELECT id FROM company WHERE id = $1 FOR NO KEY UPDATE", actor.company_id)
    await _check_people(actor, terms, clock)
    await _check_places(actor, terms)
    if await fetch_value(NAMESAKE, actor.company_id, name, rule_id):
        raise ApprovalRuleNameTaken(name).at("name")
    return (
        terms.legal_entity_id,
        name,
        terms.above_amount,
        terms.currency,
        terms.category_id,
        center,
        terms.requester_id,
        terms.new_seller,
        terms.over_budget,
        terms.expires_after_hours,
        terms.active,
    )


def _check_amount(terms: RuleTerms) -> None:
    if (terms.above_amount is None) != (terms.currency is None):
        raise InvalidInput(
            "aboveAmount" if terms.above_amount is None else "currency",
            "set amount and currency together",
            "сумма и валюта задаются вместе",
        )
    if terms.above_amount is not None and not 0 <= terms.above_amount < MAX_AMOUNT:
        raise InvalidInput("aboveAmount", "must not be below 0", "не может быть меньше 0")
    if terms.currency is not None and terms.currency not in MINOR_DIGITS:
        raise InvalidInput(
            "currency", "must be a known ISO 4217 code", "нужен известный код ISO 4217"
        )


async def _check_people(actor: Actor, terms: RuleTerms, clock: Clock) -> None:
    if not 1 <= len(terms.steps) <= MAX_STEPS:
        raise InvalidInput("steps", f"take 1 to {MAX_STEPS}", f"допустимо от 1 до {MAX_STEPS}")
    staff = await staff_of(actor.company_id, clock.now())
    for index, people in enumerate(terms.steps):
        if not 1 <= len(people) <= MAX_APPROVERS:
            raise InvalidInput(
                f"steps.{index}.approverIds",
                f"name 1 to {MAX_APPROVERS} approvers",
                f"укажите от 1 до {MAX_APPROVERS} согласующих",
            )
        for person in people:
            if person not in staff.approvers:
                raise NotAnApprover(person).at("steps", str(index), "approverIds", line_index=index)
    if terms.requester_id is not None and terms.requester_id not in staff.names:
        raise NotFound("User").at("requesterId")


async def _check_places(actor: Actor, terms: RuleTerms) -> None:
    if terms.legal_entity_id is not None and not await fetch_value(
        "SELECT id FROM legal_entity WHERE id = $1 AND company_id = $2",
        terms.legal_entity_id,
        actor.company_id,
    ):
        raise NotFound("LegalEntity").at("legalEntityId")
    if terms.category_id is not None and not await fetch_value(
        "SELECT id FROM category WHERE id = $1", terms.category_id
    ):
        raise NotFound("category").at("categoryId")
