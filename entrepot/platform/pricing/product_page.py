"""The hot read behind a product page: offers, their prices and their stock in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from uuid import UUID

from entrepot.platform.catalog.queries import OFFERS_OF_PRODUCTS, OfferRow
from entrepot.platform.database import fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.inventory.queries import Availability
from entrepot.platform.money import Money
from entrepot.platform.pricing.queries import PriceSheet
from entrepot.platform.pricing.rules import TierCandidate

_PAGE = f"""
WITH seen AS MATERIALIZED ({OFFERS_OF_PRODUCTS})
SELECT seen.*, k.on_hand, k.reserved, k.incoming, l.*
  FROM seen
  LEFT JOIN LATERAL (
       SELECT sum(s.on_hand) AS on_hand, sum(s.reserved) AS reserved, sum(s.incoming) AS incoming
         FROM stock_item s WHERE s.offer_id = seen.id
       ) k ON true
  LEFT JOIN LATERAL (
       SELECT pl.id AS price_list_id, pl.priority, pl.currency AS list_currency, pl.valid_from,
              pl.valid_until, t.min_quantity, t.unit_price
         FROM price_tier t
         JOIN price_list pl ON pl.id = t.price_list_id
         JOIN price_list_assignment a ON a.price_list_id = pl.id AND a.company_id = $2
        WHERE t.offer_id = seen.id AND pl.active AND pl.seller_id = seen.seller_id
       ) l ON true
 ORDER BY seen.product_id, seen.place
"""
_OFFER_COLUMNS = tuple(field.name for field in fields(OfferRow))
_TIER_COLUMNS = ("price_list_id", "priority", "list_currency", "valid_from", "valid_until",
                 "min_quantity", "unit_price")  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfferOnPage:
    """An offer the actor may see, with what decides their company's price, and its stock."""

    offer: OfferRow
    sheet: PriceSheet
    stock: Availability


async def offers_on_pages(
    actor: Actor, product_ids: Iterable[UUID]
) -> dict[UUID, list[OfferOnPage]]:
    """Return the same offers, in the same order, as `catalog.queries.offers_by_product_ids`.

    Every product asked for is a key, at most 100 offers each.
    """
    found: dict[UUID, list[OfferOnPage]] = {product_id: [] for product_id in product_ids}
    rows = await fetch(_PAGE, list(found), actor.company_id)
    last: OfferOnPage | None = None
    for row in rows:
        if last is None or last.offer.id != row["id"]:
            offer = OfferRow(*(row[name] for name in _OFFER_COLUMNS))
            price = Money(offer.list_price, offer.currency)
            stock = Availability()
            if row["on_hand"] is not None:
                stock = Availability(row["on_hand"], row["reserved"], row["incoming"])
            last = OfferOnPage(offer, PriceSheet(price, offer.min_order_quantity, []), stock)
            found[offer.product_id].append(last)
        if row["price_list_id"] is not None:
            last.sheet.candidates.append(TierCandidate(*(row[name] for name in _TIER_COLUMNS)))
    return found
