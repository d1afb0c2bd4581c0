"""Promotions in GraphQL: as their owner sees them, and as buyers do."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.loading import load_categories, load_offers
from entrepot.graphql.catalog.parts import Category
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info
from entrepot.graphql.fields import field
from entrepot.graphql.money import Money
from entrepot.graphql.node import Node, encode_id
from entrepot.platform.pricing.promotions import queries


@strawberry.enum(description="What a promotion does.")
class PromotionKind(Enum):
    """As stored."""

    PERCENT = strawberry.enum_value("percent", description="Takes a percentage off each unit.")
    AMOUNT = strawberry.enum_value("amount", description="Takes an amount off each unit.")
    BUY_N_GET_M = strawberry.enum_value(
        "buy_n_get_m", description="Of every N + M units of an offer, M cost nothing."
    )
    BUNDLE = strawberry.enum_value(
        "bundle", description="Takes a percentage or an amount off each full set of its items."
    )
    FREE_SHIPPING = strawberry.enum_value(
        "free_shipping", description="Drops the seller's delivery charge."
    )


@strawberry.type(description="An offer that a promotion is for.")
class PromotionItem:
    quantity: Decimal = strawberry.field(description="How much of it is in one set of a bundle.")
    offer_id: strawberry.ID = strawberry.field(description="Global id of the offer.")
    key: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: queries.ItemRow) -> "PromotionItem":
        """Show an item."""
        return cls(
            quantity=row.quantity, offer_id=encode_id("Offer", row.offer_id), key=row.offer_id
        )

    @field("The offer, while you may see it.")
    async def offer(self, info: Info) -> Offer | None:
        row = await info.context.load(load_offers, self.key)
        return Offer.from_row(row) if row else None


def _money(amount: Decimal | None, currency: str | None) -> Money | None:
    if amount is None or currency is None:
        return None
    return Money(amount=amount, currency=currency)


@strawberry.type(description="What a promotion takes off, and off what.")
class PromotionTerms:
    """What owners and buyers see alike."""

    kind: PromotionKind = strawberry.field(description="What it does.")
    percent: Decimal | None = strawberry.field(description="Percent off, where it takes a percent.")
    amount: Money | None = strawberry.field(
        description="Off each unit (of a bundle: each set), where it takes an amount."
    )
    buy_quantity: Decimal | None = strawberry.field(description="N of buy-N-get-M.")
    free_quantity: Decimal | None = strawberry.field(description="M of buy-N-get-M.")
    items: list[PromotionItem] = strawberry.field(
        description="Offers that it is for; none: all of the category or the seller."
    )
    min_quantity: Decimal | None = strawberry.field(
        description="How much of an offer the order must hold."
    )
    min_order_value: Money | None = strawberry.field(
        description="What the seller's goods must be worth, without tax, before promotions."
    )
    first_order_only: bool = strawberry.field(
        description="Only for a company's first order with the seller."
    )
    exclusive: bool = strawberry.field(
        description="Does not combine: the buyer gets it or the others, whatever is cheaper."
    )
    row: strawberry.Private[queries.PublicPromotionRow]

    @classmethod
    def of(cls, row: queries.PublicPromotionRow) -> "PromotionTerms":
        """Show a row's terms."""
        return cls(
            kind=PromotionKind(row.kind),
            percent=row.percent,
            amount=_money(row.amount, row.currency),
            buy_quantity=row.buy_quantity,
            free_quantity=row.free_quantity,
            items=[PromotionItem.of(item) for item in row.items],
            min_quantity=row.min_quantity,
            min_order_value=_money(row.min_order_value, row.currency),
            first_order_only=row.first_order_only,
            exclusive=row.exclusive,
            row=row,
        )

    @field("The category it is for, with all below it; null: any.")
    async def category(self, info: Info) -> Category | None:
        if self.row.category_id is None:
            return None
        row = await info.context.load(load_categories, self.row.category_id)
        return Category.from_row(row) if row else None


@strawberry.type(description="A promotion that runs for the legal entity you act for.")
class ActivePromotion(Node):
    """As buyers see it."""

    name: str = strawberry.field(description="Its name in your language.")
    seller_id: strawberry.ID | None = strawberry.field(
        description="Global id of the company on whose offers it is; null: every seller's."
    )
    terms: PromotionTerms = strawberry.field(description="What it takes off, and off what.")
    ends_at: datetime | None = strawberry.field(description="It runs until before then.")

    @classmethod
    def from_row(cls, row: queries.PublicPromotionRow, locale: str) -> "ActivePromotion":
        """Show a row that is for the actor."""
        return cls(
            id=encode_id("ActivePromotion", row.id),
            name=row.name_ru if locale == "ru" else row.name_en,
            seller_id=encode_id("Company", row.seller_id) if row.seller_id else None,
            terms=PromotionTerms.of(row),
            ends_at=row.ends_at,
        )


@strawberry.type(description="A promotion that your company made.")
class Promotion(Node):
    """As its owner sees it."""

    name_en: str = strawberry.field(description="Name in English.")
    name_ru: str = strawberry.field(description="Name in Russian.")
    seller_id: strawberry.ID | None = strawberry.field(
        description="Global id of the company on whose offers it is; null: every seller's."
    )
    terms: PromotionTerms = strawberry.field(description="What it takes off, and off what.")
    company_ids: list[strawberry.ID] = strawberry.field(
        description="Global ids of the buying companies it is for."
    )
    customer_group_ids: list[strawberry.ID] = strawberry.field(
        description="Global ids of the customer groups it is for; no target: everybody."
    )
    regions: list[str] = strawberry.field(description="Countries of buyers; none: all.")
    priority: int = strawberry.field(description="The higher is applied first.")
    below_cost_allowed: bool = strawberry.field(description="Whether it may sell below cost.")
    max_uses: int | None = strawberry.field(description="How many orders may use it; null: any.")
    max_uses_per_company: int | None = strawberry.field(
        description="How many orders of one company may use it; null: any."
    )
    order_count: int = strawberry.field(description="How many orders use it, without cancelled.")
    starts_at: datetime | None = strawberry.field(description="It runs from then on.")
    ends_at: datetime | None = strawberry.field(description="It runs until before then.")
    active: bool = strawberry.field(description="False: paused, or ended by hand.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @classmethod
    def from_row(cls, row: queries.PromotionRow) -> "Promotion":
        """Show a row of the actor's own company."""
        return cls(
            id=encode_id("Promotion", row.id),
            name_en=row.name_en,
            name_ru=row.name_ru,
            seller_id=encode_id("Company", row.seller_id) if row.seller_id else None,
            terms=PromotionTerms.of(row),
            company_ids=[encode_id("Company", key) for key in row.company_ids],
            customer_group_ids=[encode_id("CustomerGroup", key) for key in row.group_ids],
            regions=list(row.regions),
            priority=row.priority,
            below_cost_allowed=row.below_cost_allowed,
            max_uses=row.max_uses,
            max_uses_per_company=row.max_uses_per_company,
            order_count=row.orders,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            active=row.active,
            created_at=row.created_at,
        )
