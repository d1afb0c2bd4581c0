"""Chains of rule lists: no cycles, not too long, one seller, one currency."""

from __future__ import annotations

from uuid import UUID

from entrepot.platform.database import fetch, fetch_value
from entrepot.platform.errors import NotFound
from entrepot.platform.pricing.errors import (
    BaseListCurrency,
    PriceListChainTooLong,
    PriceListCycle,
)
from entrepot.platform.pricing.list_rules import MAX_CHAIN

_ABOVE = f"""
WITH RECURSIVE above AS (
    SELECT id, name, currency, base_list_id, 1 AS place
      FROM price_list WHERE id = $1 AND seller_id = $2
     UNION ALL
    SELECT pl.id, pl.name, pl.currency, pl.base_list_id, above.place + 1
      FROM above JOIN price_list pl ON pl.id = above.base_list_id WHERE above.place < {MAX_CHAIN})
SELECT id, name, currency FROM above ORDER BY place
"""
_LONGEST_BELOW = f"""
WITH RECURSIVE below AS (
    SELECT $1::uuid AS id, 1 AS length
     UNION ALL
    SELECT pl.id, below.length + 1
      FROM below JOIN price_list pl ON pl.base_list_id = below.id WHERE below.length < {MAX_CHAIN})
SELECT max(length) FROM below
"""


async def check_base(
    seller_id: UUID, list_id: UUID | None, base_list_id: UUID, currency: str
) -> None:
    """Refuse a base that the list (None: a new one) cannot have.

    Call it with the seller's chains locked. Raises `NotFound` (no list of the seller),
    `BaseListCurrency`, `PriceListCycle`, `PriceListChainTooLong`.
    """
    place = ("rule", "baseListId")
    above = await fetch(_ABOVE, base_list_id, seller_id)
    if not above:
        raise NotFound("price list").at(*place)
    if above[0]["currency"] != currency:
        raise BaseListCurrency(currency, above[0]["currency"]).at(*place)
    names: list[str] = []
    for row in above:
        names.append(row["name"])
        if row["id"] == list_id:
            raise PriceListCycle((names[-1], *names)).at(*place)
    below = 1 if list_id is None else await fetch_value(_LONGEST_BELOW, list_id)
    if len(above) + below > MAX_CHAIN:
        raise PriceListChainTooLong(MAX_CHAIN).at(*place)
