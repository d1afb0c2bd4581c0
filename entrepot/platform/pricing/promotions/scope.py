"""Checks a new promotion against what there is: offers, companies, groups, costs."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from entrepot.platform.catalog.queries import all_offers_by_ids
from entrepot.platform.catalog.rows import OfferRow
from entrepot.platform.database import fetch, fetch_one, fetch_value
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.pricing.promotions.definitions import NewPromotion
from entrepot.platform.pricing.promotions.errors import PromotionBelowCost
from entrepot.platform.pricing.promotions.terms import PromotionKind
from entrepot.platform.quantities import trimmed

_BELOW_COST = """
SELECT o.id, o.article_number, o.currency, o.cost_price, n.price
  FROM offer o
  JOIN product p ON p.id = o.product_id
  LEFT JOIN category c ON c.id = p.category_id
 CROSS JOIN LATERAL (
       SELECT round(greatest(o.list_price * $4::numeric - $5::numeric, 0)
              * CASE WHEN o.tax_included THEN 100 / (100 + o.tax_rate) ELSE 1 END, 4) AS price) n
 WHERE o.cost_price > n.price AND (o.active OR cardinality($2::uuid[]) > 0)
   AND ($1::uuid IS NULL OR o.seller_id = $1)
   AND (o.id = ANY($2::uuid[]) OR cardinality($2::uuid[]) = 0)
   AND ($3::text IS NULL OR starts_with(c.path || '/', $3 || '/'))
   AND ($6::text IS NULL OR o.currency = $6)
 ORDER BY o.id LIMIT 1
"""
_COMPANIES = """
SELECT id FROM company WHERE id = ANY($1::uuid[]) AND is_buyer AND active ORDER BY id FOR KEY SHARE
"""
_GROUPS = """
SELECT id FROM customer_group WHERE id = ANY($1::uuid[]) AND seller_id = $2
 ORDER BY id FOR KEY SHARE
"""


async def check_targets(new: NewPromotion, seller_id: UUID | None) -> None:
    """Raise `NotFound` unless the companies buy and the groups are the seller's.

    Locks both (sorted) against deletion.
    """
    for what, field, ids, rows in (
        ("company", "companyIds", new.company_ids, await fetch(_COMPANIES, list(new.company_ids))),
        (
            "customer group",
            "customerGroupIds",
            new.group_ids,
            await fetch(_GROUPS, list(new.group_ids), seller_id),
        ),
    ):
        known = {row["id"] for row in rows}
        for index, key in enumerate(ids):
            if key not in known:
                raise NotFound(what).at(field, str(index))


async def check_items(new: NewPromotion, seller_id: UUID | None) -> dict[UUID, OfferRow]:
    """Return the offers named; of the seller, if one is, and in the promotion's currency.

    Raises `NotFound`, `InvalidInput`.
    """
    offers = await all_offers_by_ids(item.offer_id for item in new.items)
    first: OfferRow | None = None
    for index, item in enumerate(new.items):
        offer = offers.get(item.offer_id)
        if offer is None or seller_id not in (None, offer.seller_id):
            raise NotFound("offer").at("items", str(index), "offerId", line_index=index)
        first = first or offer
        if new.kind is PromotionKind.BUNDLE and (
            (offer.seller_id, offer.currency) != (first.seller_id, first.currency)
        ):
            raise InvalidInput(
                f"items.{index}.offerId",
                "is of another seller or currency than the first of the bundle",
                "другого продавца или в другой валюте, чем первый товар набора",
            )
        if new.currency not in (None, offer.currency):
            raise InvalidInput(
                f"items.{index}.offerId",
                f"is sold in {offer.currency}, the promotion is in {new.currency}",
                f"продаётся в {offer.currency}, а акция в {new.currency}",
            )
    return offers


async def category_path(category_id: UUID | None) -> str | None:
    """Return the path of the category, if one is named. Raises `NotFound`."""
    if category_id is None:
        return None
    path: str | None = await fetch_value("SELECT path FROM category WHERE id = $1", category_id)
    if path is None:
        raise NotFound("category").at("categoryId")
    return path


async def check_cost(
    new: NewPromotion, seller_id: UUID | None, offers: dict[UUID, OfferRow], *, own: bool
) -> None:
    """Refuse a promotion that sells an offer at its list price below its cost.

    Compares net prices; offers without a cost price pass. `own` says that the seller makes it and
    may learn the cost. Raises `PromotionBelowCost`. Customers' own prices may be lower still: an
    order leaves the promotion out there.
    """
    if new.kind is PromotionKind.FREE_SHIPPING:
        return
    factor, minus = _reduction(new, offers)
    row = await fetch_one(
        _BELOW_COST,
        seller_id,
        list(offers),
        await category_path(new.category_id),
        factor,
        minus,
        new.currency,
    )
    if row is not None:
        raise PromotionBelowCost(
            row["id"],
            row["article_number"],
            trimmed(row["price"]),
            trimmed(row["cost_price"]) if own else None,
            row["currency"],
        )


def _reduction(new: NewPromotion, offers: dict[UUID, OfferRow]) -> tuple[Decimal, Decimal]:
    """Return by what a unit's price is multiplied, and what comes off then."""
    whole = Decimal(1)
    if new.percent is not None:
        return whole - new.percent / 100, Decimal(0)
    if new.buy_quantity is not None and new.free_quantity is not None:
        return new.buy_quantity / (new.buy_quantity + new.free_quantity), Decimal(0)
    amount = new.amount or Decimal(0)
    if new.kind is not PromotionKind.BUNDLE:
        return whole, amount
    value = sum(
        (offers[item.offer_id].list_price * item.quantity for item in new.items), Decimal(0)
    )
    return (max(whole - amount / value, Decimal(0)) if value else Decimal(0)), Decimal(0)
