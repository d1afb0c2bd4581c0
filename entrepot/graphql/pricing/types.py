"""Prices in GraphQL: what one buyer pays, from which quantity, and why."""

from decimal import Decimal
from enum import Enum

import strawberry

from entrepot.graphql.money import Money
from entrepot.platform.pricing.rules import PriceStep as Step
from entrepot.platform.pricing.rules import Resolution


@strawberry.enum(description="Where a price comes from.")
class PriceSource(Enum):
    """Levels of price resolution."""

    LIST = strawberry.enum_value("list", description="The offer's list price.")
    COMPANY_LIST = strawberry.enum_value(
        "company_list",
        description="A price list that the seller gave to your company or legal entity.",
    )
    GROUP_LIST = strawberry.enum_value(
        "group_list", description="A price list of a customer group of the seller that you are in."
    )


@strawberry.type(description="The price of one unit for your company.")
class ResolvedPrice:
    """The winner of price resolution."""

    unit_price: Money = strawberry.field(description="Price of one unit.")
    source: PriceSource = strawberry.field(description="Where it comes from.")
    reason: str = strawberry.field(description="Why this price applies, one sentence.")
    tier_minimum: Decimal | None = strawberry.field(
        description="Least quantity of the price list's tier that applies."
    )

    @classmethod
    def of(cls, price: Resolution, locale: str, reason: str | None = None) -> "ResolvedPrice":
        """Show a resolved price in a language, with another reason than a buyer's if given."""
        return cls(
            unit_price=Money(amount=price.unit_price, currency=price.currency),
            source=PriceSource(price.source),
            reason=reason or price.reason(locale),
            tier_minimum=price.tier_minimum,
        )


@strawberry.type(description="The price from a quantity on, up to the next step.")
class PriceStep:
    """One step of an offer's prices for your company."""

    min_quantity: Decimal = strawberry.field(description="From this quantity on.")
    unit_price: Money = strawberry.field(description="Price of one unit.")
    source: PriceSource = strawberry.field(description="Where it comes from.")

    @classmethod
    def of(cls, step: Step) -> "PriceStep":
        """Show one step."""
        price = step.price
        return cls(
            min_quantity=step.min_quantity,
            unit_price=Money(amount=price.unit_price, currency=price.currency),
            source=PriceSource(price.source),
        )
