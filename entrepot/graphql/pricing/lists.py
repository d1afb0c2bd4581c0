"""Price lists in GraphQL: a seller's own lists, their tiers and to whom they are given."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.errors import NotSelling
from entrepot.graphql.catalog.loading import load_list_tiers, load_offers, load_price_lists
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors, UserError, as_id, error_type
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.money import Money
from entrepot.graphql.node import Node, decode_id, encode_id, register_node
from entrepot.graphql.once import once
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.graphql.scalars import Quantity
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.pricing import errors, price_lists, service

_WHY = "The payload, or why nothing was done."


@strawberry.type(description="The price of an offer in a list, from a quantity on.")
class PriceListTier:
    min_quantity: Decimal = strawberry.field(description="From this quantity on.")
    unit_price: Money = strawberry.field(description="Price of one unit.")
    offer_id: strawberry.ID = strawberry.field(description="Global id of the offer.")
    row: strawberry.Private[price_lists.TierRow]

    @field("The offer.")
    async def offer(self, info: Info) -> Offer | None:
        row = await info.context.load(load_offers, self.row.offer_id)
        return Offer.from_row(row) if row else None


@strawberry.type(description="Prices that your company gives to some buyers.")
class PriceList(Node):
    name: str = strawberry.field(description="Its name; buyers never see it.")
    currency: str = strawberry.field(description="ISO 4217 code; for offers in it only.")
    priority: int = strawberry.field(description="The higher wins over other lists.")
    valid_from: datetime | None = strawberry.field(description="In force from then on.")
    valid_until: datetime | None = strawberry.field(description="In force before then.")
    offer_count: int = strawberry.field(description="How many offers have a price in it.")
    company_ids: list[strawberry.ID] = strawberry.field(
        description="Global ids of the companies that have it."
    )
    row: strawberry.Private[price_lists.PriceListRow]

    @classmethod
    def from_row(cls, row: price_lists.PriceListRow) -> "PriceList":
        """Show a row of the actor's own company."""
        return cls(
            id=encode_id("PriceList", row.id),
            name=row.name,
            currency=row.currency,
            priority=row.priority,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            offer_count=row.offer_count,
            company_ids=[encode_id("Company", company_id) for company_id in row.company_ids],
            row=row,
        )

    @field("Its tiers, by offer and least quantity.")
    async def tiers(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[PriceListTier]:
        page = page_of(first, after, order="prices.tiers", keys=(UUID, Decimal))
        seen = (page.after[0], page.after[1]) if page.after else None
        rows = await info.context.load(load_list_tiers, (self.row.id, seen, page.limit)) or []
        return connect(
            rows, page, node=self._tier, key=lambda row: (row.offer_id, row.min_quantity)
        )

    def _tier(self, row: price_lists.TierRow) -> PriceListTier:
        return PriceListTier(
            min_quantity=row.min_quantity,
            unit_price=Money(amount=row.unit_price, currency=self.currency),
            offer_id=encode_id("Offer", row.offer_id),
            row=row,
        )


@error_type(errors.PriceListNameTaken, name="The name.")
class PriceListNameTaken(UserError):
    """Your company already has a price list of this name."""


@error_type(
    errors.DuplicateTier,
    offer_id=as_id("Offer", "The offer."),
    min_quantity="Where both tiers start.",
)
class DuplicateTier(UserError):
    """Two tiers of one offer start at the same quantity."""


@error_type(errors.DuplicateOffer, offer_id=as_id("Offer", "The offer."))
class DuplicateOffer(UserError):
    """The same offer is named twice."""


@error_type(
    errors.CurrencyMismatch,
    offer_id=as_id("Offer", "The offer."),
    list_currency="Currency of the list.",
    offer_currency="Currency of the offer.",
)
class CurrencyMismatch(UserError):
    """The list's currency is not the offer's."""


@strawberry.type(description="A price list after the change.")
class PriceListPayload:
    price_list: PriceList = strawberry.field(description="The list.")


@strawberry.input(description="A new price list.")
class CreatePriceListInput:
    name: str = strawberry.field(description="Its name, for you.")
    currency: str = strawberry.field(description="ISO 4217 code, such as RUB.")
    priority: int = strawberry.field(default=0, description="The higher wins over other lists.")
    valid_from: datetime | None = strawberry.field(default=None, description="In force from then.")
    valid_until: datetime | None = strawberry.field(
        default=None, description="In force before then."
    )


@strawberry.input(description="A price list and a buying company.")
class PriceListCompanyInput:
    price_list_id: strawberry.ID = strawberry.field(description="Your list.")
    company_id: strawberry.ID = strawberry.field(description="The buying company.")


@strawberry.input(description="A unit price from a quantity on.")
class PriceTierInput:
    min_quantity: Quantity = strawberry.field(description="From this quantity on.")
    unit_price: Decimal = strawberry.field(description="Price of one unit, above 0.")


@strawberry.input(description="All tiers of one offer.")
class OfferTiersInput:
    offer_id: strawberry.ID = strawberry.field(description="Your offer.")
    tiers: list[PriceTierInput] = strawberry.field(
        description="Its tiers; an empty list takes the offer out of the price list."
    )


@strawberry.input(description="Tiers to put into a price list.")
class SetPriceTiersInput:
    price_list_id: strawberry.ID = strawberry.field(description="Your list.")
    lines: list[OfferTiersInput] = strawberry.field(
        description="1 to 1000 offers; tiers of offers not named stay."
    )


CreatePriceListResult = Annotated[
    PriceListPayload | PriceListNameTaken | NotSelling | CommonErrors,
    strawberry.union("CreatePriceListResult", description=_WHY),
]
AssignPriceListResult = Annotated[
    PriceListPayload | CommonErrors, strawberry.union("AssignPriceListResult", description=_WHY)
]
WithdrawPriceListResult = Annotated[
    PriceListPayload | CommonErrors, strawberry.union("WithdrawPriceListResult", description=_WHY)
]
SetPriceTiersResult = Annotated[
    PriceListPayload | DuplicateTier | DuplicateOffer | CurrencyMismatch | CommonErrors,
    strawberry.union("SetPriceTiersResult", description=_WHY),
]


@strawberry.type
class PricingQuery:
    """Root fields."""

    @field("Your company's price lists, by name (needs `prices.manage`).")
    async def price_lists(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[PriceList]:
        actor = info.context.require_actor()
        actor.require(Permission.PRICES_MANAGE)
        page = page_of(first, after, order="prices.lists", keys=(str, UUID))
        seen = (page.after[0], page.after[1]) if page.after else None
        rows = await price_lists.own_price_lists(actor, after=seen, limit=page.limit)
        return connect(rows, page, node=PriceList.from_row, key=lambda row: (row.name, row.id))


@strawberry.type
class PricingMutation:
    """Root fields; all need `prices.manage` in the company that owns the list."""

    @mutation("Start an empty price list (`prices.manage`).")
    async def create_price_list(
        self, info: Info, input: Annotated[CreatePriceListInput, argument("The list.")]
    ) -> CreatePriceListResult:
        actor = info.context.require_actor()
        new = service.NewPriceList(
            input.name, input.currency, input.priority, input.valid_from, input.valid_until
        )
        made = await once(info, input, lambda: service.create_price_list(actor, new))
        return await _payload(actor, made)

    @mutation("Give a price list to a buying company (`prices.manage`).")
    async def assign_price_list(
        self, info: Info, input: Annotated[PriceListCompanyInput, argument("List and company.")]
    ) -> AssignPriceListResult:
        actor = info.context.require_actor()
        list_id, company_id = _list_and_company(input)
        await service.assign_price_list(actor, list_id, company_id)
        return await _payload(actor, list_id)

    @mutation("Take a price list away from a company (`prices.manage`).")
    async def withdraw_price_list(
        self, info: Info, input: Annotated[PriceListCompanyInput, argument("List and company.")]
    ) -> WithdrawPriceListResult:
        actor = info.context.require_actor()
        list_id, company_id = _list_and_company(input)
        await service.withdraw_price_list(actor, list_id, company_id)
        return await _payload(actor, list_id)

    @mutation("Replace the tiers of some offers in a price list (`prices.manage`).")
    async def set_price_tiers(
        self, info: Info, input: Annotated[SetPriceTiersInput, argument("List and tiers.")]
    ) -> SetPriceTiersResult:
        actor = info.context.require_actor()
        list_id = decode_id(input.price_list_id, "PriceList", "input", "priceListId")
        await service.set_price_tiers(actor, list_id, _lines(input.lines))
        return await _payload(actor, list_id)


def _list_and_company(given: PriceListCompanyInput) -> tuple[UUID, UUID]:
    return (
        decode_id(given.price_list_id, "PriceList", "input", "priceListId"),
        decode_id(given.company_id, "Company", "input", "companyId"),
    )


def _lines(given: Sequence[OfferTiersInput]) -> list[service.OfferTiers]:
    return [
        service.OfferTiers(
            decode_id(line.offer_id, "Offer", "input", "lines", str(index), "offerId"),
            tuple(service.Tier(tier.min_quantity, tier.unit_price) for tier in line.tiers),
        )
        for index, line in enumerate(given)
    ]


async def _payload(actor: Actor, list_id: UUID) -> PriceListPayload:
    rows = await price_lists.price_lists_by_ids(actor, [list_id])
    return PriceListPayload(price_list=PriceList.from_row(rows[list_id]))


async def _node(context: RequestContext, key: UUID) -> PriceList | None:
    row = await context.load(load_price_lists, key)
    return PriceList.from_row(row) if row else None


register_node("PriceList", _node)
