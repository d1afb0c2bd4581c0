"""Making and changing standing orders in GraphQL."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.carts.approval_errors import NotAsked
from entrepot.graphql.carts.errors import CartTooLarge, QuantityNotOrderable
from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.node import decode_id
from entrepot.graphql.once import once
from entrepot.graphql.orders.standing_errors import (
    AboveEnvelope,
    EnvelopeOpen,
    NoDates,
    NotAStandingDate,
    OwnStandingOrder,
    StandingOrderChanged,
    StandingOrderEnded,
)
from entrepot.graphql.orders.standing_inputs import (
    ApproveStandingOrderInput,
    ChangeStandingOrderDateInput,
    CreateStandingOrderInput,
    SkipStandingOrderDateInput,
    StandingOrderInput,
    UpdateStandingOrderInput,
)
from entrepot.graphql.orders.standing_types import StandingOrder, StandingOrderRun, load_standing
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.platform.errors import InvalidInput
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.orders.standing import queries, service


@strawberry.type(description="The standing order after the change.")
class StandingOrderPayload:
    """The standing order."""

    standing_order: StandingOrder | None = strawberry.field(
        description="The standing order; null if your API key may not view orders."
    )


SaveStandingOrderResult = Annotated[
    StandingOrderPayload
    | StandingOrderEnded
    | NoDates
    | QuantityNotOrderable
    | CartTooLarge
    | CommonErrors,
    strawberry.union("SaveStandingOrderResult", description="It, or why nothing was saved."),
]
ApproveStandingOrderResult = Annotated[
    StandingOrderPayload
    | StandingOrderEnded
    | StandingOrderChanged
    | OwnStandingOrder
    | EnvelopeOpen
    | NotAsked
    | CommonErrors,
    strawberry.union("ApproveStandingOrderResult", description="It, or why it is not agreed to."),
]
SwitchStandingOrderResult = Annotated[
    StandingOrderPayload | StandingOrderEnded | NoDates | CommonErrors,
    strawberry.union("SwitchStandingOrderResult", description="It, or why it stays as it is."),
]
StandingOrderDateResult = Annotated[
    StandingOrderPayload | StandingOrderEnded | NotAStandingDate | AboveEnvelope | CommonErrors,
    strawberry.union("StandingOrderDateResult", description="It, or why the date stays."),
]


def _key(given: strawberry.ID, *path: str) -> UUID:
    return decode_id(given, "StandingOrder", *(path or ("input",)), "standingOrderId")


async def _payload(info: Info, key: UUID) -> StandingOrderPayload:
    actor = info.context.require_actor()
    if not actor.may(Permission.ORDER_VIEW):
        return StandingOrderPayload(standing_order=None)
    row = await info.context.load(load_standing, key)
    return StandingOrderPayload(standing_order=StandingOrder.from_row(row) if row else None)


@strawberry.type
class StandingOrdersQuery:
    """Reads of standing orders."""

    @field("Standing orders of your company, newest first.")
    async def standing_orders(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[StandingOrder]:
        page = page_of(first, after, order="standing_orders.newest", keys=(datetime, UUID))
        rows = await queries.newest(
            info.context.require_actor(), after=page.after, limit=page.limit
        )
        return connect(
            rows, page, node=StandingOrder.from_row, key=lambda row: (row.created_at, row.id)
        )

    @field("What became of the dates of a standing order, latest first.")
    async def standing_order_runs(
        self,
        info: Info,
        standing_order_id: Annotated[strawberry.ID, argument("The standing order.")],
        first: First = 20,
        after: After = None,
    ) -> Connection[StandingOrderRun]:
        key = decode_id(standing_order_id, "StandingOrder", "standingOrderId")
        page = page_of(first, after, order="standing_order_runs.latest", keys=(date, UUID))
        actor = info.context.require_actor()
        rows = await queries.runs_of(actor, key, after=page.after, limit=page.limit)
        return connect(
            rows,
            page,
            node=lambda row: StandingOrderRun(row=row),
            key=lambda row: (row.due_on, row.id),
        )


@strawberry.type
class StandingOrdersMutation:
    """Changes of standing orders."""

    @mutation("Order the same on a calendar, within limits that are agreed beforehand.")
    async def create_standing_order(
        self, info: Info, input: Annotated[CreateStandingOrderInput, argument("What it says.")]
    ) -> SaveStandingOrderResult:
        actor = info.context.require_actor()
        terms, clock = input.terms.read(), info.context.resources.clock
        key = await once(info, input, lambda: service.create(actor, terms, clock=clock))
        return await _payload(info, key)

    @mutation("Replace what a standing order says; other limits have to be agreed to anew.")
    async def update_standing_order(
        self, info: Info, input: Annotated[UpdateStandingOrderInput, argument("The change.")]
    ) -> SaveStandingOrderResult:
        actor = info.context.require_actor()
        key, terms = _key(input.standing_order_id), input.terms.read()
        clock = info.context.resources.clock
        await once(info, input, lambda: service.update(actor, key, terms, clock=clock))
        return await _payload(info, key)

    @mutation("Agree to a standing order that somebody else made: within its limits it orders.")
    async def approve_standing_order(
        self, info: Info, input: Annotated[ApproveStandingOrderInput, argument("Which one.")]
    ) -> ApproveStandingOrderResult:
        actor, key = info.context.require_actor(), _key(input.standing_order_id)
        clock, version = info.context.resources.clock, input.terms_version
        await once(info, input, lambda: service.approve(actor, key, clock=clock, version=version))
        return await _payload(info, key)

    @mutation("Order nothing until it is resumed.")
    async def pause_standing_order(
        self, info: Info, input: Annotated[StandingOrderInput, argument("Which one.")]
    ) -> SwitchStandingOrderResult:
        actor, key = info.context.require_actor(), _key(input.standing_order_id)
        await once(info, input, lambda: service.pause(actor, key))
        return await _payload(info, key)

    @mutation("Go on from today; dates of the pause are not made up for.")
    async def resume_standing_order(
        self, info: Info, input: Annotated[StandingOrderInput, argument("Which one.")]
    ) -> SwitchStandingOrderResult:
        actor, key = info.context.require_actor(), _key(input.standing_order_id)
        clock = info.context.resources.clock
        await once(info, input, lambda: service.resume(actor, key, clock=clock))
        return await _payload(info, key)

    @mutation("Order nothing any more; its log stays.")
    async def end_standing_order(
        self, info: Info, input: Annotated[StandingOrderInput, argument("Which one.")]
    ) -> SwitchStandingOrderResult:
        actor, key = info.context.require_actor(), _key(input.standing_order_id)
        await once(info, input, lambda: service.end(actor, key))
        return await _payload(info, key)

    @mutation("Skip a date, or order on it after all.")
    async def skip_standing_order_date(
        self, info: Info, input: Annotated[SkipStandingOrderDateInput, argument("The date.")]
    ) -> StandingOrderDateResult:
        actor, key = info.context.require_actor(), _key(input.standing_order_id)
        clock, day, skipped = info.context.resources.clock, input.due_on, input.skipped
        await once(info, input, lambda: service.skip(actor, key, day, clock=clock, skipped=skipped))
        return await _payload(info, key)

    @mutation("Order other quantities on one date, within the limits.")
    async def change_standing_order_date(
        self, info: Info, input: Annotated[ChangeStandingOrderDateInput, argument("The date.")]
    ) -> StandingOrderDateResult:
        actor, key = info.context.require_actor(), _key(input.standing_order_id)
        clock, day = info.context.resources.clock, input.due_on
        quantities: dict[UUID, Decimal] = {}
        for index, one in enumerate(input.quantities):
            here = ("quantities", str(index), "offerId")
            offer_id = decode_id(one.offer_id, "Offer", "input", *here)
            if offer_id in quantities:
                error = InvalidInput("offerId", "is named twice", "названо дважды")
                raise error.at(*here, line_index=index)
            quantities[offer_id] = one.quantity
        await once(info, input, lambda: service.change(actor, key, day, quantities, clock=clock))
        return await _payload(info, key)
