"""Lines of orders in GraphQL, as they were agreed."""

from datetime import date
from decimal import Decimal

import strawberry

from entrepot.graphql.catalog.loading import load_offers
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info
from entrepot.graphql.fields import field
from entrepot.graphql.money import Money
from entrepot.platform.orders import queries


@strawberry.type(description="A promotion's part of a line's discount.")
class OrderLinePromotion:
    """A promotion as it was called when it was ordered."""

    name: str = strawberry.field(description="Its name then, in your language.")
    amount: Money = strawberry.field(description="What it took off the line.")


@strawberry.type(description="How much of a line goes to one address.")
class OrderLineDelivery:
    """A part of a line with its address."""

    address: str = strawberry.field(description="The address as it was then, in several lines.")
    quantity: Decimal = strawberry.field(description="How much goes there.")


@strawberry.type(description="An ordered article, as it was agreed.")
class OrderLine:
    """A line of a seller order."""

    row: strawberry.Private[queries.OrderLineRow]
    currency: strawberry.Private[str]

    @field("Its place in the seller order, from 1.")
    def line_number(self) -> int:
        return self.row.line_number

    @field("The seller's article number when it was ordered.")
    def article_number(self) -> str:
        return self.row.article_number

    @field("The article's title when it was ordered, in your language.")
    def title(self, info: Info) -> str:
        return self.row.title_ru if info.context.locale == "ru" else self.row.title_en

    @field("Unit of the quantity (UN/ECE Rec 20 code).")
    def unit(self) -> str:
        return self.row.unit

    @field("How much was ordered.")
    def quantity(self) -> Decimal:
        return self.row.quantity

    @field("The agreed price of one unit.")
    def unit_price(self) -> Money:
        return Money(amount=self.row.unit_price, currency=self.currency)

    @field(
        "Where the price came from: `list`, `company_list` or `group_list`; in older orders"
        " `price_list`."
    )
    def price_source(self) -> str:
        return self.row.price_source

    @field("What came off quantity × unit price.")
    def discount(self) -> Money:
        return Money(amount=self.row.discount, currency=self.currency)

    @field("The promotions that made the discount.")
    def promotions(self, info: Info) -> list[OrderLinePromotion]:
        return [
            OrderLinePromotion(
                name=one.name_ru if info.context.locale == "ru" else one.name_en,
                amount=Money(amount=one.amount, currency=self.currency),
            )
            for one in self.row.promotions
        ]

    @field("The buyer's cost centre, or empty.")
    def cost_center(self) -> str:
        return self.row.cost_center

    @field("The buyer's note on the line.")
    def note(self) -> str:
        return self.row.note

    @field("The day on which the buyer wants it.")
    def wanted_on(self) -> date | None:
        return self.row.wanted_on

    @field("How much goes where; empty where no address was known.")
    def deliveries(self) -> list[OrderLineDelivery]:
        return [
            OrderLineDelivery(address=one.address, quantity=one.quantity)
            for one in self.row.deliveries
        ]

    @field("Tax charged, in percent.")
    def tax_rate(self) -> Decimal:
        return self.row.tax_rate

    @field("Amount without tax.")
    def net(self) -> Money:
        return Money(amount=self.row.net, currency=self.currency)

    @field("Tax.")
    def tax(self) -> Money:
        return Money(amount=self.row.tax, currency=self.currency)

    @field("Amount with tax.")
    def gross(self) -> Money:
        return Money(amount=self.row.gross, currency=self.currency)

    @field("The offer it was ordered from, if you can still see it.")
    async def offer(self, info: Info) -> Offer | None:
        row = await info.context.load(load_offers, self.row.offer_id)
        return Offer.from_row(row) if row else None
