"""Reads of promotions: an owner's own, and those that run for a buyer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.catalog.visibility import visible_condition
from entrepot.platform.database import Row, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.pricing.promotions.live import (
    FOR_BUYER,
    HIDDEN_BUNDLE,
    LIVE,
    USED_UP,
    ordered_before,
)

Place = tuple[datetime, UUID]
"""Where a row stands in its list: when it was made, and its id."""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An offer that a promotion is for; `quantity` is that of one set of a bundle."""

    offer_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class PublicPromotionRow:
    """What a buyer whom a promotion is for may know of it."""

    id: UUID
    name_en: str
    name_ru: str
    kind: str
    seller_id: UUID | None
    percent: Decimal | None
    amount: Decimal | None
    currency: str | None
    buy_quantity: Decimal | None
    free_quantity: Decimal | None
    category_id: UUID | None
    first_order_only: bool
    min_quantity: Decimal | None
    min_order_value: Decimal | None
    exclusive: bool
    ends_at: datetime | None
    created_at: datetime
    items: tuple[ItemRow, ...]


@dataclass(frozen=True, slots=True)
class PromotionRow(PublicPromotionRow):
    """A promotion as its owner sees it; `orders` hold it now."""

    owner_id: UUID
    priority: int
    below_cost_allowed: bool
    max_uses: int | None
    max_uses_per_company: int | None
    starts_at: datetime | None
    active: bool
    regions: tuple[str, ...]
    company_ids: tuple[UUID, ...]
    group_ids: tuple[UUID, ...]
    orders: int


_PUBLIC = """
p.id, p.name_en, p.name_ru, p.kind, p.seller_id, p.percent, p.amount, p.currency, p.buy_quantity,
p.free_quantity, p.category_id, p.first_order_only, p.min_quantity, p.min_order_value, p.exclusive,
p.ends_at, p.created_at
"""
_OWN = f"""
SELECT {_PUBLIC}, p.owner_id, p.priority, p.below_cost_allowed, p.max_uses, p.max_uses_per_company,
       p.starts_at, p.active, p.regions,
       ARRAY(SELECT i.offer_id FROM promotion_item i WHERE i.promotion_id = p.id ORDER BY i.id)
           AS item_offers,
       ARRAY(SELECT i.quantity FROM promotion_item i WHERE i.promotion_id = p.id ORDER BY i.id)
           AS item_quantities,
       ARRAY(SELECT t.company_id FROM promotion_target t
              WHERE t.promotion_id = p.id AND t.company_id IS NOT NULL ORDER BY t.id)
           AS company_ids,
       ARRAY(SELECT t.group_id FROM promotion_target t
              WHERE t.promotion_id = p.id AND t.group_id IS NOT NULL ORDER BY t.id)
           AS group_ids,
       (SELECT count(DISTINCT u.order_id) FROM promotion_use u
         WHERE u.promotion_id = p.id AND u.returned_at IS NULL) AS orders
  FROM promotion p
 WHERE p.owner_id = $1
"""
_FOR_BUYERS = f"""
SELECT {_PUBLIC}, shown.offers AS item_offers, shown.quantities AS item_quantities
  FROM promotion p
  JOIN legal_entity b ON b.id = $1
  JOIN company me ON me.id = b.company_id AND me.is_buyer AND me.active
  LEFT JOIN company s ON s.id = p.seller_id
 CROSS JOIN LATERAL (
       SELECT coalesce(array_agg(i.offer_id ORDER BY i.id) FILTER (WHERE o.id IS NOT NULL), '{{}}')
                  AS offers,
              coalesce(array_agg(i.quantity ORDER BY i.id) FILTER (WHERE o.id IS NOT NULL), '{{}}')
                  AS quantities,
              count(*) AS named
         FROM promotion_item i
         LEFT JOIN offer o ON o.id = i.offer_id AND {visible_condition("o", "b.company_id")}
        WHERE i.promotion_id = p.id) shown
 WHERE {LIVE} AND {FOR_BUYER} AND NOT {USED_UP}
   AND (p.seller_id IS NULL OR s.active AND s.is_seller)
   AND (shown.named = 0 OR cardinality(shown.offers) > 0) AND NOT {HIDDEN_BUNDLE}
   AND NOT (p.first_order_only AND p.seller_id IS NOT NULL
            AND {ordered_before("b.company_id", "p.seller_id")})
"""


def _items(values: dict[str, object], row: Row) -> dict[str, object]:
    values["items"] = tuple(
        ItemRow(offer_id, quantity)
        for offer_id, quantity in zip(row["item_offers"], row["item_quantities"], strict=True)
    )
    del values["item_offers"], values["item_quantities"]
    return values


def _own(row: Row) -> PromotionRow:
    values = _items(dict(row), row)
    for name in ("regions", "company_ids", "group_ids"):
        values[name] = tuple(row[name])
    return PromotionRow(**values)  # type: ignore[arg-type]  # exactly the columns read


def _public(row: Row) -> PublicPromotionRow:
    return PublicPromotionRow(**_items(dict(row), row))  # type: ignore[arg-type]  # as above


async def own_promotions(actor: Actor, *, after: Place | None, limit: int) -> list[PromotionRow]:
    """Return the promotions that the actor's company made, the newest first, after that place.

    Needs `promotion.manage`. One statement.
    """
    actor.require(Permission.PROMOTION_MANAGE)
    return [
        _own(row)
        for row in await fetch(
            f"{_OWN} AND ($2::timestamptz IS NULL OR (p.created_at, p.id) < ($2, $3::uuid))"
            " ORDER BY p.created_at DESC, p.id DESC LIMIT $4",
            actor.company_id,
            *(after or (None, None)),
            limit,
        )
    ]


async def promotions_by_ids(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, PromotionRow]:
    """Return those that the actor's company made, by id; none without `promotion.manage`."""
    if not actor.may(Permission.PROMOTION_MANAGE):
        return {}
    rows = await fetch(f"{_OWN} AND p.id = ANY($2::uuid[])", actor.company_id, list(ids))
    return {row["id"]: _own(row) for row in rows}


async def active_promotions(
    actor: Actor, now: datetime, *, seller_id: UUID | None, after: Place | None, limit: int
) -> list[PublicPromotionRow]:
    """Return the promotions running for the actor's legal entity, the newest first.

    Of one seller (those on every seller's offers too) where one is named. Offers that the buyer
    may not see are left out, and promotions for these alone. Needs `catalog.view`. One statement.
    """
    actor.require(Permission.CATALOG_VIEW)
    rows = await fetch(
        f"{_FOR_BUYERS}"
        "   AND ($3::uuid IS NULL OR p.seller_id = $3 OR p.seller_id IS NULL)"
        "   AND ($4::timestamptz IS NULL OR (p.created_at, p.id) < ($4, $5::uuid))"
        " ORDER BY p.created_at DESC, p.id DESC LIMIT $6",
        actor.legal_entity_id,
        now,
        seller_id,
        *(after or (None, None)),
        limit,
    )
    return [_public(row) for row in rows]


async def active_promotions_by_ids(
    actor: Actor, ids: Iterable[UUID], now: datetime
) -> dict[UUID, PublicPromotionRow]:
    """Return those of the promotions that run for the actor's legal entity, by id."""
    if not actor.may(Permission.CATALOG_VIEW):
        return {}
    rows = await fetch(
        f"{_FOR_BUYERS} AND p.id = ANY($3::uuid[])", actor.legal_entity_id, now, list(ids)
    )
    return {row["id"]: _public(row) for row in rows}
