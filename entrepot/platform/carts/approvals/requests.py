"""Carts as approvals and budgets see them: priced lines, how their articles are named and sold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from entrepot.platform.carts.approvals.rules import RequestedCart, RequestedLine
from entrepot.platform.carts.approvals.snapshots import Article
from entrepot.platform.carts.rules import ensure_orderable
from entrepot.platform.catalog.visibility import visible_condition
from entrepot.platform.database import fetch
from entrepot.platform.pricing.order_pricing import OrderPrices, WantedLine, price_order

OFFERS = f"""
SELECT o.id, o.article_number, p.title_en, p.title_ru, p.unit, s.name AS seller_name,
       o.pack_quantity, o.min_order_quantity, o.order_step, o.max_order_quantity,
       (o.active AND s.active AND {visible_condition("o", "$2", "s")}) AS offered
  FROM offer o JOIN product p ON p.id = o.product_id JOIN company s ON s.id = o.seller_id
 WHERE o.id = ANY($1::uuid[])
"""


class WantedCartLine(Protocol):
    """A line of a cart or of a snapshot."""

    @property
    def offer_id(self) -> UUID:
        """The offer."""
        ...

    @property
    def cost_center(self) -> str:
        """The cost centre it is for."""
        ...

    @property
    def quantity(self) -> Decimal:
        """How much."""
        ...


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """How an offer is named and sold; `offered` says whether the company can buy it now."""

    article: Article
    pack: Decimal
    minimum: Decimal
    step: Decimal
    maximum: Decimal | None
    offered: bool

    def ensure_orderable(self, offer_id: UUID, quantity: Decimal) -> None:
        """Raise `QuantityNotOrderable` or `CartTooLarge` unless that much can be ordered."""
        ensure_orderable(
            offer_id,
            quantity,
            pack=self.pack,
            minimum=self.minimum,
            step=self.step,
            maximum=self.maximum,
        )


async def offer_facts(company_id: UUID, offer_ids: Iterable[UUID]) -> dict[UUID, OfferFacts]:
    """Return the facts of the offers that exist, for a buying company. One statement."""
    rows = await fetch(OFFERS, list(set(offer_ids)), company_id)
    return {
        row["id"]: OfferFacts(
            Article(
                row["article_number"],
                row["title_en"],
                row["title_ru"],
                row["unit"],
                row["seller_name"],
            ),
            row["pack_quantity"],
            row["min_order_quantity"],
            row["order_step"],
            row["max_order_quantity"],
            row["offered"],
        )
        for row in rows
    }


def requested_cart(
    cart_id: UUID,
    company_id: UUID,
    legal_entity_id: UUID,
    lines: Mapping[UUID, WantedCartLine],
    prices: OrderPrices,
) -> RequestedCart:
    """Return a cart as it was priced; `lines` by the keys that they were priced under.

    Lines without a price are left out. The deliveries of all parts of the prices count as the
    cart's.
    """
    requested = []
    for key, line in lines.items():
        priced = prices.lines.get(key)
        if priced is not None:
            requested.append(
                RequestedLine(
                    line_id=key,
                    offer_id=line.offer_id,
                    seller_id=priced.seller_id,
                    cost_center=line.cost_center,
                    quantity=line.quantity,
                    unit_price=priced.price.unit_price,
                    discount=priced.discount,
                    net=priced.amounts.net,
                    currency=priced.currency,
                )
            )
    delivery: dict[str, Decimal] = {}
    for part in prices.parts:
        if part.delivery.net:
            before = delivery.get(part.currency, Decimal(0))
            delivery[part.currency] = before + part.delivery.net
    return RequestedCart(cart_id, company_id, legal_entity_id, tuple(requested), delivery)


async def priced_cart(
    cart_id: UUID,
    company_id: UUID,
    legal_entity_id: UUID,
    lines: Mapping[UUID, WantedCartLine],
    now: datetime,
) -> RequestedCart:
    """Return the cart at the prices of `now`; lines by any key. The caller checks visibility."""
    wanted = [WantedLine(key, line.offer_id, line.quantity) for key, line in lines.items()]
    prices = await price_order(legal_entity_id, wanted, now)
    return requested_cart(cart_id, company_id, legal_entity_id, lines, prices)
