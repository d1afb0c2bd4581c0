"""A seller's terms in GraphQL: least order value, delivery charge, days to pay."""

from decimal import Decimal
from typing import Annotated

import strawberry

from entrepot.graphql.catalog.errors import NotSelling
from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.money import Money
from entrepot.graphql.node import decode_id, encode_id
from entrepot.platform.pricing import terms


@strawberry.type(description="What a seller asks of each order in one currency; amounts are net.")
class SellerTerms:
    seller_id: strawberry.ID = strawberry.field(description="Global id of the company.")
    currency: str = strawberry.field(description="ISO 4217 code of the goods they hold for.")
    min_order_value: Money = strawberry.field(
        description="What the goods must be worth at least, before promotions; 0: anything."
    )
    delivery_charge: Money = strawberry.field(description="Added to each order; 0: none.")
    free_delivery_from: Money | None = strawberry.field(
        description="Goods worth this, before promotions, are delivered free; null: never."
    )
    delivery_tax_rate: Decimal = strawberry.field(description="Tax on the delivery, in percent.")
    payment_days: int = strawberry.field(description="Days from the order to the due date.")

    @classmethod
    def of(cls, row: terms.Terms) -> "SellerTerms":
        """Show terms."""

        def money(amount: Decimal) -> Money:
            return Money(amount=amount, currency=row.currency)

        free = row.free_delivery_from
        return cls(
            seller_id=encode_id("Company", row.seller_id),
            currency=row.currency,
            min_order_value=money(row.min_order_value),
            delivery_charge=money(row.delivery_charge),
            free_delivery_from=None if free is None else money(free),
            delivery_tax_rate=row.delivery_tax_rate,
            payment_days=row.payment_days,
        )


@strawberry.input(description="All your terms in one currency; they replace those you had.")
class SetSellerTermsInput:
    currency: str = strawberry.field(description="ISO 4217 code, such as RUB.")
    min_order_value: Decimal = strawberry.field(
        default=Decimal(0), description="Least net value of the goods of an order."
    )
    delivery_charge: Decimal = strawberry.field(
        default=Decimal(0), description="Net charge for the delivery of each order."
    )
    free_delivery_from: Decimal | None = strawberry.field(
        default=None, description="Net value of the goods from which delivery is free."
    )
    delivery_tax_rate: Decimal = strawberry.field(
        default=terms.DEFAULT_DELIVERY_TAX_RATE, description="Tax on the delivery, in percent."
    )
    payment_days: int = strawberry.field(
        default=terms.DEFAULT_PAYMENT_DAYS, description="Days from the order to the due date."
    )


@strawberry.type(description="The terms after the change.")
class SellerTermsPayload:
    terms: SellerTerms = strawberry.field(description="The terms.")


SetSellerTermsResult = Annotated[
    SellerTermsPayload | NotSelling | CommonErrors,
    strawberry.union("SetSellerTermsResult", description="The payload, or why nothing was done."),
]


@strawberry.type
class SellerTermsQuery:
    """Root fields."""

    @field(
        "A seller's terms, one for each currency that it set some for. In any other currency it"
        " asks for no least value and no delivery charge, and gives 14 days to pay."
    )
    async def seller_terms(
        self, info: Info, seller_id: Annotated[strawberry.ID, argument("The selling company.")]
    ) -> list[SellerTerms]:
        actor = info.context.require_actor()
        key = decode_id(seller_id, "Company", "sellerId")
        return [SellerTerms.of(row) for row in await terms.shown_terms(actor, key)]


@strawberry.type
class SellerTermsMutation:
    """Root fields."""

    @mutation("Set your company's terms in one currency (`prices.manage`).")
    async def set_seller_terms(
        self, info: Info, input: Annotated[SetSellerTermsInput, argument("The terms.")]
    ) -> SetSellerTermsResult:
        actor = info.context.require_actor()
        new = terms.Terms(
            actor.company_id,
            input.currency,
            input.min_order_value,
            input.delivery_charge,
            input.free_delivery_from,
            input.delivery_tax_rate,
            input.payment_days,
        )
        await terms.set_terms(actor, new)
        return SellerTermsPayload(terms=SellerTerms.of(new))
