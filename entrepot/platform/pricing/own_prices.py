"""Which offers cost a buyer something else than their list price, for filters and sorting."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import fetch
from entrepot.platform.pricing.buyer_lists import lists_of
from entrepot.platform.pricing.queries import price_sheets

_SELLERS = f"""
WITH RECURSIVE {lists_of("$1")}
SELECT DISTINCT seller_id FROM buyer_list
"""


async def sellers_with_own_prices(legal_entity_id: UUID | None) -> tuple[UUID, ...]:
    """Return the sellers that have given the legal entity any price list, by id.

    Of all others its prices are the list prices.
    """
    if legal_entity_id is None:
        return ()
    return tuple(sorted(row["seller_id"] for row in await fetch(_SELLERS, legal_entity_id)))


async def own_unit_prices(
    legal_entity_id: UUID | None, offer_ids: Collection[UUID], now: datetime
) -> dict[UUID, Decimal]:
    """Return the price of one unit at the least quantity, where it is not the list price.

    One statement. Ask for offers that the catalogue showed the actor.
    """
    if legal_entity_id is None or not offer_ids:
        return {}
    sheets = await price_sheets(legal_entity_id, offer_ids)
    own: dict[UUID, Decimal] = {}
    for offer_id, sheet in sheets.items():
        if sheet.candidates:
            price = sheet.price(sheet.smallest, now).unit_price
            if price != sheet.list_price.amount:
                own[offer_id] = price
    return own
