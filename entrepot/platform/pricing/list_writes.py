"""Making and changing price lists; their prices and recipients are set elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from asyncpg import UniqueViolationError

from entrepot.platform.catalog.errors import NotSelling
from entrepot.platform.catalog.queries import is_selling
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.database import execute, fetch_value, transaction
from entrepot.platform.errors import InvalidInput
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.money import MINOR_DIGITS
from entrepot.platform.pricing.definition_checks import (
    check_currency,
    check_priority,
    clean_regions,
)
from entrepot.platform.pricing.errors import FixedListHasNoRule, PriceListNameTaken
from entrepot.platform.pricing.list_chains import check_base
from entrepot.platform.pricing.list_changes import (
    LockedList,
    lock_chains,
    lock_own,
    priced_offers,
    record_prices_changed,
)
from entrepot.platform.pricing.list_rules import ROUNDINGS, Rounding
from entrepot.platform.quantities import MAX_UNIT_PRICE, PRICE_PLACES, check_unit_price_range

NAME_LENGTH = 200
MAX_PERCENT = 1000


@dataclass(frozen=True, slots=True)
class ListRule:
    """Prices out of a base list (none: the offers' list prices), by `percent` or by `amount`."""

    base_list_id: UUID | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None
    rounding: Rounding = "none"


@dataclass(frozen=True, slots=True)
class NewPriceList:
    """A list: the higher priority wins; in force from `valid_from` until before `valid_until`.

    With a rule it has no prices of its own. `regions` are countries of buyers, none means all;
    `min_order_value` is net, of the seller's part of the order.
    """

    name: str
    currency: str
    priority: int = 0
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    regions: tuple[str, ...] = ()
    min_order_value: Decimal | None = None
    rule: ListRule | None = None


Clearable = Literal["valid_from", "valid_until", "min_order_value"]


@dataclass(frozen=True, slots=True)
class PriceListChanges:
    """What to change: `None` leaves a term as it is, `cleared` names those to take away."""

    name: str | None = None
    priority: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    active: bool | None = None
    regions: tuple[str, ...] | None = None
    min_order_value: Decimal | None = None
    rule: ListRule | None = None
    cleared: frozenset[Clearable] = frozenset()


def _check_validity(start: datetime | None, end: datetime | None) -> None:
    if start and end and start >= end:
        raise InvalidInput(
            "validUntil", "must be later than validFrom", "должно быть позже validFrom"
        )


def _check_rule(rule: ListRule, currency: str) -> None:
    if (rule.percent is None) == (rule.amount is None):
        raise InvalidInput(
            "rule.percent",
            "name exactly one of percent and amount",
            "укажите ровно одно из percent и amount",
        )
    for name, value, low, high in (
        ("percent", rule.percent, Decimal(-100), Decimal(MAX_PERCENT)),
        ("amount", rule.amount, -MAX_UNIT_PRICE, MAX_UNIT_PRICE),
    ):
        if value is None:
            continue
        exact = value.is_finite() and low <= value <= high and value == round(value, PRICE_PLACES)
        if not exact or value == -100 == low:
            raise InvalidInput(
                f"rule.{name}",
                f"must be above {low} and at most {high}, with {PRICE_PLACES} decimal places",
                f"больше {low} и не более {high}, до {PRICE_PLACES} знаков после запятой",
            )
    if rule.rounding not in ROUNDINGS:
        raise InvalidInput("rule.rounding", "is not known", "такого нет")
    if rule.rounding in ("to_99", "to_05") and MINOR_DIGITS[currency] < 2:
        raise InvalidInput(
            "rule.rounding",
            f"{currency} has no hundredths to round to",
            f"у валюты {currency} нет сотых долей",
        )


async def create_price_list(actor: Actor, new: NewPriceList) -> UUID:
    """Start a price list of the actor's company, a fixed one empty; returns its id.

    Locks the seller's chains of lists where it has a base. Raises `Forbidden`, `NotSelling`,
    `InvalidInput`, `PriceListNameTaken`, `NotFound` (the base), `BaseListCurrency`,
    `PriceListChainTooLong`.
    """
    actor.require(Permission.PRICES_MANAGE)
    if not await is_selling(actor.company_id):
        raise NotSelling()
    check_currency(new.currency)
    values = _settings(
        PriceListChanges(
            name=new.name,
            priority=new.priority,
            valid_from=new.valid_from,
            valid_until=new.valid_until,
            regions=new.regions,
            min_order_value=new.min_order_value,
            rule=new.rule,
        ),
        new.currency,
    )
    _check_validity(new.valid_from, new.valid_until)
    values |= {"currency": new.currency, "kind": "rule" if new.rule else "fixed"}
    places = ", ".join(f"${place}" for place in range(3, len(values) + 3))
    async with transaction():
        if new.rule is not None and new.rule.base_list_id is not None:
            await lock_chains(actor.company_id)
            await check_base(actor.company_id, None, new.rule.base_list_id, new.currency)
        created: UUID | None = await fetch_value(
            f"INSERT INTO price_list (id, seller_id, {', '.join(values)}, active, created_at)"
            f" VALUES ($1, $2, {places}, true, now())"
            " ON CONFLICT (seller_id, name) DO NOTHING RETURNING id",
            new_id(),
            actor.company_id,
            *values.values(),
        )
    if created is None:
        raise PriceListNameTaken(str(values["name"])).at("name")
    return created


async def update_price_list(actor: Actor, price_list_id: UUID, changes: PriceListChanges) -> None:
    """Change the terms or the rule of the actor's company's list.

    Locks the list, and the seller's chains where the rule changes. Records `PricesChanged` for
    the offers with a price in it, unless nobody has it. Raises `Forbidden`, `NotFound` (the list,
    the base), `InvalidInput`, `PriceListNameTaken`, `FixedListHasNoRule`, `BaseListCurrency`,
    `PriceListCycle`, `PriceListChainTooLong`.
    """
    actor.require(Permission.PRICES_MANAGE)
    async with transaction():
        if changes.rule is not None:
            await lock_chains(actor.company_id)
        own = await lock_own(actor, price_list_id)
        values = _changed(own, _settings(changes, own.currency))
        if changes.rule is not None:
            if own.kind == "fixed":
                raise FixedListHasNoRule(own.name).at("rule")
            if changes.rule.base_list_id is not None:
                await check_base(own.seller_id, own.id, changes.rule.base_list_id, own.currency)
        after = replace(own, **values)
        _check_validity(after.valid_from, after.valid_until)
        if after == own:
            return
        try:
            await _write(own, values)
        except UniqueViolationError as error:
            raise PriceListNameTaken(after.name).at("name") from error


async def _write(own: LockedList, values: dict[str, Any]) -> None:
    touched = await priced_offers(own.id)
    settings = ", ".join(f"{column} = ${place}" for place, column in enumerate(values, start=2))
    await execute(f"UPDATE price_list SET {settings} WHERE id = $1", own.id, *values.values())
    if values.keys() == {"name"}:
        return
    if "base_list_id" in values:
        touched |= await priced_offers(own.id)
    await record_prices_changed(own.seller_id, touched)


def _changed(own: LockedList, values: dict[str, Any]) -> dict[str, Any]:
    return {column: value for column, value in values.items() if getattr(own, column) != value}


def _settings(changes: PriceListChanges, currency: str) -> dict[str, Any]:
    """Return the columns to set, checked. Raises `InvalidInput`."""
    values: dict[str, Any] = {
        field.name: getattr(changes, field.name)
        for field in fields(changes)
        if field.name not in ("cleared", "rule") and getattr(changes, field.name) is not None
    }
    if changes.name is not None:
        values["name"] = clean_text("name", changes.name, NAME_LENGTH)
    if changes.priority is not None:
        check_priority(changes.priority)
    if changes.min_order_value is not None:
        check_unit_price_range("minOrderValue", changes.min_order_value)
    if changes.regions is not None:
        values["regions"] = clean_regions(changes.regions)
    for column in changes.cleared:
        values[column] = None
    if changes.rule is not None:
        rule = changes.rule
        _check_rule(rule, currency)
        values |= {field.name: getattr(rule, field.name) for field in fields(rule)}
    return values
