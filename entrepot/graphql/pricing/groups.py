"""Customer groups in GraphQL: a seller's own, their members, and the log of who moved and why."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.errors import NotSelling
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.node import Node, decode_id, encode_id, register_node
from entrepot.graphql.once import once
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.graphql.pricing.group_inputs import (
    CreateCustomerGroupInput,
    CustomerGroupByHand,
    CustomerGroupCompanyInput,
    CustomerGroupHasRule,
    CustomerGroupInUse,
    CustomerGroupNameTaken,
    CustomerGroupRule,
    DeleteCustomerGroupInput,
    UpdateCustomerGroupInput,
)
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.pricing.groups import queries, service

_WHY = "The payload, or why nothing was done."

MembersPage = tuple[UUID, UUID | None, int]
"""A group, the company to continue after, and how many rows."""
MovesPage = tuple[UUID, tuple[datetime, UUID] | None, int]
"""A group, the (time, id) of the move to continue after, and how many rows."""


def _manager(context: RequestContext) -> Actor | None:
    actor = context.actor
    return actor if actor is not None and actor.may(Permission.PRICES_MANAGE) else None


async def load_groups(
    context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, queries.CustomerGroupRow]:
    """The actor's company's own groups by id, with `prices.manage`."""
    actor = _manager(context)
    return await queries.groups_by_ids(actor, ids) if actor else {}


async def load_members(
    context: RequestContext, pages: Sequence[MembersPage]
) -> Mapping[MembersPage, list[queries.MemberRow]]:
    """Members by group and page. One statement for each distinct page."""
    actor = _manager(context)
    found: dict[MembersPage, list[queries.MemberRow]] = {}
    if actor is None:
        return found
    for after, limit in {(after, limit) for _, after, limit in pages}:
        ids = [key for key, *page in pages if page == [after, limit]]
        rows = await queries.members_of(actor, ids, after=after, limit=limit)
        found |= {(key, after, limit): members for key, members in rows.items()}
    return found


async def load_moves(
    context: RequestContext, pages: Sequence[MovesPage]
) -> Mapping[MovesPage, list[queries.MoveRow]]:
    """Moves by group and page. One statement for each distinct page."""
    actor = _manager(context)
    found: dict[MovesPage, list[queries.MoveRow]] = {}
    if actor is None:
        return found
    for after, limit in {(after, limit) for _, after, limit in pages}:
        ids = [key for key, *page in pages if page == [after, limit]]
        rows = await queries.moves_of(actor, ids, after=after, limit=limit)
        found |= {(key, after, limit): moves for key, moves in rows.items()}
    return found


@strawberry.type(description="A company in a customer group.")
class CustomerGroupMember:
    company_id: strawberry.ID = strawberry.field(description="Global id of the company.")
    company_name: str = strawberry.field(description="Its name.")
    since: datetime = strawberry.field(description="In the group since then.")

    @classmethod
    def from_row(cls, row: queries.MemberRow) -> "CustomerGroupMember":
        """Show a row of the actor's own group."""
        return cls(
            company_id=encode_id("Company", row.company_id),
            company_name=row.company_name,
            since=row.since,
        )


@strawberry.type(description="A line of a group's log: a company joined it or left it.")
class CustomerGroupMove:
    company_id: strawberry.ID = strawberry.field(description="Global id of the company.")
    company_name: str = strawberry.field(description="Its name.")
    joined: bool = strawberry.field(description="Whether it joined; it left if not.")
    moved_at: datetime = strawberry.field(description="When.")
    moved_by: str | None = strawberry.field(
        description="Who did it by hand; null where the rule did."
    )
    row: strawberry.Private[queries.MoveRow]

    @classmethod
    def from_row(cls, row: queries.MoveRow) -> "CustomerGroupMove":
        """Show a row of the actor's own group."""
        return cls(
            company_id=encode_id("Company", row.company_id),
            company_name=row.company_name,
            joined=row.joined,
            moved_at=row.moved_at,
            moved_by=row.moved_by,
            row=row,
        )

    @field("Why: the figures it was decided by, as a sentence.")
    def reason(self, info: Info) -> str:
        return self.row.reason(info.context.locale)


