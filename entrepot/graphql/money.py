"""Money in GraphQL."""

from __future__ import annotations

from decimal import Decimal

import strawberry


@strawberry.type(description="An amount of money.")
class Money:
    """An amount and its currency; the amount travels as text, so that no client rounds it."""

    amount: Decimal = strawberry.field(description="The amount, up to four decimal places.")
    currency: str = strawberry.field(description="ISO 4217 code, such as RUB or EUR.")
