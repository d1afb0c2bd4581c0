"""Approval rules and absences in GraphQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.carts.approval_errors import (
    ApprovalPerson,
    ApprovalRuleNameTaken,
    NotAnApprover,
    people,
)
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.money import Money
from entrepot.graphql.node import Node, decode_id, encode_id, register_node
from entrepot.graphql.once import once
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.platform.carts.approvals import rule_queries, service
from entrepot.platform.errors import NotFound


@strawberry.type(description="One step of a rule: any one of the approvers decides it.")
class ApprovalRuleStep:
    """A step."""

    number: int = strawberry.field(description="Its number, from 1; steps are asked in turn.")
    approvers: list[ApprovalPerson] = strawberry.field(description="Whom it asks.")


@strawberry.type(
    description="When a cart needs agreement: if every condition that is set holds, its steps are"
    " asked. Amounts are net of tax."
)
class ApprovalRule(Node):
    """A rule of your company."""

    row: strawberry.Private[rule_queries.ApprovalRuleRow]

    @classmethod
    def of(cls, row: rule_queries.ApprovalRuleRow) -> "ApprovalRule":
        """Show a rule."""
        return cls(id=encode_id("ApprovalRule", row.id), row=row)

    @field("Its name.")
    def name(self) -> str:
        return self.row.name

    @field("Whom it asks, step by step.")
    def steps(self) -> list[ApprovalRuleStep]:
        return [
            ApprovalRuleStep(number=number, approvers=people(step))
            for number, step in enumerate(self.row.steps, start=1)
        ]

    @field("Only for this legal entity; null: for every one.")
    def legal_entity_id(self) -> strawberry.ID | None:
        key = self.row.legal_entity_id
        return encode_id("LegalEntity", key) if key is not None else None

    @field("Only above this; amounts in other currencies are above it.")
    def above(self) -> Money | None:
        if self.row.above_amount is None or self.row.currency is None:
            return None
        return Money(amount=self.row.above_amount, currency=self.row.currency)

    @field("Only with lines of this category or below it.")
    def category_id(self) -> strawberry.ID | None:
        key = self.row.category_id
        return encode_id("Category", key) if key is not None else None

    @field("Only with lines of this cost centre.")
    def cost_center(self) -> str | None:
        return self.row.cost_center

    @field("Only for what this person asks for.")
    def requester(self) -> ApprovalPerson | None:
        return ApprovalPerson.of(self.row.requester) if self.row.requester else None

    @field("Only with a seller that your company has not bought from.")
    def new_seller(self) -> bool:
        return self.row.new_seller

    @field("Only where a budget that asks would be exceeded.")
    def over_budget(self) -> bool:
        return self.row.over_budget

    @field("How long somebody has to decide.")
    def expires_after_hours(self) -> int:
        return self.row.expires_after_hours

    @field("Whether it applies.")
    def active(self) -> bool:
        return self.row.active


@strawberry.type(description="An approver who is away, and who is asked instead.")
class ApproverAbsence:
    """An absence."""

    id: strawberry.ID = strawberry.field(description="Global id of the absence.")
    user: ApprovalPerson = strawberry.field(description="Who is away.")
    alternate: ApprovalPerson = strawberry.field(description="Who is asked instead.")
    starts_at: datetime = strawberry.field(description="From when.")
    ends_at: datetime = strawberry.field(description="Until before when.")

    @classmethod
    def of(cls, row: rule_queries.AbsenceRow) -> "ApproverAbsence":
        """Show an absence."""
        return cls(
            id=encode_id("ApproverAbsence", row.id),
            user=ApprovalPerson.of(row.user),
            alternate=ApprovalPerson.of(row.alternate),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
        )


async def load_rules(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, rule_queries.ApprovalRuleRow]:
    """Load rules that the actor may see."""
    return await rule_queries.rules_by_ids(context.require_actor(), keys)


async def _node(context: RequestContext, key: UUID) -> Node | None:
    if context.actor is None:
        return None
    row = await context.load(load_rules, key)
    return ApprovalRule.of(row) if row is not None else None


register_node("ApprovalRule", _node)


@strawberry.type
class ApprovalRulesQuery:
    """Reads of rules and absences."""

    @field("The approval rules of your company, by name. Needs APPROVAL_MANAGE.")
    async def approval_rules(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[ApprovalRule]:
        page = page_of(first, after, order="approvalRules.name", keys=(str, UUID))
        rows = await rule_queries.own_rules(
            info.context.require_actor(), after=page.after, limit=page.limit
        )
        return connect(rows, page, node=ApprovalRule.of, key=lambda row: (row.name, row.id))

    @field(
        "Absences that are not over, soonest first, at most 200: yours, with APPROVAL_MANAGE all of"
        " your company."
    )
    async def approver_absences(self, info: Info) -> list[ApproverAbsence]:
        rows = await rule_queries.absences(
            info.context.require_actor(), info.context.resources.clock.now()
        )
        return [ApproverAbsence.of(row) for row in rows]


@strawberry.type(description="The rule after the change.")
class ApprovalRulePayload:
    """A rule."""

    rule: ApprovalRule = strawberry.field(description="The rule.")


@strawberry.type(description="The rule is gone.")
class DeleteApprovalRulePayload:
    """What was deleted."""

    rule_id: strawberry.ID = strawberry.field(description="The rule's id.")


@strawberry.type(description="The absences that are not over, after the change.")
class ApproverAbsencesPayload:
    """Absences."""

    absences: list[ApproverAbsence] = strawberry.field(description="Soonest first.")


SaveApprovalRuleResult = Annotated[
    ApprovalRulePayload | ApprovalRuleNameTaken | NotAnApprover | CommonErrors,
    strawberry.union("SaveApprovalRuleResult", description="The rule, or why not."),
]
DeleteApprovalRuleResult = Annotated[
    DeleteApprovalRulePayload | CommonErrors,
    strawberry.union("DeleteApprovalRuleResult", description="What was deleted, or why not."),
]
SetApproverAbsenceResult = Annotated[
    ApproverAbsencesPayload | NotAnApprover | CommonErrors,
    strawberry.union("SetApproverAbsenceResult", description="The absences, or why not."),
]


@strawberry.input(description="One step of a rule.")
class ApprovalRuleStepInput:
    """A step."""

    approver_ids: list[strawberry.ID] = strawberry.field(
        description="Members of your company with the role APPROVER; any one decides."
    )


@strawberry.input(description="All that a rule says. Conditions that are left out always hold.")
class CreateApprovalRuleInput:
    """A rule."""

    name: str = strawberry.field(description="Its name, unique in your company.")
    steps: list[ApprovalRuleStepInput] = strawberry.field(
        description="Whom it asks, one step after another."
    )
    legal_entity_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only for this legal entity."
    )
    above_amount: Decimal | None = strawberry.field(
        default=None,
        description="Only above this net amount: of the lines that the conditions on lines select,"
        " else of the whole cart with delivery.",
    )
    currency: str | None = strawberry.field(default=None, description="ISO 4217 code of it.")
    category_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only with lines of this category or below it."
    )
    cost_center: str | None = strawberry.field(
        default=None, description="Only with lines of this cost centre."
    )
    requester_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only for what this person asks for."
    )
    new_seller: bool = strawberry.field(
        default=False, description="Only with a seller your company has not bought from."
    )
    over_budget: bool = strawberry.field(
        default=False, description="Only where a budget that asks would be exceeded."
    )
    expires_after_hours: int = strawberry.field(
        default=72, description="How long somebody has to decide, 1 to 2160."
    )
    active: bool = strawberry.field(default=True, description="Whether it applies.")


@strawberry.input(description="A rule, and all that it is to say from now on.")
class UpdateApprovalRuleInput(CreateApprovalRuleInput):
    """A changed rule."""

    rule_id: strawberry.ID = strawberry.field(description="The rule.")


@strawberry.input(description="Names a rule.")
class DeleteApprovalRuleInput:
    """A rule."""

    rule_id: strawberry.ID = strawberry.field(description="The rule.")


@strawberry.input(description="Who is away, when, and who is asked instead.")
class SetApproverAbsenceInput:
    """An absence; it replaces absences of the same person that overlap."""

    starts_at: datetime = strawberry.field(description="From when.")
    ends_at: datetime = strawberry.field(description="Until before when.")
    alternate_id: strawberry.ID = strawberry.field(
        description="A member of your company with the role APPROVER."
    )
    user_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who is away; without it you. Others need APPROVAL_MANAGE."
    )


@strawberry.input(description="Names an absence.")
class CancelApproverAbsenceInput:
    """An absence."""

    absence_id: strawberry.ID = strawberry.field(description="The absence.")


def _optional(given: strawberry.ID | None, type_name: str, name: str) -> UUID | None:
    return decode_id(given, type_name, "input", name) if given is not None else None


def _terms(input: CreateApprovalRuleInput) -> service.RuleTerms:
    return service.RuleTerms(
        name=input.name,
        steps=[
            [
                decode_id(one, "User", "input", "steps", str(index), "approverIds")
                for one in step.approver_ids
            ]
            for index, step in enumerate(input.steps)
        ],
        legal_entity_id=_optional(input.legal_entity_id, "LegalEntity", "legalEntityId"),
        above_amount=input.above_amount,
        currency=input.currency,
        category_id=_optional(input.category_id, "Category", "categoryId"),
        cost_center=input.cost_center,
        requester_id=_optional(input.requester_id, "User", "requesterId"),
        new_seller=input.new_seller,
        over_budget=input.over_budget,
        expires_after_hours=input.expires_after_hours,
        active=input.active,
    )


async def _payload(info: Info, key: UUID) -> ApprovalRulePayload:
    row = await info.context.load(load_rules, key)
    if row is None:
        raise NotFound("approval rule")
    return ApprovalRulePayload(rule=ApprovalRule.of(row))


async def _absences(info: Info) -> ApproverAbsencesPayload:
    rows = await rule_queries.absences(
        info.context.require_actor(), info.context.resources.clock.now()
    )
    return ApproverAbsencesPayload(absences=[ApproverAbsence.of(row) for row in rows])


@strawberry.type
class ApprovalRulesMutation:
    """Changes of rules and absences."""

    @mutation("Say when carts need agreement, and whose. Needs APPROVAL_MANAGE.")
    async def create_approval_rule(
        self, info: Info, input: Annotated[CreateApprovalRuleInput, argument("The rule.")]
    ) -> SaveApprovalRuleResult:
        actor, clock = info.context.require_actor(), info.context.resources.clock
        terms = _terms(input)
        key = await once(info, input, lambda: service.create_rule(actor, terms, clock=clock))
        return await _payload(info, key)

    @mutation("Replace all that a rule says; approvals that wait stay. Needs APPROVAL_MANAGE.")
    async def update_approval_rule(
        self, info: Info, input: Annotated[UpdateApprovalRuleInput, argument("The rule.")]
    ) -> SaveApprovalRuleResult:
        actor, clock = info.context.require_actor(), info.context.resources.clock
        key = decode_id(input.rule_id, "ApprovalRule", "input", "ruleId")
        terms = _terms(input)

        async def work() -> UUID:
            await service.update_rule(actor, key, terms, clock=clock)
            return key

        return await _payload(info, await once(info, input, work))

    @mutation("Delete a rule; approvals that wait stay. Needs APPROVAL_MANAGE.")
    async def delete_approval_rule(
        self, info: Info, input: Annotated[DeleteApprovalRuleInput, argument("Which one.")]
    ) -> DeleteApprovalRuleResult:
        actor = info.context.require_actor()
        key = decode_id(input.rule_id, "ApprovalRule", "input", "ruleId")

        async def work() -> UUID:
            await service.delete_rule(actor, key)
            return key

        await once(info, input, work)
        return DeleteApprovalRulePayload(rule_id=input.rule_id)

    @mutation("Say who is asked while an approver is away.")
    async def set_approver_absence(
        self, info: Info, input: Annotated[SetApproverAbsenceInput, argument("Who and when.")]
    ) -> SetApproverAbsenceResult:
        actor, clock = info.context.require_actor(), info.context.resources.clock
        alternate = decode_id(input.alternate_id, "User", "input", "alternateId")
        user = _optional(input.user_id, "User", "userId")
        await once(
            info,
            input,
            lambda: service.set_absence(
                actor, user, input.starts_at, input.ends_at, alternate, clock=clock
            ),
        )
        return await _absences(info)

    @mutation("Take an absence back.")
    async def cancel_approver_absence(
        self, info: Info, input: Annotated[CancelApproverAbsenceInput, argument("Which one.")]
    ) -> SetApproverAbsenceResult:
        actor = info.context.require_actor()
        key = decode_id(input.absence_id, "ApproverAbsence", "input", "absenceId")

        async def work() -> UUID:
            await service.cancel_absence(actor, key)
            return key

        await once(info, input, work)
        return await _absences(info)
