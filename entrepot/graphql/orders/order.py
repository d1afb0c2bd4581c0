"""Orders in GraphQL: the buyer's order, its part with each seller, and their lines."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.loading import load_offers
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.documents import Invoice, load_invoices
from entrepot.graphql.fields import field
from entrepot.graphql.money import Money
from entrepot.graphql.node import Node, encode_id, register_node
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.platform.orders import queries


@strawberry.enum(description="Where a seller's part of an order stands.")
class SellerOrderStatus(Enum):
    """Names and values as in the domain's rules."""

    AWAITING_PAYMENT = strawberry.enum_value(
        "awaiting_payment", description="The buyer pays in advance and has yet to do so."
    )
    PLACED = strawberry.enum_value("placed", description="The seller has yet to confirm it.")
    CONFIRMED = strawberry.enum_value("confirmed", description="The seller will deliver it.")
    SHIPPED = strawberry.enum_value("shipped", description="It is on its way.")
    DELIVERED = strawberry.enum_value("delivered", description="It has arrived.")
    CANCELLED = strawberry.enum_value("cancelled", description="It will not be delivered.")


async def load_orders(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, queries.OrderRow]:
    """Load orders of the actor's legal entity."""
    return await queries.orders_by_ids(context.require_actor(), keys)


async def load_seller_orders(
    context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, queries.SellerOrderRow]:
    """Load seller orders that the actor buys or sells."""
    return await queries.seller_orders_by_ids(context.require_actor(), keys)


async def load_parts(
    _context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, list[queries.SellerOrderRow]]:
    """Load the seller orders of orders that the actor was shown."""
    return await queries.seller_orders_of(keys)


async def load_lines(
    _context: RequestContext, keys: Sequence[UUID]
) -> Mapping[UUID, list[queries.OrderLineRow]]:
    """Load the lines of seller orders that the actor was shown."""
    return await queries.lines_of(keys)


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

    @field("Where the price came from: `list` or `price_list`.")
    def price_source(self) -> str:
        return self.row.price_source

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


@strawberry.type(description="One seller's part of an order.")
class SellerOrder(Node):
    """A seller order: one seller, one currency."""

    row: strawberry.Private[queries.SellerOrderRow]

    @classmethod
    def from_row(cls, row: queries.SellerOrderRow) -> "SellerOrder":
        return cls(id=encode_id("SellerOrder", row.id), row=row)

    @field("The seller's number for it, such as SO-2026-000123.")
    def number(self) -> str:
        return self.row.number

    @field("Where it stands.")
    def status(self) -> SellerOrderStatus:
        return SellerOrderStatus(self.row.status)

    @field("Name of the selling company.")
    def seller_name(self) -> str:
        return self.row.seller_name

    @field("Name of the buying company.")
    def buyer_name(self) -> str:
        return self.row.buyer_name

    @field("When it was placed.")
    def placed_at(self) -> datetime:
        return self.row.placed_at

    @field("Sum without tax.")
    def net(self) -> Money:
        return Money(amount=self.row.net, currency=self.row.currency)

    @field("Sum of tax.")
    def tax(self) -> Money:
        return Money(amount=self.row.tax, currency=self.row.currency)

    @field("Sum with tax.")
    def gross(self) -> Money:
        return Money(amount=self.row.gross, currency=self.row.currency)

    @field("What was ordered.")
    async def lines(self, info: Info) -> list[OrderLine]:
        rows = await info.context.load(load_lines, self.row.id) or []
        return [OrderLine(row=row, currency=self.row.currency) for row in rows]

    @field("The invoice, moments after the order was placed; null without `invoice.view`.")
    async def invoice(self, info: Info) -> Invoice | None:
        row = await info.context.load(load_invoices, self.row.id)
        return Invoice.from_row(row) if row else None


@strawberry.type(description="A buyer's order, whoever delivers it.")
class Order(Node):
    """An order: it splits into one seller order for each seller and currency."""

    row: strawberry.Private[queries.OrderRow]

    @classmethod
    def from_row(cls, row: queries.OrderRow) -> "Order":
        return cls(id=encode_id("Order", row.id), row=row)

    @field("Your legal entity's number for it, such as PO-2026-000123.")
    def number(self) -> str:
        return self.row.number

    @field("The number you gave it yourself, if any.")
    def po_number(self) -> str | None:
        return self.row.po_number

    @field("When it was placed.")
    def placed_at(self) -> datetime:
        return self.row.placed_at

    @field("Each seller's part.")
    async def seller_orders(self, info: Info) -> list[SellerOrder]:
        rows = await info.context.load(load_parts, self.row.id) or []
        return [SellerOrder.from_row(row) for row in rows]


def _newest(row: queries.OrderRow | queries.SellerOrderRow) -> tuple[datetime, UUID]:
    return (row.placed_at, row.id)


@strawberry.type
class OrdersQuery:
    """Reads of orders."""

    @field("Orders of the legal entity you act for, newest first.")
    async def orders(self, info: Info, first: First = 20, after: After = None) -> Connection[Order]:
        actor = info.context.require_actor()
        page = page_of(first, after, order="orders.newest", keys=(datetime, UUID))
        rows = await queries.orders_page(actor, page.limit, page.after)
        return connect(rows, page, node=Order.from_row, key=_newest)

    @field("Seller orders that your company is to deliver, newest first.")
    async def seller_orders(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[SellerOrder]:
        actor = info.context.require_actor()
        page = page_of(first, after, order="seller_orders.newest", keys=(datetime, UUID))
        rows = await queries.seller_orders_page(actor, page.limit, page.after)
        return connect(rows, page, node=SellerOrder.from_row, key=_newest)


async def _order_node(context: RequestContext, key: UUID) -> Order | None:
    row = await context.load(load_orders, key)
    return Order.from_row(row) if row else None


async def _seller_order_node(context: RequestContext, key: UUID) -> SellerOrder | None:
    row = await context.load(load_seller_orders, key)
    return SellerOrder.from_row(row) if row else None


register_node("Order", _order_node)
register_node("SellerOrder", _seller_order_node)
