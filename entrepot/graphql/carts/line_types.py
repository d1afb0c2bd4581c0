"""Lines and sums of carts in GraphQL."""

from datetime import date
from decimal import Decimal
from enum import Enum

import strawberry

from entrepot.graphql.catalog.loading import load_offers
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info
from entrepot.graphql.fields import field
from entrepot.graphql.identity.addresses import DeliveryAddress, load_addresses
from entrepot.graphql.money import Money
from entrepot.graphql.node import encode_id
from entrepot.platform.carts import queries
from entrepot.platform.carts.changes import LineChange
from entrepot.platform.carts.lines import LineDelivery
from entrepot.platform.orders.rules import Amounts


@strawberry.enum(description="What is different about a line, or stands in its way.")
class CartLineChangeKind(Enum):
    """The twin of `changes.ChangeKind`."""

    PRICE_UP = strawberry.enum_value("price_up", description="One costs more than you saw.")
    PRICE_DOWN = strawberry.enum_value("price_down", description="One costs less than you saw.")
    DISCOUNT_CHANGED = strawberry.enum_value(
        "discount_changed", description="The discount on the line is another one than you saw."
    )
    SHORT = strawberry.enum_value("short", description="Less is available than you want.")
    NOT_OFFERED = strawberry.enum_value("not_offered", description="It cannot be bought any more.")
    QUANTITY_NOT_ORDERABLE = strawberry.enum_value(
        "quantity_not_orderable", description="The seller does not sell that quantity any more."
    )


@strawberry.type(description="One difference of a line: a price or a quantity, before and now.")
class CartLineChange:
    change: strawberry.Private[LineChange]

    @field("What is different.")
    def kind(self) -> CartLineChangeKind:
        return CartLineChangeKind(self.change.kind.value)

    @field("Before: the price or discount you saw, or the quantity you want.")
    def old(self) -> Decimal:
        return self.change.old

    @field("Now: today's price or discount, what is available, or what can be ordered.")
    def new(self) -> Decimal:
        return self.change.new

    @field("Currency of prices and discounts.")
    def currency(self) -> str:
        return self.change.currency

    @field("The difference in a sentence, in your language.")
    def reason(self, info: Info) -> str:
        return self.change.reason(info.context.locale)


@strawberry.type(description="A promotion, and what it takes off a line or a delivery.")
class CartPromotion:
    name: str = strawberry.field(description="Its name, in your language.")
    amount: Money = strawberry.field(description="What it takes off.")


@strawberry.type(description="How much of a line goes to an address of its own.")
class CartLineDelivery:
    delivery: strawberry.Private[LineDelivery]

    @field("How much goes there.")
    def quantity(self) -> Decimal:
        return self.delivery.quantity

    @field("Where to.")
    async def address(self, info: Info) -> DeliveryAddress | None:
        row = await info.context.load(load_addresses, self.delivery.address_id)
        return DeliveryAddress.from_row(row) if row else None


