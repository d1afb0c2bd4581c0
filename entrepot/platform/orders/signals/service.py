"""Recomputing what orders tell the ranking of all: popularity of offers, ratings of sellers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from entrepot.platform.database import execute, fetch, transaction
from entrepot.platform.ids import new_id
from entrepot.platform.orders.signals import rules
from entrepot.platform.orders.signals.events import OFFERS_PER_EVENT, SignalsChanged
from entrepot.platform.outbox import record

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recomputed:
    """How many offers and sellers got another figure, and how many offers are to be indexed."""

    offers: int
    sellers: int
    to_index: int


# One row a pair of offer and company; several lines of a seller order are one order. A company
# that buys from itself says nothing.
_STRENGTHS = """
WITH ordered AS (
    SELECT DISTINCT l.offer_id, p.buyer_id, s.id, s.placed_at
      FROM seller_order s
      JOIN purchase_order p ON p.id = s.order_id AND p.buyer_id <> s.seller_id
      JOIN order_line l ON l.seller_order_id = s.id
     WHERE s.placed_at > $1::timestamptz - $2::interval AND s.placed_at <= $1
       AND s.status <> 'cancelled'
), bought AS (
    SELECT offer_id, least(log(2::numeric, (1 + sum(power(0.5::float8,
               extract(epoch FROM $1 - placed_at)::float8
               / extract(epoch FROM $3::interval)::float8)))::numeric)::float8, $4) AS strength
      FROM ordered GROUP BY offer_id, buyer_id
)
SELECT offer_id, sum(strength) AS strength FROM bought
 GROUP BY offer_id HAVING count(*) >= $5
"""
_KEPT_OFFERS = "SELECT offer_id, popularity FROM offer_signal"
_WRITE_OFFERS = """
INSERT INTO offer_signal (id, offer_id, popularity, computed_at)
SELECT new.id, new.offer_id, new.popularity, $4
  FROM unnest($1::uuid[], $2::uuid[], $3::smallint[]) AS new(id, offer_id, popularity)
  JOIN offer o ON o.id = new.offer_id
ON CONFLICT (offer_id) DO UPDATE
   SET popularity = EXCLUDED.popularity, computed_at = EXCLUDED.computed_at
"""
_FORGET_OFFERS = "DELETE FROM offer_signal WHERE offer_id = ANY($1::uuid[])"
# Every order that the seller answered, or left unanswered for too long. What the buyer called off
# before, or never paid, says nothing of the seller.
_OUTCOMES = """
WITH judged AS (
    SELECT s.seller_id, p.buyer_id,
           CASE WHEN s.status = 'cancelled' OR s.status = 'placed' THEN 0
                WHEN s.confirmed_at IS NULL THEN $4::float8
                ELSE 1 - (1 - $5::float8) * least(greatest(
                       extract(epoch FROM s.confirmed_at - asked.at - $6::interval)
                       / extract(epoch FROM $3::interval - $6::interval), 0), 1)
           END::float8 AS worth
      FROM seller_order s
      JOIN purchase_order p ON p.id = s.order_id AND p.buyer_id <> s.seller_id
     CROSS JOIN LATERAL (SELECT CASE WHEN s.payment = 'advance' THEN s.paid_at END AS paid) money
     CROSS JOIN LATERAL (SELECT coalesce(money.paid, s.placed_at) AS at) asked
     WHERE s.placed_at > $1::timestamptz - $2::interval AND s.placed_at <= $1
       AND (s.status IN ('confirmed', 'shipped', 'delivered')
            OR s.status = 'cancelled' AND s.cancelled_by = 'seller'
            OR s.status = 'placed' AND asked.at <= $1 - $3::interval)
)
SELECT seller_id, buyer_id, avg(worth) AS worth, count(*) AS orders
  FROM judged GROUP BY seller_id, buyer_id ORDER BY seller_id, buyer_id
