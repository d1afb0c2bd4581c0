"""Price lists in GraphQL: a seller's own lists, their tiers and to whom they are given."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.errors import NotSelling
from entrepot.graphql.catalog.loading import load_list_tiers, load_offers, load_price_lists
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.money import Money
from entrepot.graphql.node import Node, decode_id, encode_id, register_node
from entrepot.graphql.once import once
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.graphql.pricing.errors import (
    BaseListCurrency,
    CurrencyMismatch,
    DuplicateOffer,
    DuplicateTier,
    FixedListHasNoRule,
    PriceListChainTooLong,
    PriceListCycle,
    PriceListNameTaken,
)
from entrepot.graphql.pricing.imports import PriceListNotFixed
from entrepot.graphql.pricing.list_inputs import (
    CreatePriceListInput,
    PriceListRecipientInput,
    PriceRounding,
    SetPriceTiersInput,
    UpdatePriceListInput,
)
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.pricing import price_lists, service

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


@strawberry.enum(description="Where the prices of a list come from.")
class PriceListKind(Enum):
    """As stored."""

    FIXED = strawberry.enum_value("fixed", description="You set them.")
    RULE = strawberry.enum_value("rule", description="They are computed from others.")


@strawberry.type(description="How a list's prices are computed.")
class PriceListRule:
    percent: Decimal | None = strawberry.field(description="Added, in percent.")
    amount: Decimal | None = strawberry.field(description="Added to each unit price.")
    rounding: PriceRounding = strawberry.field(description="How the result is rounded.")
    base_list_key: strawberry.Private[UUID | None]

    @field("The list whose prices are changed; null: the offers' list prices are.")
    async def base_list(self, info: Info) -> "PriceList | None":
        if self.base_list_key is None:
            return None
        row = await info.context.load(load_price_lists, self.base_list_key)
        return PriceList.from_row(row) if row else None


@strawberry.type(description="Prices that your company gives to some buyers.")
class PriceList(Node):
    name: str = strawberry.field(description="Its name; buyers never see it.")
    currency: str = strawberry.field(description="ISO 4217 code; for offers in it only.")
    priority: int = strawberry.field(description="The higher wins over other lists.")
    kind: PriceListKind = strawberry.field(description="Whether its prices are set or computed.")
    rule: PriceListRule | None = strawberry.field(description="How they are computed, if so.")
    regions: list[str] = strawberry.field(
        description="Countries of the buyers it is for; empty: all."
    )
    min_order_value: Decimal | None = strawberry.field(
        description="Least net value of your part of the order."
    )
    active: bool = strawberry.field(description="Whether it applies to those who have it.")
    valid_from: datetime | None = strawberry.field(description="In force from then on.")
    valid_until: datetime | None = strawberry.field(description="In force before then.")
    offer_count: int = strawberry.field(description="How many offers have a price in it.")
    company_ids: list[strawberry.ID] = strawberry.field(
        description="Global ids of the companies that have it."
    )
    legal_entity_ids: list[strawberry.ID] = strawberry.field(
        description="Global ids of single legal entities that have it."
    )
    customer_group_ids: list[strawberry.ID] = strawberry.field(
        description="Global ids of your customer groups that have it."
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
            kind=PriceListKind(row.kind),
            rule=_rule(row),
            regions=list(row.regions),
            min_order_value=row.min_order_value,
            active=row.active,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            offer_count=row.offer_count,
            company_ids=[encode_id("Company", key) for key in row.company_ids],
            legal_entity_ids=[encode_id("LegalEntity", key) for key in row.legal_entity_ids],
            customer_group_ids=[encode_id("CustomerGroup", key) for key in row.group_ids],
            row=row,
        )

    @field("Its tiers, by offer and least quantity; a rule list has none of its own.")
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


def _rule(row: price_lists.PriceListRow) -> PriceListRule | None:
    if row.kind != "rule":
        return None
    return PriceListRule(
        percent=row.percent,
        amount=row.amount,
        rounding=PriceRounding(row.rounding),
        base_list_key=row.base_list_id,
    )


@strawberry.type(description="A price list after the change.")
class PriceListPayload:
    price_list: PriceList = strawberry.field(description="The list.")


CreatePriceListResult = Annotated[
    PriceListPayload
    | PriceListNameTaken
    | NotSelling
    | BaseListCurrency
    | PriceListChainTooLong
    | CommonErrors,
    strawberry.union("CreatePriceListResult", description=_WHY),
]
UpdatePriceListResult = Annotated[
    PriceListPayload
    | PriceListNameTaken
    | FixedListHasNoRule
    | BaseListCurrency
    | PriceListCycle
    | PriceListChainTooLong
    | CommonErrors,
    strawberry.union("UpdatePriceListResult", description=_WHY),
]
AssignPriceListResult = Annotated[
    PriceListPayload | CommonErrors, strawberry.union("AssignPriceListResult", description=_WHY)
]
WithdrawPriceListResult = Annotated[
    PriceListPayload | CommonErrors, strawberry.union("WithdrawPriceListResult", description=_WHY)
]
SetPriceTiersResult = Annotated[
    PriceListPayload
    | DuplicateTier
    | DuplicateOffer
    | CurrencyMismatch
    | PriceListNotFixed
    | CommonErrors,
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
        new = input.read()
        made = await once(info, input, lambda: service.create_price_list(actor, new))
        return await _payload(actor, made)

    @mutation("Change a price list's terms or rule (`prices.manage`).")
    async def update_price_list(
        self, info: Info, input: Annotated[UpdatePriceListInput, argument("The changes.")]
    ) -> UpdatePriceListResult:
        actor = info.context.require_actor()
        list_id = decode_id(input.price_list_id, "PriceList", "input", "priceListId")
        await service.update_price_list(actor, list_id, input.read())
        return await _payload(actor, list_id)

    @mutation("Give a price list to a buyer (`prices.manage`).")
    async def assign_price_list(
        self, info: Info, input: Annotated[PriceListRecipientInput, argument("List and buyer.")]
    ) -> AssignPriceListResult:
        actor = info.context.require_actor()
        list_id = decode_id(input.price_list_id, "PriceList", "input", "priceListId")
        await service.assign_price_list(actor, list_id, input.read())
        return await _payload(actor, list_id)

    @mutation("Take a price list away from a buyer (`prices.manage`).")
    async def withdraw_price_list(
        self, info: Info, input: Annotated[PriceListRecipientInput, argument("List and buyer.")]
    ) -> WithdrawPriceListResult:
        actor = info.context.require_actor()
        list_id = decode_id(input.price_list_id, "PriceList", "input", "priceListId")
        await service.withdraw_price_list(actor, list_id, input.read())
        return await _payload(actor, list_id)

    @mutation("Replace the tiers of some offers in a price list (`prices.manage`).")
    async def set_price_tiers(
        self, info: Info, input: Annotated[SetPriceTiersInput, argument("List and tiers.")]
    ) -> SetPriceTiersResult:
        actor = info.context.require_actor()
        list_id = decode_id(input.price_list_id, "PriceList", "input", "priceListId")
        await service.set_price_tiers(actor, list_id, input.read())
        return await _payload(actor, list_id)


async def _payload(actor: Actor, list_id: UUID) -> PriceListPayload:
    rows = await price_lists.price_lists_by_ids(actor, [list_id])
    return PriceListPayload(price_list=PriceList.from_row(rows[list_id]))


async def _node(context: RequestContext, key: UUID) -> PriceList | None:
    row = await context.load(load_price_lists, key)
    return PriceList.from_row(row) if row else None


register_node("PriceList", _node)
