"""Members of rule groups, made anew from the orders as they are.

Doing it twice, or on two workers at once, changes and logs nothing more: the groups are locked,
and only who moved is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from entrepot.platform.database import Row, execute, fetch, fetch_value, transaction
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.groups.rules import (
    NOT_BUYING,
    Dealings,
    GroupRule,
    belongs,
    facts_of,
    judge,
)
from entrepot.platform.pricing.list_changes import priced_offers, record_prices_changed

LOCK_RULE_GROUPS = """
SELECT id, seller_id, currency, min_turnover, min_orders, min_paid_on_time, min_years, window_days
  FROM customer_group
 WHERE seller_id = $1 AND kind = 'rule' AND ($2::uuid IS NULL OR id = $2)
 ORDER BY id FOR NO KEY UPDATE
"""
_TIME_ZONE = """
SELECT time_zone FROM legal_entity WHERE company_id = $1 AND active
 ORDER BY created_at, id LIMIT 1
"""
# Orders that wait for their money are not orders yet. One order in two currencies counts once.
_DEALINGS = """
SELECT c.id AS company_id, c.active AND c.is_buyer AS buys,
       EXISTS (SELECT 1 FROM customer_group_member m
                WHERE m.group_id = $1 AND m.company_id = c.id) AS member,
       coalesce(d.turnover, 0) AS turnover, coalesce(d.orders, 0) AS orders,
       coalesce(d.due, 0) AS due, coalesce(d.paid_on_time, 0) AS paid_on_time, d.first_order_on
  FROM (SELECT o.buyer_id,
               sum(s.net) FILTER (WHERE s.placed_at >= $3 AND s.currency = $4) AS turnover,
               count(DISTINCT s.order_id) FILTER (WHERE s.placed_at >= $3) AS orders,
               count(*) FILTER (WHERE s.judged) AS due,
               count(*) FILTER (WHERE s.judged AND s.paid_on <= s.payment_due_on) AS paid_on_time,
               (min(s.placed_at) AT TIME ZONE $7)::date AS first_order_on
          FROM (SELECT p.*, (p.paid_at AT TIME ZONE $7)::date AS paid_on,
                       p.payment_due_on BETWEEN $5 AND $6
                       AND (p.paid_at IS NOT NULL OR p.payment_due_on < $6) AS judged
                  FROM seller_order p
                 WHERE p.seller_id = $2 AND p.placed_at <= $8
                   AND p.status NOT IN ('cancelled', 'awaiting_payment')) s
          JOIN purchase_order o ON o.id = s.order_id
         GROUP BY o.buyer_id) d
  FULL JOIN (SELECT company_id FROM customer_group_member WHERE group_id = $1) m
       ON m.company_id = d.buyer_id
  JOIN company c ON c.id = coalesce(d.buyer_id, m.company_id)
"""


@dataclass(frozen=True, slots=True)
class Move:
    """A company that joined a group or left it, and the facts that decided."""

    company_id: UUID
    joined: bool
    facts: dict[str, Any]


async def recompute(seller_id: UUID, now: datetime, group_id: UUID | None = None) -> int:
    """Make the members of the seller's rule groups (of one of them, if named) right as of `now`.

    Returns how many companies moved. Locks the groups in the order of their ids. Records
    `PricesChanged` for the offers in price lists given to groups that somebody joined or left.
    Days are days of the seller's first legal entity.
    """
    async with transaction():
        groups = await fetch(LOCK_RULE_GROUPS, seller_id, group_id)
        if not groups:
            return 0
        zone_name: str = await fetch_value(_TIME_ZONE, seller_id) or "UTC"
        moved = 0
        changed: list[UUID] = []
        for group in groups:
            moves = await _moves(group, now, zone_name)
            await write_moves(group["id"], moves, now)
            await execute(
                "UPDATE customer_group SET recomputed_at = $2 WHERE id = $1", group["id"], now
            )
            moved += len(moves)
            if moves:
                changed.append(group["id"])
        await tell_prices(seller_id, changed)
    return moved


def rule_of(group: Row) -> GroupRule:
    """Return the conditions in a group's row."""
    return GroupRule(
        window_days=group["window_days"],
        currency=group["currency"],
        min_turnover=group["min_turnover"],
        min_orders=group["min_orders"],
        min_paid_on_time=group["min_paid_on_time"],
        min_years=group["min_years"],
    )


