"""Placing, confirming and cancelling orders in GraphQL."""

from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.carts.cart import QuantityNotOrderable
from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors, UserError, as_id, error_type
from entrepot.graphql.fields import argument, mutation
from entrepot.graphql.inventory_types import OutOfStock
from entrepot.graphql.node import decode_id
from entrepot.graphql.once import once
from entrepot.graphql.orders.order import Order, SellerOrder, load_orders, load_seller_orders
from entrepot.platform.errors import NotFound
from entrepot.platform.orders import errors as order_errors
from entrepot.platform.orders import service


@error_type(order_errors.CartEmpty)
class CartEmpty(UserError):
    """There is nothing to order."""


@error_type(
    order_errors.OfferUnavailable,
    offer_id=as_id("Offer", "The offer."),
    article_number="The seller's number of the article.",
)
class OfferUnavailable(UserError):
    """A line's offer can no longer be bought."""


@error_type(
    order_errors.PriceChanged,
    offer_id=as_id("Offer", "The offer."),
    article_number="The seller's number of the article.",
    seen_price="The price you last saw.",
    price="The price now.",
)
class PriceChanged(UserError):
    """A price rose since you saw it; place the order with `acceptPriceChanges` if that is fine."""


@error_type(
    order_errors.OrderNotCancellable,
    number="Number of the seller order.",
    status="Where it stands.",
)
class OrderNotCancellable(UserError):
    """The seller order has gone too far to be cancelled."""


@error_type(
    order_errors.OrderNotConfirmable,
    number="Number of the seller order.",
    status="Where it stands.",
)
class OrderNotConfirmable(UserError):
    """Only a placed seller order can be confirmed."""


@strawberry.type(description="The order that was placed.")
class PlaceOrderPayload:
    """The placed order."""

    order: Order | None = strawberry.field(
        description="The order, split by seller; null if your API key may not read orders."
    )


@strawberry.type(description="The seller order after the change.")
class SellerOrderPayload:
    """The changed seller order."""

    seller_order: SellerOrder = strawberry.field(description="The seller order.")


PlaceOrderResult = Annotated[
    PlaceOrderPayload
    | CartEmpty
    | OfferUnavailable
    | PriceChanged
    | OutOfStock
    | QuantityNotOrderable
    | CommonErrors,
    strawberry.union("PlaceOrderResult", description="The order, or why nothing was ordered."),
]
ConfirmSellerOrderResult = Annotated[
    SellerOrderPayload | OrderNotConfirmable | CommonErrors,
    strawberry.union("ConfirmSellerOrderResult", description="The order, or why not."),
]
CancelSellerOrderResult = Annotated[
    SellerOrderPayload | OrderNotCancellable | CommonErrors,
    strawberry.union("CancelSellerOrderResult", description="The order, or why not."),
]


@strawberry.input(description="How to place the order.")
class PlaceOrderInput:
    """What goes with the order; everything in the cart is ordered."""

    po_number: str | None = strawberry.field(
        default=None, description="Your own number for the order, up to 50 characters."
    )
    accept_price_changes: bool = strawberry.field(
        default=False, description="Order even if prices rose since you saw them."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="A key of your choice: repeating the call with it returns the same order.",
    )


@strawberry.input(description="Names a seller order.")
class SellerOrderInput:
    """A seller order."""

    seller_order_id: strawberry.ID = strawberry.field(description="The seller order.")


async def _changed(info: Info, input: SellerOrderInput) -> SellerOrderPayload:
    key = decode_id(input.seller_order_id, "SellerOrder", "input", "sellerOrderId")
    row = await info.context.load(load_seller_orders, key)
    if row is None:
        raise NotFound("seller order")
    return SellerOrderPayload(seller_order=SellerOrder.from_row(row))


@strawberry.type
class OrdersMutation:
    """Changes of orders."""

    @mutation("Order everything in the cart: all of it or nothing.")
    async def place_order(
        self,
        info: Info,
        input: Annotated[PlaceOrderInput | None, argument("How to place it.")] = None,
    ) -> PlaceOrderResult:
        actor = info.context.require_actor()
        wanted = input or PlaceOrderInput()
        order_ids = await service.place(
            actor,
            clock=info.context.resources.clock,
            po_number=wanted.po_number,
            accept_price_changes=wanted.accept_price_changes,
            idempotency_key=wanted.idempotency_key or info.context.idempotency_key,
        )
        row = await info.context.load(load_orders, order_ids[0])
        return PlaceOrderPayload(order=Order.from_row(row) if row else None)

    @mutation("The seller takes a placed order on.")
    async def confirm_seller_order(
        self, info: Info, input: Annotated[SellerOrderInput, argument("Which one.")]
    ) -> ConfirmSellerOrderResult:
        actor = info.context.require_actor()
        key = decode_id(input.seller_order_id, "SellerOrder", "input", "sellerOrderId")

        async def confirm() -> UUID:
            await service.confirm(actor, key)
            return key

        await once(info, input, confirm)
        return await _changed(info, input)

    @mutation("Call a seller order off before it ships, as its buyer or its seller.")
    async def cancel_seller_order(
        self, info: Info, input: Annotated[SellerOrderInput, argument("Which one.")]
    ) -> CancelSellerOrderResult:
        actor = info.context.require_actor()
        key = decode_id(input.seller_order_id, "SellerOrder", "input", "sellerOrderId")

        async def cancel() -> UUID:
            await service.cancel(actor, key, clock=info.context.resources.clock)
            return key

        await once(info, input, cancel)
        return await _changed(info, input)
