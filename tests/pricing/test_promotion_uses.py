"""Limited promotions hold, whoever comes at once; cancelled orders give their uses back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from entrepot.platform.carts import service as carts
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database, fetch, fetch_value, transaction
from entrepot.platform.errors import DomainError
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import LegalEntity
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.orders import service as orders
from entrepot.platform.orders.errors import PriceChanged
from entrepot.platform.pricing.promotions.errors import PromotionUsedUp
from entrepot.platform.pricing.promotions.models import Promotion
from entrepot.platform.pricing.promotions.service import (
    PromotionChanges,
    PromotionClaim,
    claim,
    give_back,
    update_promotion,
)
from tests.factories import make_actor, make_buyer, make_company, make_offer, make_seller
from tests.pricing.promotion_makers import make_promotion
from tests.sql_counter import counted_sql

D = Decimal
NOW = datetime(2026, 6, 1, tzinfo=UTC)
CLOCK = FixedClock(NOW)


def use(promotion: Promotion, company_id: UUID, order_id: UUID | None = None) -> PromotionClaim:
    return PromotionClaim(promotion.id, company_id, order_id or new_id(), new_id(), D(5), "RUB")


async def claimed(*uses: PromotionClaim) -> bool:
    try:
        async with transaction():
            await claim(uses, NOW)
    except PromotionUsedUp:
        return False
    return True


async def counters(promotion: Promotion) -> tuple[int, int, list[int]]:
    await promotion.refresh_from_db()
    held = await fetch_value(
        "SELECT count(*) FROM promotion_use WHERE promotion_id = $1 AND returned_at IS NULL",
        promotion.id,
    )
    rows = await fetch(
        "SELECT used_count FROM promotion_company_use WHERE promotion_id = $1"
        " ORDER BY used_count DESC",
        promotion.id,
    )
    return promotion.used_count, held, [row["used_count"] for row in rows]


async def test_of_a_hundred_claims_of_the_last_use_one_wins(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    last = await make_promotion(seller, max_uses=3, used_count=2)
    wins = await asyncio.gather(*(claimed(use(last, buyer.company_id)) for _ in range(100)))
    assert sum(wins) == 1
    assert await counters(last) == (3, 1, [1])


async def test_of_a_hundred_claims_a_company_gets_its_limit(database: Database) -> None:
    seller, one, two = await make_seller(), await make_buyer(), await make_buyer()
    twice = await make_promotion(seller, max_uses_per_company=2)
    wins = await asyncio.gather(
        *(claimed(use(twice, (one, two)[n % 2].company_id)) for n in range(100))
    )
    assert sum(wins) == 4
    assert await counters(twice) == (0, 4, [2, 2])  # no limit for all: that counter rests


async def test_two_promotions_claimed_in_any_order_never_wait_for_each_other(
    database: Database,
) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    first, second = [await make_promotion(seller, max_uses=20) for _ in range(2)]
    pairs = [(first, second), (second, first)] * 20
    wins = await asyncio.gather(
        *(
            claimed(*(use(one, buyer.company_id, order) for one in pair))
            for pair in pairs
            if (order := new_id())
        )
    )
    assert sum(wins) == 20
    assert await counters(first) == await counters(second) == (20, 20, [20])


async def test_an_order_with_several_sellers_is_one_use(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    once = await make_promotion(seller, max_uses=1, max_uses_per_company=1)
    order_id = new_id()
    parts = [use(once, buyer.company_id, order_id) for _ in range(3)]
    assert await claimed(*parts)
    assert await counters(once) == (1, 3, [1])
    for part in parts[:2]:
        async with transaction():
            await give_back(part.seller_order_id, NOW)
    assert await counters(once) == (1, 1, [1])
    assert not await claimed(use(once, buyer.company_id))
    for _ in range(2):  # again changes nothing
        async with transaction():
            await give_back(parts[2].seller_order_id, NOW)
    assert await counters(once) == (0, 0, [0])
    assert await claimed(use(once, buyer.company_id))
    assert not await claimed(use(once, buyer.company_id), use(once, buyer.company_id))


async def test_parts_cancelled_at_once_free_the_use_once(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    sale = await make_promotion(seller, max_uses=9)
    order_id = new_id()
    parts = [use(sale, buyer.company_id, order_id) for _ in range(8)]
    assert await claimed(*parts)

    async def cancelled(part: PromotionClaim) -> None:
        async with transaction():
            await give_back(part.seller_order_id, NOW)

    await asyncio.gather(*(cancelled(part) for part in parts))
    assert await counters(sale) == (0, 0, [0])


async def test_a_limit_that_is_set_later_counts_earlier_orders(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    sale = await make_promotion(seller)
    for _ in range(3):
        assert await claimed(use(sale, buyer.company_id))
    assert (await counters(sale))[0] == 0
    await update_promotion(seller.actor, sale.id, PromotionChanges(max_uses=4))
    assert (await counters(sale))[0] == 3
    assert [await claimed(use(sale, buyer.company_id)) for _ in range(2)] == [True, False]


async def test_claims_take_a_fixed_number_of_statements(database: Database) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    made = [await make_promotion(seller, max_uses=5, first_order_only=True) for _ in range(10)]
    counts = []
    for some in (made[:1], made):
        order_id = new_id()
        async with counted_sql() as statements:
            assert await claimed(*(use(one, buyer.company_id, order_id) for one in some))
        counts.append(len(statements))
    assert counts[0] == counts[1]
    async with counted_sql() as statements:
        await claim([], NOW)
    assert statements == []


async def placed(buyer: Actor) -> list[UUID] | DomainError:
    try:
        return await orders.place(buyer, clock=CLOCK)
    except DomainError as error:
        return error


async def test_of_twenty_orders_one_gets_the_last_use_and_others_change_nothing(
    database: Database,
) -> None:
    seller = await make_seller()
    bolt = await make_offer(seller, price="100", stock="1000")
    last = await make_promotion(seller, max_uses=1)
    buyers = [await make_buyer() for _ in range(20)]
    for buyer in buyers:
        await carts.add(buyer, bolt.id, D(1), clock=CLOCK)
    results = await asyncio.gather(*(placed(buyer) for buyer in buyers))
    refused = [one for one in results if isinstance(one, DomainError)]
    assert {one.code for one in refused} <= {"PROMOTION_USED_UP", "PRICE_CHANGED"}
    assert len(refused) == 19
    assert await counters(last) == (1, 1, [1])
    lines = await fetch("SELECT discount, net FROM order_line")
    assert [(row["discount"], row["net"]) for row in lines] == [(D(10), D(90))]
    assert await fetch_value("SELECT sum(reserved) FROM stock_item") == 1
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 1
    assert await fetch_value("SELECT count(*) FROM cart WHERE status = 'open'") == 19


async def test_a_cancelled_order_gives_the_last_use_back(database: Database) -> None:
    seller, buyer, other = await make_seller(), await make_buyer(), await make_buyer()
    bolt = await make_offer(seller, price="100")
    last = await make_promotion(seller, max_uses=1)
    await carts.add(buyer, bolt.id, D(1), clock=CLOCK)
    await orders.place(buyer, clock=CLOCK)
    part: UUID = await fetch_value("SELECT id FROM seller_order")
    await carts.add(other, bolt.id, D(1), clock=CLOCK)
    await orders.cancel(buyer, part, clock=CLOCK)
    assert await counters(last) == (0, 0, [0])
    await orders.place(other, clock=CLOCK, accept_price_changes=True)
    assert await counters(last) == (1, 1, [1, 0])


async def test_of_ten_first_orders_one_is_the_first(database: Database) -> None:
    seller = await make_seller()
    bolt = await make_offer(seller, price="100", stock="1000")
    welcome = await make_promotion(seller, first_order_only=True)
    company, entity = await make_company(buyer=True)
    actors = [await make_actor(company, entity, Role.BUYER)]
    for number in range(9):
        more = await LegalEntity.create(
            company=company, name=f"More {number}", country="RU", tax_id=f"99{number:08d}",
            registration_reason_code="770101001", currency="RUB",
        )  # fmt: skip
        actors.append(await make_actor(company, more, Role.BUYER))
    for actor in actors:
        await carts.add(actor, bolt.id, D(1), clock=CLOCK)
    results = await asyncio.gather(*(placed(actor) for actor in actors))
    refused = [one for one in results if isinstance(one, DomainError)]
    assert {one.code for one in refused} <= {"PROMOTION_USED_UP", "PRICE_CHANGED"}
    assert len(refused) == 9
    assert await counters(welcome) == (0, 1, [1])
    assert await fetch_value("SELECT count(*) FROM purchase_order") == 1


@pytest.mark.parametrize("limit", [{"max_uses_per_company": 1}, {"first_order_only": True}])
async def test_of_two_orders_placed_together_one_gets_what_there_is_once(
    database: Database, limit: dict[str, Any]
) -> None:
    seller = await make_seller()
    bolt = await make_offer(seller, price="100", stock="9")
    once = await make_promotion(seller, **limit)
    company, entity = await make_company(buyer=True)
    actor = await make_actor(company, entity, Role.BUYER)
    second = await LegalEntity.create(
        company=company, name="Second", country="RU", tax_id="9900000001",
        registration_reason_code="770101001", currency="RUB",
    )  # fmt: skip
    other = replace(actor, legal_entity_id=second.id)
    cart_ids = [await carts.add(one, bolt.id, D(1), clock=CLOCK) for one in (actor, other)]
    with pytest.raises(PriceChanged):
        await orders.place(actor, clock=CLOCK, cart_ids=cart_ids)
    assert await counters(once) == (0, 0, [])
    await orders.place(actor, clock=CLOCK, cart_ids=cart_ids, accept_price_changes=True)
    assert await counters(once) == (0, 1, [1])
    lines = await fetch(
        "SELECT o.legal_entity_id, l.discount FROM order_line l"
        " JOIN seller_order s ON s.id = l.seller_order_id"
        " JOIN purchase_order o ON o.id = s.order_id"
    )
    assert {row["legal_entity_id"]: row["discount"] for row in lines} == {
        entity.id: D(10), second.id: D(0),
    }  # fmt: skip


@pytest.mark.parametrize("locale", ["en", "ru"])
async def test_the_refusal_names_the_promotion(database: Database, locale: str) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    gone = await make_promotion(seller, max_uses=1, used_count=1)
    with pytest.raises(PromotionUsedUp) as refused:
        await claim([use(gone, buyer.company_id)], NOW)
    assert ("Распродажа" if locale == "ru" else "Sale") in refused.value.message(locale)
