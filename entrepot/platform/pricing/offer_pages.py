"""The hot read behind pages of offers: what is shown of them, in one statement.

A product's offers, the hits of a search, a seller's own list: each comes with the prices, stock
and products that the page wants, and only these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import Flag, auto
from functools import lru_cache
from operator import itemgetter
from uuid import UUID

from entrepot.platform.catalog.queries import (
    OFFERS_BY_IDS,
    OFFERS_OF_PRODUCTS,
    OWN_OFFERS,
    OfferRow,
    ProductRow,
    product_of,
)
from entrepot.platform.database import Row, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.inventory.queries import Availability
from entrepot.platform.money import Money
from entrepot.platform.pricing.queries import PriceSheet
from entrepot.platform.pricing.rules import TierCandidate


class Part(Flag):
    """What a page may want of each offer beside its terms."""

    NONE = 0
    PRICE = auto()
    STOCK = auto()
    PRODUCT = auto()


_STOCK = """
  LEFT JOIN LATERAL (
       SELECT sum(s.on_hand) AS on_hand, sum(s.reserved) AS reserved, sum(s.incoming) AS incoming
         FROM stock_item s WHERE s.offer_id = seen.id
       ) k ON true
"""
_PRICE = """
  LEFT JOIN LATERAL (
       SELECT pl.id AS price_list_id, pl.priority, pl.currency AS list_currency, pl.valid_from,
              pl.valid_until, t.min_quantity, t.unit_price
         FROM price_tier t
         JOIN price_list pl ON pl.id = t.price_list_id
         JOIN price_list_assignment a ON a.price_list_id = pl.id AND a.company_id = $2
        WHERE t.offer_id = seen.id AND pl.active AND pl.seller_id = seen.seller_id
       ) l ON true
"""
_PRODUCT = " JOIN product p ON p.id = seen.product_id"
_OFFER_COLUMNS = tuple(field.name for field in fields(OfferRow))
_PRODUCT_COLUMNS = tuple(field.name for field in fields(ProductRow))

_offer = itemgetter(*_OFFER_COLUMNS)
_tier = itemgetter("price_list_id", "priority", "list_currency", "valid_from", "valid_until",
                   "min_quantity", "unit_price")  # fmt: skip


@dataclass(frozen=True, slots=True)
class PagedOffer:
    """An offer the actor may see, with those parts that were wanted."""

    offer: OfferRow
    sheet: PriceSheet | None
    stock: Availability | None
    product: ProductRow | None


@lru_cache
def _statement(offers: str, order: str, wanted: Part) -> str:
    columns, joins = ["seen.*"], ""
    if Part.STOCK in wanted:
        columns.append("k.on_hand, k.reserved, k.incoming")
        joins += _STOCK
    if Part.PRICE in wanted:
        columns.append("l.*")
        joins += _PRICE
    if Part.PRODUCT in wanted:
        columns += (f"p.{name} AS product_{name}" for name in _PRODUCT_COLUMNS if name != "id")
        joins += _PRODUCT
    return (
        f"WITH seen AS MATERIALIZED ({offers})"
        f" SELECT {', '.join(columns)} FROM seen {joins} ORDER BY {order}"
    )


def _collected(rows: Iterable[Row], wanted: Part) -> list[PagedOffer]:
    """Put the rows of one offer, one for each tier of its prices, together."""
    page: list[PagedOffer] = []
    last: OfferRow | None = None
    candidates: list[TierCandidate] = []
    for row in rows:
        if last is None or last.id != row["id"]:
            last = OfferRow(*_offer(row))
            candidates = []
            page.append(_paged(last, candidates, row, wanted))
        if Part.PRICE in wanted and row["price_list_id"] is not None:
            candidates.append(TierCandidate(*_tier(row)))
    return page


def _paged(offer: OfferRow, candidates: list[TierCandidate], row: Row, wanted: Part) -> PagedOffer:
    sheet = stock = product = None
    if Part.PRICE in wanted:
        price = Money(offer.list_price, offer.currency)
        sheet = PriceSheet(price, offer.min_order_quantity, candidates)
    if Part.STOCK in wanted:
        stock = Availability()
        if row["on_hand"] is not None:
            stock = Availability(row["on_hand"], row["reserved"], row["incoming"])
    if Part.PRODUCT in wanted:
        values = {name: row[f"product_{name}"] for name in _PRODUCT_COLUMNS if name != "id"}
        product = product_of({"id": offer.product_id, **values})
    return PagedOffer(offer, sheet, stock, product)


async def offers_on_pages(
    actor: Actor, product_ids: Iterable[UUID], wanted: Part
) -> dict[UUID, list[PagedOffer]]:
    """Return the same offers, in the same order, as `catalog.queries.offers_by_product_ids`.

    Every product asked for is a key, at most 100 offers each.
    """
    found: dict[UUID, list[PagedOffer]] = {product_id: [] for product_id in product_ids}
    sql = _statement(OFFERS_OF_PRODUCTS, "seen.product_id, seen.place", wanted)
    for one in _collected(await fetch(sql, list(found), actor.company_id), wanted):
        found[one.offer.product_id].append(one)
    return found


async def offers_by_ids(
    actor: Actor, offer_ids: Iterable[UUID], wanted: Part
) -> dict[UUID, PagedOffer]:
    """Return those of the offers that the actor may see, by id."""
    sql = _statement(OFFERS_BY_IDS, "seen.id", wanted)
    page = _collected(await fetch(sql, list(offer_ids), actor.company_id), wanted)
    return {one.offer.id: one for one in page}


async def own_offers(
    actor: Actor, *, after: tuple[str, UUID] | None, limit: int, wanted: Part
) -> list[PagedOffer]:
    """Return the same offers, in the same order, as `catalog.queries.own_offers`."""
    number, last = after or ("", UUID(int=0))
    sql = _statement(OWN_OFFERS, "seen.article_number, seen.id", wanted)
    return _collected(await fetch(sql, limit, actor.company_id, number, last), wanted)