@strawberry.type(
    description="Buying companies that your company treats alike: in prices, promotions and "
    "assortments. Kept by hand, or by a rule that is checked every night."
)
class CustomerGroup(Node):
    name: str = strawberry.field(description="Its name; buyers never see it.")
    member_count: int = strawberry.field(description="How many companies are in it.")
    created_at: datetime = strawberry.field(description="When it was started.")
    recomputed_at: datetime | None = strawberry.field(
        description="When its rule was last checked; null for a group kept by hand."
    )
    rule: CustomerGroupRule | None = strawberry.field(
        description="Its rule; null where it is kept by hand."
    )
    key: strawberry.Private[UUID]

    @classmethod
    def from_row(cls, row: queries.CustomerGroupRow) -> "CustomerGroup":
        """Show a row of the actor's own company."""
        return cls(
            id=encode_id("CustomerGroup", row.id),
            name=row.name,
            member_count=row.member_count,
            created_at=row.created_at,
            recomputed_at=row.recomputed_at,
            rule=CustomerGroupRule.of(row.rule) if row.rule else None,
            key=row.id,
        )

    @field("The companies in it.")
    async def members(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[CustomerGroupMember]:
        page = page_of(first, after, order="group.members", keys=(UUID,))
        seen = page.after[0] if page.after else None
        rows = await info.context.load(load_members, (self.key, seen, page.limit)) or []
        return connect(
            rows, page, node=CustomerGroupMember.from_row, key=lambda row: (row.company_id,)
        )

    @field("Who joined and left, newest first.")
    async def moves(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[CustomerGroupMove]:
        page = page_of(first, after, order="group.moves", keys=(datetime, UUID))
        seen = (page.after[0], page.after[1]) if page.after else None
        rows = await info.context.load(load_moves, (self.key, seen, page.limit)) or []
        return connect(
            rows, page, node=CustomerGroupMove.from_row, key=lambda row: (row.moved_at, row.id)
        )


@strawberry.type(description="A customer group after the change.")
class CustomerGroupPayload:
    customer_group: CustomerGroup = strawberry.field(description="The group.")


@strawberry.type(description="What was deleted.")
class DeleteCustomerGroupPayload:
    customer_group_id: strawberry.ID = strawberry.field(description="Global id it had.")


@strawberry.type(description="What checking the rules changed.")
class RecomputeCustomerGroupsPayload:
    moved: int = strawberry.field(description="How many times a company joined or left a group.")


CreateCustomerGroupResult = Annotated[
    CustomerGroupPayload | CustomerGroupNameTaken | NotSelling | CommonErrors,
    strawberry.union("CreateCustomerGroupResult", description=_WHY),
]
UpdateCustomerGroupResult = Annotated[
    CustomerGroupPayload | CustomerGroupNameTaken | CustomerGroupByHand | CommonErrors,
    strawberry.union("UpdateCustomerGroupResult", description=_WHY),
]
DeleteCustomerGroupResult = Annotated[
    DeleteCustomerGroupPayload | CustomerGroupInUse | CommonErrors,
    strawberry.union("DeleteCustomerGroupResult", description=_WHY),
]
AddCompanyToGroupResult = Annotated[
    CustomerGroupPayload | CustomerGroupHasRule | CommonErrors,
    strawberry.union("AddCompanyToGroupResult", description=_WHY),
]
RemoveCompanyFromGroupResult = Annotated[
    CustomerGroupPayload | CustomerGroupHasRule | CommonErrors,
    strawberry.union("RemoveCompanyFromGroupResult", description=_WHY),
]
RecomputeCustomerGroupsResult = Annotated[
    RecomputeCustomerGroupsPayload | CommonErrors,
    strawberry.union("RecomputeCustomerGroupsResult", description=_WHY),
]


@strawberry.type
class CustomerGroupsQuery:
    """Root fields."""

    @field("Your company's customer groups, by name (needs `prices.manage`).")
    async def customer_groups(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[CustomerGroup]:
        actor = info.context.require_actor()
        actor.require(Permission.PRICES_MANAGE)
        page = page_of(first, after, order="pricing.groups", keys=(str, UUID))
        seen = (page.after[0], page.after[1]) if page.after else None
        rows = await queries.own_groups(actor, after=seen, limit=page.limit)
        return connect(rows, page, node=CustomerGroup.from_row, key=lambda row: (row.name, row.id))


@strawberry.type
class CustomerGroupsMutation:
    """Root fields; all need `prices.manage` in the company that owns the group."""

    @mutation("Start a customer group, kept by hand or by a rule (`prices.manage`).")
    async def create_customer_group(
        self, info: Info, input: Annotated[CreateCustomerGroupInput, argument("The group.")]
    ) -> CreateCustomerGroupResult:
        actor, clock = info.context.require_actor(), info.context.resources.clock
        rule = input.rule.read() if input.rule else None
        made = await once(
            info, input, lambda: service.create_group(actor, input.name, rule=rule, clock=clock)
        )
        return await _payload(actor, made)

    @mutation("Rename a customer group, or replace its rule (`prices.manage`).")
    async def update_customer_group(
        self, info: Info, input: Annotated[UpdateCustomerGroupInput, argument("The changes.")]
    ) -> UpdateCustomerGroupResult:
        actor, clock = info.context.require_actor(), info.context.resources.clock
        key = _own(input.customer_group_id)
        rule = input.rule.read() if input.rule else None
        await service.update_group(actor, key, name=input.name, rule=rule, clock=clock)
        return await _payload(actor, key)

    @mutation("Delete a customer group that nothing names any more (`prices.manage`).")
    async def delete_customer_group(
        self, info: Info, input: Annotated[DeleteCustomerGroupInput, argument("Which one.")]
    ) -> DeleteCustomerGroupResult:
        actor = info.context.require_actor()
        key = _own(input.customer_group_id)

        async def delete() -> UUID:
            await service.delete_group(actor, key)
            return key

        await once(info, input, delete)
        return DeleteCustomerGroupPayload(customer_group_id=input.customer_group_id)

    @mutation("Put a buying company into a group kept by hand (`prices.manage`).")
    async def add_company_to_group(
        self, info: Info, input: Annotated[CustomerGroupCompanyInput, argument("Who and where.")]
    ) -> AddCompanyToGroupResult:
        actor, clock = info.context.require_actor(), info.context.resources.clock
        key, company_id = _own(input.customer_group_id), _company(input)
        await service.add_company(actor, key, company_id, clock=clock)
        return await _payload(actor, key)

    @mutation("Take a company out of a group kept by hand (`prices.manage`).")
    async def remove_company_from_group(
        self, info: Info, input: Annotated[CustomerGroupCompanyInput, argument("Who and where.")]
    ) -> RemoveCompanyFromGroupResult:
        actor, clock = info.context.require_actor(), info.context.resources.clock
        key, company_id = _own(input.customer_group_id), _company(input)
        await service.remove_company(actor, key, company_id, clock=clock)
        return await _payload(actor, key)

    @mutation("Check the rules of all your customer groups now (`prices.manage`).")
    async def recompute_customer_groups(self, info: Info) -> RecomputeCustomerGroupsResult:
        actor, clock = info.context.require_actor(), info.context.resources.clock
        return RecomputeCustomerGroupsPayload(moved=await service.recompute_own(actor, clock=clock))


def _own(given: str) -> UUID:
    return decode_id(given, "CustomerGroup", "input", "customerGroupId")


def _company(given: CustomerGroupCompanyInput) -> UUID:
    return decode_id(given.company_id, "Company", "input", "companyId")


async def _payload(actor: Actor, key: UUID) -> CustomerGroupPayload:
    row = (await queries.groups_by_ids(actor, [key])).get(key)
    if row is None:  # deleted since: by a colleague, or before the request came a second time
        raise NotFound("customer group").at("input", "customerGroupId")
    return CustomerGroupPayload(customer_group=CustomerGroup.from_row(row))


async def _node(context: RequestContext, key: UUID) -> CustomerGroup | None:
    row = await context.load(load_groups, key)
    return CustomerGroup.from_row(row) if row else None


register_node("CustomerGroup", _node)
