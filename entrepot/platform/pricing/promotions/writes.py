"""Making, changing and ending promotions."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from entrepot.platform.catalog.errors import NotSelling
from entrepot.platform.catalog.queries import is_selling
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.clock import Clock
from entrepot.platform.database import Row, execute, execute_many, fetch_one, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.definition_checks import check_priority, clean_regions
from entrepot.platform.pricing.promotions import scope
from entrepot.platform.pricing.promotions.definitions import (
    NewPromotion,
    check,
    check_limit,
    check_schedule,
)

NAME_LENGTH = 200
_COPIED = (
    *("percent", "amount", "currency", "buy_quantity", "free_quantity", "category_id"),
    *("first_order_only", "min_quantity", "min_order_value", "exclusive", "priority"),
    *("below_cost_allowed", "max_uses", "max_uses_per_company", "starts_at", "ends_at"),
)
_ORDERS = """
SELECT count(DISTINCT order_id) FROM promotion_use WHERE promotion_id = $1 AND returned_at IS NULL
"""
Clearable = Literal["starts_at", "ends_at", "max_uses", "max_uses_per_company"]


@dataclass(frozen=True, slots=True)
class PromotionChanges:
    """What to change: `None` leaves a term as it is, `cleared` names those to take away.

    What a promotion takes off, and for whom, stays: end it and make another.
    """

    name_en: str | None = None
    name_ru: str | None = None
    priority: int | None = None
    exclusive: bool | None = None
    active: bool | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    max_uses: int | None = None
    max_uses_per_company: int | None = None
    cleared: frozenset[Clearable] = frozenset()


async def create_promotion(actor: Actor, new: NewPromotion) -> UUID:
    """Make a promotion on the actor's company's offers; returns its id.

    An operator makes it on the offers of one seller or, without `seller_id`, of all; only a seller
    may allow selling below cost. Needs `promotion.manage`. Raises `Forbidden`, `NotSelling`,
    `InvalidInput` (naming the field that does not go with the others), `NotFound` (an offer or
    group of somebody else, a company that does not buy, a category), `PromotionBelowCost`.
    """
    actor.require(Permission.PROMOTION_MANAGE)
    check(new)
    values = _names(new.name_en, new.name_en if new.name_ru is None else new.name_ru)
    values |= {name: getattr(new, name) for name in _COPIED}
    values |= {"kind": new.kind.value, "regions": clean_regions(new.regions)}
    async with transaction():
        seller_id = await _seller(actor, new)
        await scope.check_targets(new, seller_id)
        offers = await scope.check_items(new, seller_id)
        await scope.category_path(new.category_id)
        if not new.below_cost_allowed:
            own = seller_id == actor.company_id
            await scope.check_cost(new, seller_id, offers, own=own)
        return await _insert(actor, new, seller_id, values)


async def _seller(actor: Actor, new: NewPromotion) -> UUID | None:
    """Return on whose offers the promotion is. Raises `NotSelling`, `NotFound`, `InvalidInput`."""
    if not actor.may(Permission.MARKETPLACE_OPERATE):
        if new.seller_id not in (None, actor.company_id):
            raise NotFound("seller").at("sellerId")
        if not await is_selling(actor.company_id):
            raise NotSelling()
        return actor.company_id
    if new.seller_id is not None and not await is_selling(new.seller_id):
        raise NotFound("seller").at("sellerId")
    if new.below_cost_allowed and new.seller_id != actor.company_id:
        raise InvalidInput(
            "belowCostAllowed",
            "only a seller may sell its own offers below cost",
            "продавать ниже себестоимости может разрешить только сам продавец",
        )
    return new.seller_id


async def _insert(
    actor: Actor, new: NewPromotion, seller_id: UUID | None, values: dict[str, Any]
) -> UUID:
    promotion_id = new_id()
    values = {"id": promotion_id, "owner_id": actor.company_id, "seller_id": seller_id} | values
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    await execute(
        f"INSERT INTO promotion ({', '.join(values)}, used_count, active, created_at)"
        f" VALUES ({places}, 0, true, now())",
        *values.values(),
    )
    await execute_many(
        "INSERT INTO promotion_item (id, promotion_id, offer_id, quantity) VALUES ($1, $2, $3, $4)",
        [(new_id(), promotion_id, item.offer_id, item.quantity) for item in new.items],
    )
    targets: list[tuple[UUID | None, UUID | None]] = [
        *((key, None) for key in dict.fromkeys(new.company_ids)),
        *((None, key) for key in dict.fromkeys(new.group_ids)),
    ]
    await execute_many(
        "INSERT INTO promotion_target (id, promotion_id, company_id, group_id)"
        " VALUES ($1, $2, $3, $4)",
        [(new_id(), promotion_id, *target) for target in targets],
    )
    return promotion_id


async def _lock_own(actor: Actor, promotion_id: UUID) -> Row:
    """Lock the promotion against uses and changes. Raises `NotFound`."""
    row = await fetch_one(
        "SELECT * FROM promotion WHERE id = $1 AND owner_id = $2 FOR UPDATE",
        promotion_id,
        actor.company_id,
    )
    if row is None:
        raise NotFound("promotion").at("promotionId")
    return row


async def update_promotion(actor: Actor, promotion_id: UUID, changes: PromotionChanges) -> None:
    """Change a promotion's names, schedule, limits, order, or pause it; orders keep what they got.

    Needs `promotion.manage` in the company that made it. Locks it. Raises `Forbidden`, `NotFound`,
    `InvalidInput` (also a `maxUses` below the orders that used it already).
    """
    actor.require(Permission.PROMOTION_MANAGE)
    async with transaction():
        own = await _lock_own(actor, promotion_id)
        wanted = _settings(changes)
        values = {name: value for name, value in wanted.items() if own[name] != value}
        if not values:
            return
        check_schedule(
            values.get("starts_at", own["starts_at"]), values.get("ends_at", own["ends_at"])
        )
        if values.get("max_uses") is not None:
            values["used_count"] = await _uses_within(promotion_id, values["max_uses"])
        await _set(own, values)


def _names(name_en: str | None, name_ru: str | None) -> dict[str, Any]:
    given = {"name_en": ("nameEn", name_en), "name_ru": ("nameRu", name_ru)}
    return {
        column: clean_text(field, text, NAME_LENGTH)
        for column, (field, text) in given.items()
        if text is not None
    }


def _settings(changes: PromotionChanges) -> dict[str, Any]:
    values: dict[str, Any] = {
        field.name: getattr(changes, field.name)
        for field in fields(changes)
        if field.name != "cleared" and getattr(changes, field.name) is not None
    }
    values |= _names(changes.name_en, changes.name_ru)
    if changes.priority is not None:
        check_priority(changes.priority)
    check_limit("maxUses", changes.max_uses)
    check_limit("maxUsesPerCompany", changes.max_uses_per_company)
    return values | dict.fromkeys(changes.cleared)


async def _uses_within(promotion_id: UUID, most: int) -> int:
    """Return how many orders use the promotion. Raises `InvalidInput` where they are too many."""
    row = await fetch_one(_ORDERS, promotion_id)
    used: int = row["count"] if row is not None else 0
    if used > most:
        raise InvalidInput(
            "maxUses",
            f"{used} orders have used it already",
            f"её уже использовали в заказах: {used}",
        )
    return used


async def _set(own: Row, values: dict[str, Any]) -> None:
    settings = ", ".join(f"{column} = ${place}" for place, column in enumerate(values, start=2))
    await execute(f"UPDATE promotion SET {settings} WHERE id = $1", own["id"], *values.values())


async def end_promotion(actor: Actor, promotion_id: UUID, *, clock: Clock) -> None:
    """End a promotion now; orders keep what they got. One that has ended stays as it is.

    Needs `promotion.manage` in the company that made it. Locks it. Raises `Forbidden`, `NotFound`.
    """
    actor.require(Permission.PROMOTION_MANAGE)
    async with transaction():
        own = await _lock_own(actor, promotion_id)
        now = clock.now()
        values: dict[str, Any] = {"active": False} if own["active"] else {}
        started = own["starts_at"] is None or own["starts_at"] < now
        if started and (own["ends_at"] is None or own["ends_at"] > now):
            values["ends_at"] = now  # of a paused one too: to run again it needs a new end
        if values:
            await _set(own, values)
