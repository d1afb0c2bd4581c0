"""Making, changing, agreeing to, pausing and ending standing orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from entrepot.platform.carts.approvals.errors import NotAsked
from entrepot.platform.carts.filling import ensure_offer_orderable
from entrepot.platform.catalog.queries import offers_by_ids
from entrepot.platform.clock import Clock
from entrepot.platform.database import execute, execute_many, fetch_one, fetch_value, transaction
from entrepot.platform.errors import DomainError, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.addresses import usable_addresses
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.orders.standing.access import locked
from entrepot.platform.orders.standing.asking import what_asks, who_agrees
from entrepot.platform.orders.standing.calendar import Calendar, due_dates, next_dates
from entrepot.platform.orders.standing.errors import (
    DatePaused,
    EnvelopeOpen,
    NoDates,
    OwnStandingOrder,
    StandingOrderChanged,
)
from entrepot.platform.orders.standing.events import StandingOrderAsks
from entrepot.platform.orders.standing.rows import StandingRow, terms_of
from entrepot.platform.orders.standing.run_log import log_skipped
from entrepot.platform.orders.standing.terms import StandingLine, StandingTerms
from entrepot.platform.outbox import record

SAVE = """
INSERT INTO standing_order
       (id, legal_entity_id, created_by_id, name, frequency, "interval", weekdays, day_of_month,
        week_of_month, starts_on, ends_on, holiday_country, on_holiday, po_number, cost_center,
        delivery_address_id, max_total, currency, status, next_due_on, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 'active',
        $19, $20)
ON CONFLICT (id) DO UPDATE
   SET name = $4, frequency = $5, "interval" = $6, weekdays = $7, day_of_month = $8,
       week_of_month = $9, starts_on = $10, ends_on = $11, holiday_country = $12,
       on_holiday = $13, po_number = $14, cost_center = $15, delivery_address_id = $16,
       max_total = $17, currency = $18, next_due_on = $19
"""
SAVE_LINE = """
INSERT INTO standing_order_line
       (id, standing_order_id, offer_id, quantity, max_quantity, max_unit_price)
