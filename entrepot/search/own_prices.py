"""Price filters and price order by what the actor pays, not by what the list says.

Prices that differ by buyer are never in the index. Where the actor has price lists, the offers
found are priced in one statement, as long as there are not more than `DEPTH_MAX` of them; then
filter, counts and order are exact. Of more the list price decides, and the answer says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from entrepot.platform.identity.actor import Actor
from entrepot.platform.pricing.own_prices import own_unit_prices, sellers_with_own_prices
from entrepot.search.document import PRICE_SCALE
from entrepot.search.engine import DEPTH_MAX, SearchEngine
from entrepot.search.query import PRICE_MAX, AnalysedQuery, OwnPrices, Sort

_PRICE_SORTS: Final = (Sort.PRICE_ASC, Sort.PRICE_DESC)
_ANY_PRICE: Final = (0, PRICE_MAX)


class PriceBasis(StrEnum):
    """Which price a filter or an order by price went by."""

    OWN = "OWN"
    LIST = "LIST"


@dataclass(frozen=True, slots=True)
class PricedQuery:
    """A question that knows the actor's prices.

    `order` holds the offers in order of the actor's prices, where the engine cannot order them:
    it knows list prices only.
    """

    query: AnalysedQuery
    basis: PriceBasis = PriceBasis.OWN
    order: tuple[UUID, ...] | None = None


async def with_own_prices(
    engine: SearchEngine,
    actor: Actor,
    query: AnalysedQuery,
    now: datetime,
    *,
    most: int = DEPTH_MAX,
) -> PricedQuery:
    """Make a question ask for the actor's prices. Raises `EngineUnavailable`.

    At most `most` offers are compared; nothing is read where no price is asked for. Statements:
    one, and one more where the actor has a list of any seller.
    """
    sorted_by_price = query.sort in _PRICE_SORTS
    asks = sorted_by_price or (query.price_range or _ANY_PRICE) != _ANY_PRICE
    if query.filters.currency is None or not asks or query.is_empty:
        return PricedQuery(query)
    sellers = await sellers_with_own_prices(actor.legal_entity_id)
    wanted = query.filters.seller_ids
    sellers = tuple(one for one in sellers if not wanted or one in wanted)
    if not sellers:
        return PricedQuery(query)
    open_query = replace(query, price_range=_ANY_PRICE, sort=Sort.RELEVANCE)
    theirs = replace(open_query, filters=replace(query.filters, seller_ids=sellers))
    listed = await engine.listed(theirs, limit=most + 1)
    if len(listed) > most:
        return PricedQuery(query, PriceBasis.LIST)
    own = await own_unit_prices(actor.legal_entity_id, [hit.offer_id for hit in listed], now)
    if not own:
        return PricedQuery(query)
    low, high = query.price_range or _ANY_PRICE
    scaled = {offer_id: _scaled(price) for offer_id, price in own.items()}
    by_list = {hit.offer_id for hit in listed if low <= hit.list_price <= high}
    by_own = {offer_id for offer_id, price in scaled.items() if low <= price <= high}
    # Only those on the other side of a bound, which are few, are told to the engine.
    removed = (by_list & scaled.keys()) - by_own
    priced = replace(
        query, own_prices=OwnPrices(tuple(sorted(removed)), tuple(sorted(by_own - by_list)))
    )
    if not sorted_by_price:
        return PricedQuery(priced)
    everything = await engine.listed(replace(priced, sort=Sort.RELEVANCE), limit=most + 1)
    if len(everything) > most:
        return PricedQuery(query, PriceBasis.LIST)
    prices = {hit.offer_id: scaled.get(hit.offer_id, hit.list_price) for hit in everything}
    sign = -1 if query.sort is Sort.PRICE_DESC else 1
    order = sorted(prices, key=lambda offer_id: (sign * prices[offer_id], offer_id))
    return PricedQuery(priced, PriceBasis.OWN, tuple(order))


def only(query: AnalysedQuery, offers: tuple[UUID, ...]) -> AnalysedQuery:
    """Return the question narrowed to some of the offers it finds."""
    nothing_by_list_price = (-1, -1)
    return replace(
        query,
        price_range=nothing_by_list_price,
        own_prices=OwnPrices((), offers),
        sort=Sort.RELEVANCE,
    )


def _scaled(price: Decimal) -> int:
    return int(price.scaleb(PRICE_SCALE))
