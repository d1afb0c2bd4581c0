"""Carts as things in GraphQL: made, named, shared, copied, merged, deleted."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.carts.errors import (
    CartErrors,
    CartFull,
    CartNotYours,
    CartsOfDifferentEntities,
    CartTooLarge,
)
from entrepot.graphql.carts.line_types import CartLine
from entrepot.graphql.carts.types import Cart, CartPayload, load_views
from entrepot.graphql.catalog.loading import load_offers
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.node import decode_id, encode_id
from entrepot.graphql.once import once
from entrepot.platform.carts import service


@strawberry.type(description="The copy.")
class CopyCartPayload:
    cart: Cart = strawberry.field(description="The new cart.")

    @field("Its lines that cannot be bought any more: they were copied as well and say so.")
    async def not_offered(self, info: Info) -> list[CartLine]:
        view = await info.context.load(load_views, self.cart.key)
        return [CartLine(row=line) for line in view.lines if not line.offered] if view else []


@strawberry.type(description="Where a line of a merged cart went.")
class MergedCartLine:
    row: strawberry.Private[service.MergedLine]

    @field("Name of the cart that it came from.")
    def cart_name(self) -> str:
        return self.row.cart_name

    @field("The quantity that it brought.")
    def quantity(self) -> Decimal:
        return self.row.quantity

    @field("The line that holds it now; null when it was taken out since.")
    def line_id(self) -> strawberry.ID | None:
        return None if self.row.line_id is None else encode_id("CartLine", self.row.line_id)

    @field("The offer, if you can still see it.")
    async def offer(self, info: Info) -> Offer | None:
        row = await info.context.load(load_offers, self.row.offer_id)
        return Offer.from_row(row) if row else None


@strawberry.type(description="The cart after the merge.")
class MergeCartsPayload:
    cart: Cart = strawberry.field(description="The cart that holds everything now.")
    merged_lines: list[MergedCartLine] = strawberry.field(
        description="Every line of the merged carts, and where it is now."
    )


@strawberry.type(description="The cart is gone.")
class DeleteCartPayload:
    cart_id: strawberry.ID = strawberry.field(description="The cart that was.")


CreateCartResult = Annotated[
    CartPayload | CommonErrors,
    strawberry.union("CreateCartResult", description="The cart, or why there is none."),
]
UpdateCartResult = Annotated[
    CartPayload | CartErrors,
    strawberry.union("UpdateCartResult", description="The cart, or why it was left as it is."),
]
ShareCartResult = Annotated[
    CartPayload | CartErrors,
    strawberry.union("ShareCartResult", description="The cart, or why it was left as it is."),
]
UnshareCartResult = Annotated[
    CartPayload | CartNotYours | CartErrors,
    strawberry.union("UnshareCartResult", description="The cart, or why it was left as it is."),
]
CopyCartResult = Annotated[
    CopyCartPayload | CartErrors,
    strawberry.union("CopyCartResult", description="The copy, or why there is none."),
]
MergeCartsResult = Annotated[
    MergeCartsPayload | CartsOfDifferentEntities | CartFull | CartTooLarge | CartErrors,
    strawberry.union("MergeCartsResult", description="The cart, or why nothing was merged."),
]
DeleteCartResult = Annotated[
    DeleteCartPayload | CartErrors,
    strawberry.union("DeleteCartResult", description="The payload, or why it is still there."),
]


@strawberry.input(description="A new cart.")
class CreateCartInput:
    name: str = strawberry.field(description="Its name; up to 100 characters.")
    legal_entity_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="A legal entity of your company; the one you act for if left out.",
    )
    shared_with_all: bool = strawberry.field(
        default=False, description="Whether everyone who buys for your company may use it."
    )


@strawberry.input(description="Changes of a cart; what is left out stays as it is.")
class UpdateCartInput:
    cart_id: strawberry.ID = strawberry.field(description="The cart.")
    name: str | None = strawberry.field(default=None, description="Another name.")
    po_number: str | None = strawberry.field(
        default=None, description="Your number for the order; empty: none."
    )
    cost_center: str | None = strawberry.field(
        default=None, description="The cost centre of lines without one; empty: none."
    )
    note: str | None = strawberry.field(default=None, description="Another note; empty: none.")
    wanted_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="When lines without a date are wanted; null: open."
    )
    delivery_address_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Where it goes; null: the default address."
    )

    def terms(self) -> service.CartTerms:
        """Return what was given. Raises `InvalidId`."""
        terms = service.CartTerms()
        if self.name is not None:
            terms["name"] = self.name
        if self.po_number is not None:
            terms["po_number"] = self.po_number
        if self.cost_center is not None:
            terms["cost_center"] = self.cost_center
        if self.note is not None:
            terms["note"] = self.note
        if self.wanted_on is not strawberry.UNSET:
            terms["wanted_on"] = self.wanted_on
        address = self.delivery_address_id
        if address is None:
            terms["delivery_address_id"] = None
        elif address is not strawberry.UNSET:
            path = ("input", "deliveryAddressId")
            terms["delivery_address_id"] = decode_id(address, "DeliveryAddress", *path)
        return terms


@strawberry.input(description="Who else may use a cart.")
class ShareCartInput:
    cart_id: strawberry.ID = strawberry.field(description="The cart.")
    user_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Colleagues: some of `mayBeSharedWith`."
    )
    with_all: bool = strawberry.field(
        default=False, description="Whether everyone who buys for your company may use it."
    )


@strawberry.input(description="From whom to take a cart back.")
class UnshareCartInput:
    cart_id: strawberry.ID = strawberry.field(description="The cart.")
    user_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Colleagues who may use it; yourself to leave it."
    )
    from_all: bool = strawberry.field(
        default=False, description="Whether only its maker and those named may use it from now on."
    )


@strawberry.input(description="What to copy.")
class CopyCartInput:
    cart_id: strawberry.ID = strawberry.field(description="The cart; an ordered one will do.")
    name: str = strawberry.field(description="The copy's name.")
    legal_entity_id: strawberry.ID | None = strawberry.field(
        default=None, description="Another legal entity of your company to copy it to."
    )


@strawberry.input(description="What to merge.")
class MergeCartsInput:
    cart_ids: list[strawberry.ID] = strawberry.field(
        description="Carts that will be closed; up to 20 of one legal entity."
    )
    into_id: strawberry.ID = strawberry.field(description="The cart that takes their lines.")


@strawberry.input(description="Which cart to delete.")
class DeleteCartInput:
    cart_id: strawberry.ID = strawberry.field(description="The cart.")


def _cart(given: strawberry.ID) -> UUID:
    return decode_id(given, "Cart", "input", "cartId")


def _entity(given: strawberry.ID | None) -> UUID | None:
    return None if given is None else decode_id(given, "LegalEntity", "input", "legalEntityId")


def _users(given: list[strawberry.ID]) -> list[UUID]:
    return [
        decode_id(one, "User", "input", "userIds", str(index)) for index, one in enumerate(given)
    ]


@strawberry.type
class CartKeepingMutation:
    """All need CART_MANAGE."""

    @mutation("Make a named cart, your own unless shared. Needs CART_MANAGE.")
    async def create_cart(
        self, info: Info, input: Annotated[CreateCartInput, argument("The cart.")]
    ) -> CreateCartResult:
        actor = info.context.require_actor()
        entity = _entity(input.legal_entity_id)
        clock = info.context.resources.clock
        key = await once(
            info,
            input,
            lambda: service.create(
                actor,
                input.name,
                legal_entity_id=entity,
                shared_with_all=input.shared_with_all,
                clock=clock,
            ),
        )
        return CartPayload(cart=Cart.of(key))

    @mutation("Change a cart's name, texts and what holds for lines without their own.")
    async def update_cart(
        self, info: Info, input: Annotated[UpdateCartInput, argument("The changes.")]
    ) -> UpdateCartResult:
        actor = info.context.require_actor()
        cart_id, terms = _cart(input.cart_id), input.terms()
        clock = info.context.resources.clock
        key = await once(info, input, lambda: service.update(actor, cart_id, terms, clock=clock))
        return CartPayload(cart=Cart.of(key))

    @mutation("Let colleagues use a cart: some, or everyone who buys for your company.")
    async def share_cart(
        self, info: Info, input: Annotated[ShareCartInput, argument("The cart and the people.")]
    ) -> ShareCartResult:
        actor = info.context.require_actor()
        cart_id, people = _cart(input.cart_id), _users(input.user_ids)
        key = await once(
            info, input, lambda: service.share(actor, cart_id, people, with_all=input.with_all)
        )
        return CartPayload(cart=Cart.of(key))

    @mutation("Take a cart back from colleagues (its maker), or leave it (everyone).")
    async def unshare_cart(
        self, info: Info, input: Annotated[UnshareCartInput, argument("The cart and the people.")]
    ) -> UnshareCartResult:
        actor = info.context.require_actor()
        cart_id, people = _cart(input.cart_id), _users(input.user_ids)
        key = await once(
            info, input, lambda: service.unshare(actor, cart_id, people, from_all=input.from_all)
        )
        return CartPayload(cart=Cart.of(key))

    @mutation("Copy a cart, for the same or another legal entity of your company.")
    async def copy_cart(
        self, info: Info, input: Annotated[CopyCartInput, argument("What to copy.")]
    ) -> CopyCartResult:
        actor = info.context.require_actor()
        cart_id, entity = _cart(input.cart_id), _entity(input.legal_entity_id)
        clock = info.context.resources.clock
        key = await once(
            info,
            input,
            lambda: service.copy(actor, cart_id, input.name, legal_entity_id=entity, clock=clock),
        )
        return CopyCartPayload(cart=Cart.of(key))

    @mutation(
        "Merge carts of one legal entity: the same offer and cost centre adds up, notes are joined."
    )
    async def merge_carts(
        self, info: Info, input: Annotated[MergeCartsInput, argument("What to merge.")]
    ) -> MergeCartsResult:
        actor = info.context.require_actor()
        into = decode_id(input.into_id, "Cart", "input", "intoId")
        carts = [
            decode_id(one, "Cart", "input", "cartIds", str(index))
            for index, one in enumerate(input.cart_ids)
        ]
        clock = info.context.resources.clock
        key = await once(info, input, lambda: service.merge(actor, carts, into, clock=clock))
        report = await service.merge_report(actor, carts, into)
        return MergeCartsPayload(
            cart=Cart.of(key), merged_lines=[MergedCartLine(row=line) for line in report]
        )

    @mutation("Delete a cart; a default cart is made anew when it is next needed.")
    async def delete_cart(
        self, info: Info, input: Annotated[DeleteCartInput, argument("The cart.")]
    ) -> DeleteCartResult:
        actor = info.context.require_actor()
        cart_id = _cart(input.cart_id)
        await once(info, input, lambda: service.delete(actor, cart_id))
        return DeleteCartPayload(cart_id=input.cart_id)
