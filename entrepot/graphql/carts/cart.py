"""Reading carts and filling them, in GraphQL."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.carts.errors import (
    CartErrors,
    CartFull,
    CartTooLarge,
    DeliveriesExceedLine,
    QuantityNotOrderable,
)
from entrepot.graphql.carts.types import Cart, CartPayload, load_views
from entrepot.graphql.catalog.units import UnitNotSold
from entrepot.graphql.context import Info
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.node import decode_id
from entrepot.graphql.once import once
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.graphql.scalars import Quantity
from entrepot.platform.carts import queries, service

__all__ = [
    "Cart",
    "CartFull",
    "CartPayload",
    "CartTooLarge",
    "CartsMutation",
    "CartsQuery",
    "QuantityNotOrderable",
    "load_views",
]

AddToCartResult = Annotated[
    CartPayload | CartFull | QuantityNotOrderable | CartTooLarge | UnitNotSold | CartErrors,
    strawberry.union("AddToCartResult", description="The cart, or why nothing was added."),
]
UpdateCartLineResult = Annotated[
    CartPayload | QuantityNotOrderable | CartTooLarge | DeliveriesExceedLine | CartErrors,
    strawberry.union("UpdateCartLineResult", description="The cart, or why it was left as it is."),
]
RemoveCartLineResult = Annotated[
    CartPayload | CartErrors,
    strawberry.union("RemoveCartLineResult", description="The cart, or why it was left as it is."),
]
AcceptCartChangesResult = Annotated[
    CartPayload | CartErrors,
    strawberry.union(
        "AcceptCartChangesResult", description="The cart, or why it was left as it is."
    ),
]


@strawberry.input(description="What to add.")
class AddToCartInput:
    """An offer and a quantity."""

    offer_id: strawberry.ID = strawberry.field(description="The offer.")
    quantity: Quantity = strawberry.field(description="How much more of it.")
    unit: str | None = strawberry.field(
        default=None,
        description="Its unit, UN/ECE Rec 20 (BX) or a word (box); the product's if left out.",
    )
    cart_id: strawberry.ID | None = strawberry.field(
        default=None, description="The cart; the default one if left out."
    )
    cost_center: str = strawberry.field(
        default="", description="For which cost centre; the cart's if left out."
    )
    note: str = strawberry.field(default="", description="A note on the line.")
    wanted_on: date | None = strawberry.field(
        default=None, description="When it is wanted; the cart's date if left out."
    )


@strawberry.input(description="How much of a line goes to an address.")
class CartLineDeliveryInput:
    """A part of a line."""

    address_id: strawberry.ID = strawberry.field(description="A delivery address of your company.")
    quantity: Quantity = strawberry.field(description="How much goes there.")


@strawberry.input(description="A line and its changes; what is left out stays as it is.")
class UpdateCartLineInput:
    """A line and what is different; a new quantity accepts today's price."""

    line_id: strawberry.ID = strawberry.field(description="The line.")
    quantity: Quantity | None = strawberry.field(
        default=None, description="How much is wanted instead; this accepts today's price."
    )
    cost_center: str | None = strawberry.field(
        default=None,
        description="Another cost centre; with that of another line of the offer both become one.",
    )
    note: str | None = strawberry.field(default=None, description="Another note; empty: none.")
    wanted_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="Another date; null: the cart's."
    )
    deliveries: list[CartLineDeliveryInput] | None = strawberry.field(
        default=None,
        description="All that goes to addresses of its own; the rest goes to the cart's address.",
    )

    def terms(self) -> service.LineTerms:
        """Return what was given. Raises `InvalidId`."""
        terms = service.LineTerms()
        if self.quantity is not None:
            terms["quantity"] = self.quantity
        if self.cost_center is not None:
            terms["cost_center"] = self.cost_center
        if self.note is not None:
            terms["note"] = self.note
        if self.wanted_on is not strawberry.UNSET:
            terms["wanted_on"] = self.wanted_on
        if self.deliveries is not None:
            terms["deliveries"] = [
                service.LineDelivery(_address(part.address_id, index), part.quantity)
                for index, part in enumerate(self.deliveries)
            ]
        return terms