VALUES ($1, $2, $3, $4, $5, $6)
"""


async def next_due(
    standing_order_id: UUID, calendar: Calendar, today: date, first: date | None = None
) -> date | None:
    """Return the first due date from today (or `first`) on that has not been run yet."""
    last: date | None = await fetch_value(
        "SELECT max(due_on) FROM standing_order_run WHERE standing_order_id = $1",
        standing_order_id,
    )
    begin = max(first or today, last + timedelta(days=1) if last else today)
    found = next_dates(calendar, begin, 1)
    return found[0].due_on if found else None


async def create(actor: Actor, terms: StandingTerms, *, clock: Clock) -> UUID:
    """Make a standing order of the legal entity acted for; returns its id.

    Where the company's approval rules would ask about such a cart, somebody has to agree to it
    first (`StandingOrderAsks` tells the approvers); until then its dates are held. Needs
    `order.place`. Raises `InvalidInput`, `NotFound`, `QuantityNotOrderable`, `CartTooLarge`,
    `NoDates`.
    """
    actor.require(Permission.ORDER_PLACE)
    async with transaction():
        return await _save(actor, new_id(), terms.checked(), None, clock)


async def update(
    actor: Actor, standing_order_id: UUID, terms: StandingTerms, *, clock: Clock
) -> UUID:
    """Replace what a standing order says; returns its id.

    Whoever agreed to it agreed to what it was: unless only its name or number differ, it has to be
    agreed to anew where rules ask. The changer becomes the one in whose name it orders. Needs
    `order.place`. Locks it. Raises what `create` does, and `StandingOrderEnded`.
    """
    actor.require(Permission.ORDER_PLACE)
    async with transaction():
        row = await locked(actor, standing_order_id)
        return await _save(actor, row.id, terms.checked(), row, clock)


async def _save(
    actor: Actor, key: UUID, terms: StandingTerms, earlier: StandingRow | None, clock: Clock
) -> UUID:
    now = clock.now()
    currency = await _check_lines(actor, terms.lines)
    await _check_address(actor, terms.delivery_address_id)
    entity_id = earlier.legal_entity_id if earlier else actor.legal_entity_id
    before = await terms_of(earlier) if earlier else None
    due = await next_due(key, terms.calendar, await _today(entity_id, earlier, clock))
    if due is None:
        raise NoDates().at("calendar")
    calendar = terms.calendar
    await execute(
        SAVE, key, entity_id, actor.user_id, terms.name, calendar.frequency, calendar.interval,
        list(calendar.weekdays), calendar.day_of_month, calendar.week_of_month,
        calendar.starts_on, calendar.ends_on, calendar.holiday_country, calendar.on_holiday,
        terms.po_number, terms.cost_center, terms.delivery_address_id, terms.max_total, currency,
        due, now,
    )  # fmt: skip
    if before is not None and terms.within(before):
        return key
    await execute("DELETE FROM standing_order_line WHERE standing_order_id = $1", key)
    await execute_many(
        SAVE_LINE,
        [
            (new_id(), key, one.offer_id, one.quantity, one.max_quantity, one.max_unit_price)
            for one in terms.lines
        ],
    )
    await execute(
        "UPDATE standing_order SET approved_by_id = NULL, approved_at = NULL, created_by_id = $2"
        " WHERE id = $1",
        key,
        actor.user_id,
    )
    if await what_asks(actor, entity_id, key, terms.lines, terms.cost_center, now) is not None:
        await record(StandingOrderAsks(key))
    return key


async def _today(entity_id: UUID, row: StandingRow | None, clock: Clock) -> date:
    if row is not None:
        return row.today(clock.now())
    found = await fetch_one(
        "SELECT ($2::timestamptz AT TIME ZONE time_zone)::date AS today FROM legal_entity"
        " WHERE id = $1",
        entity_id,
        clock.now(),
    )
    if found is None:
        raise NotFound("legal entity")
    today: date = found["today"]
    return today


async def _check_lines(actor: Actor, lines: Sequence[StandingLine]) -> str:
    """Check that all lines can be ordered in one currency; return it."""
    offers = await offers_by_ids(actor, [line.offer_id for line in lines])
    currencies: set[str] = set()
    for index, line in enumerate(lines):
        offer = offers.get(line.offer_id)
        if offer is None or not offer.active:
            raise NotFound("offer").at("lines", str(index), "offerId", line_index=index)
        currencies.add(offer.currency)
        try:
            ensure_offer_orderable(offer, line.quantity)
        except DomainError as error:
            raise error.at("lines", str(index), "quantity", line_index=index) from None
    if len(currencies) > 1:
        raise InvalidInput(
            "lines", "all prices must be in one currency", "все цены должны быть в одной валюте"
        )
    return currencies.pop()


async def _check_address(actor: Actor, address_id: UUID | None) -> None:
    if address_id is not None and not await usable_addresses(actor, [address_id]):
        raise NotFound("delivery address").at("deliveryAddressId")


async def approve(
    actor: Actor, standing_order_id: UUID, *, clock: Clock, version: str | None = None
) -> UUID:
    """Agree to a standing order: runs within its envelope are ordered without asking again.

    By those whom the company's rules ask last about its largest run (where none asks, by any
    approver); not by who made or changed it. `version` names the terms that were looked at, so that
    no others are agreed to. Needs `order.approve`, or `approval.manage` where no
    approver is left. Locks it. Raises `NotFound`, `StandingOrderEnded`, `OwnStandingOrder`,
    `StandingOrderChanged`, `EnvelopeOpen`, `NotAsked`.
    """
    if not actor.may(Permission.APPROVAL_MANAGE):
        actor.require(Permission.ORDER_APPROVE)
    now = clock.now()
    async with transaction():
        row = await locked(actor, standing_order_id)
        if row.created_by_id == actor.user_id:
            raise OwnStandingOrder
        terms = await terms_of(row)
        if version not in (None, terms.version):
            raise StandingOrderChanged().at("termsVersion")
        if not terms.bounded:
            raise EnvelopeOpen
        deciders = await who_agrees(row, terms, now)
        if actor.user_id not in deciders.people:
            raise NotAsked(deciders.step)
        actor.require(deciders.people[actor.user_id])
        await execute(
            "UPDATE standing_order SET approved_by_id = $2, approved_at = $3 WHERE id = $1",
            row.id,
            actor.user_id,
            now,
        )
        return row.id


async def pause(actor: Actor, standing_order_id: UUID) -> UUID:
    """Order nothing until it is resumed. Needs `order.place`. Locks it; bears repetition.

    Raises `NotFound`, `StandingOrderEnded`.
    """
    return await _set_status(actor, standing_order_id, "paused")


async def end(actor: Actor, standing_order_id: UUID) -> UUID:
    """Order nothing any more. Needs `order.place`. Locks it; bears repetition.

    Raises `NotFound`.
    """
    return await _set_status(actor, standing_order_id, "ended")


async def _set_status(actor: Actor, standing_order_id: UUID, status: str) -> UUID:
    actor.require(Permission.ORDER_PLACE)
    async with transaction():
        row = await locked(actor, standing_order_id, ended=status == "ended")
        ends = ", next_due_on = NULL" if status == "ended" else ""
        await execute(f"UPDATE standing_order SET status = $2{ends} WHERE id = $1", row.id, status)
        return row.id


async def resume(actor: Actor, standing_order_id: UUID, *, clock: Clock) -> UUID:
    """Go on from today; dates that fell into the pause are logged as skipped.

    Needs `order.place`. Locks it; bears repetition. Raises `NotFound`, `StandingOrderEnded`,
    `NoDates`.
    """
    actor.require(Permission.ORDER_PLACE)
    now = clock.now()
    async with transaction():
        row = await locked(actor, standing_order_id)
        if row.status != "paused":
            return row.id
        today = row.today(now)
        if row.next_due_on is not None and row.next_due_on < today:
            gone = due_dates(row.calendar, row.next_due_on, today - timedelta(days=1))
            await log_skipped(row.id, [(one.due_on, DatePaused()) for one in gone], now)
        due = await next_due(row.id, row.calendar, today)
        if due is None:
            raise NoDates
        await execute(
            "UPDATE standing_order SET status = 'active', next_due_on = $2 WHERE id = $1",
            row.id,
            due,
        )
        return row.id
