"""Ordering again in GraphQL."""

from typing import Annotated

import strawberry

from entrepot.graphql.carts.errors import CartAlreadyOrdered, CartClosed, CartSubmitted
from entrepot.graphql.carts.quick_order import QuickOrderPayload, TooManyLines
from entrepot.graphql.carts.quick_order_suggestions import near_offers
from entrepot.graphql.carts.quick_order_types import QuickOrder
from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, mutation
from entrepot.graphql.node import decode_id
from entrepot.graphql.once import once
from entrepot.platform.carts.quick_order import queries
from entrepot.platform.orders.reorder import reorder

ReorderResult = Annotated[
    QuickOrderPayload
    | TooManyLines
    | CartSubmitted
    | CartAlreadyOrdered
    | CartClosed
    | CommonErrors,
    strawberry.union("ReorderResult", description="The quick order to confirm, or why not."),
]


@strawberry.input(description="What to order again.")
class ReorderInput:
    """An order."""

    order_id: strawberry.ID = strawberry.field(description="An order of your company.")
    cart_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The cart it is meant for: its legal entity's prices decide. Name it again in"
        " `confirmQuickOrder`.",
    )


@strawberry.type
class ReorderMutation:
    """Ordering again."""

    @mutation(
        "Prepare everything of a past order as a quick order at today's prices, with replacements"
        " for what is gone; `confirmQuickOrder` puts it into a cart."
    )
    async def reorder(
        self, info: Info, input: Annotated[ReorderInput, argument("The order.")]
    ) -> ReorderResult:
        actor = info.context.require_actor()
        order_id = decode_id(input.order_id, "Order", "input", "orderId")
        cart_id = decode_id(input.cart_id, "Cart", "input", "cartId") if input.cart_id else None
        resources = info.context.resources
        key = await once(
            info,
            input,
            lambda: reorder(
                actor,
                order_id,
                now=resources.clock.now(),
                cart_id=cart_id,
                suggest=lambda numbers: near_offers(
                    resources.search, actor, numbers, resources.clock.now()
                ),
            ),
        )
        row = await queries.quick_order_of(actor, key)
        return QuickOrderPayload(quick_order=QuickOrder.from_row(row))
