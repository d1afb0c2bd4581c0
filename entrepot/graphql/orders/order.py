"""Orders in GraphQL: the buyer's order, its part with each seller, and their lines."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from uuid import UUID

import strawberry

from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.documents import Invoice, ProForma, load_invoices, load_pro_formas
from entrepot.graphql.fields import field
from entrepot.graphql.money import Money
from entrepot.graphql.node import Node, encode_id, register_node
from entrepot.graphql.orders.lines import OrderLine
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


@strawberry.enum(description="How a seller order is paid.")
class PaymentKind(Enum):
    """Names and values as stored."""

    INVOICE = strawberry.enum_value("invoice", description="On invoice, until it is due.")
    ADVANCE = strawberry.enum_value("advance", description="In advance; until then it waits.")


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

    @field("What delivery costs, part of `net`.")
    def delivery_net(self) -> Money:
        return Money(amount=self.row.delivery_net, currency=self.row.currency)

    @field("How it is paid.")
    def payment(self) -> PaymentKind:
        return PaymentKind(self.row.payment)

    @field("The day by which it is to be paid; null for orders of old.")
    def payment_due_on(self) -> date | None:
        return self.row.payment_due_on

    @field("When the payment was complete.")
    def paid_at(self) -> datetime | None:
        return self.row.paid_at

    @field("What has been paid so far.")
    def paid(self) -> Money:
        return Money(amount=self.row.paid, currency=self.row.currency)

    @field("Name of the person who placed it.")
    def placed_by(self) -> str:
        return self.row.placed_by

    @field("Name of the buyer's person for whom a representative or the operator placed it.")
    def on_behalf_of(self) -> str | None:
        return self.row.on_behalf_of

    @field("What was ordered.")
    async def lines(self, info: Info) -> list[OrderLine]:
        rows = await info.context.load(load_lines, self.row.id) or []
        return [OrderLine(row=row, currency=self.row.currency) for row in rows]

    @field("The invoice, moments after the order was placed; null without `invoice.view`.")
    async def invoice(self, info: Info) -> Invoice | None:
        row = await info.context.load(load_invoices, self.row.id)
        return Invoice.from_row(row) if row else None

    @field(
        "What the buyer is asked to pay in advance; null for others, and without `invoice.view`."
    )
    async def pro_forma(self, info: Info) -> ProForma | None:
        row = await info.context.load(load_pro_formas, self.row.id)
        return ProForma.from_row(row) if row else None


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

    @field("Name of the legal entity that buys.")
    def legal_entity_name(self) -> str:
        return self.row.legal_entity_name

    @field("What the carts said; the sellers do not see it.")
    def note(self) -> str:
        return self.row.note

    @field("Name of the person who placed it.")
    def placed_by(self) -> str:
        return self.row.placed_by

    @field("Name of your person for whom a representative or the operator placed it.")
    def on_behalf_of(self) -> str | None:
        return self.row.on_behalf_of

    @field("The carts that became it.")
    def cart_ids(self) -> list[strawberry.ID]:
        return [encode_id("Cart", key) for key in self.row.cart_ids]

    @field("The approvals that let it be ordered.")
    def approval_ids(self) -> list[strawberry.ID]:
        return [encode_id("Approval", key) for key in self.row.approval_ids]

    @field("The standing order that it is a run of, if any.")
    def standing_order_id(self) -> strawberry.ID | None:
        key = self.row.standing_order_id
        return encode_id("StandingOrder", key) if key else None

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
