"""The cart as its buyer sees it: today's prices, what changed, what is short."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import Row, fetch, fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.orders.rules import Amounts, line_amounts, tax_rate_for
from entrepot.platform.pricing.queries import ResolvedPrice, prices_for

LINES = """
SELECT c.id AS cart_id, l.id, l.offer_id, l.quantity, l.seen_unit_price, o.currency,
       o.tax_included, o.tax_rate, o.seller_id, s.name AS seller_name,
       (o.active AND s.active) AS offered, b.country AS buyer_country,
       (SELECT e.country FROM legal_entity e WHERE e.company_id = o.seller_id AND e.active
         ORDER BY e.created_at, e.id LIMIT 1) AS seller_country,
       (SELECT coalesce(sum(i.on_hand - i.reserved), 0) FROM stock_item i
         WHERE i.offer_id = o.id) AS available
  FROM cart c
  JOIN legal_entity b ON b.id = c.legal_entity_id
  LEFT JOIN cart_line l ON l.cart_id = c.id
  LEFT JOIN offer o ON o.id = l.offer_id
  LEFT JOIN company s ON s.id = o.seller_id
 WHERE c.legal_entity_id = $1 AND c.status = 'open'
 ORDER BY l.added_at, l.id
"""


@dataclass(frozen=True, slots=True)
class CartLineView:
    """A line with its present price; `seen_unit_price` is what the buyer last saw."""

    id: UUID
    offer_id: UUID
    seller_id: UUID
    seller_name: str
    quantity: Decimal
    price: ResolvedPrice
    seen_unit_price: Decimal
    currency: str
    amounts: Amounts
    offered: bool
    available: Decimal

    @property
    def price_changed(self) -> bool:
        """Whether the unit price differs from the one last seen."""
        return self.price.unit_price != self.seen_unit_price

    @property
    def short(self) -> bool:
        """Whether less is available than wanted."""
        return self.available < self.quantity


@dataclass(frozen=True, slots=True)
class CartTotal:
    """The sum of the lines of one seller and currency."""

    seller_id: UUID
    seller_name: str
    currency: str
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class CartView:
    """An open cart."""

    id: UUID
    lines: tuple[CartLineView, ...]
    totals: tuple[CartTotal, ...]


def _line(row: Row, price: ResolvedPrice) -> CartLineView:
    charged = tax_rate_for(row["tax_rate"], row["seller_country"] or "", row["buyer_country"])
    amounts = line_amounts(
        row["quantity"],
        price.unit_price,
        offer_rate=row["tax_rate"],
        charged_rate=charged,
        tax_included=row["tax_included"],
        currency=row["currency"],
    )
    return CartLineView(
        id=row["id"],
        offer_id=row["offer_id"],
        seller_id=row["seller_id"],
        seller_name=row["seller_name"],
        quantity=row["quantity"],
        price=price,
        seen_unit_price=row["seen_unit_price"],
        currency=row["currency"],
        amounts=amounts,
        offered=row["offered"],
        available=row["available"],
    )


def _totals(lines: list[CartLineView]) -> tuple[CartTotal, ...]:
    sums: dict[tuple[UUID, str], CartTotal] = {}
    for line in lines:
        key = (line.seller_id, line.currency)
        earlier = sums.get(key)
        amounts = earlier.amounts + line.amounts if earlier else line.amounts
        sums[key] = CartTotal(line.seller_id, line.seller_name, line.currency, amounts)
    return tuple(sorted(sums.values(), key=lambda total: (total.seller_name, total.currency)))


async def open_cart_id(actor: Actor) -> UUID | None:
    """Return the id of the open cart of the actor's legal entity. Needs `cart.manage`."""
    actor.require(Permission.CART_MANAGE)
    found: UUID | None = await fetch_value(
        "SELECT id FROM cart WHERE legal_entity_id = $1 AND status = 'open'", actor.legal_entity_id
    )
    return found


async def open_cart(actor: Actor, now: datetime) -> CartView | None:
    """Return the open cart of the actor's legal entity, or `None`. Needs `cart.manage`.

    Two statements, however many lines.
    """
    actor.require(Permission.CART_MANAGE)
    rows = await fetch(LINES, actor.legal_entity_id)
    if not rows:
        return None
    filled = [row for row in rows if row["id"] is not None]
    wanted = [(row["offer_id"], row["quantity"]) for row in filled]
    prices = await prices_for(actor.legal_entity_id, wanted, now) if wanted else {}
    lines = [_line(row, prices[row["offer_id"]]) for row in filled]
    return CartView(rows[0]["cart_id"], tuple(lines), _totals(lines))
