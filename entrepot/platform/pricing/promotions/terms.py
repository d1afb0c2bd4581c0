"""A promotion as the rules see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class PromotionKind(StrEnum):
    """What a promotion does."""

    PERCENT = "percent"
    AMOUNT = "amount"
    BUY_N_GET_M = "buy_n_get_m"
    BUNDLE = "bundle"
    FREE_SHIPPING = "free_shipping"


@dataclass(frozen=True, slots=True)
class Promotion:
    """A live promotion whose target the buyer is; see the table for what its values mean.

    `items` are the offers it is for, with the quantity in one set of a bundle; none: all.
    `first_order_with` are the sellers with whom the buyer's next order is the first, where only
    that counts. `uses_left` are the orders that its limits still allow; None: any number.
    """

    id: UUID
    name_en: str
    name_ru: str
    kind: PromotionKind
    seller_id: UUID | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None
    currency: str | None = None
    buy_quantity: Decimal | None = None
    free_quantity: Decimal | None = None
    category_path: str | None = None
    items: Mapping[UUID, Decimal] = field(default_factory=dict)
    min_quantity: Decimal | None = None
    min_order_value: Decimal | None = None
    exclusive: bool = False
    priority: int = 0
    below_cost_allowed: bool = False
    first_order_with: frozenset[UUID] | None = None
    uses_left: int | None = None

    @property
    def least_quantity(self) -> Decimal:
        """How much of an offer the order must hold."""
        least = self.min_quantity or Decimal(0)
        if self.kind is PromotionKind.BUY_N_GET_M:
            together = (self.buy_quantity or Decimal(0)) + (self.free_quantity or Decimal(0))
            least = max(least, together)
        return least

    def covers(self, offer_id: UUID, category_path: str) -> bool:
        """Say whether the promotion is for an offer in a category."""
        if self.items:
            return offer_id in self.items
        if self.category_path is None:
            return True
        return f"{category_path}/".startswith(f"{self.category_path}/")
