"""A seller's catalogue as plain rows, in pages, for files that `import catalog` reads again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from entrepot.platform.database import Row, fetch

_OFFERS = """
SELECT o.id, o.external_id, o.article_number, p.brand, p.title_en AS title, p.title_ru,
       p.description, p.gtins, o.list_price AS price, o.currency, p.unit, c.path AS category,
       o.pack_quantity, o.min_order_quantity, o.order_step, o.max_order_quantity,
       o.cost_price, o.tax_rate, o.lead_time_days,
       p.attributes, s.on_hand AS quantity,
       ARRAY(SELECT x.brand || ':' || x.number FROM cross_reference x
              WHERE x.product_id = p.id ORDER BY x.id) AS cross_references
  FROM offer o
  JOIN product p ON p.id = o.product_id
  LEFT JOIN category c ON c.id = p.category_id
  LEFT JOIN stock_item s ON s.offer_id = o.id AND s.warehouse_id = (
       SELECT id FROM warehouse WHERE seller_id = $1 ORDER BY code LIMIT 1)
 WHERE o.seller_id = $1 AND o.active AND o.id > $2
 ORDER BY o.id LIMIT $3
"""


async def offers_after(seller_id: UUID, last_id: UUID, limit: int) -> Sequence[Row]:
    """Return the seller's active offers by id after `last_id` (start with `UUID(int=0)`).

    `quantity` is the stock on hand in the seller's first warehouse, the one an import sets.
    For the shell: whoever calls decides who may see it.
    """
    return await fetch(_OFFERS, seller_id, last_id, limit)
