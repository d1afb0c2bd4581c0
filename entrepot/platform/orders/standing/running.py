"""Ordering the dates that are due: each once, whoever runs the schedule and how often."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import structlog

from entrepot.platform.carts.prepared import PreparedCart, PreparedLine, prepare
from entrepot.platform.clock import Clock
from entrepot.platform.database import execute, fetch, fetch_one, transaction
from entrepot.platform.errors import DomainError
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission, permissions_of
from entrepot.platform.ids import new_id
from entrepot.platform.orders.placement import place_carts
from entrepot.platform.orders.standing.calendar import due_dates, next_dates
from entrepot.platform.orders.standing.errors import (
    DateMissed,
    DateSkipped,
    EntityInactive,
    MakerMayNotOrder,
)
from entrepot.platform.orders.standing.events import StandingOrderHeld
from entrepot.platform.orders.standing.rows import (
    COLUMNS,
    ChangedDate,
    StandingRow,
    changed_dates,
    lines_of,
    standing_row,
)
from entrepot.platform.orders.standing.run_log import log_run, log_skipped
from entrepot.platform.orders.standing.terms import StandingLine, ensure_within
from entrepot.platform.outbox import record
from entrepot.platform.pricing.order_pricing import LinePrice, OrderPrices, WantedLine, price_order

log = structlog.get_logger("entrepot.standing_orders")

DUE = """
SELECT s.id FROM standing_order s JOIN legal_entity e ON e.id = s.legal_entity_id
 WHERE s.status = 'active' AND s.next_due_on <= ($1::timestamptz AT TIME ZONE e.time_zone)::date
   AND s.next_due_on <= ($1::timestamptz AT TIME ZONE 'UTC')::date + 1
 ORDER BY s.next_due_on, s.id
"""
LOCK = f"{COLUMNS} WHERE s.id = $1 AND s.status = 'active' FOR UPDATE OF s"
MAKER = """
SELECT u.name, u.locale, u.disabled_at, c.active AND e.active AND c.is_buyer AS trades,
       (SELECT m.roles FROM membership m WHERE m.user_id = u.id AND m.company_id = c.id) AS roles
  FROM user_account u, company c, legal_entity e
 WHERE u.id = $1 AND c.id = $2 AND e.id = $3
"""
NAMES = "SELECT id, article_number FROM offer WHERE id = ANY($1::uuid[])"


async def due_ids(now: datetime) -> list[UUID]:
    """Return the standing orders with a date that has come, in their legal entity's time zone."""
    return [row["id"] for row in await fetch(DUE, now)]


async def run_due(clock: Clock) -> int:
    """Order all dates that have come; returns how many standing orders had one.

    Each standing order is a transaction of its own: one that fails for a reason nobody foresaw is
    logged, holds up no other, and is tried again the next time. Safe beside another run.
    """
    ran = 0
    for standing_order_id in await due_ids(clock.now()):
        try:
            ran += await run_one(standing_order_id, clock.now())
        except Exception:
            log.exception("failed", standing_order=str(standing_order_id))
    return ran


async def run_one(standing_order_id: UUID, now: datetime) -> bool:
    """Order the date of a standing order that has come; says whether there was one.

    Where several have come because nothing ran in between, the latest is ordered and the others
    are logged as missed; dates that the buyer skipped are logged as such. One transaction: order,
    log and next date, or, after a crash, none of them and the date is still due. Locks the
    standing order, so that a second scheduler waits and then finds nothing to do; the log takes
    each date once besides. What is refused becomes an open cart and `StandingOrderHeld`.
    """
    async with transaction():
        found = await fetch_one(LOCK, standing_order_id)
        if found is None:
            return False
        row = standing_row(found)
        today = row.today(now)
        if row.next_due_on is None or row.next_due_on > today:
            return False  # another scheduler was faster
        changed = (await changed_dates([row.id]))[row.id]
        pending = [one.due_on for one in due_dates(row.calendar, row.next_due_on, today)]
        skipped = [day for day in pending if day in changed and changed[day].skipped]
        wanted = [day for day in pending if day not in skipped]
        await log_skipped(row.id, [(day, DateSkipped()) for day in skipped], now)
        if wanted:
            latest = wanted[-1]
            missed = [(day, DateMissed(latest)) for day in wanted[:-1]]
            await log_skipped(row.id, missed, now)
            await _order(row, latest, changed.get(latest), now)
        later = next_dates(row.calendar, date.fromordinal(today.toordinal() + 1), 1)
        await execute(
            "UPDATE standing_order SET next_due_on = $2,"
            " status = CASE WHEN $2::date IS NULL THEN 'ended' ELSE status END WHERE id = $1",
            row.id,
            later[0].due_on if later else None,
        )
        return True


