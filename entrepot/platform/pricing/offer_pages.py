"""The hot read behind pages of offers: what is shown of them, in one statement.

A product's offers, the hits of a search, a seller's own list: each comes with the prices, stock
and products that the page wants, and only these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
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
from entrepot.platform.pricing.buyer_lists import TIER_COLUMNS, candidate_of, lists_of, tiers_of
from entrepot.platform.pricing.queries import PriceSheet
from entrepot.platform.pricing.rules import ListedPrice, TierCandidate


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
_PRICE = tiers_of("seen")
_PRODUCT = " JOIN product p ON p.id = seen.product_id"
_OFFER_COLUMNS = tuple(field.name for field in fields(OfferRow))
_PRODUCT_COLUMNS = tuple(field.name for field in fields(ProductRow))

_NO_TAX = Decimal(0)

_offer = itemgetter(*_OFFER_COLUMNS)


@dataclass(frozen=True, slots=True)
class PagedOffer:
    """An offer the actor may see, with those parts that were wanted."""

    offer: OfferRow
    sheet: PriceSheet | None
    stock: Availability | None
    product: ProductRow | None


@lru_cache
def _statement(offers: str, order: str, wanted: Part, entity: str) -> str:
    columns, joins, lists = ["seen.*"], "", ""
    if Part.STOCK in wanted:
        columns.append("k.on_hand, k.reserved, k.incoming")
        joins += _STOCK
    if Part.PRICE in wanted:
        columns.append(TIER_COLUMNS)
        joins += _PRICE
        lists = f", {lists_of(entity)}"
    if Part.PRODUCT in wanted:
        columns += (f"p.{name} AS product_{name}" for name in _PRODUCT_COLUMNS if name != "id")
        joins += _PRODUCT
    return (
        f"WITH RECURSIVE seen AS MATERIALIZED ({offers}){lists}"
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
            candidates.append(candidate_of(row))
    return page


def _paged(offer: OfferRow, candidates: list[TierCandidate], row: Row, wanted: Part) -> PagedOffer:
    sheet = stock = product = None
    if Part.PRICE in wanted:
        tax = offer.tax_rate if offer.tax_included else _NO_TAX
        price = ListedPrice(offer.list_price, offer.currency, tax)
        sheet = PriceSheet(price, offer.min_order_quantity, candidates)
    if Part.STOCK in wanted:
        stock = Availability()
        if row["on_hand"] is not None:
            stock = Availability(row["on_hand"], row["reserved"], row["incoming"])
    if Part.PRODUCT in wanted:
        values = {name: row[f"product_{name}"] for name in _PRODUCT_COLUMNS if name != "id"}
        product = product_of({"id": offer.product_id, **values})
    return PagedOffer(offer, sheet, stock, product)


async def _page(
    offers: str, order: str, actor: Actor, wanted: Part, *arguments: object
) -> list[PagedOffer]:
    """Run the statement of `offers`; the legal entity that buys comes after its arguments."""
    sql = _statement(offers, order, wanted, f"${len(arguments) + 1}")
    if Part.PRICE in wanted:
        arguments = (*arguments, actor.legal_entity_id)
    return _collected(await fetch(sql, *arguments), wanted)


async def offers_on_pages(
    actor: Actor, product_ids: Iterable[UUID], wanted: Part
) -> dict[UUID, list[PagedOffer]]:
    """Return the same offers, in the same order, as `catalog.queries.offers_by_product_ids`.

    Every product asked for is a key, at most 100 offers each.
    """
    found: dict[UUID, list[PagedOffer]] = {product_id: [] for product_id in product_ids}
    order = "seen.product_id, seen.place"
    for one in await _page(OFFERS_OF_PRODUCTS, order, actor, wanted, list(found), actor.company_id):
        found[one.offer.product_id].append(one)
    return found


async def offers_by_ids(
    actor: Actor, offer_ids: Iterable[UUID], wanted: Part
) -> dict[UUID, PagedOffer]:
    """Return those of the offers that the actor may see, by id."""
    ids = list(offer_ids)
    page = await _page(OFFERS_BY_IDS, "seen.id", actor, wanted, ids, actor.company_id)
    return {one.offer.id: one for one in page}


async def own_offers(
    actor: Actor, *, after: tuple[str, UUID] | None, limit: int, wanted: Part
) -> list[PagedOffer]:
    """Return the same offers, in the same order, as `catalog.queries.own_offers`."""
    number, last = after or ("", UUID(int=0))
    order = "seen.article_number, seen.id"
    return await _page(OWN_OFFERS, order, actor, wanted, limit, actor.company_id, number, last)
