"""Carts and their lines in GraphQL."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from uuid import UUID

import strawberry

from entrepot.graphql.carts.line_types import CartLine, CartSum, CartTotal
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.fields import field
from entrepot.graphql.identity.addresses import DeliveryAddress, load_addresses
from entrepot.graphql.identity.types import LegalEntity, load_legal_entities
from entrepot.graphql.node import Node, encode_id, register_node
from entrepot.platform.carts import queries
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.permissions import Permission


async def load_carts(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, queries.CartRow]:
    """Load the live carts that the actor may use, without their lines."""
    return await queries.carts_by_ids(context.require_actor(), keys)


async def load_views(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, queries.CartView]:
    """Load live carts that the actor may use, with today's prices; others are absent."""
    carts = await queries.carts_by_ids(context.require_actor(), keys)
    return await queries.views_of(carts.values(), context.resources.clock.now())


async def load_colleagues(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, queries.Colleague]:
    """Load people of the actor's company by id."""
    return await queries.colleagues(context.require_actor(), keys)


@strawberry.enum(description="Where a cart stands.")
class CartStatus(Enum):
    """The twin of `access.CartStatus`, of live carts."""

    OPEN = strawberry.enum_value("open", description="It can be filled and ordered.")
    SUBMITTED = strawberry.enum_value(
        "submitted", description="It waits for an approval and cannot change."
    )


@strawberry.type(description="A person of your company, by name.")
class Colleague:
    id: strawberry.ID = strawberry.field(description="The person's global id, for `shareCart`.")
    name: str = strawberry.field(description="Their name.")

    @classmethod
    def from_row(cls, row: queries.Colleague) -> "Colleague":
        """Show a person to a colleague."""
        return cls(id=encode_id("User", row.id), name=row.name)


@strawberry.type(
    description="What a legal entity is about to order; the default one if it has no name."
)
class Cart(Node):
    """A live cart. Its row and its lines are loaded when they are asked for."""

    key: strawberry.Private[UUID]
    row: strawberry.Private[queries.CartRow | None] = None

    @classmethod
    def of(cls, key: UUID) -> "Cart":
        """Show a cart that the actor may use."""
        return cls(id=encode_id("Cart", key), key=key)

    @classmethod
    def from_row(cls, row: queries.CartRow) -> "Cart":
        """Show a cart that was read already."""
        return cls(id=encode_id("Cart", row.id), key=row.id, row=row)

    @field("Its name; empty for a default cart that was not named.")
    async def name(self, info: Info) -> str:
        return (await row_of(self, info)).name

    @field("Where it stands.")
    async def status(self, info: Info) -> CartStatus:
        return CartStatus((await row_of(self, info)).status)

    @field("Whether it is the one that is used where no cart is named.")
    async def is_default(self, info: Info) -> bool:
        return (await row_of(self, info)).is_default

    @field("Whether everyone who buys for the company may use it.")
    async def shared_with_all(self, info: Info) -> bool:
        return (await row_of(self, info)).shared_with_all

    @field("Who else may use it, beside its maker; empty where it is shared with all only.")
    async def shared_with(self, info: Info) -> list[Colleague]:
        row = await row_of(self, info)
        people = await info.context.load_many(load_colleagues, row.shared_with)
        return [Colleague.from_row(person) for person in people if person]

    @field("With whom it can be shared: everyone of your company who may use carts, by name.")
    async def may_be_shared_with(self, info: Info) -> list[Colleague]:
        people = await queries.colleagues(info.context.require_actor())
        return [Colleague.from_row(person) for person in people.values()]

    @field("Who made it; null when they left the company.")
    async def created_by(self, info: Info) -> Colleague | None:
        row = await row_of(self, info)
        person = await info.context.load(load_colleagues, row.created_by_id)
        return Colleague.from_row(person) if person else None

    @field("When it was made.")
    async def created_at(self, info: Info) -> datetime:
        return (await row_of(self, info)).created_at

    @field("For which legal entity of your company it orders.")
    async def legal_entity(self, info: Info) -> LegalEntity | None:
        row = await row_of(self, info)
        entity = await info.context.load(load_legal_entities, row.legal_entity_id)
        return LegalEntity.from_row(entity) if entity else None

    @field("Your number for the order to come.")
    async def po_number(self, info: Info) -> str | None:
        return (await row_of(self, info)).po_number

    @field("The cost centre of lines without one; may be empty.")
    async def cost_center(self, info: Info) -> str:
        return (await row_of(self, info)).cost_center

    @field("When lines without a date are wanted.")
    async def wanted_on(self, info: Info) -> date | None:
        return (await row_of(self, info)).wanted_on

    @field("Where everything goes that has no other address; null: the default address.")
    async def delivery_address(self, info: Info) -> DeliveryAddress | None:
        row = await row_of(self, info)
        if row.delivery_address_id is None:
            return None
        address = await info.context.load(load_addresses, row.delivery_address_id)
        return DeliveryAddress.from_row(address) if address else None

    @field("A note for the order; may be empty.")
    async def note(self, info: Info) -> str:
        return (await row_of(self, info)).note

    @field("What is in it, in the order it was added.")
    async def lines(self, info: Info) -> list[CartLine]:
        view = await info.context.load(load_views, self.key)
        return [CartLine(row=line) for line in view.lines] if view else []

    @field("Whether something is different from what you saw, or stands in the way of a line.")
    async def changed(self, info: Info) -> bool:
        view = await info.context.load(load_views, self.key)
        return view.changed if view else False

    @field("The part of each seller and currency: what will become one seller order.")
    async def totals(self, info: Info) -> list[CartTotal]:
        view = await info.context.load(load_views, self.key)
        locale = info.context.locale
        return [CartTotal.from_row(total, locale) for total in view.totals] if view else []

    @field("What all of it costs with delivery, a sum for each currency.")
    async def sums(self, info: Info) -> list[CartSum]:
        view = await info.context.load(load_views, self.key)
        if view is None:
            return []
        return [CartSum.of(amounts, currency) for currency, amounts in view.sums().items()]


async def row_of(cart: Cart, info: Info) -> queries.CartRow:
    """Return the cart's row. Raises `NotFound` where it was ordered or deleted meanwhile."""
    row = cart.row or await info.context.load(load_carts, cart.key)
    if row is None:
        raise NotFound("cart")
    return row


async def _cart_node(context: RequestContext, key: UUID) -> Cart | None:
    if context.actor is None or not context.actor.may(Permission.CART_MANAGE):
        return None
    row = await context.load(load_carts, key)
    return Cart.from_row(row) if row else None


register_node("Cart", _cart_node)


@strawberry.type(description="The cart after the change.")
class CartPayload:
    """The changed cart."""

    cart: Cart = strawberry.field(description="The cart.")
