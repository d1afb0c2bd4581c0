"""Writes of customer groups: a seller's own, kept by hand or by a rule."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from asyncpg import UniqueViolationError

from entrepot.platform.catalog.errors import NotSelling
from entrepot.platform.catalog.queries import is_selling
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.clock import Clock
from entrepot.platform.database import Row, execute, fetch_one, fetch_value, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.money import MINOR_DIGITS
from entrepot.platform.pricing.groups.errors import (
    CustomerGroupByHand,
    CustomerGroupHasRule,
    CustomerGroupInUse,
    CustomerGroupNameTaken,
)
from entrepot.platform.pricing.groups.recompute import Move, recompute, tell_prices, write_moves
from entrepot.platform.pricing.groups.rules import BY_HAND, GroupRule

NAME_LENGTH = 200
MAX_WINDOW_DAYS = 3660
MAX_ORDERS = 1_000_000
MAX_TURNOVER = Decimal("9999999999999.9999")
MAX_YEARS = 100
_QUARTER = Decimal("0.25")
_RULE_COLUMNS = tuple(field.name for field in fields(GroupRule))
_USES = """
SELECT (SELECT count(*) FROM price_list_assignment WHERE group_id = $1) AS price_lists,
       (SELECT count(*) FROM assortment_audience WHERE group_id = $1) AS assortments,
       (SELECT count(*) FROM promotion_target WHERE group_id = $1) AS promotions