"""
_KEPT_SELLERS = "SELECT seller_id, rating FROM seller_rating"
_WRITE_SELLERS = """
INSERT INTO seller_rating (id, seller_id, rating, companies, computed_at)
SELECT *, $5 FROM unnest($1::uuid[], $2::uuid[], $3::numeric[], $4::int[])
ON CONFLICT (seller_id) DO UPDATE
   SET rating = EXCLUDED.rating, companies = EXCLUDED.companies,
       computed_at = EXCLUDED.computed_at
"""
_FORGET_SELLERS = "DELETE FROM seller_rating WHERE seller_id = ANY($1::uuid[])"
_OFFERS_OF = "SELECT id FROM offer WHERE seller_id = ANY($1::uuid[]) AND active"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('order_signals', 0))"


async def recompute(now: datetime) -> Recomputed:
    """Compute popularity and ratings from the orders of the last `rules.WINDOW`.

    One transaction and, whatever the number of offers, at most ten statements and one event for
    each 1,000 offers. Only rows that change are written; `SignalsChanged` names the offers whose
    popularity, or whose seller's rating, is another now. Two calls at a time wait for each other.
    """
    async with transaction():
        await execute(_LOCK)
        offers = await _settle_offers(now)
        sellers = await _settle_sellers(now)
        changed = set(offers)
        if sellers:
            changed.update(row["id"] for row in await fetch(_OFFERS_OF, sellers))
        ordered = sorted(changed)
        for start in range(0, len(ordered), OFFERS_PER_EVENT):
            await record(SignalsChanged(tuple(ordered[start : start + OFFERS_PER_EVENT])))
    return Recomputed(len(offers), len(sellers), len(ordered))


async def _settle_offers(now: datetime) -> list[UUID]:
    """Write the popularity that changed; return whose."""
    kept: dict[UUID, int] = {
        row["offer_id"]: row["popularity"] for row in await fetch(_KEPT_OFFERS)
    }
    found: dict[UUID, int] = {}
    for row in await fetch(
        _STRENGTHS, now, rules.WINDOW, rules.HALF_LIFE, rules.COMPANY_MAX, rules.COMPANIES_MIN
    ):
        value = rules.popularity(row["strength"])
        step = rules.settled_popularity(value, kept.get(row["offer_id"]))
        if step > 0:
            found[row["offer_id"]] = step
    written, gone = _difference(kept, found)
    if gone:
        await execute(_FORGET_OFFERS, gone)
    if written:
        values = [found[one] for one in written]
        await execute(_WRITE_OFFERS, [new_id() for _ in written], written, values, now)
    return written + gone


async def _settle_sellers(now: datetime) -> list[UUID]:
    """Write the ratings that changed; return who ranks otherwise now.

    Who is rated as one without a rating is taken for ranks as before.
    """
    kept: dict[UUID, Decimal] = {
        row["seller_id"]: row["rating"] for row in await fetch(_KEPT_SELLERS)
    }
    by_seller: dict[UUID, list[tuple[float, int]]] = {}
    for row in await fetch(
        _OUTCOMES,
        now,
        rules.WINDOW,
        rules.LATE,
        rules.UNTIMED_WORTH,
        rules.LATE_WORTH,
        rules.PROMPT,
    ):
        by_seller.setdefault(row["seller_id"], []).append((row["worth"], row["orders"]))
    found = {
        seller: rules.settled_rating(rules.rating(worths), kept.get(seller))
        for seller, worths in by_seller.items()
        if len(worths) >= rules.COMPANIES_MIN
    }
    written, gone = _difference(kept, found)
    if gone:
        await execute(_FORGET_SELLERS, gone)
    if written:
        await execute(
            _WRITE_SELLERS,
            [new_id() for _ in written],
            written,
            [found[one] for one in written],
            [len(by_seller[one]) for one in written],
            now,
        )
    prior = Decimal(str(rules.RATING_PRIOR))
    return [one for one in written + gone if kept.get(one, prior) != found.get(one, prior)]


def _difference(kept: Mapping[UUID, T], found: Mapping[UUID, T]) -> tuple[list[UUID], list[UUID]]:
    """Return what is new or another, and what is no more; in the order of the keys."""
    written = sorted(key for key, value in found.items() if kept.get(key) != value)
    return written, sorted(kept.keys() - found.keys())
