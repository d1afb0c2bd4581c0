"""What the mutations of price lists take."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry

from entrepot.graphql.identity.enums import stored
from entrepot.graphql.node import decode_id
from entrepot.graphql.scalars import Quantity
from entrepot.platform.pricing import service


@strawberry.enum(description="How a rule rounds its prices; what is above 0 never becomes 0.")
class PriceRounding(Enum):
    """As stored."""

    NONE = strawberry.enum_value("none", description="To 4 decimal places, half up.")
    TO_99 = strawberry.enum_value(
        "to_99", description="To the nearest price that ends in .99; from the middle, up."
    )
    TO_05 = strawberry.enum_value("to_05", description="To the nearest 0.05, half up.")
    TO_WHOLE = strawberry.enum_value("to_whole", description="To the nearest whole, half up.")


@strawberry.input(description="How a list is computed; name exactly one of `percent` and `amount`.")
class PriceListRuleInput:
    base_list_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Your list whose prices are changed; left out, the offers' list prices are.",
    )
    percent: Decimal | None = strawberry.field(
        default=None, description="Added, in percent, above -100 and at most 1000; -10 is 10 % off."
    )
    amount: Decimal | None = strawberry.field(
        default=None, description="Added to each unit price; negative takes off."
    )
    rounding: PriceRounding = strawberry.field(
        default=PriceRounding.NONE, description="How the result is rounded."
    )

    def read(self) -> service.ListRule:
        """Decode."""
        base = self.base_list_id
        place = ("input", "rule", "baseListId")
        return service.ListRule(
            decode_id(base, "PriceList", *place) if base is not None else None,
            self.percent,
            self.amount,
            stored(self.rounding),  # type: ignore[arg-type]  # the enum holds only these
        )


@strawberry.input(description="A new price list: fixed and empty, or computed by a rule.")
class CreatePriceListInput:
    name: str = strawberry.field(description="Its name, for you.")
    currency: str = strawberry.field(description="ISO 4217 code, such as RUB.")
    priority: int = strawberry.field(default=0, description="The higher wins over other lists.")
    valid_from: datetime | None = strawberry.field(default=None, description="In force from then.")
    valid_until: datetime | None = strawberry.field(
        default=None, description="In force before then."
    )
    regions: list[str] = strawberry.field(
        default_factory=list,
        description="Countries (ISO 3166-1, such as RU) of the buyers it is for; none: all.",
    )
    min_order_value: Decimal | None = strawberry.field(
        default=None,
        description="Least net value of your part of the order, at the prices without such lists.",
    )
    rule: PriceListRuleInput | None = strawberry.field(
        default=None, description="How its prices come out of others; left out, you set them."
    )

    def read(self) -> service.NewPriceList:
        """Decode."""
        return service.NewPriceList(
            self.name,
            self.currency,
            self.priority,
            self.valid_from,
            self.valid_until,
            tuple(self.regions),
            self.min_order_value,
            self.rule.read() if self.rule else None,
        )


_CLEARABLE: tuple[service.Clearable, ...] = ("valid_from", "valid_until", "min_order_value")


@strawberry.input(description="Changes of a price list; what is left out stays as it is.")
class UpdatePriceListInput:
    price_list_id: strawberry.ID = strawberry.field(description="Your list.")
    name: str | None = strawberry.field(default=None, description="Its name, for you.")
    priority: int | None = strawberry.field(
        default=None, description="The higher wins over other lists."
    )
    valid_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="In force from then; null: from ever."
    )
    valid_until: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="In force before then; null: for ever."
    )
    active: bool | None = strawberry.field(
        default=None,
        description="Whether it applies to those who have it; lists derived from it go on.",
    )
    regions: list[str] | None = strawberry.field(
        default=None, description="Countries of the buyers it is for; an empty list: all."
    )
    min_order_value: Decimal | None = strawberry.field(
        default=strawberry.UNSET, description="Least net value of the order; null: none."
    )
    rule: PriceListRuleInput | None = strawberry.field(
        default=None, description="The whole rule in place of the one it has; rule lists only."
    )

    def read(self) -> service.PriceListChanges:
        """Decode."""
        terms: dict[str, Any] = {name: getattr(self, name) for name in _CLEARABLE}
        return service.PriceListChanges(
            name=self.name,
            priority=self.priority,
            active=self.active,
            regions=None if self.regions is None else tuple(self.regions),
            rule=self.rule.read() if self.rule else None,
            cleared=frozenset(name for name in _CLEARABLE if terms[name] is None),
            **{name: value for name, value in terms.items() if value is not strawberry.UNSET},
        )


@strawberry.input(
    description="A price list and a buyer: exactly one of company, legal entity and group."
)
class PriceListRecipientInput:
    price_list_id: strawberry.ID = strawberry.field(description="Your list.")
    company_id: strawberry.ID | None = strawberry.field(
        default=None, description="A buying company, with all its legal entities."
    )
    legal_entity_id: strawberry.ID | None = strawberry.field(
        default=None, description="One legal entity of a buying company."
    )
    customer_group_id: strawberry.ID | None = strawberry.field(
        default=None, description="Your customer group."
    )

    def read(self) -> service.Recipient:
        """Decode."""
        company, entity, group = self.company_id, self.legal_entity_id, self.customer_group_id
        return service.Recipient(
            None if company is None else decode_id(company, "Company", "input", "companyId"),
            None if entity is None else decode_id(entity, "LegalEntity", "input", "legalEntityId"),
            None
            if group is None
            else decode_id(group, "CustomerGroup", "input", "customerGroupId"),
        )


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

    def read(self) -> list[service.OfferTiers]:
        """Decode."""
        return [
            service.OfferTiers(
                decode_id(line.offer_id, "Offer", "input", "lines", str(index), "offerId"),
                tuple(service.Tier(tier.min_quantity, tier.unit_price) for tier in line.tiers),
            )
            for index, line in enumerate(self.lines)
        ]