async def _moves(group: Row, now: datetime, zone_name: str) -> list[Move]:
    """Return who must join the locked group and who must leave it."""
    rule, zone = rule_of(group), ZoneInfo(zone_name)
    today = now.astimezone(zone).date()
    first_day = rule.since(today)
    rows = await fetch(
        _DEALINGS,
        group["id"],
        group["seller_id"],
        datetime.combine(first_day, time(), zone),
        rule.currency,
        first_day,
        today,
        zone_name,
        now,
    )
    moves = (_judged(row, rule, today) for row in rows)
    return sorted((one for one in moves if one), key=lambda one: one.company_id)


def _judged(row: Row, rule: GroupRule, today: date) -> Move | None:
    if not row["buys"]:
        return Move(row["company_id"], False, dict(NOT_BUYING)) if row["member"] else None
    checks = judge(
        rule,
        Dealings(
            turnover=row["turnover"],
            orders=row["orders"],
            due=row["due"],
            paid_on_time=row["paid_on_time"],
            first_order_on=row["first_order_on"],
        ),
        today,
    )
    wanted = belongs(checks)
    if wanted == row["member"]:
        return None
    return Move(row["company_id"], wanted, facts_of(rule, checks))


async def write_moves(
    group_id: UUID, moves: Sequence[Move], now: datetime, moved_by: UUID | None = None
) -> None:
    """Change the members of a locked group and log every move."""
    if not moves:
        return
    joined = [one.company_id for one in moves if one.joined]
    left = [one.company_id for one in moves if not one.joined]
    await execute(
        "DELETE FROM customer_group_member WHERE group_id = $1 AND company_id = ANY($2::uuid[])",
        group_id,
        left,
    )
    await execute(
        "INSERT INTO customer_group_member (id, group_id, company_id, since)"
        " SELECT line.id, $1, line.company_id, $4 FROM unnest($2::uuid[], $3::uuid[])"
        " AS line(id, company_id)",
        group_id,
        [new_id() for _ in joined],
        joined,
        now,
    )
    await execute(
        "INSERT INTO customer_group_move"
        " (id, group_id, company_id, joined, moved_at, moved_by_id, facts)"
        " SELECT line.id, $1, line.company_id, line.joined, $6, $7, line.facts::jsonb"
        "   FROM unnest($2::uuid[], $3::uuid[], $4::bool[], $5::text[])"
        "     AS line(id, company_id, joined, facts)",
        group_id,
        [new_id() for _ in moves],
        [one.company_id for one in moves],
        [one.joined for one in moves],
        [orjson.dumps(one.facts).decode() for one in moves],
        now,
        moved_by,
    )


async def tell_prices(seller_id: UUID, group_ids: Iterable[UUID]) -> None:
    """Record `PricesChanged` for what the price lists given to these groups price."""
    rows = await fetch(
        "SELECT DISTINCT price_list_id FROM price_list_assignment WHERE group_id = ANY($1::uuid[])",
        list(group_ids),
    )
    offers: set[UUID] = set()
    for row in rows:
        offers |= await priced_offers(row["price_list_id"])
    if offers:
        await record_prices_changed(seller_id, offers)


async def sellers_with_rules() -> list[UUID]:
    """Return the active sellers that have rule groups, by id: for the daily job."""
    rows = await fetch(
        "SELECT DISTINCT g.seller_id FROM customer_group g JOIN company s ON s.id = g.seller_id"
        " WHERE g.kind = 'rule' AND s.active ORDER BY g.seller_id"
    )
    return [row["seller_id"] for row in rows]
