"""Keeping `offer.restricted` true to the assortments, in the transaction that changes them.

An offer is restricted when it is in an assortment and none of its assortments is shown to all.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from entrepot.platform.catalog.events import OFFERS_PER_EVENT, AssortmentChanged
from entrepot.platform.database import execute, fetch
from entrepot.platform.outbox import record

_LOCK = """
SELECT o.id FROM offer o WHERE o.id = ANY($1::uuid[]) AND o.seller_id = $2
 ORDER BY o.id FOR NO KEY UPDATE
"""
_SETTLE = """
UPDATE offer o SET restricted = found.restricted
  FROM (SELECT one.id, count(a.id) > 0 AND NOT coalesce(bool_or(a.shown_to_all), false)
                 AS restricted
          FROM unnest($1::uuid[]) AS one(id)
          LEFT JOIN assortment_offer l ON l.offer_id = one.id
          LEFT JOIN assortment a ON a.id = l.assortment_id
         GROUP BY one.id) found
 WHERE o.id = found.id AND o.restricted <> found.restricted
"""


async def lock_offers(seller_id: UUID, offer_ids: Iterable[UUID]) -> list[UUID]:
    """Lock those of the offers that are the seller's, in the order of their ids; return them.

    Call it after locking the assortment and before changing what is in it: whoever changes another
    assortment of the same offers waits, and then settles the flags by what this one did.
    """
    rows = await fetch(_LOCK, sorted(offer_ids), seller_id)
    return [row["id"] for row in rows]


async def settle(seller_id: UUID, offer_ids: Iterable[UUID]) -> None:
    """Make the flags of locked offers right and record `AssortmentChanged` for them."""
    ordered = sorted(offer_ids)
    if not ordered:
        return
    await execute(_SETTLE, ordered)
    for start in range(0, len(ordered), OFFERS_PER_EVENT):
        await record(AssortmentChanged(seller_id, tuple(ordered[start : start + OFFERS_PER_EVENT])))
