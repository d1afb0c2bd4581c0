"""A seller's order lines as plain rows, in pages, for files."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from entrepot.platform.database import Row, fetch

_LINES = """
SELECT l.id AS line_id, s.number AS order_number, s.placed_at AS sold_at, s.status,
       b.name AS buyer, o.external_id, l.article_number, p.brand, l.quantity,
       l.unit_price AS price, s.currency, l.net, l.tax, l.gross
  FROM order_line l
  JOIN seller_order s ON s.id = l.seller_order_id
  JOIN purchase_order h ON h.id = s.order_id
  JOIN company b ON b.id = h.buyer_id
  JOIN offer o ON o.id = l.offer_id
  JOIN product p ON p.id = o.product_id
 WHERE s.seller_id = $1 AND l.id > $2
 ORDER BY l.id LIMIT $3
"""


async def order_lines_after(seller_id: UUID, last_id: UUID, limit: int) -> Sequence[Row]:
    """Return the seller's order lines by id after `last_id` (start with `UUID(int=0)`).

    For the shell: whoever calls decides who may see it.
    """
    return await fetch(_LINES, seller_id, last_id, limit)
