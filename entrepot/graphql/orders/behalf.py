"""Ordering on a buyer's behalf in GraphQL: mandates, and the orders under them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.carts.errors import CartTooLarge, QuantityNotOrderable
from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.inventory_types import OutOfStock
from entrepot.graphql.node import decode_id
from entrepot.graphql.once import once
from entrepot.graphql.orders.behalf_types import (
    BuyerRefuses,
    BuyingMandate,
    MandateRequired,
    load_mandates,
)
from entrepot.graphql.orders.errors import BelowMinimumOrderValue, OfferUnavailable
from entrepot.graphql.orders.order import SellerOrder
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.graphql.pricing.promotion_errors import PromotionUsedUp
from entrepot.graphql.scalars import Quantity
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.resources import secret_key_of
from entrepot.platform.orders.behalf import mandates, service


@strawberry.input(description="Whom to allow to order for the legal entity you act for.")
class GrantBuyingMandateInput:
    """A selling company."""

    company_id: strawberry.ID = strawberry.field(description="The selling company.")


@strawberry.input(description="Which mandate to take back.")
class RevokeBuyingMandateInput:
    """A mandate of your company."""

    mandate_id: strawberry.ID = strawberry.field(description="The mandate.")


@strawberry.type(description="The mandate after the change.")
class BuyingMandatePayload:
    """A mandate."""

    mandate: BuyingMandate = strawberry.field(description="The mandate.")


GrantBuyingMandateResult = Annotated[
    BuyingMandatePayload | CommonErrors,
    strawberry.union("GrantBuyingMandateResult", description="The mandate, or why not."),
]
RevokeBuyingMandateResult = Annotated[
    BuyingMandatePayload | CommonErrors,
    strawberry.union("RevokeBuyingMandateResult", description="The mandate, or why not."),
]


@strawberry.input(description="What to order.")
class BehalfLineInput:
    """An offer and a quantity."""

    offer_id: strawberry.ID = strawberry.field(description="The offer.")
    quantity: Quantity = strawberry.field(description="How much, in the product's unit.")


@strawberry.input(description="What to order for whom.")
class PlaceOrderOnBehalfInput:
    """A buyer's person and what they want."""

    legal_entity_id: strawberry.ID = strawberry.field(description="The buying legal entity.")
    person_id: strawberry.ID = strawberry.field(description="The buyer's person who wants it.")
    lines: list[BehalfLineInput] = strawberry.field(
        description="1 to 1000 lines; offers of your own company, unless you are the operator."
    )
    po_number: str | None = strawberry.field(
        default=None, description="The buyer's own number for the order, up to 50 characters."
    )
    note: str = strawberry.field(default="", description="For the buyer, up to 1000 characters.")


@strawberry.type(description="What became of it.")
class PlaceOrderOnBehalfPayload:
    """Orders, or a cart that waits for approval."""

    seller_orders: list[SellerOrder] = strawberry.field(
        description="What your company is to deliver; for the operator, every seller's part."
    )
    waits_for_approval: bool = strawberry.field(
        description="Somebody in the buyer's company must agree first; nothing is ordered yet."
    )


PlaceOrderOnBehalfResult = Annotated[
    PlaceOrderOnBehalfPayload
    | MandateRequired
    | BuyerRefuses
    | OfferUnavailable
    | BelowMinimumOrderValue
    | OutOfStock
    | QuantityNotOrderable
    | CartTooLarge
    | PromotionUsedUp
    | CommonErrors,
    strawberry.union("PlaceOrderOnBehalfResult", description="The outcome, or why nothing."),
]


def _newest(row: mandates.MandateRow) -> tuple[datetime, UUID]:
    return (row.granted_at, row.id)


@strawberry.type
class BehalfQuery:
    """Reads of mandates."""

    @field("Mandates that your company has given, newest first. Needs `company.manage`.")
    async def buying_mandates(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[BuyingMandate]:
        page = page_of(first, after, order="mandates.granted", keys=(datetime, UUID))
        rows = await mandates.granted(info.context.require_actor(), page.after, page.limit)
        return connect(rows, page, node=BuyingMandate.from_row, key=_newest)

    @field("Mandates under which you may order, newest first. Needs `order.on_behalf`.")
    async def held_buying_mandates(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[BuyingMandate]:
        page = page_of(first, after, order="mandates.held", keys=(datetime, UUID))
        rows = await mandates.held(info.context.require_actor(), page.after, page.limit)
        return connect(rows, page, node=BuyingMandate.from_row, key=_newest)


@strawberry.type
class BehalfMutation:
    """Mandates and orders under them."""

    @mutation("Let a seller's representatives order for the legal entity you act for.")
    async def grant_buying_mandate(
        self, info: Info, input: Annotated[GrantBuyingMandateInput, argument("Whom.")]
    ) -> GrantBuyingMandateResult:
        actor = info.context.require_actor()
        company_id = decode_id(input.company_id, "Company", "input", "companyId")
        clock = info.context.resources.clock
        key = await once(info, input, lambda: service.grant(actor, company_id, clock=clock))
        return await _payload(info, key)

    @mutation("Take a mandate back.")
    async def revoke_buying_mandate(
        self, info: Info, input: Annotated[RevokeBuyingMandateInput, argument("Which.")]
    ) -> RevokeBuyingMandateResult:
        actor = info.context.require_actor()
        key = decode_id(input.mandate_id, "BuyingMandate", "input", "mandateId")

        async def revoke() -> UUID:
            await service.revoke(actor, key, clock=info.context.resources.clock)
            return key

        await once(info, input, revoke)
        return await _payload(info, key)

    @mutation(
        "Order for a person of a buying company, at its prices and under its rules. Needs"
        " `order.on_behalf`, and a mandate unless you are the operator."
    )
    async def place_order_on_behalf(
        self, info: Info, input: Annotated[PlaceOrderOnBehalfInput, argument("What for whom.")]
    ) -> PlaceOrderOnBehalfResult:
        actor = info.context.require_actor()
        resources = info.context.resources
        entity_id = decode_id(input.legal_entity_id, "LegalEntity", "input", "legalEntityId")
        person_id = decode_id(input.person_id, "User", "input", "personId")
        lines = [
            service.BehalfLine(
                decode_id(line.offer_id, "Offer", "input", "lines", str(index), "offerId"),
                line.quantity,
            )
            for index, line in enumerate(input.lines)
        ]
        cart_id = await once(
            info,
            input,
            lambda: service.order_on_behalf(
                secret_key_of(resources.settings),
                actor,
                entity_id,
                person_id,
                lines,
                clock=resources.clock,
                po_number=input.po_number,
                note=input.note,
            ),
        )
        found = await service.outcome(actor, cart_id)
        return PlaceOrderOnBehalfPayload(
            seller_orders=[SellerOrder.from_row(row) for row in found.seller_orders],
            waits_for_approval=found.waits_for_approval,
        )


async def _payload(info: Info, key: UUID) -> BuyingMandatePayload:
    row = await info.context.load(load_mandates, key)
    if row is None:
        raise NotFound("mandate")
    return BuyingMandatePayload(mandate=BuyingMandate.from_row(row))
