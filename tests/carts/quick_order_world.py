"""A small market for quick orders: what a buyer may find by which number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.quick_order.matching import match
from entrepot.platform.carts.quick_order.outcomes import MatchedLine
from entrepot.platform.carts.quick_order.service import wanted_of_text
from entrepot.platform.catalog.article_numbers import brand_key, number_key
from entrepot.platform.catalog.models import CrossReference, Offer, OfferUnit
from entrepot.platform.identity.actor import Actor
from tests.factories import Seller, make_buyer, make_offer, make_product, make_seller

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Market:
    """A buyer and two sellers."""

    buyer: Actor
    seller: Seller
    rival: Seller


async def make_market(locale: str = "en") -> Market:
    """Create the buyer and the sellers."""
    buyer = await make_buyer(locale=locale)
    return Market(buyer, await make_seller("Alpha"), await make_seller("Beta"))


async def article(
    seller: Seller,
    number: str,
    *,
    brand: str = "Bosch",
    unit: str = "PCE",
    active: bool = True,
    **offer: str,
) -> Offer:
    """Create a product with an offer of it; `offer` is as in `make_offer`."""
    product = await make_product(number, brand=brand)
    if unit != "PCE":
        product.unit = unit
        await product.save()
    terms = {"stock": "1000", **offer}
    return await make_offer(seller, product, active=active, **terms)


async def cross_reference(product_id: UUID, brand: str, number: str) -> None:
    """Say that the product can stand in for another maker's number."""
    await CrossReference.create(
        product_id=product_id,
        brand=brand,
        number=number,
        brand_key=brand_key(brand),
        number_key=number_key(number),
    )


async def holds(offer: Offer, **units: str) -> None:
    """Say how much of the product's unit the offer's other units hold."""
    for unit, quantity in units.items():
        await OfferUnit.create(offer=offer, unit=unit, quantity=Decimal(quantity))


async def matched(buyer: Actor, text: str) -> list[MatchedLine]:
    """Match a pasted text for the buyer."""
    wanted = wanted_of_text(text)
    return await match(buyer.legal_entity_id, buyer.company_id, wanted, NOW)
