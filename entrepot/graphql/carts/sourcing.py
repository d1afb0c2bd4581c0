"""Sourcing in GraphQL: from whom to buy a list, and putting that into the cart."""

from decimal import Decimal
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.carts.cart import (
    Cart,
    CartFull,
    CartPayload,
    CartTooLarge,
    QuantityNotOrderable,
)
from entrepot.graphql.catalog.loading import load_offers, load_products
from entrepot.graphql.catalog.types import Offer, Product
from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.money import Money
from entrepot.graphql.node import decode_id, encode_id
from entrepot.graphql.once import once
from entrepot.graphql.scalars import Quantity
from entrepot.platform.carts.sourcing import plans, service


@strawberry.enum(description="Why a line cannot be had in full.")
class SourcingLack(Enum):
    """What explains it best."""

    NOT_OFFERED = strawberry.enum_value("NOT_OFFERED", description="Nobody offers it to you.")
    OTHER_CURRENCY = strawberry.enum_value(
        "OTHER_CURRENCY", description="It is offered in other currencies only: ask for one of them."
    )
    TOO_LATE = strawberry.enum_value("TOO_LATE", description="Nobody delivers it in time.")
    OUT_OF_STOCK = strawberry.enum_value(
        "OUT_OF_STOCK", description="All sellers together have too little."
    )
    SELLER_TERMS = strawberry.enum_value(
        "SELLER_TERMS",
        description="The sellers' least order values or the limit of sellers forbid it.",
    )


@strawberry.type(description="How much of a line comes from one offer.")
class SourcedPart:
    """A part of a line."""

    row: strawberry.Private[plans.PlanPart]
    currency: strawberry.Private[str]

    @field("Global id of the offer.")
    def offer_id(self) -> strawberry.ID:
        return encode_id("Offer", self.row.offer_id)

    @field("The offer, if you can still see it.")
    async def offer(self, info: Info) -> Offer | None:
        row = await info.context.load(load_offers, self.row.offer_id)
        return Offer.from_row(row) if row else None

    @field("Name of the selling company.")
    def seller_name(self) -> str:
        return self.row.seller_name

    @field("How much of it, as the seller sells it.")
    def quantity(self) -> Decimal:
        return self.row.quantity

    @field("Your price of one unit at this quantity, before promotions.")
    def unit_price(self) -> Money:
        return Money(amount=self.row.unit_price, currency=self.currency)

    @field("Amount without tax, before promotions.")
    def net(self) -> Money:
        return Money(amount=self.row.net, currency=self.currency)

    @field("Days until it is delivered.")
    def lead_time_days(self) -> int:
        return self.row.lead_time_days


@strawberry.type(description="A wanted product and from whom it comes.")
class SourcedLine:
    """A wanted product."""

    row: strawberry.Private[plans.PlanLine]
    currency: strawberry.Private[str]

    @field("Global id of the product.")
    def product_id(self) -> strawberry.ID:
        return encode_id("Product", self.row.product_id)

    @field("The product, if you can still see it.")
    async def product(self, info: Info) -> Product | None:
        row = await info.context.load(load_products, self.row.product_id)
        return Product.from_row(row) if row else None

    @field("How much is wanted.")
    def wanted(self) -> Decimal:
        return self.row.wanted

    @field("How much cannot be had.")
    def missing(self) -> Decimal:
        return self.row.missing

    @field("How much more than wanted is bought because of packs and minimums.")
    def excess(self) -> Decimal:
        return self.row.excess

    @field("Why something is missing; null where nothing is.")
    def lack(self) -> SourcingLack | None:
        return SourcingLack(self.row.lack) if self.row.lack else None

    @field("From whom how much.")
    def parts(self) -> list[SourcedPart]:
        return [SourcedPart(row=part, currency=self.currency) for part in self.row.parts]