async def _order(
    row: StandingRow, due_on: date, changed: ChangedDate | None, now: datetime
) -> None:
    maker = await fetch_one(MAKER, row.created_by_id, row.company_id, row.legal_entity_id)
    if maker is None or not maker["trades"]:
        await log_run(row.id, due_on, "refused", now, reason=EntityInactive())
        return
    actor = Actor(
        user_id=row.created_by_id,
        company_id=row.company_id,
        legal_entity_id=row.legal_entity_id,
        permissions=permissions_of(maker["roles"] or []),
        via="system",
        locale=maker["locale"],
    )
    lines = _lines((await lines_of([row.id]))[row.id], changed)
    priced, prices = await _priced(row.legal_entity_id, lines, now)
    cart_id = await prepare(
        PreparedCart(
            row.legal_entity_id, row.created_by_id, f"{row.name} {due_on}", row.po_number,
            row.cost_center, None, row.delivery_address_id,
        ),
        [_prepared(line, priced.get(line.offer_id)) for line in lines],
        now,
    )  # fmt: skip
    try:
        async with transaction():  # a savepoint: what is refused leaves the cart
            if maker["disabled_at"] is not None or not actor.may(Permission.ORDER_PLACE):
                raise MakerMayNotOrder(maker["name"])
            await _ensure_within(row, lines, priced, prices)
            (order_id,) = await place_carts(
                actor, [cart_id], now, accept_price_changes=True, po_number=row.po_number,
                standing_order_id=row.id, agreed=row.approved_by_id is not None,
            )  # fmt: skip
    except DomainError as refused:
        run_id = await log_run(row.id, due_on, "held", now, cart_id=cart_id, reason=refused)
        if run_id is not None:
            await record(StandingOrderHeld(run_id))
        return
    if await log_run(row.id, due_on, "placed", now, order_id=order_id) is None:
        raise RuntimeError(f"standing order {row.id} was ordered for {due_on} before")


def _lines(lines: list[StandingLine], changed: ChangedDate | None) -> list[StandingLine]:
    """Return the lines with the quantities of the date; the largest ones stay as agreed."""
    quantities = changed.quantities if changed else {}
    return [
        replace(line, quantity=quantities.get(line.offer_id, line.quantity), max_quantity=line.most)
        for line in lines
    ]


async def _priced(
    legal_entity_id: UUID, lines: list[StandingLine], now: datetime
) -> tuple[dict[UUID, LinePrice], OrderPrices]:
    wanted = [WantedLine(new_id(), line.offer_id, line.quantity) for line in lines]
    prices = await price_order(legal_entity_id, wanted, now)
    return {one.offer_id: one for one in prices.lines.values()}, prices


def _prepared(line: StandingLine, priced: LinePrice | None) -> PreparedLine:
    if priced is None:
        return PreparedLine(line.offer_id, line.quantity, line.max_unit_price or Decimal(0))
    return PreparedLine(line.offer_id, line.quantity, priced.price.unit_price, priced.discount)


async def _ensure_within(
    row: StandingRow, lines: list[StandingLine], priced: dict[UUID, LinePrice], prices: OrderPrices
) -> None:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for part in prices.parts:
        totals[part.currency] += part.goods.net + part.delivery.net
    names = {
        one["id"]: one["article_number"] for one in await fetch(NAMES, [x.offer_id for x in lines])
    }
    unit_prices = {key: one.price.unit_price for key, one in priced.items()}
    ensure_within(lines, unit_prices, names, row.max_total, totals, row.currency)
