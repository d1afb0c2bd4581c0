"""What the pricing of an order takes and gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from entrepot.platform.orders.rules import Amounts
from entrepot.platform.pricing.promotions.rules import AppliedPromotion, Decision, Promotion
from entrepot.platform.pricing.rules import Resolution

HUNDRED = Decimal(100)
PartKey = tuple[UUID, str]
"""A seller and a currency: each such part of an order becomes one seller order."""


@dataclass(frozen=True, slots=True)
class WantedLine:
    """What is wanted; `key` is the caller's name of the line (any id, each once)."""

    key: UUID
    offer_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class PlacedAlong:
    """Other orders of the company that are being placed along with the one to price.

    `uses` counts the promotions that they use: these leave the fewer to it. With `sellers` it is
    no longer the first order.
    """

    uses: Counter[UUID] = field(default_factory=Counter)
    sellers: set[UUID] = field(default_factory=set)

    def add(self, parts: Iterable[SellerPart]) -> None:
        """Count an order in."""
        parts = list(parts)
        self.uses.update({one.id for part in parts for one in part.promotions})
        self.sellers.update(part.seller_id for part in parts)

    def leaves(self, promotion: Promotion) -> Promotion:
        """Return the promotion as it is for the next order."""
        left, firsts = promotion.uses_left, promotion.first_order_with
        return replace(
            promotion,
            uses_left=None if left is None else left - self.uses[promotion.id],
            first_order_with=None if firsts is None else firsts - self.sellers,
        )


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """What pricing must know of an offer; the cost price never leaves this package."""

    seller_id: UUID
    currency: str
    tax_included: bool
    tax_rate: Decimal
    cost_price: Decimal | None
    category_path: str
    seller_country: str

    @property
    def part(self) -> PartKey:
        """The part of an order that a line of this offer belongs to."""
        return (self.seller_id, self.currency)

    @property
    def cost_in_price_terms(self) -> Decimal | None:
        """The cost price, which is net, with tax where the offer's price has it."""
        if self.cost_price is None or not self.tax_included:
            return self.cost_price
        return self.cost_price * (HUNDRED + self.tax_rate) / HUNDRED


@dataclass(frozen=True, slots=True)
class LinePrice:
    """A line with its price, what came off it, and its amounts.

    `discount` is off quantity × unit price, tax-included where the offer's price is; `promotions`
    say what made it, and sum to it.
    """

    key: UUID
    offer_id: UUID
    seller_id: UUID
    quantity: Decimal
    currency: str
    price: Resolution
    discount: Decimal
    promotions: tuple[AppliedPromotion, ...]
    amounts: Amounts
    charged_rate: Decimal


@dataclass(frozen=True, slots=True)
class SellerPart:
    """One seller's part of the order in one currency.

    `goods` are the lines after promotions; `delivery` is beside them. `missing_to_minimum` is the
    net value that the goods lack, before promotions; 0: enough. `delivery_tax_rate` is the one that
    this buyer is charged. `promotions` are all that applied, in that order, with what each took
    off the lines (in the terms of their prices) or off the delivery.
    """

    seller_id: UUID
    currency: str
    goods: Amounts
    delivery: Amounts
    delivery_tax_rate: Decimal
    free_delivery_promotion: AppliedPromotion | None
    promotions: tuple[AppliedPromotion, ...]
    min_order_value: Decimal
    missing_to_minimum: Decimal
    payment_days: int


@dataclass(frozen=True, slots=True)
class OrderPrices:
    """The lines by their keys, and the sellers' parts by (seller, currency).

    `decisions` say of every promotion that is for the buyer, part by part, what became of it:
    material for explanations; of `BELOW_COST` a buyer may only learn that it does not apply.
    """

    lines: dict[UUID, LinePrice]
    parts: tuple[SellerPart, ...]
    decisions: tuple[Decision, ...] = ()