@strawberry.type(description="What one seller gets.")
class SourcedSeller:
    """A seller of the split."""

    seller_name: str = strawberry.field(description="Name of the selling company.")
    goods: Money = strawberry.field(description="Goods without tax, before promotions.")
    delivery: Money = strawberry.field(description="Delivery charge without tax.")
    lead_time_days: int = strawberry.field(description="Days until all of it is delivered.")


@strawberry.type(description="A split of a list over sellers that may be ordered as it is.")
class SourcingPlan:
    """A split; amounts are without tax, before promotions, in one currency."""

    row: strawberry.Private[plans.Plan]

    @field("The wanted products, each once.")
    def lines(self) -> list[SourcedLine]:
        return [SourcedLine(row=line, currency=self.row.currency) for line in self.row.lines]

    @field("The sellers, by name.")
    def sellers(self) -> list[SourcedSeller]:
        return [
            SourcedSeller(
                seller_name=one.name,
                goods=self._money(one.goods),
                delivery=self._money(one.delivery),
                lead_time_days=one.lead_time_days,
            )
            for one in self.row.sellers
        ]

    @field("All goods without tax.")
    def goods(self) -> Money:
        return self._money(self.row.goods)

    @field("All delivery charges without tax.")
    def delivery(self) -> Money:
        return self._money(self.row.delivery)

    @field("Goods and delivery without tax.")
    def total(self) -> Money:
        return self._money(self.row.total)

    @field("Days until the last delivery.")
    def lead_time_days(self) -> int:
        return self.row.lead_time_days

    @field("How many lines lack something.")
    def short_lines(self) -> int:
        return self.row.short_lines

    @field("The share of the total that another split could save at most; null: not known.")
    def gap(self) -> Decimal | None:
        return None if self.row.gap is None else round(self.row.gap, 4)

    @field("Whether it is proven that no split with as little missing is cheaper.")
    def optimal(self) -> bool:
        return self.row.optimal

    @field("How good the split is, in a sentence.")
    def reason(self, info: Info) -> str:
        return self.row.reason(info.context.locale)

    def _money(self, amount: Decimal) -> Money:
        return Money(amount=amount, currency=self.row.currency)


@strawberry.type(description="What one seller fewer would mean.")
class OneSellerFewer:
    """The best split with one seller fewer, or why there is none."""

    sellers: int = strawberry.field(description="How many sellers that leaves at most.")
    possible: bool = strawberry.field(description="Whether as much can be had from so many.")
    costs_more: Money | None = strawberry.field(
        description="How much more it costs; null where it is not possible."
    )
    plan: SourcingPlan | None = strawberry.field(
        description="The split; null where more would be missing."
    )
    reason: str = strawberry.field(description="The same in a sentence.")


@strawberry.type(description="From whom to buy.")
class ProposeSourcingPayload:
    """The proposal; nothing was changed."""

    plan: SourcingPlan = strawberry.field(description="The best split that was found.")
    one_seller_fewer: OneSellerFewer | None = strawberry.field(
        description="What one seller fewer would mean; null where there is one seller or none."
    )


ProposeSourcingResult = Annotated[
    ProposeSourcingPayload | CartFull | CommonErrors,
    strawberry.union("ProposeSourcingResult", description="The proposal, or why there is none."),
]
ApplySourcingResult = Annotated[
    CartPayload | CartFull | CartTooLarge | QuantityNotOrderable | CommonErrors,
    strawberry.union("ApplySourcingResult", description="The cart, or why it stayed as it was."),
]


@strawberry.input(description="A wanted product, named by itself or by one of its offers.")
class SourcingLineInput:
    """Exactly one id, and a quantity."""

    product_id: strawberry.ID | None = strawberry.field(default=None, description="The product.")
    offer_id: strawberry.ID | None = strawberry.field(
        default=None, description="An offer of the product, in place of the product."
    )
    quantity: Quantity = strawberry.field(description="How much is wanted, in its unit.")

    def read(self, index: int) -> service.WantedArticle:
        """Return it with its id decoded."""
        here = ("input", "lines", str(index))
        return service.WantedArticle(
            decode_id(self.product_id, "Product", *here, "productId") if self.product_id else None,
            decode_id(self.offer_id, "Offer", *here, "offerId") if self.offer_id else None,
            self.quantity,
        )


