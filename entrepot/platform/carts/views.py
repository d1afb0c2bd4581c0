"""A cart as its buyer sees it: the values, put together from what was read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.access import CartRow
from entrepot.platform.carts.changes import (
    ChangeKind,
    LineChange,
    no_longer_offered,
    price_changes,
    quantity_changes,
)
from entrepot.platform.carts.lines import HeldLine
from entrepot.platform.catalog.rules import check_quantity
from entrepot.platform.database import Row
from entrepot.platform.money import round_minor
from entrepot.platform.orders.rules import ZERO, Amounts
from entrepot.platform.pricing.order_pricing import (
    AppliedPromotion,
    LinePrice,
    OrderPrices,
    SellerPart,
)
from entrepot.platform.pricing.rules import Resolution


@dataclass(frozen=True, slots=True)
class CartLineView:
    """A line at today's price and stock, and what changed since the buyer saw it.

    Where the offer is not offered (any more, or to this buyer) the last seen price stands in and
    the amounts are zero: the line cannot be bought. `discount` is off quantity × unit price.
    """

    held: HeldLine
    article_number: str
    seller_id: UUID
    seller_name: str
    currency: str
    price: Resolution
    discount: Decimal
    promotions: tuple[AppliedPromotion, ...]
    amounts: Amounts
    offered: bool
    available: Decimal
    changes: tuple[LineChange, ...]

    @property
    def id(self) -> UUID:
        """The line's id."""
        return self.held.id

    @property
    def offer_id(self) -> UUID:
        """The offer's id."""
        return self.held.offer_id

    @property
    def quantity(self) -> Decimal:
        """How much is wanted."""
        return self.held.quantity

    @property
    def seen_unit_price(self) -> Decimal:
        """The unit price the buyer last saw."""
        return self.held.seen_unit_price

    @property
    def price_changed(self) -> bool:
        """Whether the unit price differs from the one last seen."""
        return self.price.unit_price != self.held.seen_unit_price

    @property
    def short(self) -> bool:
        """Whether less is available than wanted over all lines of the offer."""
        return any(change.kind == ChangeKind.SHORT for change in self.changes)


@dataclass(frozen=True, slots=True)
class CartTotal:
    """The part of one seller and currency: `amounts` are the goods', without the delivery."""

    seller_name: str
    part: SellerPart

    @property
    def seller_id(self) -> UUID:
        """The selling company."""
        return self.part.seller_id

    @property
    def currency(self) -> str:
        """The part's currency."""
        return self.part.currency

    @property
    def amounts(self) -> Amounts:
        """The lines' amounts, promotions taken off."""
        return self.part.goods

    @property
    def total(self) -> Amounts:
        """Goods and delivery."""
        return self.part.goods + self.part.delivery


@dataclass(frozen=True, slots=True)
class CartView:
    """A cart with its lines in the order they were added and its parts by seller's name."""

    cart: CartRow
    lines: tuple[CartLineView, ...]
    totals: tuple[CartTotal, ...]

    @property
    def id(self) -> UUID:
        """The cart's id."""
        return self.cart.id

    @property
    def changed(self) -> bool:
        """Whether any line has changes."""
        return any(line.changes for line in self.lines)

    def sums(self) -> dict[str, Amounts]:
        """Return goods and delivery of all sellers by currency, in the order of the codes."""
        found: dict[str, Amounts] = {}
        for total in self.totals:
            found[total.currency] = found.get(total.currency, ZERO) + total.total
        return dict(sorted(found.items()))


def cart_view_of(
    cart: CartRow, rows: list[Row], held: list[HeldLine], order: OrderPrices
) -> CartView:
    """Put a cart together; `rows` and `held` are its lines in the same order."""
    wanted: dict[UUID, Decimal] = {}
    for line in held:
        wanted[line.offer_id] = wanted.get(line.offer_id, Decimal(0)) + line.quantity
    lines = tuple(
        _line(row, line, order.lines.get(line.id), wanted[line.offer_id])
        for row, line in zip(rows, held, strict=True)
    )
    names = {line.seller_id: line.seller_name for line in lines}
    totals = [CartTotal(names[part.seller_id], part) for part in order.parts]
    totals.sort(key=lambda total: (total.seller_name, total.currency, total.seller_id))
    return CartView(cart, lines, tuple(totals))


def _line(row: Row, held: HeldLine, priced: LinePrice | None, wanted: Decimal) -> CartLineView:
    currency = row["currency"]
    promotions: tuple[AppliedPromotion, ...] = ()
    if priced is None:
        last = Resolution(held.seen_unit_price, currency, "list")
        price, discount = last, Decimal(0)
        nothing = round_minor(Decimal(0), currency)
        amounts = Amounts(nothing, nothing, nothing)
        changes = no_longer_offered(held.quantity, currency)
    else:
        price, discount, promotions = priced.price, priced.discount, priced.promotions
        amounts = priced.amounts
        proposal = check_quantity(
            wanted,
            row["pack_quantity"],
            row["min_order_quantity"],
            row["order_step"],
            row["max_order_quantity"],
        )
        changes = price_changes(
            (held.seen_unit_price, held.seen_discount), (price.unit_price, discount), currency
        )
        changes += quantity_changes(proposal, row["available"], currency)
    return CartLineView(
        held=held,
        article_number=row["article_number"],
        seller_id=row["seller_id"],
        seller_name=row["seller_name"],
        currency=currency,
        price=price,
        discount=discount,
        promotions=promotions,
        amounts=amounts,
        offered=priced is not None,
        available=row["available"] if priced is not None else Decimal(0),
        changes=tuple(changes),
    )
