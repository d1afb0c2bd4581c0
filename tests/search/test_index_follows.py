"""Every write that changes what an offer looks like from outside reaches the index.

Each is done through its service; then the outbox is delivered, and `verify` must find nothing. So
that a write which changes no document proves nothing, the index must differ before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from entrepot.interchange.catalog_import import commit_import, read_import
from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.catalog import categories, import_service, offers, products
from entrepot.platform.catalog.assortments import service as assortments
from entrepot.platform.catalog.offers import NewOffer, OfferChanges
from entrepot.platform.catalog.products import NewProduct, ProductChanges
from entrepot.platform.config import Settings
from entrepot.platform.database import execute, fetch_value, transaction
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.inventory import service as inventory
from entrepot.platform.orders.signals import service as signals
from entrepot.platform.outbox_queries import route_events, take_unsent
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.changes import CONSUMER
from entrepot.search.reindex import rebuild
from entrepot.search.verify import verify
from entrepot.workers.claims import Claims
from entrepot.workers.consumers import Consumers, registry
from entrepot.workers.deliveries import Deliverer
from entrepot.workers.resources import open_resources
from tests.factories import Seller, make_actor, make_company, make_offer, make_product, make_seller

import entrepot.workers.search_index  # noqa: F401  # isort: skip  # registers the consumer


@dataclass
class Market:
    """Two sellers with offers of one product, one offer that nobody shares, and the operator."""

    seller: Seller
    other: Seller
    operator: Actor
    product: UUID
    shared: UUID
    own: UUID
    own_product: UUID
    engine: TantivyEngine
    deliverer: Deliverer
    files: FolderBlobs

    async def drain(self) -> None:
        """Deliver everything that waits for the index."""
        while await route_events([route for route in registry.routes if route[1] == CONSUMER]):
            pass
        for delivery in await take_unsent([CONSUMER]):
            await self.deliverer.deliver(CONSUMER, delivery.id)
        assert await fetch_value("SELECT count(*) FROM outbox_delivery WHERE done_at IS NULL") == 0


@pytest.fixture
async def market(
    settings: Settings, tantivy_engine: TantivyEngine, tmp_path: Path
) -> AsyncIterator[Market]:
    async with open_resources(settings) as resources:
        seller, other = await make_seller(), await make_seller()
        shared_product, own_product = await make_product(path="tools/keys"), await make_product()
        shared, own = await make_offer(seller, shared_product), await make_offer(seller)
        await execute("UPDATE offer SET product_id = $1 WHERE id = $2", own_product.id, own.id)
        await make_offer(other, shared_product)
        operator = await make_actor(*await make_company(operator=True), Role.OPERATOR)
        await categories.define_attribute(operator, "length", "length", "длина", "number", "MMT")
        await rebuild(tantivy_engine)
        consumers = Consumers()
        consumers.add(registry[CONSUMER])
        claims = Claims(settings.database_url or "")
        yield Market(
            seller=seller,
            other=other,
            operator=operator,
            product=shared_product.id,
            shared=shared.id,
            own=own.id,
            own_product=own_product.id,
            engine=tantivy_engine,
            deliverer=Deliverer(consumers, claims, replace(resources, search=tantivy_engine)),
            files=FolderBlobs(tmp_path / "files"),
        )
        await claims.close()


Write = Callable[[Market], Awaitable[object]]


def offer_changes(**values: object) -> Write:
    return lambda market: offers.update_offer(
        market.seller.actor,
        market.own,
        OfferChanges(**values),  # type: ignore[arg-type]
    )


def product_changes(**values: object) -> Write:
    return lambda market: products.update_product(
        market.operator,
        market.product,
        ProductChanges(**values),  # type: ignore[arg-type]
    )


async def offered_anew(market: Market) -> None:
    await offers.create_offer(
        market.other.actor, NewOffer(market.own_product, "N-1", Decimal(5), "RUB")
    )


async def offered_after_a_new_product(market: Market) -> None:
    created = await products.create_product(
        market.seller.actor, NewProduct("Acme", "Q-77", "Quick clamp", "Зажим")
    )
    await offers.create_offer(market.seller.actor, NewOffer(created, "Q-77", Decimal(5), "RUB"))


async def withdrawn_and_back(market: Market) -> None:
    await offers.update_offer(market.seller.actor, market.own, OfferChanges(active=False))
    await market.drain()
    assert await market.engine.indexed_count() == 2
    await offers.update_offer(market.seller.actor, market.own, OfferChanges(active=True))


async def moved(market: Market) -> None:
    category = await categories.create_category(market.operator, None, "pipes", "Pipes", "Трубы")
    await products.update_product(
        market.operator, market.product, ProductChanges(category_id=category)
    )


async def category_renamed_above(market: Market) -> None:
    above = await fetch_value("SELECT id FROM category WHERE path = 'tools'")
    await categories.rename_category(market.operator, above, "Instruments", "Инструменты")


async def crossed(market: Market) -> None:
    await products.add_cross_reference(market.operator, market.product, "SKF", "6205")


async def sold_out(market: Market) -> None:
    await inventory.set_stock(
        market.seller.actor, market.own, market.seller.warehouse.id, Decimal(0)
    )


async def reserved_whole(market: Market) -> None:
    async with transaction():
        # The order's line does not matter here, only that all of the stock is spoken for.
        await execute("ALTER TABLE reservation DISABLE TRIGGER ALL")
        await inventory.reserve([(new_id(), market.own, Decimal(10))])


async def restricted(market: Market) -> None:
    assortment = await assortments.create_assortment(market.seller.actor, "Few")
    await assortments.set_offers(market.seller.actor, assortment, add=[market.own])


async def shown_to_all_again(market: Market) -> None:
    await restricted(market)
    await market.drain()
    assortment = await fetch_value("SELECT id FROM assortment")
    await assortments.update_assortment(market.seller.actor, assortment, shown_to_all=True)


async def taken_out_of_the_assortment(market: Market) -> None:
    await restricted(market)
    await market.drain()
    assortment = await fetch_value("SELECT id FROM assortment")
    await assortments.set_offers(market.seller.actor, assortment, remove=[market.own])


async def assortment_deleted(market: Market) -> None:
    await restricted(market)
    await market.drain()
    await assortments.delete_assortment(
        market.seller.actor, await fetch_value("SELECT id FROM assortment")
    )


async def imported(market: Market) -> None:
    """Changes an offer, a product that another seller shares, and brings a new product."""
    brand, number = (
        await fetch_value("SELECT brand FROM product WHERE id = $1", market.product),
        await fetch_value("SELECT manufacturer_number FROM product WHERE id = $1", market.product),
    )
    external = await fetch_value("SELECT external_id FROM offer WHERE id = $1", market.shared)
    content = (
        "id;артикул;бренд;название;цена;остаток;категория;аналоги;штрихкод;характеристики\n"
        f"{external};{number};{brand};Hex bolt;77,50;3;Инструмент > Ключи;SKF:6206;"
        '4960999351865;"{""длина"": 15}"\n'
        'NEW-1;ZZ-1;Ладога;Ключ 10;125,50;7;Инструмент > Ключи;;;"{""цвет"": ""чёрный""}"\n'
    )
    key = market.files.put([content.encode()])
    import_id = await import_service.start_import(market.seller.actor, "price.csv", key, {})
    await read_import(import_id, market.files)
    await import_service.confirm_import(market.seller.actor, import_id)
    await commit_import(import_id)
    counts = await fetch_value("SELECT counts::text FROM catalog_import")
    assert counts == '{"CREATED": 1, "UPDATED": 1}'


async def signals_recomputed(market: Market) -> None:
    """Nobody ordered anything lately: what was known of an offer and of a seller is forgotten."""
    await execute(
        "INSERT INTO offer_signal (id, offer_id, popularity, computed_at)"
        " VALUES ($1, $1, 50, now())",
        market.own,
    )
    await execute(
        "INSERT INTO seller_rating (id, seller_id, rating, companies, computed_at)"
        " VALUES ($1, $1, 4.5, 9, now())",
        market.other.id,
    )
    await rebuild(market.engine)
    await signals.recompute(datetime.now(UTC))


WRITES: dict[str, Write] = {
    "an offer's number": offer_changes(article_number="OTHER-1"),
    "an offer's price": offer_changes(list_price=Decimal("12.34")),
    "an offer's lead time": offer_changes(lead_time_days=21),
    "an offer withdrawn": offer_changes(active=False),
    "an offer withdrawn and back": withdrawn_and_back,
    "an offer of a known product": offered_anew,
    "an offer of a new product": offered_after_a_new_product,
    "titles": product_changes(title_en="Gate valve", title_ru="Задвижка"),
    "a description": product_changes(description="with a long neck"),
    "GTINs": product_changes(gtins=("4960999351865",)),
    "attributes": product_changes(attributes={"length": "12.5"}),
    "a product moved": moved,
    "a cross-reference": crossed,
    "a category renamed above": category_renamed_above,
    "sold out": sold_out,
    "reserved whole": reserved_whole,
    "restricted": restricted,
    "shown to all again": shown_to_all_again,
    "taken out of the assortment": taken_out_of_the_assortment,
    "assortment deleted": assortment_deleted,
    "imported": imported,
    "signals recomputed": signals_recomputed,
}


@pytest.mark.parametrize("name", WRITES)
async def test_what_is_written_is_found(market: Market, name: str) -> None:
    assert (await verify(market.engine)).faults == 0
    await market.drain()
    await WRITES[name](market)
    before = await verify(market.engine)
    assert before.under_way > 0, "this write changes no document"
    assert before.faults == 0, "an offer changed that no event names"
    await market.drain()
    after = await verify(market.engine)
    assert (after.faults, after.under_way) == (0, 0)