"""


def _refuse(field: str, en: str, ru: str) -> InvalidInput:
    return InvalidInput(f"rule.{field}", en, ru)


def check_rule(rule: GroupRule) -> None:
    """Raise `InvalidInput` about the first condition that cannot be."""
    conditions = (rule.min_turnover, rule.min_orders, rule.min_paid_on_time, rule.min_years)
    if all(one is None for one in conditions):
        raise InvalidInput("rule", "set at least one condition", "задайте хотя бы одно условие")
    if not 1 <= rule.window_days <= MAX_WINDOW_DAYS:
        raise _refuse(
            "windowDays", f"must be from 1 to {MAX_WINDOW_DAYS}", f"от 1 до {MAX_WINDOW_DAYS}"
        )
    if (rule.min_turnover is None) != (rule.currency is None):
        raise _refuse(
            "currency", "goes with minTurnover and only with it", "задаётся вместе с minTurnover"
        )
    if rule.currency is not None and rule.currency not in MINOR_DIGITS:
        raise _refuse("currency", "must be a known ISO 4217 code", "нужен известный код ISO 4217")
    if rule.min_turnover is not None:
        _check_number("minTurnover", rule.min_turnover, MAX_TURNOVER, 4)
    if rule.min_orders is not None and not 1 <= rule.min_orders <= MAX_ORDERS:
        raise _refuse("minOrders", f"must be from 1 to {MAX_ORDERS}", f"от 1 до {MAX_ORDERS}")
    if rule.min_paid_on_time is not None:
        _check_number("minPaidOnTimePercent", rule.min_paid_on_time, Decimal(100), 2)
    if rule.min_years is not None:
        _check_number("minYears", rule.min_years, Decimal(MAX_YEARS), 2)
        if rule.min_years % _QUARTER:
            raise _refuse("minYears", "must be in quarters of a year", "с шагом в четверть года")


def _check_number(field: str, value: Decimal, largest: Decimal, places: int) -> None:
    if not value.is_finite() or not 0 < value <= largest or value != round(value, places):
        raise _refuse(
            field,
            f"must be above 0 and at most {largest}, with {places} decimal places at most",
            f"больше 0 и не больше {largest}, не более {places} знаков после запятой",
        )


async def create_group(
    actor: Actor, name: str, *, rule: GroupRule | None = None, clock: Clock
) -> UUID:
    """Start a group of the actor's company, kept by hand or by a rule; returns its id.

    A rule's members join at once. Raises `Forbidden`, `NotSelling`, `InvalidInput`,
    `CustomerGroupNameTaken`.
    """
    actor.require(Permission.PRICES_MANAGE)
    if not await is_selling(actor.company_id):
        raise NotSelling()
    name = clean_text("name", name, NAME_LENGTH)
    if rule is not None:
        check_rule(rule)
    now = clock.now()
    async with transaction():
        row = await fetch_one(
            "INSERT INTO customer_group (id, seller_id, name, kind, window_days, currency,"
            " min_turnover, min_orders, min_paid_on_time, min_years, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
            " ON CONFLICT (seller_id, name) DO NOTHING RETURNING id",
            new_id(),
            actor.company_id,
            name,
            "manual" if rule is None else "rule",
            *_values(rule or GroupRule(window_days=365)),
            now,
        )
        if row is None:
            raise CustomerGroupNameTaken(name).at("name")
        created: UUID = row["id"]
        if rule is not None:
            await recompute(actor.company_id, now, created)
    return created


async def update_group(
    actor: Actor,
    group_id: UUID,
    *,
    name: str | None = None,
    rule: GroupRule | None = None,
    clock: Clock,
) -> None:
    """Rename a group, or replace its whole rule; who joins or leaves by it does so at once.

    Locks the group. Records `PricesChanged` where somebody moved. Raises `Forbidden`, `NotFound`,
    `InvalidInput`, `CustomerGroupNameTaken`, `CustomerGroupByHand` (a rule for a group that has
    none).
    """
    actor.require(Permission.PRICES_MANAGE)
    cleaned = None if name is None else clean_text("name", name, NAME_LENGTH)
    if rule is not None:
        check_rule(rule)
    now = clock.now()
    async with transaction():
        group = await _lock_own(actor, group_id)
        if rule is not None and group["kind"] != "rule":
            raise CustomerGroupByHand(group["name"]).at("rule")
        if cleaned is not None:
            await _rename(group_id, cleaned)
        if rule is not None:
            columns = ", ".join(f"{one} = ${i}" for i, one in enumerate(_RULE_COLUMNS, start=2))
            await execute(
                f"UPDATE customer_group SET {columns} WHERE id = $1", group_id, *_values(rule)
            )
            await recompute(actor.company_id, now, group_id)


async def delete_group(actor: Actor, group_id: UUID) -> None:
    """Delete a group with its members and log; refused while anything names it.

    A promotion or assortment that lost its last group would mean other companies than it did.
    Locks the group. Raises `Forbidden`, `NotFound`, `CustomerGroupInUse`.
    """
    actor.require(Permission.PRICES_MANAGE)
    async with transaction():
        group = await _lock_own(actor, group_id, "FOR UPDATE")  # whoever would name it waits
        uses = await fetch_one(_USES, group_id)
        assert uses is not None  # one row of counts
        if any(uses.values()):
            raise CustomerGroupInUse(group["name"], **uses).at("customerGroupId")
        await execute("DELETE FROM customer_group WHERE id = $1", group_id)


async def add_company(actor: Actor, group_id: UUID, company_id: UUID, *, clock: Clock) -> None:
    """Put a buying company into a group kept by hand; doing it again changes nothing.

    Locks the group. Records `PricesChanged`. Raises `Forbidden`, `NotFound` (a group of another
    seller, a company that is not an active buyer), `CustomerGroupHasRule`.
    """
    await _move(actor, group_id, company_id, clock.now(), joined=True)


async def remove_company(actor: Actor, group_id: UUID, company_id: UUID, *, clock: Clock) -> None:
    """Take a company out of a group kept by hand; where it is not in it, nothing changes.

    Locks the group. Records `PricesChanged`. Raises `Forbidden`, `NotFound`,
    `CustomerGroupHasRule`.
    """
    await _move(actor, group_id, company_id, clock.now(), joined=False)


async def _move(
    actor: Actor, group_id: UUID, company_id: UUID, now: datetime, *, joined: bool
) -> None:
    actor.require(Permission.PRICES_MANAGE)
    async with transaction():
        group = await _lock_own(actor, group_id)
        if group["kind"] != "manual":
            raise CustomerGroupHasRule(group["name"]).at("customerGroupId")
        member = bool(
            await fetch_value(
                "SELECT true FROM customer_group_member WHERE group_id = $1 AND company_id = $2",
                group_id,
                company_id,
            )
        )
        if joined and not await fetch_value(
            "SELECT true FROM company WHERE id = $1 AND is_buyer AND active", company_id
        ):
            raise NotFound("company").at("companyId")
        if member != joined:
            move = Move(company_id, joined, dict(BY_HAND))
            await write_moves(group_id, [move], now, actor.user_id)
            await tell_prices(actor.company_id, [group_id])


async def recompute_own(actor: Actor, *, clock: Clock) -> int:
    """Make the members of all rule groups of the actor's company right; returns how many moved.

    Locks the groups. Records `PricesChanged`. Raises `Forbidden`.
    """
    actor.require(Permission.PRICES_MANAGE)
    return await recompute(actor.company_id, clock.now())


def _values(rule: GroupRule) -> tuple[object, ...]:
    return tuple(getattr(rule, name) for name in _RULE_COLUMNS)


async def _lock_own(actor: Actor, group_id: UUID, lock: str = "FOR NO KEY UPDATE") -> Row:
    """Lock the actor's company's group. Raises `NotFound`."""
    row = await fetch_one(
        f"SELECT name, kind FROM customer_group WHERE id = $1 AND seller_id = $2 {lock}",
        group_id,
        actor.company_id,
    )
    if row is None:
        raise NotFound("customer group").at("customerGroupId")
    return row


async def _rename(group_id: UUID, name: str) -> None:
    try:
        await execute("UPDATE customer_group SET name = $2 WHERE id = $1", group_id, name)
    except UniqueViolationError as error:
        raise CustomerGroupNameTaken(name).at("name") from error
