"""Keeping count of what each company buys, for the ranking of its own searches."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from entrepot.platform.database import execute, fetch, transaction

_TOUCHED = """
SELECT p.buyer_id AS company_id, array_agg(DISTINCT o.product_id) AS product_ids
  FROM seller_order s
  JOIN purchase_order p ON p.id = s.order_id
  JOIN order_line l ON l.seller_order_id = s.id
  JOIN offer o ON o.id = l.offer_id
 WHERE s.id = ANY($1::uuid[]) GROUP BY p.buyer_id ORDER BY p.buyer_id
"""
_LOCK_COMPANY = "SELECT pg_advisory_xact_lock(hashtextextended('company_purchase:' || $1, 0))"
_COUNT_PURCHASES = """
WITH counted AS (
    SELECT o.product_id, count(DISTINCT s.id) AS times, max(s.placed_at) AS last_at
      FROM legal_entity e
      JOIN purchase_order p ON p.legal_entity_id = e.id
      JOIN seller_order s ON s.order_id = p.id AND s.status <> 'cancelled'
      JOIN order_line l ON l.seller_order_id = s.id
      JOIN offer o ON o.id = l.offer_id
     WHERE e.company_id = $1 AND o.product_id = ANY($2::uuid[])
     GROUP BY o.product_id
), gone AS (
    DELETE FROM company_purchase c
     WHERE c.company_id = $1 AND c.product_id = ANY($2::uuid[])
       AND NOT EXISTS (SELECT 1 FROM counted WHERE counted.product_id = c.product_id)
)
INSERT INTO company_purchase (id, company_id, product_id, times, last_at)
SELECT gen_random_uuid(), $1, product_id, times, last_at FROM counted
ON CONFLICT (company_id, product_id) DO UPDATE
   SET times = EXCLUDED.times, last_at = EXCLUDED.last_at
"""


async def count_purchases(seller_order_ids: Sequence[UUID]) -> None:
    """Count anew how often the buyers of seller orders ordered the products in them.

    What was cancelled does not count. Counted from the orders themselves, so it does not matter
    in which order events come, or how often. Locks the buyer's count until the transaction ends.
    """
    async with transaction():
        for row in await fetch(_TOUCHED, list(seller_order_ids)):
            await execute(_LOCK_COMPANY, str(row["company_id"]))
            await execute(_COUNT_PURCHASES, row["company_id"], row["product_ids"])