@strawberry.type(description="A wanted quantity of an offer, at today's price.")
class CartLine:
    """A line of the cart."""

    row: strawberry.Private[queries.CartLineView]

    @field("Global id of the line.")
    def id(self) -> strawberry.ID:
        return encode_id("CartLine", self.row.id)

    @field("How much is wanted, in the product's unit.")
    def quantity(self) -> Decimal:
        return self.row.quantity

    @field("The seller's article number.")
    def article_number(self) -> str:
        return self.row.article_number

    @field("Name of the selling company.")
    def seller_name(self) -> str:
        return self.row.seller_name

    @field("Your price of one unit now; where it is not offered, the one you last saw.")
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

    @field("What promotions take off the line.")
    def discount(self) -> Money:
        return Money(amount=self.row.discount, currency=self.row.currency)

    @field("The promotions that make the discount.")
    def promotions(self, info: Info) -> list[CartPromotion]:
        russian = info.context.locale == "ru"
        return [
            CartPromotion(
                name=one.name_ru if russian else one.name_en,
                amount=Money(amount=one.amount, currency=self.row.currency),
            )
            for one in self.row.promotions
        ]

    @field("What is different from what you saw, and what stands in the way of the line.")
    def changes(self) -> list[CartLineChange]:
        return [CartLineChange(change=one) for one in self.row.changes]

    @field("Whether the offer can still be bought.")
    def offered(self) -> bool:
        return self.row.offered

    @field("How much is available now.")
    def available(self) -> Decimal:
        return self.row.available

    @field("Whether less is available than you want.")
    def short(self) -> bool:
        return self.row.short

    @field("Amount without tax, discount taken off; zero where it is not offered.")
    def net(self) -> Money:
        return Money(amount=self.row.amounts.net, currency=self.row.currency)

    @field("Amount with tax, discount taken off; zero where it is not offered.")
    def gross(self) -> Money:
        return Money(amount=self.row.amounts.gross, currency=self.row.currency)

    @field("The line's own cost centre; empty: the cart's.")
    def cost_center(self) -> str:
        return self.row.held.cost_center

    @field("A note on the line; may be empty.")
    def note(self) -> str:
        return self.row.held.note

    @field("When the line is wanted; null: the cart's date.")
    def wanted_on(self) -> date | None:
        return self.row.held.wanted_on

    @field("What goes to addresses of its own; the rest goes to the cart's address.")
    def deliveries(self) -> list[CartLineDelivery]:
        return [CartLineDelivery(delivery=one) for one in self.row.held.deliveries]

    @field("The offer, if you can still see it.")
    async def offer(self, info: Info) -> Offer | None:
        row = await info.context.load(load_offers, self.row.offer_id)
        return Offer.from_row(row) if row else None


@strawberry.type(description="A sum in one currency.")
class CartSum:
    net: Money = strawberry.field(description="Sum without tax.")
    tax: Money = strawberry.field(description="Sum of tax.")
    gross: Money = strawberry.field(description="Sum with tax.")

    @classmethod
    def of(cls, amounts: Amounts, currency: str) -> "CartSum":
        """Show amounts of one currency."""
        return cls(
            net=Money(amount=amounts.net, currency=currency),
            tax=Money(amount=amounts.tax, currency=currency),
            gross=Money(amount=amounts.gross, currency=currency),
        )


@strawberry.type(description="The lines of one seller and currency: what will become one order.")
class CartTotal:
    """What will become one seller order."""

    seller_name: str = strawberry.field(description="Name of the selling company.")
    net: Money = strawberry.field(description="The goods without tax, discounts taken off.")
    tax: Money = strawberry.field(description="Tax on the goods.")
    gross: Money = strawberry.field(description="The goods with tax.")
    delivery: CartSum = strawberry.field(description="What the delivery costs.")
    total: CartSum = strawberry.field(description="Goods and delivery.")
    free_delivery: CartPromotion | None = strawberry.field(
        description="The promotion that makes the delivery free, and what it saves."
    )
    min_order_value: Money = strawberry.field(
        description="The least net value of goods that the seller takes an order for."
    )
    missing_to_minimum: Money = strawberry.field(
        description="What the goods lack of it; 0: nothing."
    )
    payment_days: int = strawberry.field(description="Days from the order to the due date.")

    @classmethod
    def from_row(cls, row: queries.CartTotal, locale: str = "en") -> "CartTotal":
        """Show a seller's part."""

        def money(amount: Decimal) -> Money:
            return Money(amount=amount, currency=row.currency)

        free = row.part.free_delivery_promotion
        promotion = None
        if free is not None:
            name = free.name_ru if locale == "ru" else free.name_en
            promotion = CartPromotion(name=name, amount=money(free.amount))
        return cls(
            seller_name=row.seller_name,
            net=money(row.amounts.net),
            tax=money(row.amounts.tax),
            gross=money(row.amounts.gross),
            delivery=CartSum.of(row.part.delivery, row.currency),
            total=CartSum.of(row.total, row.currency),
            free_delivery=promotion,
            min_order_value=money(row.part.min_order_value),
            missing_to_minimum=money(row.part.missing_to_minimum),
            payment_days=row.part.payment_days,
        )
