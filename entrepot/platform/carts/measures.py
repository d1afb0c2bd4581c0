"""Quantities as a buyer says them (two boxes) in the unit that a cart counts in."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from entrepot.platform.catalog.offer_units import units_by_offer_ids
from entrepot.platform.catalog.queries import offers_by_ids, products_by_ids
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.catalog.units import in_product_unit, read_unit
from entrepot.platform.errors import DomainError, NotFound
from entrepot.platform.identity.actor import Actor

MAX_UNIT = 20


async def counted(actor: Actor, offer_id: UUID, quantity: Decimal, unit: str) -> Decimal:
    """Return how much of the product's unit a quantity in another unit is.

    `unit` is a UN/ECE Rec 20 code or a word for it. Raises `InvalidInput`, `NotFound`,
    `UnitNotSold`.
    """
    text = clean_text("unit", unit, MAX_UNIT)
    offer = (await offers_by_ids(actor, [offer_id])).get(offer_id)
    if offer is None or not offer.active:
        raise NotFound("offer").at("offerId")
    product = (await products_by_ids([offer.product_id]))[offer.product_id]
    held = (await units_by_offer_ids([offer_id]))[offer_id]
    units = {one.unit: one.quantity for one in held}
    try:
        return in_product_unit(quantity, read_unit(text) or text.upper(), product.unit, units)
    except DomainError as error:
        raise error.at("unit") from None
