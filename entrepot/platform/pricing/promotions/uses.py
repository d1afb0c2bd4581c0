"""Uses of promotions: counted when an order is placed, given back when it is cancelled.

A use is an order, however many sellers deliver it. `promotion.used_count` is kept while the
promotion has a limit for all (an unlimited one would make every order wait for one row);
`promotion_company_use` is kept always, so a company's limit and its first order are decided by
whoever gets that row first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.database import Row, execute, fetch
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.promotions.errors import PromotionUsedUp
from entrepot.platform.pricing.promotions.live import ordered_before

_LIMITED = "SELECT id FROM promotion WHERE id = ANY($1::uuid[]) AND max_uses IS NOT NULL"
_LOCK = """
SELECT id, name_en, name_ru, max_uses, max_uses_per_company, first_order_only
  FROM promotion WHERE id = ANY($1::uuid[]) ORDER BY id FOR {strength}
"""
_COUNT = """
UPDATE promotion p SET used_count = p.used_count + wanted.uses
  FROM unnest($1::uuid[], $2::int[]) AS wanted(id, uses)
 WHERE p.id = wanted.id AND p.used_count + wanted.uses <= p.max_uses
RETURNING p.id
"""
_COUNT_FOR_COMPANY = """
INSERT INTO promotion_company_use AS kept (id, promotion_id, company_id, used_count)
SELECT wanted.id, wanted.promotion_id, wanted.company_id, wanted.uses
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[])
       AS wanted(id, promotion_id, company_id, uses)
 ORDER BY wanted.promotion_id, wanted.company_id
    ON CONFLICT (promotion_id, company_id) DO UPDATE
   SET used_count = kept.used_count + EXCLUDED.used_count
 WHERE kept.used_count + EXCLUDED.used_count <= coalesce(
       (SELECT max_uses_per_company FROM promotion p WHERE p.id = kept.promotion_id), 2147483647)
RETURNING promotion_id, company_id
"""
_NOT_FIRST = f"""
SELECT DISTINCT claimed.promotion_id
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[])
       AS claimed(promotion_id, company_id, seller_order_id)
  JOIN seller_order mine ON mine.id = claimed.seller_order_id
 WHERE {ordered_before("claimed.company_id", "mine.seller_id", "AND o.id <> ALL($4::uuid[])")}
"""
_INSERT = """
INSERT INTO promotion_use
       (id, promotion_id, company_id, order_id, seller_order_id, amount, currency, used_at)
SELECT u.id, u.promotion_id, u.company_id, u.order_id, u.seller_order_id, u.amount, u.currency, $8
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::numeric[], $7::text[])
       AS u(id, promotion_id, company_id, order_id, seller_order_id, amount, currency)
"""
_RETURN = """
UPDATE promotion_use SET returned_at = $2 WHERE seller_order_id = $1 AND returned_at IS NULL
RETURNING promotion_id, company_id, order_id
"""
_GIVE_BACK = """
WITH freed AS (
     SELECT f.promotion_id, f.company_id
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS f(promotion_id, company_id, order_id)
      WHERE NOT EXISTS (SELECT 1 FROM promotion_use u
                         WHERE u.promotion_id = f.promotion_id AND u.order_id = f.order_id
                           AND u.returned_at IS NULL)),
     given AS (
     UPDATE promotion p SET used_count = p.used_count - 1
       FROM freed WHERE p.id = freed.promotion_id AND p.max_uses IS NOT NULL AND p.used_count > 0)
UPDATE promotion_company_use kept SET used_count = kept.used_count - 1
  FROM freed
 WHERE kept.promotion_id = freed.promotion_id AND kept.company_id = freed.company_id
   AND kept.used_count > 0
