"""The cart in GraphQL."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.loading import load_offers
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors, UserError, as_id, error_type
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.money import Money
from entrepot.graphql.node import Node, decode_id, encode_id, register_node
from entrepot.graphql.once import once
from entrepot.graphql.scalars import Quantity
from entrepot.platform.carts import errors as cart_errors
from entrepot.platform.carts import queries, service
from entrepot.platform.identity.permissions import Permission


@strawberry.type(description="A wanted quantity of an offer, at today's price.")
class CartLine:
    """A line of the cart."""

    row: strawberry.Private[queries.CartLineView]

    @field("Global id of the line.")
    def id(self) -> strawberry.ID:
        return encode_id("CartLine", self.row.id)

    @field("How much is wanted.")
    def quantity(self) -> Decimal:
        return self.row.quantity

    @field("Name of the selling company.")
    def seller_name(self) -> str:
        return self.row.seller_name

    @field("Your price of one unit now.")
    def unit_price(self) -> Money:
        return Money(amount=self.row.price.unit_price, currency=self.row.currency)

    @field("Why this price, in one sentence.")
    def price_reason(self, info: Info) -> str:
        return self.row.price.reason(info.context.locale)

    @field("The price of one unit when you last changed the line.")
    def seen_unit_price(self) -> Money:
        return Money(amount=self.row.seen_unit_price, currency=self.row.currency)

    @field("Whether the price differs from the one you last saw.")
    def price_changed(self) -> bool:
        return self.row.price_changed

    @field("Whether the offer can still be bought.")
    def offered(self) -> bool:
        return self.row.offered

    @field("How much is available now.")
    def available(self) -> Decimal:
        return self.row.available

    @field("Whether less is available than you want.")
    def short(self) -> bool:
        return self.row.short

    @field("Amount without tax.")
    def net(self) -> Money:
        return Money(amount=self.row.amounts.net, currency=self.row.currency)

    @field("Amount with tax.")
    def gross(self) -> Money:
        return Money(amount=self.row.amounts.gross, currency=self.row.currency)

    @field("The offer, if you can still see it.")
    async def offer(self, info: Info) -> Offer | None:
        row = await info.context.load(load_offers, self.row.offer_id)
        return Offer.from_row(row) if row else None


@strawberry.type(description="The sum of the lines of one seller and currency.")
class CartTotal:
    """What will become one seller order."""

    seller_name: str = strawberry.field(description="Name of the selling company.")
    net: Money = strawberry.field(description="Sum without tax.")
    tax: Money = strawberry.field(description="Sum of tax.")
    gross: Money = strawberry.field(description="Sum with tax.")

    @classmethod
    def from_row(cls, row: queries.CartTotal) -> "CartTotal":
        def money(amount: Decimal) -> Money:
            return Money(amount=amount, currency=row.currency)

        amounts = row.amounts
        return cls(
            seller_name=row.seller_name,
            net=money(amounts.net),
            tax=money(amounts.tax),
            gross=money(amounts.gross),
        )


async def load_views(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, queries.CartView]:
    """Load the open cart with today's prices; other carts are absent."""
    carts = await queries.carts_by_ids(context.require_actor(), keys)
    return await queries.views_of(carts.values(), context.resources.clock.now())


@strawberry.type(description="The open cart of the legal entity you act for.")
class Cart(Node):
    """What you are about to order."""

    key: strawberry.Private[UUID]

    @classmethod
    def of(cls, key: UUID) -> "Cart":
        """Show the cart; its lines are loaded when they are asked for."""
        return cls(id=encode_id("Cart", key), key=key)

    @field("What is in it, in the order it was added.")
    async def lines(self, info: Info) -> list[CartLine]:
        view = await info.context.load(load_views, self.key)
        return [CartLine(row=line) for line in view.lines] if view else []

    @field("The sum for each seller and currency.")
    async def totals(self, info: Info) -> list[CartTotal]:
        view = await info.context.load(load_views, self.key)
        return [CartTotal.from_row(total) for total in view.totals] if view else []


@error_type(cart_errors.CartFull, limit="The most lines a cart may hold.")
class CartFull(UserError):
    """The cart holds as many lines as it may."""


