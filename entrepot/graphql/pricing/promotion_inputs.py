"""What the mutations of promotions take."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry

from entrepot.graphql.identity.enums import stored
from entrepot.graphql.node import decode_id
from entrepot.graphql.pricing.promotion_types import PromotionKind
from entrepot.graphql.scalars import Quantity
from entrepot.platform.pricing.promotions import service


@strawberry.input(description="An offer that a promotion is for.")
class PromotionItemInput:
    offer_id: strawberry.ID = strawberry.field(description="The offer.")
    quantity: Quantity = strawberry.field(
        default=Quantity(Decimal(1)), description="How much of it is in one set; bundles only."
    )


@strawberry.input(description="A new promotion. Without targets it is for every buyer.")
class CreatePromotionInput:
    name_en: str = strawberry.field(description="Name in English; buyers see it.")
    kind: PromotionKind = strawberry.field(description="What it does.")
    name_ru: str | None = strawberry.field(
        default=None, description="Name in Russian; left out, the English one."
    )
    seller_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="For operators: on whose offers; left out, on every seller's. A seller's"
        " promotion is on its own offers.",
    )
    percent: Decimal | None = strawberry.field(
        default=None, description="Percent off, above 0 and at most 100: PERCENT, BUNDLE."
    )
    amount: Decimal | None = strawberry.field(
        default=None, description="Off each unit: AMOUNT. Off each full set: BUNDLE."
    )
    currency: str | None = strawberry.field(
        default=None, description="ISO 4217 code of `amount` and `minOrderValue`."
    )
    buy_quantity: Quantity | None = strawberry.field(
        default=None, description="N of BUY_N_GET_M: paid units of a set."
    )
    free_quantity: Quantity | None = strawberry.field(
        default=None, description="M of BUY_N_GET_M: free units of a set."
    )
    category_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only offers in this category and below it; not with `items`."
    )
    items: list[PromotionItemInput] = strawberry.field(
        default_factory=list, description="Only these offers, up to 1000; a bundle needs two."
    )
    company_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="For these buying companies."
    )
    customer_group_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="For the members of these customer groups."
    )
    regions: list[str] = strawberry.field(
        default_factory=list,
        description="For legal entities of these countries (ISO 3166-1, such as RU); none: all.",
    )
    first_order_only: bool = strawberry.field(
        default=False, description="Only for a company's first order with the seller."
    )
    min_quantity: Quantity | None = strawberry.field(
        default=None, description="How much of an offer the order must hold; not for bundles."
    )
    min_order_value: Decimal | None = strawberry.field(
        default=None,
        description="What the seller's goods must be worth, without tax, before promotions.",
    )
    exclusive: bool = strawberry.field(default=False, description="Does not combine with others.")
    priority: int = strawberry.field(default=0, description="The higher is applied first.")
    below_cost_allowed: bool = strawberry.field(
        default=False, description="Whether it may sell below cost; for the seller to decide."
    )
    max_uses: int | None = strawberry.field(
        default=None, description="How many orders may use it; left out: any number."
    )
    max_uses_per_company: int | None = strawberry.field(
        default=None, description="How many orders of one company may; left out: any number."
    )
    starts_at: datetime | None = strawberry.field(
        default=None, description="It runs from then on; left out: at once."
    )
    ends_at: datetime | None = strawberry.field(
        default=None, description="It runs until before then; left out: until you end it."
    )

    def read(self) -> service.NewPromotion:
        """Decode."""
        return service.NewPromotion(
            name_en=self.name_en,
            kind=service.PromotionKind(stored(self.kind)),
            name_ru=self.name_ru,
            seller_id=_optional(self.seller_id, "Company", "sellerId"),
            percent=self.percent,
            amount=self.amount,
            currency=self.currency,
            buy_quantity=self.buy_quantity,
            free_quantity=self.free_quantity,
            category_id=_optional(self.category_id, "Category", "categoryId"),
            items=tuple(
                service.NewItem(
                    decode_id(item.offer_id, "Offer", "input", "items", str(index), "offerId"),
                    item.quantity,
                )
                for index, item in enumerate(self.items)
            ),
            company_ids=_several(self.company_ids, "Company", "companyIds"),
            group_ids=_several(self.customer_group_ids, "CustomerGroup", "customerGroupIds"),
            regions=tuple(self.regions),
            first_order_only=self.first_order_only,
            min_quantity=self.min_quantity,
            min_order_value=self.min_order_value,
            exclusive=self.exclusive,
            priority=self.priority,
            below_cost_allowed=self.below_cost_allowed,
            max_uses=self.max_uses,
            max_uses_per_company=self.max_uses_per_company,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
        )


def _optional(value: strawberry.ID | None, type_name: str, field: str) -> UUID | None:
    return None if value is None else decode_id(value, type_name, "input", field)


def _several(values: Sequence[strawberry.ID], type_name: str, field: str) -> tuple[UUID, ...]:
    return tuple(
        decode_id(value, type_name, "input", field, str(index))
        for index, value in enumerate(values)
    )


_CLEARABLE: tuple[service.Clearable, ...] = (
    "starts_at",
    "ends_at",
    "max_uses",
    "max_uses_per_company",
)


@strawberry.input(description="Changes of a promotion; what is left out stays as it is.")
class UpdatePromotionInput:
    promotion_id: strawberry.ID = strawberry.field(description="Your promotion.")
    name_en: str | None = strawberry.field(default=None, description="Name in English.")
    name_ru: str | None = strawberry.field(default=None, description="Name in Russian.")
    priority: int | None = strawberry.field(
        default=None, description="The higher is applied first."
    )
    exclusive: bool | None = strawberry.field(
        default=None, description="Does not combine with others."
    )
    active: bool | None = strawberry.field(
        default=None, description="False pauses it, true lets it run again within its schedule."
    )
    starts_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="It runs from then on; null: at once."
    )
    ends_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="It runs until before then; null: until you end it."
    )
    max_uses: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="How many orders may use it, not below those that do; null: any number.",
    )
    max_uses_per_company: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="How many orders of one company may; null: any number.",
    )

    def read(self) -> service.PromotionChanges:
        """Decode."""
        given: dict[str, Any] = {name: getattr(self, name) for name in _CLEARABLE}
        return service.PromotionChanges(
            name_en=self.name_en,
            name_ru=self.name_ru,
            priority=self.priority,
            exclusive=self.exclusive,
            active=self.active,
            cleared=frozenset(name for name in _CLEARABLE if given[name] is None),
            **{name: value for name, value in given.items() if value is not strawberry.UNSET},
        )


@strawberry.input(description="A promotion.")
class EndPromotionInput:
    promotion_id: strawberry.ID = strawberry.field(description="Your promotion.")