def _address(given: strawberry.ID, index: int) -> UUID:
    return decode_id(given, "DeliveryAddress", "input", "deliveries", str(index), "addressId")


@strawberry.input(description="The line to take out.")
class RemoveCartLineInput:
    """A line."""

    line_id: strawberry.ID = strawberry.field(description="The line.")


@strawberry.input(description="Whose changes to accept.")
class AcceptCartChangesInput:
    """A cart."""

    cart_id: strawberry.ID | None = strawberry.field(
        default=None, description="The cart; the default one if left out."
    )


@strawberry.type
class CartsQuery:
    """Reads of carts."""

    @field(
        "A cart that you may use, or null; without an id the default cart of the legal entity you"
        " act for, null while it is unused."
    )
    async def cart(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID | None, argument("The cart; the default one if left out.")
        ] = None,
    ) -> Cart | None:
        key = None if id is None else decode_id(id, "Cart", "id")
        row = await queries.live_cart(info.context.require_actor(), key)
        return Cart.from_row(row) if row else None

    @field("Carts that you may use of your company's legal entities, or of one; newest first.")
    async def carts(
        self,
        info: Info,
        legal_entity_id: Annotated[
            strawberry.ID | None, argument("A legal entity of your company; all if left out.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[Cart]:
        page = page_of(first, after, order="carts.newest", keys=(datetime, UUID))
        entity = None
        if legal_entity_id is not None:
            entity = decode_id(legal_entity_id, "LegalEntity", "legalEntityId")
        actor = info.context.require_actor()
        rows = await queries.carts_of(actor, entity, after=page.after, limit=page.limit)
        return connect(rows, page, node=Cart.from_row, key=lambda row: (row.created_at, row.id))


@strawberry.type
class CartsMutation:
    """Changes of what is in a cart."""

    @mutation("Put an offer into a cart; what is there already adds up.")
    async def add_to_cart(
        self, info: Info, input: Annotated[AddToCartInput, argument("What to add.")]
    ) -> AddToCartResult:
        actor = info.context.require_actor()
        offer_id = decode_id(input.offer_id, "Offer", "input", "offerId")
        cart_id = cart_key(input.cart_id)
        clock = info.context.resources.clock
        key = await once(
            info,
            input,
            lambda: service.add(
                actor,
                offer_id,
                input.quantity,
                clock=clock,
                cart_id=cart_id,
                cost_center=input.cost_center,
                note=input.note,
                wanted_on=input.wanted_on,
                unit=input.unit,
            ),
        )
        return CartPayload(cart=Cart.of(key))

    @mutation("Change a line; a new quantity accepts its present price.")
    async def update_cart_line(
        self, info: Info, input: Annotated[UpdateCartLineInput, argument("The change.")]
    ) -> UpdateCartLineResult:
        actor = info.context.require_actor()
        line_id = decode_id(input.line_id, "CartLine", "input", "lineId")
        terms = input.terms()
        clock = info.context.resources.clock
        key = await once(info, input, lambda: service.set_line(actor, line_id, terms, clock=clock))
        return CartPayload(cart=Cart.of(key))

    @mutation("Take a line out of its cart.")
    async def remove_cart_line(
        self, info: Info, input: Annotated[RemoveCartLineInput, argument("The line.")]
    ) -> RemoveCartLineResult:
        actor = info.context.require_actor()
        line_id = decode_id(input.line_id, "CartLine", "input", "lineId")
        clock = info.context.resources.clock
        key = await once(info, input, lambda: service.remove(actor, line_id, clock=clock))
        return CartPayload(cart=Cart.of(key))

    @mutation("Accept today's prices and discounts of all lines of a cart as seen.")
    async def accept_cart_changes(
        self, info: Info, input: Annotated[AcceptCartChangesInput, argument("The cart.")]
    ) -> AcceptCartChangesResult:
        actor = info.context.require_actor()
        cart_id = cart_key(input.cart_id)
        clock = info.context.resources.clock
        key = await once(info, input, lambda: service.accept_changes(actor, cart_id, clock=clock))
        return CartPayload(cart=Cart.of(key))


def cart_key(given: strawberry.ID | None) -> UUID | None:
    """Read the input `cartId`. Raises `InvalidId`."""
    return None if given is None else decode_id(given, "Cart", "input", "cartId")