@error_type(
    cart_errors.QuantityNotOrderable,
    offer_id=as_id("Offer", "The offer."),
    requested="The quantity asked for.",
    proposed="The nearest quantity that can be ordered.",
    outcome="BELOW_MINIMUM or PACK_ROUNDED.",
)
class QuantityNotOrderable(UserError):
    """The seller does not sell that quantity; `proposed` would do."""


@error_type(
    cart_errors.CartTooLarge, quantity="What the line would hold.", limit="The most it may hold."
)
class CartTooLarge(UserError):
    """The line would hold more than can be ordered at once."""


@strawberry.type(description="The cart after the change.")
class CartPayload:
    """The changed cart."""

    cart: Cart = strawberry.field(description="The cart.")


AddToCartResult = Annotated[
    CartPayload | CartFull | QuantityNotOrderable | CartTooLarge | CommonErrors,
    strawberry.union("AddToCartResult", description="The cart, or why nothing was added."),
]
UpdateCartLineResult = Annotated[
    CartPayload | QuantityNotOrderable | CartTooLarge | CommonErrors,
    strawberry.union("UpdateCartLineResult", description="The cart, or why it was left as it is."),
]
RemoveCartLineResult = Annotated[
    CartPayload | CommonErrors,
    strawberry.union("RemoveCartLineResult", description="The cart, or why it was left as it is."),
]


@strawberry.input(description="What to add.")
class AddToCartInput:
    """An offer and a quantity."""

    offer_id: strawberry.ID = strawberry.field(description="The offer.")
    quantity: Quantity = strawberry.field(description="How much more of it.")


@strawberry.input(description="A line and its new quantity.")
class UpdateCartLineInput:
    """A line and its new quantity; this accepts today's price."""

    line_id: strawberry.ID = strawberry.field(description="The line.")
    quantity: Quantity = strawberry.field(description="How much is wanted instead.")


@strawberry.input(description="The line to take out.")
class RemoveCartLineInput:
    """A line."""

    line_id: strawberry.ID = strawberry.field(description="The line.")


async def _cart_node(context: RequestContext, key: UUID) -> Cart | None:
    if context.actor is None or not context.actor.may(Permission.CART_MANAGE):
        return None
    return Cart.of(key) if await queries.live_cart(context.actor, key) else None


register_node("Cart", _cart_node)


@strawberry.type
class CartsQuery:
    """Reads of the cart."""

    @field("The open cart of the legal entity you act for; null while it is empty and unused.")
    async def cart(self, info: Info) -> Cart | None:
        row = await queries.live_cart(info.context.require_actor(), None)
        return Cart.of(row.id) if row else None


@strawberry.type
class CartsMutation:
    """Changes of the cart."""

    @mutation("Put an offer into the cart; what is there already adds up.")
    async def add_to_cart(
        self, info: Info, input: Annotated[AddToCartInput, argument("What to add.")]
    ) -> AddToCartResult:
        actor = info.context.require_actor()
        offer_id = decode_id(input.offer_id, "Offer", "input", "offerId")
        clock = info.context.resources.clock
        key = await once(
            info, input, lambda: service.add(actor, offer_id, input.quantity, clock=clock)
        )
        return CartPayload(cart=Cart.of(key))

    @mutation("Change a line's quantity and accept its present price.")
    async def update_cart_line(
        self, info: Info, input: Annotated[UpdateCartLineInput, argument("The change.")]
    ) -> UpdateCartLineResult:
        actor = info.context.require_actor()
        line_id = decode_id(input.line_id, "CartLine", "input", "lineId")
        clock = info.context.resources.clock
        key = await once(
            info, input, lambda: service.set_quantity(actor, line_id, input.quantity, clock=clock)
        )
        return CartPayload(cart=Cart.of(key))

    @mutation("Take a line out of the cart.")
    async def remove_cart_line(
        self, info: Info, input: Annotated[RemoveCartLineInput, argument("The line.")]
    ) -> RemoveCartLineResult:
        actor = info.context.require_actor()
        line_id = decode_id(input.line_id, "CartLine", "input", "lineId")
        key = await once(info, input, lambda: service.remove(actor, line_id))
        return CartPayload(cart=Cart.of(key))
