"""Popularity, ratings and purchases, computed from orders on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from entrepot.platform.catalog import search_rows
from entrepot.platform.catalog.models import Offer
from entrepot.platform.config import Settings
from entrepot.platform.database import Database, execute, fetch, fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.ids import new_id
from entrepot.platform.orders.events import OrderCancelled, OrderPlaced
from entrepot.platform.orders.signals import purchases, queries, rules, service
from entrepot.platform.orders.signals.service import Recomputed
from entrepot.platform.outbox import load
from entrepot.search.changes import changed_offers
from entrepot.workers.consumers import Delivery
from entrepot.workers.resources import WorkerResources, open_resources
from entrepot.workers.schedule import registered_jobs
from entrepot.workers.search_signals import count_purchases, recompute_signals
from tests.factories import Seller, make_buyer, make_offer, make_seller
from tests.orders.past_orders import NOW, order
from tests.sql_counter import counted_sql


async def popularity() -> dict[UUID, int]:
    rows = await fetch("SELECT offer_id, popularity FROM offer_signal")
    return {row["offer_id"]: row["popularity"] for row in rows}


async def ratings() -> dict[UUID, tuple[Decimal, int]]:
    rows = await fetch("SELECT seller_id, rating, companies FROM seller_rating")
    return {row["seller_id"]: (row["rating"], row["companies"]) for row in rows}


async def told() -> list[set[UUID]]:
    """The offers of each `SignalsChanged` so far, forgotten afterwards."""
    rows = await fetch(
        "SELECT kind, payload FROM outbox_event WHERE kind = 'SignalsChanged' ORDER BY id"
    )
    await execute("DELETE FROM outbox_event")
    return [set(load(row["kind"], row["payload"]).offer_ids) for row in rows]  # type: ignore[attr-defined]


async def buyers(number: int) -> list[Actor]:
    return [await make_buyer() for _ in range(number)]


async def stock(seller: Seller, number: int) -> list[Offer]:
    return [await make_offer(seller) for _ in range(number)]


async def test_popularity_is_of_companies_and_fades(database: Database) -> None:
    seller = await make_seller()
    bolt, nut, pin = await stock(seller, 3)
    six = await buyers(6)
    for buyer in six:
        await order(buyer, [bolt, bolt, nut], days=0)  # two lines of one offer are one order
    for buyer in six[:5]:
        await order(buyer, [nut], days=45)
        await order(buyer, [pin], days=181)
    strength = sum(
        rules.company_strength([timedelta(0), *([timedelta(days=45)] if index < 5 else [])])
        for index in range(6)
    )
    expected = {
        bolt.id: rules.settled_popularity(rules.popularity(6), None),
        nut.id: rules.settled_popularity(rules.popularity(strength), None),
    }
    assert expected == {bolt.id: 35, nut.id: 40}
    assert await service.recompute(NOW) == Recomputed(2, 1, 3)
    assert await popularity() == expected
    assert await told() == [{bolt.id, nut.id, pin.id}]  # the seller is rated now: all its offers

    later = NOW + timedelta(days=45)
    assert await service.recompute(later) == Recomputed(2, 0, 2)
    assert await popularity() == {bolt.id: 25, nut.id: 30}
    assert await told() == [{bolt.id, nut.id}]
    await service.recompute(NOW + timedelta(days=300))
    assert await popularity() == {}
    assert await ratings() == {}
    assert await told() == [{bolt.id, nut.id, pin.id}]


async def test_fewer_than_five_companies_say_nothing(database: Database) -> None:
    seller = await make_seller()
    (bolt,) = await stock(seller, 1)
    four = await buyers(4)
    for buyer in four:
        for _ in range(20):
            await order(buyer, [bolt])
    own = Actor(
        user_id=four[0].user_id,
        company_id=seller.id,
        legal_entity_id=seller.entity.id,
        permissions=frozenset(),
    )
    await order(own, [bolt])  # bought from itself
    fifth = await make_buyer()
    await order(fifth, [bolt], status="cancelled", by="buyer")
    assert await service.recompute(NOW) == Recomputed(0, 0, 0)
    assert (await popularity(), await ratings(), await told()) == ({}, {}, [])
    (row,) = await search_rows.by_offer_ids([bolt.id])
    assert (row.popularity, row.rating) == (0, Decimal(str(rules.RATING_PRIOR)))

    await order(fifth, [bolt])
    await service.recompute(NOW)
    assert await popularity() == {bolt.id: 40}  # 4 × 2 + 1
    (row,) = await search_rows.by_offer_ids([bolt.id])
    assert (row.popularity, row.rating) == (40, Decimal("4.50"))


async def test_one_company_can_order_a_thousand_times(database: Database) -> None:
    seller = await make_seller()
    once, often = await stock(seller, 2)
    for number, buyer in enumerate(await buyers(5)):
        await order(buyer, [once])
        for _ in range(3 if number else 60):
            await order(buyer, [often])
    await service.recompute(NOW)
    assert await popularity() == {once.id: 30, often.id: 45}


async def test_ratings_tell_who_confirms_and_who_calls_off(database: Database) -> None:
    good, late, bad, slow, fair = [await make_seller() for _ in range(5)]
    for buyer in await buyers(5):
        for seller in (good, late, bad, slow, fair):
            (offer,) = await stock(seller, 1)
            if seller is good:
                await order(buyer, [offer], hours=3)
                await order(buyer, [offer], status="cancelled", by="buyer")
                await order(buyer, [offer], status="cancelled", by="marketplace")
                await order(buyer, [offer], status="placed", days=2)  # still has time
                # The money came after eight days; it was confirmed on that day.
                await order(buyer, [offer], days=9, advance_paid_days=1, hours=5)
            elif seller is late:
                await order(buyer, [offer], days=30, hours=24 * 20)
            elif seller is bad:
                await order(buyer, [offer], status="cancelled", by="seller")
            elif seller is slow:
                await order(buyer, [offer], status="placed", days=8)
            else:
                await order(buyer, [offer], hours=None)  # of a time without times
    await service.recompute(NOW)
    # Five companies of one order weigh as much as the prior of 0.8; of two orders log2 3 each.
    assert await ratings() == {
        good.id: (Decimal("4.50"), 5),
        late.id: (Decimal("3.50"), 5),
        bad.id: (Decimal("2.00"), 5),
        slow.id: (Decimal("2.00"), 5),
        fair.id: (Decimal("4.00"), 5),
    }


async def test_a_rating_that_changes_no_rank_indexes_nothing(database: Database) -> None:
    seller = await make_seller()
    offers = await stock(seller, 5)
    for buyer, offer in zip(await buyers(5), offers, strict=True):
        await order(buyer, [offer], hours=None)
    assert await service.recompute(NOW) == Recomputed(0, 0, 0)
    assert await ratings() == {seller.id: (Decimal("4.00"), 5)}
    assert await service.recompute(NOW + timedelta(days=200)) == Recomputed(0, 0, 0)
    assert (await ratings(), await told()) == ({}, [])


async def test_a_second_run_and_a_trickle_change_hardly_anything(database: Database) -> None:
    seller = await make_seller()
    offers = await stock(seller, 12)
    crowd = await buyers(20)
    for buyer in crowd:
        await order(buyer, offers)
    assert await service.recompute(NOW) == Recomputed(12, 1, 12)
    await told()
    async with counted_sql() as statements:
        assert await service.recompute(NOW) == Recomputed(0, 0, 0)
    assert sum("INSERT" in one or "DELETE" in one for one in statements) == 0
    assert await service.recompute(NOW + timedelta(hours=6)) == Recomputed(0, 0, 0)
    await order(await make_buyer(), offers[:1])
    assert await service.recompute(NOW) == Recomputed(0, 0, 0)  # 20 companies or 21: one step
    assert await told() == []


async def test_statements_do_not_grow_and_an_event_names_a_thousand(database: Database) -> None:
    seller = await make_seller()
    template = await make_offer(seller)
    await execute(
        "INSERT INTO offer (id, product_id, seller_id, external_id, article_number, number_key,"
        " list_price, currency, tax_included, tax_rate, pack_quantity, min_order_quantity,"
        " order_step, lead_time_days, active, created_at, updated_at)"
        " SELECT gen_random_uuid(), product_id, seller_id, 'X' || n, article_number, number_key,"
        " list_price, currency, tax_included, tax_rate, 1, 1, 1, 3, true, now(), now()"
        "   FROM offer, generate_series(1, 2100) n WHERE id = $1",
        template.id,
    )
    for buyer in await buyers(5):
        await order(buyer, [template])
    async with counted_sql() as statements:
        assert await service.recompute(NOW) == Recomputed(1, 1, 2101)
    assert len(statements) <= 15
    assert [len(one) for one in await told()] == [1000, 1000, 101]


async def test_two_runs_at_once_are_one(database: Database) -> None:
    seller = await make_seller()
    (bolt,) = await stock(seller, 1)
    for buyer in await buyers(5):
        await order(buyer, [bolt])
    done = await asyncio.gather(*(service.recompute(NOW) for _ in range(4)))
    assert sorted(one.to_index for one in done) == [0, 0, 0, 1]
    assert len(await told()) == 1


async def bought(buyer: Actor, *offers: Offer) -> list[int]:
    products = [(await offer.product).id for offer in offers]
    found = await queries.bought(buyer.company_id, products)
    return [found.get(product, 0) for product in products]


async def test_purchases_are_counted_by_company_and_product(database: Database) -> None:
    one, two = await make_seller("One"), await make_seller("Two")
    bolt, nut, never = await stock(one, 3)
    elsewhere = await make_offer(two, await bolt.product)
    buyer, other = await buyers(2)
    parts = [
        await order(buyer, [bolt, bolt, nut], days=3),
        await order(buyer, [elsewhere], days=2),
        await order(buyer, [nut], days=1, status="cancelled", by="seller"),
        await order(other, [bolt]),
    ]
    for _ in range(2):
        await purchases.count_purchases(parts)
    assert await bought(buyer, bolt, nut, never) == [2, 1, 0]
    assert await bought(other, bolt, nut, never) == [1, 0, 0]
    assert await fetch_value(
        "SELECT last_at FROM company_purchase WHERE company_id = $1 AND product_id = $2",
        buyer.company_id,
        (await bolt.product).id,
    ) == NOW - timedelta(days=2)
    async with counted_sql() as statements:
        await bought(buyer, bolt, nut, never)
    assert len(statements) == 1
    async with counted_sql() as statements:
        assert await queries.bought(buyer.company_id, []) == {}
    assert len(statements) == 0


@pytest.fixture
async def resources(settings: Settings, database: Database) -> AsyncIterator[WorkerResources]:
    """A worker's resources."""
    async with open_resources(settings) as opened:
        yield opened


