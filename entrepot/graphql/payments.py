"""The ledger in GraphQL, payments, and who pays in advance."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors, UserError, error_type
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.money import Money
from entrepot.graphql.node import decode_id, encode_id
from entrepot.graphql.once import once
from entrepot.graphql.orders.order import SellerOrderStatus
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.advance_payment import set_pays_in_advance
from entrepot.platform.orders.paying import record_payment
from entrepot.platform.payments import errors as payment_errors
from entrepot.platform.payments import queries


@strawberry.type(description="The balance of one ledger account of your legal entity.")
class AccountBalance:
    """Positive: you owe it to the marketplace; negative: it is held for you."""

    account: str = strawberry.field(
        description="receivable, payable, escrow, commission, tax, payout_in_transit or bank."
    )
    balance: Money = strawberry.field(
        description="Positive: you owe it to the marketplace; negative: it is held for you."
    )


@strawberry.type(description="A seller order, as who records payments sees it.")
class PayableOrder:
    """What is to be paid, by whom, for what."""

    seller_order_id: strawberry.ID = strawberry.field(description="The seller order.")
    number: str = strawberry.field(description="Its number, which the payment should state.")
    status: SellerOrderStatus = strawberry.field(description="Where it stands.")
    seller_name: str = strawberry.field(description="Name of the selling company.")
    buyer_id: strawberry.ID = strawberry.field(description="The buying company.")
    buyer_name: str = strawberry.field(description="Name of the legal entity that pays.")
    gross: Money = strawberry.field(description="What is to be paid in all.")
    paid: Money = strawberry.field(description="What has been paid.")
    open: Money = strawberry.field(description="What is still open.")
    payment_due_on: date | None = strawberry.field(description="The day by which it is due.")

    @classmethod
    def from_row(cls, row: queries.PayableOrder) -> "PayableOrder":
        """Show a row to who may record payments."""
        gross, paid, left = (
            Money(amount=one, currency=row.currency)
            for one in (row.gross, row.paid, row.gross - row.paid)
        )
        return cls(
            seller_order_id=encode_id("SellerOrder", row.id),
            number=row.number,
            status=SellerOrderStatus(row.status),
            seller_name=row.seller_name,
            buyer_id=encode_id("Company", row.buyer_id),
            buyer_name=row.buyer_name,
            gross=gross,
            paid=paid,
            open=left,
            payment_due_on=row.payment_due_on,
        )


@strawberry.type
class PaymentsQuery:
    """Reads of the ledger."""

    @field("Ledger balances of the legal entity you act for.")
    async def account_balances(self, info: Info) -> list[AccountBalance]:
        rows = await queries.balances(info.context.require_actor())
        return [
            AccountBalance(
                account=row.account, balance=Money(amount=row.amount, currency=row.currency)
            )
            for row in rows
        ]

    @field("Seller orders not paid in full, oldest first, for who records payments.")
    async def open_seller_orders(
        self,
        info: Info,
        number: Annotated[
            str | None, argument("Only of this number, such as SO-2026-000123.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[PayableOrder]:
        page = page_of(first, after, order="seller_orders.open", keys=(UUID,))
        rows = await queries.open_orders(
            info.context.require_actor(),
            number,
            after=page.after[0] if page.after else None,
            limit=page.limit,
        )
        return connect(rows, page, node=PayableOrder.from_row, key=lambda row: (row.id,))


@error_type(
    payment_errors.PaymentExceedsOpenAmount,
    number="Number of the seller order.",
    open_amount="What is still open.",
    currency="The currency (ISO 4217).",
)
class PaymentExceedsOpenAmount(UserError):
    """More was to be recorded than is open; nothing was."""


@error_type(
    payment_errors.PaymentReferenceUsed,
    reference="The reference.",
    amount="The amount recorded with it.",
    currency="The currency (ISO 4217).",
    received_on="The day recorded with it.",
)
class PaymentReferenceUsed(UserError):
    """The reference stands for another payment of this order."""


@error_type(
    payment_errors.OrderNotPayable,
    number="Number of the seller order.",
    status="Where it stands.",
)
class OrderNotPayable(UserError):
    """Nothing is to be paid for an order that was called off."""


@strawberry.input(description="A line of the bank statement.")
class RecordPaymentInput:
    """Money that came for a seller order."""

    seller_order_id: strawberry.ID = strawberry.field(description="What was paid.")
    amount: Decimal = strawberry.field(description="How much came; parts add up.")
    currency: str = strawberry.field(description="ISO 4217 code: the order's.")
    reference: str = strawberry.field(
        description="The statement's own key of the line: the same one is recorded once."
    )
    received_on: date = strawberry.field(description="The day on which it came.")


@strawberry.type(description="The seller order after the payment.")
class RecordPaymentPayload:
    """What is paid and open now."""

    order: PayableOrder = strawberry.field(description="The seller order.")


RecordPaymentResult = Annotated[
    RecordPaymentPayload
    | PaymentExceedsOpenAmount
    | PaymentReferenceUsed
    | OrderNotPayable
    | CommonErrors,
    strawberry.union("RecordPaymentResult", description="The order, or why nothing was recorded."),
]


@strawberry.input(description="Whether a company pays in advance.")
class SetPaysInAdvanceInput:
    """A buying company and how it pays from now on."""

    company_id: strawberry.ID = strawberry.field(description="The buying company.")
    value: bool = strawberry.field(description="Whether its next orders wait for their payment.")


@strawberry.type(description="How the company pays from now on.")
class SetPaysInAdvancePayload:
    """A company after the change."""

    company_name: str = strawberry.field(description="Its name.")
    pays_in_advance: bool = strawberry.field(description="Whether its orders wait.")


SetPaysInAdvanceResult = Annotated[
    SetPaysInAdvancePayload | CommonErrors,
    strawberry.union("SetPaysInAdvanceResult", description="The payload, or why not."),
]


@strawberry.type
class PaymentsMutation:
    """What the operator records."""

    @mutation("Record money that a buyer sent for a seller order. Needs `payment.record`.")
    async def record_payment(
        self, info: Info, input: Annotated[RecordPaymentInput, argument("The payment.")]
    ) -> RecordPaymentResult:
        actor = info.context.require_actor()
        key = decode_id(input.seller_order_id, "SellerOrder", "input", "sellerOrderId")

        async def record() -> UUID:
            return await record_payment(
                actor,
                key,
                input.amount,
                input.currency,
                input.reference,
                input.received_on,
                clock=info.context.resources.clock,
            )

        await once(info, input, record)
        row = await queries.payable_order(actor, key)
        if row is None:
            raise NotFound("seller order")
        return RecordPaymentPayload(order=PayableOrder.from_row(row))

    @mutation("Say whether a buying company pays in advance. Needs `marketplace.operate`.")
    async def set_pays_in_advance(
        self, info: Info, input: Annotated[SetPaysInAdvanceInput, argument("Which, and how.")]
    ) -> SetPaysInAdvanceResult:
        actor = info.context.require_actor()
        key = decode_id(input.company_id, "Company", "input", "companyId")
        company = await set_pays_in_advance(actor, key, input.value)
        return SetPaysInAdvancePayload(company_name=company.name, pays_in_advance=input.value)
