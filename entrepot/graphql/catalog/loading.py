"""Batched loads of the catalogue, prices and stock: one SQL statement each a request's tick.

An actor who may not view the catalogue (and anonymous callers) get nothing from them; offers that
are hidden from the actor are absent.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.selection import names_below
from entrepot.platform.catalog import offer_units, queries
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.inventory import queries as inventory
from entrepot.platform.pricing import price_lists
from entrepot.platform.pricing import queries as pricing
from entrepot.platform.pricing.offer_pages import PagedOffer, Part, offers_on_pages


def viewer(context: RequestContext) -> Actor:
    """Return the actor; raises `Unauthenticated`, or `Forbidden` without `catalog.view`."""
    actor = context.require_actor()
    actor.require(Permission.CATALOG_VIEW)
    return actor


def may_view(context: RequestContext) -> Actor | None:
    """Return the actor if they may view the catalogue."""
    actor = context.actor
    return actor if actor is not None and actor.may(Permission.CATALOG_VIEW) else None


async def load_products(
    context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, queries.ProductRow]:
    """Products by id, those that are not hidden from the actor."""
    actor = may_view(context)
    return await queries.visible_products_by_ids(actor, ids) if actor else {}


async def load_offers(
    context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, queries.OfferRow]:
    """Offers by id, those that the actor may see."""
    actor = may_view(context)
    return await queries.offers_by_ids(actor, ids) if actor else {}


PageKey = tuple[UUID, Part]
"""A product and what is wanted of its offers."""


async def load_product_pages(
    context: RequestContext, keys: Sequence[PageKey]
) -> Mapping[PageKey, list[PagedOffer]]:
    """Offers by product, those that the actor may see. One statement for each set of parts."""
    actor = may_view(context)
    found: dict[PageKey, list[PagedOffer]] = {}
    if actor is None:
        return found
    for wanted in {wanted for _, wanted in keys}:
        products = [product_id for product_id, parts in keys if parts == wanted]
        pages = await offers_on_pages(actor, products, wanted)
        found |= {(product_id, wanted): page for product_id, page in pages.items()}
    return found


def wanted_parts(info: Info) -> Part:
    """Return what the operation asks of the offers below the field being resolved."""
    names = names_below(info)
    wanted = Part.NONE
    if not names.isdisjoint(("price", "priceTiers")):
        wanted |= Part.PRICE
    if "availability" in names:
        wanted |= Part.STOCK
    if not names.isdisjoint(("product", "highlights")):
        wanted |= Part.PRODUCT
    return wanted


async def load_categories(
    context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, queries.CategoryRow]:
    """Categories by id."""
    return await queries.categories_by_ids(ids) if may_view(context) else {}


async def load_children(
    context: RequestContext, parent_ids: Sequence[UUID]
) -> Mapping[UUID, list[queries.CategoryRow]]:
    """Categories by parent."""
    return await queries.categories_by_parent_ids(parent_ids) if may_view(context) else {}


async def load_attributes(
    _context: RequestContext, codes: Sequence[str]
) -> Mapping[str, queries.AttributeRow]:
    """Attribute definitions by code."""
    return await queries.attributes_by_codes(codes)


async def load_cross_references(
    context: RequestContext, product_ids: Sequence[UUID]
) -> Mapping[UUID, list[queries.CrossReferenceRow]]:
    """Cross-references by product."""
    return await queries.cross_references_by_product_ids(product_ids) if may_view(context) else {}


async def load_files(
    context: RequestContext, product_ids: Sequence[UUID]
) -> Mapping[UUID, list[queries.ProductFileRow]]:
    """Files by product."""
    return await queries.files_by_product_ids(product_ids) if may_view(context) else {}


async def load_price_sheets(
    context: RequestContext, offer_ids: Sequence[UUID]
) -> Mapping[UUID, pricing.PriceSheet]:
    """What decides the prices of the actor's legal entity, by offer; load visible offers only."""
    actor = may_view(context)
    return await pricing.price_sheets(actor.legal_entity_id, offer_ids) if actor else {}


async def load_availability(
    context: RequestContext, offer_ids: Sequence[UUID]
) -> Mapping[UUID, inventory.Availability]:
    """Stock by offer; load visible offers only."""
    return await inventory.availability(offer_ids) if may_view(context) else {}


async def load_stock(
    context: RequestContext, offer_ids: Sequence[UUID]
) -> Mapping[UUID, list[inventory.StockRow]]:
    """Stock by offer and warehouse, of the actor's company's own offers, with `stock.view`."""
    actor = context.actor
    if actor is None or not actor.may(Permission.STOCK_VIEW):
        return {}
    return await inventory.stock_by_warehouse(actor, offer_ids)


async def load_units(
    context: RequestContext, offer_ids: Sequence[UUID]
) -> Mapping[UUID, list[offer_units.OfferUnitRow]]:
    """Other units by offer; load visible offers only."""
    return await offer_units.units_by_offer_ids(offer_ids) if may_view(context) else {}


async def load_costs(context: RequestContext, offer_ids: Sequence[UUID]) -> Mapping[UUID, Decimal]:
    """What the actor's company paid for its own offers; nothing for others."""
    actor = may_view(context)
    return await offer_units.cost_prices(actor, offer_ids) if actor else {}


async def load_price_lists(
    context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, price_lists.PriceListRow]:
    """The actor's company's own price lists by id, with `prices.manage`."""
    actor = context.actor
    if actor is None or not actor.may(Permission.PRICES_MANAGE):
        return {}
    return await price_lists.price_lists_by_ids(actor, ids)


ListPage = tuple[UUID, tuple[UUID, Decimal] | None, int]
"""A price list, the (offer, minimum quantity) to continue after, and how many rows."""


async def load_list_tiers(
    _context: RequestContext, pages: Sequence[ListPage]
) -> Mapping[ListPage, list[price_lists.TierRow]]:
    """Tiers by list and page; load own lists only. One statement for each distinct page."""
    found: dict[ListPage, list[price_lists.TierRow]] = {}
    for after, limit in {(after, limit) for _, after, limit in pages}:
        ids = [list_id for list_id, *page in pages if page == [after, limit]]
        rows = await price_lists.tiers_of_lists(ids, after=after, limit=limit)
        found |= {(list_id, after, limit): tiers for list_id, tiers in rows.items()}
    return found
