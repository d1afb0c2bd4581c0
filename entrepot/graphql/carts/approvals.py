"""Handing carts in, deciding on them and taking them back, in GraphQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, cast
from uuid import UUID

import strawberry

from entrepot.graphql.carts.approval_errors import (
    AlreadyDecided,
    ApprovalExpired,
    ApprovalNotNeeded,
    NoApproverLeft,
    NotAsked,
    OwnApproval,
    PriceDrift,
)
from entrepot.graphql.carts.approval_inputs import (
    ApproveCartInput,
    DecideApprovalByLinkInput,
    RefuseCartInput,
    SubmitCartInput,
    WithdrawApprovalInput,
    expected_totals,
)
from entrepot.graphql.carts.approval_types import Approval
from entrepot.graphql.carts.errors import (
    CartAlreadyOrdered,
    CartClosed,
    CartSubmitted,
    CartTooLarge,
    DeliveriesExceedLine,
    QuantityNotOrderable,
)
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.identity.errors import InvalidToken
from entrepot.graphql.node import Node, decode_id, register_node
from entrepot.graphql.once import once
from entrepot.graphql.orders.errors import CartEmpty, OfferUnavailable, TotalChanged
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.platform.carts.approvals import queries, service
from entrepot.platform.carts.approvals.views import ApprovalView
from entrepot.platform.errors import NotFound


async def load_approvals(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, ApprovalView]:
    """Load approvals that the actor may see."""
    return await queries.by_ids(context.require_actor(), keys, context.resources.clock.now())


async def _node(context: RequestContext, key: UUID) -> Node | None:
    if context.actor is None:
        return None
    view = await context.load(load_approvals, key)
    return Approval.of(view) if view is not None else None


register_node("Approval", _node)


@strawberry.enum(description="Which approvals to list.")
class ApprovalFilter(Enum):
    """Which approvals."""

    WAITING_FOR_ME = strawberry.enum_value(
        "waiting_for_me", description="Those that you may decide now."
    )
    MINE = strawberry.enum_value("mine", description="Those that you asked for.")
    ALL = strawberry.enum_value("all", description="All of your company; needs APPROVAL_MANAGE.")


@strawberry.type
class ApprovalsQuery:
    """Reads of approvals."""

    @field("Approvals, newest first.")
    async def approvals(
        self,
        info: Info,
        filter: Annotated[ApprovalFilter, argument("Which ones.")],
        first: First = 20,
        after: After = None,
    ) -> Connection[Approval]:
        which = cast(queries.Which, filter.value)
        page = page_of(first, after, order=f"approvals.{which}", keys=(datetime, UUID))
        rows = await queries.newest(
            info.context.require_actor(),
            which,
            info.context.resources.clock.now(),
            after=page.after,
            limit=page.limit,
        )
        return connect(rows, page, node=Approval.of, key=lambda row: (row.requested_at, row.id))

    @field("The approval that the link of a letter is for; no session is needed.")
    async def approval_by_link(
        self, info: Info, token: Annotated[str, argument("The link's code.")]
    ) -> Approval:
        return Approval.of(await queries.by_link(token, info.context.resources.clock.now()))


@strawberry.type(description="The approval after the change.")
class ApprovalPayload:
    """An approval."""

    approval: Approval = strawberry.field(description="The approval.")


@strawberry.type(description="What became of the decision.")
class DecideApprovalByLinkPayload:
    """The state after a decision by link; the link is used up."""

    approved: bool = strawberry.field(description="Whether you agreed.")


SubmitCartResult = Annotated[
    ApprovalPayload
    | ApprovalNotNeeded
    | NoApproverLeft
    | CartEmpty
    | CartSubmitted
    | CartAlreadyOrdered
    | CartClosed
    | OfferUnavailable
    | CommonErrors,
    strawberry.union("SubmitCartResult", description="The approval, or why not."),
]
WithdrawApprovalResult = Annotated[
    ApprovalPayload | AlreadyDecided | CommonErrors,
    strawberry.union("WithdrawApprovalResult", description="The approval, or why not."),
]
ApproveCartResult = Annotated[
    ApprovalPayload
    | OwnApproval
    | NotAsked
    | AlreadyDecided
    | ApprovalExpired
    | TotalChanged
    | PriceDrift
    | QuantityNotOrderable
    | CartTooLarge
    | DeliveriesExceedLine
    | CommonErrors,
    strawberry.union("ApproveCartResult", description="The approval, or why not."),
]
RefuseCartResult = Annotated[
    ApprovalPayload | OwnApproval | NotAsked | AlreadyDecided | ApprovalExpired | CommonErrors,
    strawberry.union("RefuseCartResult", description="The approval, or why not."),
]
DecideApprovalByLinkResult = Annotated[
    DecideApprovalByLinkPayload
    | InvalidToken
    | OwnApproval
    | AlreadyDecided
    | ApprovalExpired
    | TotalChanged
    | PriceDrift
    | CommonErrors,
    strawberry.union("DecideApprovalByLinkResult", description="What was decided, or why not."),
]


async def _payload(info: Info, key: UUID) -> ApprovalPayload:
    view = await info.context.load(load_approvals, key)
    if view is None:
        raise NotFound("approval")
    return ApprovalPayload(approval=Approval.of(view))


def _approval_id(given: strawberry.ID) -> UUID:
    return decode_id(given, "Approval", "input", "approvalId")


@strawberry.type
class ApprovalsMutation:
    """Changes of approvals."""

    @mutation("Hand a cart in for agreement; until it is decided the cart does not change.")
    async def submit_cart(
        self, info: Info, input: Annotated[SubmitCartInput, argument("Which cart.")]
    ) -> SubmitCartResult:
        actor, resources = info.context.require_actor(), info.context.resources
        cart_id = (
            decode_id(input.cart_id, "Cart", "input", "cartId")
            if input.cart_id is not None
            else None
        )
        secret_key = resources.identity.secret_key
        key = await once(
            info,
            input,
            lambda: service.submit(secret_key, actor, cart_id, input.note, clock=resources.clock),
        )
        return await _payload(info, key)

    @mutation("Take a request back, or an agreement that does not fit: the cart opens again.")
    async def withdraw_approval(
        self, info: Info, input: Annotated[WithdrawApprovalInput, argument("Which one.")]
    ) -> WithdrawApprovalResult:
        actor, key = info.context.require_actor(), _approval_id(input.approval_id)

        async def work() -> UUID:
            await service.withdraw(actor, key, clock=info.context.resources.clock)
            return key

        return await _payload(info, await once(info, input, work))

    @mutation("Agree to a cart, at the quantities it has or at others.")
    async def approve_cart(
        self, info: Info, input: Annotated[ApproveCartInput, argument("To what.")]
    ) -> ApproveCartResult:
        changes = tuple(
            service.QuantityChange(
                decode_id(one.line_id, "CartLine", "input", "changes", str(index), "lineId"),
                one.quantity,
            )
            for index, one in enumerate(input.changes)
        )
        verdict = service.Verdict(
            True,
            input.reason,
            input.accept_price_changes,
            changes,
            input.step,
            expected_totals(input.expected_totals),
        )
        return await _decide(info, input, _approval_id(input.approval_id), verdict)

    @mutation("Refuse a cart with a reason; it opens again for who asked.")
    async def refuse_cart(
        self, info: Info, input: Annotated[RefuseCartInput, argument("Which one, and why.")]
    ) -> RefuseCartResult:
        verdict = service.Verdict(False, input.reason, step=input.step)
        return await _decide(info, input, _approval_id(input.approval_id), verdict)

    @mutation("Decide by the link of a letter, once; no session is needed.")
    async def decide_approval_by_link(
        self, info: Info, input: Annotated[DecideApprovalByLinkInput, argument("What.")]
    ) -> DecideApprovalByLinkResult:
        resources = info.context.resources
        await service.decide_by_link(
            resources.identity.secret_key,
            input.token,
            service.Verdict(
                input.approve,
                input.reason,
                input.accept_price_changes,
                expected_totals=expected_totals(input.expected_totals),
            ),
            clock=resources.clock,
        )
        return DecideApprovalByLinkPayload(approved=input.approve)


async def _decide(
    info: Info, input: object, key: UUID, verdict: service.Verdict
) -> ApprovalPayload:
    actor, resources = info.context.require_actor(), info.context.resources

    async def work() -> UUID:
        await service.decide(
            resources.identity.secret_key, actor, key, verdict, clock=resources.clock
        )
        return key

    return await _payload(info, await once(info, input, work))
