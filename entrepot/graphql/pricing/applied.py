"""Promotions in GraphQL, as those see them whose lines they made cheaper."""

import strawberry

from entrepot.graphql.money import Money
from entrepot.platform.pricing.order_pricing import AppliedPromotion as Applied


@strawberry.type(description="A promotion and what it takes off.")
class AppliedPromotion:
    """As buyers see it."""

    name: str = strawberry.field(description="Its name in your language.")
    amount: Money = strawberry.field(description="What it takes off, in terms of the price.")

    @classmethod
    def of(cls, applied: Applied, currency: str, locale: str) -> "AppliedPromotion":
        """Show what was applied."""
        return cls(
            name=applied.name_ru if locale == "ru" else applied.name_en,
            amount=Money(amount=applied.amount, currency=currency),
        )
