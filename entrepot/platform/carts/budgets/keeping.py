"""Setting budgets up: create, change, close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.budgets.errors import BudgetClosed, BudgetNameTaken
from entrepot.platform.carts.budgets.rules import FIRST_DAY, LAST_DAY, MONTHS, BudgetMode
from entrepot.platform.carts.rules import MAX_COST_CENTER
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.clock import Clock
from entrepot.platform.database import Row, execute, fetch_one, fetch_value, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.money import MINOR_DIGITS

MAX_NAME = 200
MAX_AMOUNT = Decimal(10**13)
INSERT = """
INSERT INTO budget
       (id, legal_entity_id, name, cost_center, currency, amount, period, starts_on, mode, active,
        created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, true, $10)
ON CONFLICT (legal_entity_id, name) DO NOTHING
"""
LOCK = """
SELECT b.id, b.legal_entity_id, b.name, b.amount, b.mode, b.active
  FROM budget b JOIN legal_entity e ON e.id = b.legal_entity_id
 WHERE b.id = $1 AND e.company_id = $2 FOR UPDATE OF b
"""


@dataclass(frozen=True, slots=True)
class NewBudget:
    """A budget of a legal entity (`None`: the one acted for), or of one of its cost centres."""

    name: str
    amount: Decimal
    currency: str
    period: str
    starts_on: date
    mode: BudgetMode
    cost_center: str = ""
    legal_entity_id: UUID | None = None


async def create(actor: Actor, new: NewBudget, *, clock: Clock) -> UUID:
    """Set up a budget and return its id; orders placed before do not count towards it.

    Needs `approval.manage`. Raises `InvalidInput`, `NotFound`, `BudgetNameTaken`.
    """
    actor.require(Permission.APPROVAL_MANAGE)
    name = clean_text("name", new.name, MAX_NAME)
    center = clean_text("costCenter", new.cost_center, MAX_COST_CENTER, empty=True)
    _check_amount(new.amount)
    if new.currency not in MINOR_DIGITS:
        raise InvalidInput(
            "currency", "must be a known ISO 4217 code", "нужен известный код ISO 4217"
        )
    if new.period not in MONTHS:
        raise InvalidInput("period", "month, quarter or year", "месяц, квартал или год")
    if not FIRST_DAY <= new.starts_on <= LAST_DAY:
        raise InvalidInput(
            "startsOn",
            f"must be from {FIRST_DAY} to {LAST_DAY}",
            f"допустимо от {FIRST_DAY} до {LAST_DAY}",
        )
    entity_id = new.legal_entity_id or actor.legal_entity_id
    if not await fetch_value(
        "SELECT id FROM legal_entity WHERE id = $1 AND company_id = $2",
        entity_id,
        actor.company_id,
    ):
        raise NotFound("LegalEntity").at("legalEntityId")
    budget_id = new_id()
    written = await execute(
        INSERT,
        budget_id,
        entity_id,
        name,
        center,
        new.currency,
        new.amount,
        new.period,
        new.starts_on,
        new.mode.value,
        clock.now(),
    )
    if not written:
        raise BudgetNameTaken(name).at("name")
    return budget_id


async def update(
    actor: Actor,
    budget_id: UUID,
    *,
    name: str | None = None,
    amount: Decimal | None = None,
    mode: BudgetMode | None = None,
) -> None:
    """Change a budget's name, amount or mode; `None` leaves as it is. What was spent stays.

    Orders being placed end first. Needs `approval.manage`. Locks the budget. Raises
    `InvalidInput`, `NotFound`, `BudgetClosed`, `BudgetNameTaken`.
    """
    actor.require(Permission.APPROVAL_MANAGE)
    if amount is not None:
        _check_amount(amount)
    cleaned = None if name is None else clean_text("name", name, MAX_NAME)
    async with transaction():
        row = await _locked(actor, budget_id)
        if cleaned is not None and await fetch_value(
            "SELECT id FROM budget WHERE legal_entity_id = $1 AND name = $2 AND id <> $3",
            row["legal_entity_id"],
            cleaned,
            budget_id,
        ):
            raise BudgetNameTaken(cleaned).at("name")
        await execute(
            "UPDATE budget SET name = $2, amount = $3, mode = $4 WHERE id = $1",
            budget_id,
            row["name"] if cleaned is None else cleaned,
            row["amount"] if amount is None else amount,
            row["mode"] if mode is None else mode.value,
        )


async def close(actor: Actor, budget_id: UUID) -> None:
    """Close a budget: orders no longer count towards it; it stays for the record.

    Needs `approval.manage`. Locks the budget. Raises `NotFound`, `BudgetClosed`.
    """
    actor.require(Permission.APPROVAL_MANAGE)
    async with transaction():
        await _locked(actor, budget_id)
        await execute("UPDATE budget SET active = false WHERE id = $1", budget_id)


async def _locked(actor: Actor, budget_id: UUID) -> Row:
    row = await fetch_one(LOCK, budget_id, actor.company_id)
    if row is None:
        raise NotFound("budget").at("budgetId")
    if not row["active"]:
        raise BudgetClosed(row["name"])
    return row


def _check_amount(amount: Decimal) -> None:
    if not 0 <= amount < MAX_AMOUNT:
        raise InvalidInput("amount", "must not be below 0", "не может быть меньше 0")
