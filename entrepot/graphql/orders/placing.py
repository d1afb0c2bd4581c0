"""Placing, confirming and cancelling orders in GraphQL."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.carts.approval_errors import (
    ApprovalOutdated,
    ApprovalRequired,
    BudgetExceeded,
)
from entrepot.graphql.carts.errors import (
    CartAlreadyOrdered,
    CartClosed,
    CartTooLarge,
    QuantityNotOrderable,
)
from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, mutation
from entrepot.graphql.inventory_types import OutOfStock
from entrepot.graphql.money import Money
from entrepot.graphql.node import decode_id
from entrepot.graphql.once import once
from entrepot.graphql.orders.errors import (
    BelowMinimumOrderValue,
    CartEmpty,
    OfferUnavailable,
    OrderNotCancellable,
    OrderNotConfirmable,
    OrderNotPaid,
    PriceChanged,
    TotalChanged,
)
from entrepot.graphql.orders.order import Order, SellerOrder, load_seller_orders
from entrepot.graphql.pricing.promotion_errors import PromotionUsedUp
from entrepot.platform.carts.budgets.rules import BudgetWarning
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.orders import queries, service


@strawberry.type(description="A budget that the order exceeds and that lets it pass.")
class ExceededBudget:
    """A budget that only warns, or that an approval let through."""

    name: str = strawberry.field(description="Name of the budget.")
    budget: Money = strawberry.field(description="What it has for the period.")
    spent: Money = strawberry.field(description="What had been spent before this order.")
    wanted: Money = strawberry.field(description="What this order takes.")
    sentence: str = strawberry.field(description="The same in one sentence, in your language.")

    @classmethod
    def from_row(cls, row: BudgetWarning, locale: str) -> "ExceededBudget":
        """Show a warning."""
        budget, spent, wanted = (
            Money(amount=one, currency=row.currency) for one in (row.amount, row.spent, row.wanted)
        )
        return cls(
            name=row.name, budget=budget, spent=spent, wanted=wanted, sentence=row.sentence(locale)
        )


@strawberry.type(description="The orders that were placed.")
class PlaceOrderPayload:
    """The placed orders."""

    order: Order | None = strawberry.field(
        description="The first order, split by seller; null if your API key may not read orders."
    )
    orders: list[Order] = strawberry.field(
        description="One order for each legal entity; empty if your API key may not read orders."
    )
    warnings: list[ExceededBudget] = strawberry.field(
        description="Budgets that this exceeds, which only warn or were approved."
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
    | TotalChanged
    | BelowMinimumOrderValue
    | OutOfStock
    | QuantityNotOrderable
    | CartTooLarge
    | CartAlreadyOrdered
    | CartClosed
    | ApprovalRequired
    | ApprovalOutdated
    | BudgetExceeded
    | PromotionUsedUp
    | CommonErrors,
    strawberry.union("PlaceOrderResult", description="The order, or why nothing was ordered."),
]
ConfirmSellerOrderResult = Annotated[
    SellerOrderPayload | OrderNotConfirmable | OrderNotPaid | CommonErrors,
    strawberry.union("ConfirmSellerOrderResult", description="The order, or why not."),
]
CancelSellerOrderResult = Annotated[
    SellerOrderPayload | OrderNotCancellable | CommonErrors,
    strawberry.union("CancelSellerOrderResult", description="The order, or why not."),
]


@strawberry.input(description="A sum that you expect.")
class ExpectedTotalInput:
    """The gross total of all orders in one currency."""

    currency: str = strawberry.field(description="ISO 4217 code.")
    gross: Decimal = strawberry.field(description="Goods and delivery with tax.")


@strawberry.input(description="How to place the order.")
class PlaceOrderInput:
    """What goes with the order; everything in the carts is ordered."""

    cart_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="Carts to order together, of any legal entities of your company: one order for"
        " each entity, with one invoice a seller. The default cart of the one you act for if left"
        " out.",
    )
    expected_totals: list[ExpectedTotalInput] | None = strawberry.field(
        default=None,
        description="What you expect it to cost, one for each currency: if it comes to anything"
        " else, nothing is ordered.",
    )

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


def _cart_ids(given: list[strawberry.ID] | None) -> list[UUID] | None:
    if given is None:
        return None
    return [
        decode_id(one, "Cart", "input", "cartIds", str(index)) for index, one in enumerate(given)
    ]


def _totals(given: list[ExpectedTotalInput] | None) -> dict[str, Decimal] | None:
    """Raise `InvalidInput` where a currency comes twice."""
    if given is None:
        return None
    totals: dict[str, Decimal] = {}
    for index, one in enumerate(given):
        if totals.setdefault(one.currency, one.gross) is not one.gross:
            raise InvalidInput(
                f"expectedTotals.{index}.currency", "each currency once", "каждая валюта один раз"
            )
    return totals


async def _changed(info: Info, input: SellerOrderInput) -> SellerOrderPayload:
    key = decode_id(input.seller_order_id, "SellerOrder", "input", "sellerOrderId")
    row = await info.context.load(load_seller_orders, key)
    if row is None:
        raise NotFound("seller order")
    return SellerOrderPayload(seller_order=SellerOrder.from_row(row))


@strawberry.type
class OrdersMutation:
    """Changes of orders."""

    @mutation("Order everything in a cart, or in several: all of it or nothing.")
    async def place_order(
        self,
        info: Info,
        input: Annotated[PlaceOrderInput | None, argument("How to place it.")] = None,
    ) -> PlaceOrderResult:
        actor = info.context.require_actor()
        wanted = input or PlaceOrderInput()
        placed = await service.place_orders(
            actor,
            clock=info.context.resources.clock,
            cart_ids=_cart_ids(wanted.cart_ids),
            po_number=wanted.po_number,
            accept_price_changes=wanted.accept_price_changes,
            expected_totals=_totals(wanted.expected_totals),
            idempotency_key=wanted.idempotency_key or info.context.idempotency_key,
        )
        rows = await queries.placed_orders(actor, placed.order_ids)
        orders = [Order.from_row(rows[key]) for key in placed.order_ids if key in rows]
        locale = info.context.locale
        return PlaceOrderPayload(
            order=orders[0] if orders else None,
            orders=orders,
            warnings=[ExceededBudget.from_row(one, locale) for one in placed.warnings],
        )

    @mutation("The seller takes a placed order on.")
    async def confirm_seller_order(
        self, info: Info, input: Annotated[SellerOrderInput, argument("Which one.")]
    ) -> ConfirmSellerOrderResult:
        actor = info.context.require_actor()
        key = decode_id(input.seller_order_id, "SellerOrder", "input", "sellerOrderId")

        async def confirm() -> UUID:
            await service.confirm(actor, key, clock=info.context.resources.clock)
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
