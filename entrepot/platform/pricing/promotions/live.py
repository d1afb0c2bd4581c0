"""The read of live promotions behind every price of an order: one statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.catalog.visibility import visible_condition
from entrepot.platform.database import Row, fetch
from entrepot.platform.pricing.promotions.terms import Promotion, PromotionKind

LIVE = """
 p.active AND (p.starts_at IS NULL OR p.starts_at <= $2) AND (p.ends_at IS NULL OR $2 < p.ends_at)
"""
"""The condition that promotion `p` runs at $2."""

FOR_BUYER = """
 (p.regions = '{}' OR b.country = ANY(p.regions))
 AND (NOT EXISTS (SELECT 1 FROM promotion_target t WHERE t.promotion_id = p.id)
      OR EXISTS (SELECT 1 FROM promotion_target t
                  WHERE t.promotion_id = p.id
                    AND (t.company_id = b.company_id
                         OR t.group_id IN (SELECT m.group_id FROM customer_group_member m
                                            WHERE m.company_id = b.company_id))))
"""
"""The condition that promotion `p` is for the legal entity `b`."""

USED_UP = """
 (coalesce(p.used_count >= p.max_uses, false)
  OR EXISTS (SELECT 1 FROM promotion_company_use u
              WHERE u.promotion_id = p.id AND u.company_id = b.company_id
                AND u.used_count >= p.max_uses_per_company))
"""
"""The condition that the limits of promotion `p` leave the company of `b` nothing."""

HIDDEN_BUNDLE = f"""
 (p.kind = 'bundle' AND EXISTS (
  SELECT 1 FROM promotion_item i JOIN offer o ON o.id = i.offer_id
   WHERE i.promotion_id = p.id AND NOT {visible_condition("o", "b.company_id")}))
"""
"""The condition that promotion `p` is a bundle with an offer that the buyer `b` may not see.

It could never be had, and its name would tell of the offer.
"""


def ordered_before(company: str, seller: str, but: str = "") -> str:
    """Return the condition that a company has an order with a seller that is not cancelled.

    The arguments are SQL expressions; `but` may say more of the order `o`. By way of the company's
    legal entities, since orders are indexed by these.
    """
    return f"""
 EXISTS (SELECT 1 FROM legal_entity e
           JOIN purchase_order o ON o.legal_entity_id = e.id
           JOIN seller_order s ON s.order_id = o.id
          WHERE e.company_id = {company} AND s.seller_id = {seller}
            AND s.status <> 'cancelled' {but})
"""


_PROMOTIONS = f"""
SELECT p.id, p.name_en, p.name_ru, p.kind, p.seller_id, p.percent, p.amount, p.currency,
       p.buy_quantity, p.free_quantity, c.path AS category_path, p.min_quantity,
       p.min_order_value, p.exclusive, p.priority, p.below_cost_allowed,
       CASE WHEN p.first_order_only THEN ARRAY(
            SELECT asked.id FROM unnest($3::uuid[]) AS asked(id)
             WHERE NOT {ordered_before("b.company_id", "asked.id")}) END AS first_order_with,
       least(p.max_uses - p.used_count, p.max_uses_per_company - coalesce((
             SELECT u.used_count FROM promotion_company_use u
              WHERE u.promotion_id = p.id AND u.company_id = b.company_id), 0)) AS uses_left,
       ARRAY(SELECT i.offer_id FROM promotion_item i WHERE i.promotion_id = p.id ORDER BY i.id)
           AS item_offers,
       ARRAY(SELECT i.quantity FROM promotion_item i WHERE i.promotion_id = p.id ORDER BY i.id)
           AS item_quantities
  FROM promotion p
  JOIN legal_entity b ON b.id = $1
  LEFT JOIN category c ON c.id = p.category_id
 WHERE (p.seller_id = ANY($3::uuid[]) OR p.seller_id IS NULL)
   AND {LIVE} AND {FOR_BUYER} AND NOT {HIDDEN_BUNDLE}
   AND (NOT EXISTS (SELECT 1 FROM promotion_item i WHERE i.promotion_id = p.id)
        OR EXISTS (SELECT 1 FROM promotion_item i
                    WHERE i.promotion_id = p.id AND i.offer_id = ANY($4::uuid[])))
"""


async def live_promotions(
    legal_entity_id: UUID, seller_ids: Iterable[UUID], offer_ids: Iterable[UUID], now: datetime
) -> list[Promotion]:
    """Return the promotions running at `now` for the buyer on some of these sellers' offers.

    Those whose limits are used up, or that ask for a first order, come too and say so. The buyer
    must not learn of any other. One statement, whatever the numbers.
    """
    rows = await fetch(_PROMOTIONS, legal_entity_id, now, list(set(seller_ids)), list(offer_ids))
    return [_promotion(row) for row in rows]


def _promotion(row: Row) -> Promotion:
    values = dict(row)
    offers: list[UUID] = values.pop("item_offers")
    quantities: list[Decimal] = values.pop("item_quantities")
    first = values.pop("first_order_with")
    kind = PromotionKind(values.pop("kind"))
    return Promotion(
        **values,
        kind=kind,
        items=dict(zip(offers, quantities, strict=True)),
        first_order_with=None if first is None else frozenset(first),
    )
