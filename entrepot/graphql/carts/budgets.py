"""Budgets in GraphQL."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.carts.approval_errors import BudgetClosed, BudgetNameTaken
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.money import Money
from entrepot.graphql.node import Node, decode_id, encode_id, register_node
from entrepot.graphql.once import once
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.platform.carts.budgets import keeping, queries
from entrepot.platform.carts.budgets.rules import BudgetMode as Mode
from entrepot.platform.errors import NotFound


@strawberry.enum(description="How long a period of a budget is.")
class BudgetPeriod(Enum):
    """Lengths of periods."""

    MONTH = strawberry.enum_value("month", description="A month.")
    QUARTER = strawberry.enum_value("quarter", description="Three months.")
    YEAR = strawberry.enum_value("year", description="A year.")


@strawberry.enum(description="What happens when an order would exceed a budget.")
class BudgetMode(Enum):
    """What a budget does."""

    BLOCK = strawberry.enum_value("block", description="The order is refused.")
    WARN = strawberry.enum_value("warn", description="The order goes through with a warning.")
    ASK = strawberry.enum_value("ask", description="The cart needs agreement first.")


EntriesPage = tuple[UUID, tuple[date, UUID] | None, int]
"""A budget, the (period, id) of the entry to continue after, and how many rows."""


async def load_entries(
    _context: RequestContext, pages: Sequence[EntriesPage]
) -> Mapping[EntriesPage, list[queries.BudgetEntryRow]]:
    """Entries by budget and page, of visible budgets. One statement for each distinct page."""
    found: dict[EntriesPage, list[queries.BudgetEntryRow]] = {}
    for after, limit in {(after, limit) for _, after, limit in pages}:
        ids = [budget_id for budget_id, *page in pages if page == [after, limit]]
        rows = await queries.entries(ids, after=after, limit=limit)
        found |= {(budget_id, after, limit): entries for budget_id, entries in rows.items()}
    return found


@strawberry.type(description="What an order took from a budget, or gave back when cancelled.")
class BudgetEntry:
    """An entry."""

    period_starts_on: date = strawberry.field(description="First day of the period it counts in.")
    seller_order_number: str = strawberry.field(description="Number of the seller order.")
    amount: Money = strawberry.field(description="Net; below zero where it was given back.")
    entered_at: datetime = strawberry.field(description="When.")


@strawberry.type(
    description="An amount for each period, net of tax, of a legal entity (delivery counts) or of"
    " one of its cost centres (its lines count). Orders in other currencies do not count."
)
class Budget(Node):
    """A budget and its present period."""

    row: strawberry.Private[queries.BudgetRow]

    @classmethod
    def of(cls, row: queries.BudgetRow) -> "Budget":
        """Show a budget."""
        return cls(id=encode_id("Budget", row.id), row=row)

    def _money(self, amount: Decimal) -> Money:
        return Money(amount=amount, currency=self.row.currency)

    @field("Its name.")
    def name(self) -> str:
        return self.row.name

    @field("Global id of the legal entity.")
    def legal_entity_id(self) -> strawberry.ID:
        return encode_id("LegalEntity", self.row.legal_entity_id)

    @field("The cost centre whose lines count; empty: everything.")
    def cost_center(self) -> str:
        return self.row.cost_center

    @field("The amount of each period.")
    def amount(self) -> Money:
        return self._money(self.row.amount)

    @field("How long a period is.")
    def period(self) -> BudgetPeriod:
        return BudgetPeriod(self.row.period)

    @field(
        "First day of the first period; where a month lacks that day, periods start on its last."
    )
    def starts_on(self) -> date:
        return self.row.starts_on

    @field("What happens when an order would exceed it.")
    def mode(self) -> BudgetMode:
        return BudgetMode(self.row.mode.value)

    @field("Whether orders count towards it; false once closed.")
    def active(self) -> bool:
        return self.row.active

    @field(
        "First day of the present period, in the legal entity's time zone; null before the first."
    )
    def period_starts_on(self) -> date | None:
        return self.row.state.period.starts_on if self.row.state else None

    @field("First day of the next period.")
    def period_ends_on(self) -> date | None:
        return self.row.state.period.ends_on if self.row.state else None

    @field("What was spent in the present period.")
    def spent(self) -> Money:
        return self._money(self.row.state.spent if self.row.state else Decimal(0))

    @field("What is left in the present period; below zero where it was exceeded.")
    def left(self) -> Money:
        return self._money(self.row.state.left if self.row.state else self.row.amount)

    @field("What orders took, newest period first, then newest first.")
    async def entries(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[BudgetEntry]:
        page = page_of(first, after, order="budget.entries", keys=(date, UUID))
        rows = await info.context.load(load_entries, (self.row.id, page.after, page.limit)) or []

        def shown(row: queries.BudgetEntryRow) -> BudgetEntry:
            return BudgetEntry(
                period_starts_on=row.period_starts_on,
                seller_order_number=row.order_number,
                amount=self._money(row.amount),
                entered_at=row.entered_at,
            )

        return connect(rows, page, node=shown, key=lambda row: (row.period_starts_on, row.id))


async def load_budgets(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, queries.BudgetRow]:
    """Load budgets that the actor may see."""
    return await queries.by_ids(context.require_actor(), keys, context.resources.clock.now())


async def _node(context: RequestContext, key: UUID) -> Node | None:
    if context.actor is None:
        return None
    row = await context.load(load_budgets, key)
    return Budget.of(row) if row is not None else None


register_node("Budget", _node)


@strawberry.type
class BudgetsQuery:
    """Reads of budgets."""

    @field("The budgets of a legal entity, by name, closed ones too.")
    async def budgets(
        self,
        info: Info,
        legal_entity_id: Annotated[
            strawberry.ID | None,
            argument("Whose; without it the one you act for. Another needs APPROVAL_MANAGE."),
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[Budget]:
        page = page_of(first, after, order="budgets.name", keys=(str, UUID))
        entity_id = (
            decode_id(legal_entity_id, "LegalEntity", "legalEntityId")
            if legal_entity_id is not None
            else None
        )
        rows = await queries.of_entity(
            info.context.require_actor(),
            entity_id,
            info.context.resources.clock.now(),
            after=page.after,
            limit=page.limit,
        )
        return connect(rows, page, node=Budget.of, key=lambda row: (row.name, row.id))


@strawberry.type(description="The budget after the change.")
class BudgetPayload:
    """A budget."""

    budget: Budget = strawberry.field(description="The budget.")


SaveBudgetResult = Annotated[
    BudgetPayload | BudgetNameTaken | BudgetClosed | CommonErrors,
    strawberry.union("SaveBudgetResult", description="The budget, or why not."),
]


@strawberry.input(description="A new budget.")
class CreateBudgetInput:
    """A budget."""

    name: str = strawberry.field(description="Its name, unique in the legal entity.")
    amount: Decimal = strawberry.field(description="The amount of each period, net of tax.")
    currency: str = strawberry.field(description="ISO 4217 code; only its orders count.")
    period: BudgetPeriod = strawberry.field(description="How long a period is.")
    starts_on: date = strawberry.field(
        description="First day of the first period, in the legal entity's time zone."
    )
    mode: BudgetMode = strawberry.field(description="What happens when an order would exceed it.")
    cost_center: str = strawberry.field(
        default="", description="Count the lines of this cost centre only; empty: everything."
    )
    legal_entity_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose; without it the one you act for."
    )


@strawberry.input(description="What changes of a budget; what is left out stays.")
class UpdateBudgetInput:
    """A changed budget."""

    budget_id: strawberry.ID = strawberry.field(description="The budget.")
    name: str | None = strawberry.field(default=None, description="Its name.")
    amount: Decimal | None = strawberry.field(
        default=None, description="The amount of each period, the present one too."
    )
    mode: BudgetMode | None = strawberry.field(
        default=None, description="What happens when an order would exceed it."
    )


@strawberry.input(description="Names a budget.")
class CloseBudgetInput:
    """A budget."""

    budget_id: strawberry.ID = strawberry.field(description="The budget.")


async def _payload(info: Info, key: UUID) -> BudgetPayload:
    row = await info.context.load(load_budgets, key)
    if row is None:
        raise NotFound("budget")
    return BudgetPayload(budget=Budget.of(row))


@strawberry.type
class BudgetsMutation:
    """Changes of budgets."""

    @mutation("Set up a budget; orders count from now on. Needs APPROVAL_MANAGE.")
    async def create_budget(
        self, info: Info, input: Annotated[CreateBudgetInput, argument("The budget.")]
    ) -> SaveBudgetResult:
        actor, clock = info.context.require_actor(), info.context.resources.clock
        entity = input.legal_entity_id
        new = keeping.NewBudget(
            name=input.name,
            amount=input.amount,
            currency=input.currency,
            period=str(input.period.value),
            starts_on=input.starts_on,
            mode=Mode(str(input.mode.value)),
            cost_center=input.cost_center,
            legal_entity_id=decode_id(entity, "LegalEntity", "input", "legalEntityId")
            if entity is not None
            else None,
        )
        key = await once(info, input, lambda: keeping.create(actor, new, clock=clock))
        return await _payload(info, key)

    @mutation("Change a budget's name, amount or mode. Needs APPROVAL_MANAGE.")
    async def update_budget(
        self, info: Info, input: Annotated[UpdateBudgetInput, argument("What changes.")]
    ) -> SaveBudgetResult:
        actor = info.context.require_actor()
        key = decode_id(input.budget_id, "Budget", "input", "budgetId")

        async def work() -> UUID:
            await keeping.update(
                actor,
                key,
                name=input.name,
                amount=input.amount,
                mode=Mode(str(input.mode.value)) if input.mode is not None else None,
            )
            return key

        return await _payload(info, await once(info, input, work))

    @mutation("Close a budget: orders no longer count towards it. Needs APPROVAL_MANAGE.")
    async def close_budget(
        self, info: Info, input: Annotated[CloseBudgetInput, argument("Which one.")]
    ) -> SaveBudgetResult:
        actor = info.context.require_actor()
        key = decode_id(input.budget_id, "Budget", "input", "budgetId")

        async def work() -> UUID:
            await keeping.close(actor, key)
            return key

        return await _payload(info, await once(info, input, work))