@strawberry.input(description="What to source: a cart, or a list of up to 1,000 lines.")
class ProposeSourcingInput:
    """A cart or lines, and limits."""

    cart_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The cart whose products are wanted; `lines` are ignored then. Without both"
        " the default cart of the legal entity you act for.",
    )
    lines: list[SourcingLineInput] = strawberry.field(
        default_factory=list, description="What is wanted; the same product twice adds up."
    )
    max_sellers: int | None = strawberry.field(
        default=None, description="Buy from at most so many sellers."
    )
    deliver_within_days: int | None = strawberry.field(
        default=None, description="Leave out offers that take longer."
    )
    currency: str | None = strawberry.field(
        default=None, description="Buy in this currency; the legal entity's if not given."
    )


@strawberry.input(description="How much to buy of an offer.")
class SourcingSplitInput:
    """An offer of a product that the cart holds, and a quantity."""

    offer_id: strawberry.ID = strawberry.field(description="The offer.")
    quantity: Quantity = strawberry.field(description="How much of it, as the seller sells it.")


@strawberry.input(description="From whom to buy what the cart holds.")
class ApplySourcingInput:
    """A cart and the parts of a plan."""

    cart_id: strawberry.ID = strawberry.field(description="The cart.")
    splits: list[SourcingSplitInput] = strawberry.field(
        description="Every line whose product is named here is bought from these offers instead."
    )


@strawberry.type
class SourcingMutation:
    """Proposing a split and taking it over."""

    @mutation(
        "Find the cheapest split of a cart or list over the sellers, delivery included; changes"
        " nothing. Large lists take some seconds."
    )
    async def propose_sourcing(
        self, info: Info, input: Annotated[ProposeSourcingInput, argument("What to source.")]
    ) -> ProposeSourcingResult:
        actor = info.context.require_actor()
        found = await service.propose(
            actor,
            clock=info.context.resources.clock,
            cart_id=_cart_id(input.cart_id) if input.cart_id else None,
            lines=[line.read(index) for index, line in enumerate(input.lines)],
            max_sellers=input.max_sellers,
            within_days=input.deliver_within_days,
            currency=input.currency,
        )
        fewer = found.fewer
        return ProposeSourcingPayload(
            plan=SourcingPlan(row=found.plan),
            one_seller_fewer=_fewer(fewer, info.context.locale) if fewer else None,
        )

    @mutation("Buy the cart's products from the offers that a plan names.")
    async def apply_sourcing(
        self, info: Info, input: Annotated[ApplySourcingInput, argument("The parts of a plan.")]
    ) -> ApplySourcingResult:
        actor = info.context.require_actor()
        cart_id = _cart_id(input.cart_id)
        parts = [
            service.NewPart(
                decode_id(one.offer_id, "Offer", "input", "splits", str(index), "offerId"),
                one.quantity,
            )
            for index, one in enumerate(input.splits)
        ]
        clock = info.context.resources.clock
        key = await once(info, input, lambda: service.apply(actor, cart_id, parts, clock=clock))
        return CartPayload(cart=Cart.of(key))


def _cart_id(given: strawberry.ID) -> UUID:
    return decode_id(given, "Cart", "input", "cartId")


def _fewer(found: service.Fewer, locale: str) -> OneSellerFewer:
    plan = found.plan
    more = Money(amount=found.costs_more, currency=found.currency)
    return OneSellerFewer(
        sellers=found.sellers,
        possible=plan is not None,
        costs_more=more if plan else None,
        plan=SourcingPlan(row=plan) if plan else None,
        reason=found.reason(locale),
    )