"""


@dataclass(frozen=True, slots=True)
class PromotionClaim:
    """A promotion in a seller order that is being placed, and all that it took off there."""

    promotion_id: UUID
    company_id: UUID
    order_id: UUID
    seller_order_id: UUID
    amount: Decimal
    currency: str


async def claim(
    uses: Sequence[PromotionClaim], now: datetime, *, placed: Iterable[UUID] = ()
) -> None:
    """Use promotions up for orders; call it in the transaction that wrote the seller orders.

    `placed` are all orders of this transaction, also those without a promotion: which of them is
    a first order was decided when they were priced.

    Locks the promotions (sorted; those without a limit for all only against changes), then the
    companies' counters (sorted). Raises `PromotionUsedUp` where fewer uses are left than claimed,
    or where the company's first order with the seller is already another; the transaction is then
    to be rolled back. A fixed number of statements; none without claims.
    """
    if not uses:
        return
    promotions = await _locked({use.promotion_id for use in uses})
    orders: dict[tuple[UUID, UUID], set[UUID]] = defaultdict(set)
    for use in uses:
        orders[use.promotion_id, use.company_id].add(use.order_id)
    await _count(promotions, {key: len(found) for key, found in orders.items()})
    await _check_first_orders(promotions, uses, {*placed, *(use.order_id for use in uses)})
    await execute(
        _INSERT,
        [new_id() for _ in uses],
        [use.promotion_id for use in uses],
        [use.company_id for use in uses],
        [use.order_id for use in uses],
        [use.seller_order_id for use in uses],
        [use.amount for use in uses],
        [use.currency for use in uses],
        now,
    )


async def _locked(ids: set[UUID]) -> dict[UUID, Row]:
    """Lock the promotions, each as strongly as it needs, and return them."""
    limited = {row["id"] for row in await fetch(_LIMITED, list(ids))}
    rows = await fetch(_LOCK.format(strength="NO KEY UPDATE"), sorted(limited)) if limited else []
    rows += await fetch(_LOCK.format(strength="KEY SHARE"), sorted(ids - limited))
    return {row["id"]: row for row in rows}


def _used_up(row: Row) -> PromotionUsedUp:
    return PromotionUsedUp(row["id"], row["name_en"], row["name_ru"])


async def _count(promotions: dict[UUID, Row], uses: dict[tuple[UUID, UUID], int]) -> None:
    wanted: dict[UUID, int] = defaultdict(int)
    for (promotion_id, _), number in uses.items():
        wanted[promotion_id] += number
        most = promotions[promotion_id]["max_uses_per_company"]
        if most is not None and number > most:
            raise _used_up(promotions[promotion_id])
    limited = {key: n for key, n in wanted.items() if promotions[key]["max_uses"] is not None}
    if limited:
        rows = await fetch(_COUNT, list(limited), list(limited.values()))
        for promotion_id in sorted(limited.keys() - {row["id"] for row in rows}):
            raise _used_up(promotions[promotion_id])
    rows = await fetch(
        _COUNT_FOR_COMPANY,
        [new_id() for _ in uses],
        [promotion_id for promotion_id, _ in uses],
        [company_id for _, company_id in uses],
        list(uses.values()),
    )
    counted = {(row["promotion_id"], row["company_id"]) for row in rows}
    for promotion_id, _ in sorted(uses.keys() - counted):
        raise _used_up(promotions[promotion_id])


async def _check_first_orders(
    promotions: dict[UUID, Row], uses: Iterable[PromotionClaim], placed: set[UUID]
) -> None:
    """Refuse where another order came first; the company's counter, locked, makes others wait."""
    firsts = [use for use in uses if promotions[use.promotion_id]["first_order_only"]]
    if firsts:
        rows = await fetch(
            _NOT_FIRST,
            [use.promotion_id for use in firsts],
            [use.company_id for use in firsts],
            [use.seller_order_id for use in firsts],
            list(placed),
        )
        for row in rows:
            raise _used_up(promotions[row["promotion_id"]])


async def give_back(seller_order_id: UUID, now: datetime) -> None:
    """Return a cancelled seller order's uses; a use is free when no part of its order has it left.

    Call it in the cancelling transaction. Locks the promotions (sorted), then counters. Once
    given back, nothing more happens.
    """
    held = await fetch(
        "SELECT promotion_id FROM promotion_use WHERE seller_order_id = $1 AND returned_at IS NULL",
        seller_order_id,
    )
    if not held:
        return
    # In this order two sellers' parts cancelled at once see each other, and one frees the use.
    await fetch(_LOCK.format(strength="NO KEY UPDATE"), sorted(row["promotion_id"] for row in held))
    rows = await fetch(_RETURN, seller_order_id, now)
    await execute(
        _GIVE_BACK,
        [row["promotion_id"] for row in rows],
        [row["company_id"] for row in rows],
        [row["order_id"] for row in rows],
    )