async def test_events_may_come_in_any_order_and_at_once(resources: WorkerResources) -> None:
    (bolt,) = await stock(await make_seller(), 1)
    buyer = await make_buyer()
    kept = await order(buyer, [bolt])
    dropped = await order(buyer, [bolt])
    events = [OrderPlaced(new_id(), (kept,)), OrderPlaced(new_id(), (dropped,))]
    await execute("UPDATE seller_order SET status = 'cancelled' WHERE id = $1", dropped)
    events_and_end = [OrderCancelled(dropped, "buyer"), *events, OrderCancelled(dropped, "buyer")]
    delivery = Delivery(1, 1, "company_purchases", 1, None, NOW)
    for one in events_and_end:
        await count_purchases(one, delivery, resources)
        assert (await bought(buyer, bolt))[0] <= 1
    await asyncio.gather(*(count_purchases(one, delivery, resources) for one in events_and_end * 3))
    assert await bought(buyer, bolt) == [1]
    await execute("UPDATE seller_order SET status = 'cancelled' WHERE id = $1", kept)
    await count_purchases(OrderCancelled(kept, "seller"), delivery, resources)
    assert await fetch_value("SELECT count(*) FROM company_purchase") == 0


async def test_the_nightly_job_tells_the_index(resources: WorkerResources) -> None:
    (bolt,) = await stock(await make_seller(), 1)
    for buyer in await buyers(5):
        await order(buyer, [bolt])
    assert "search signals" in {job.name for job in registered_jobs()}
    for _ in range(2):
        await recompute_signals(NOW, resources)
    rows = await fetch("SELECT kind, payload FROM outbox_event")
    events = [load(row["kind"], row["payload"]) for row in rows]
    assert await changed_offers(events) == [bolt.id]
