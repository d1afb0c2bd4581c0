"""Everybody at once: buying, cancelling, recounting, repricing; afterwards the books agree."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts import service as carts
from entrepot.platform.catalog.models import Offer
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import Database, execute, fetch, fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.inventory import service as inventory
from entrepot.platform.inventory.errors import OutOfStock, StockBelowReserved
from entrepot.platform.orders import service as orders
from entrepot.platform.orders.errors import CartEmpty, OrderNotCancellable, OrderNotConfirmable
from tests.factories import Seller, make_buyer, make_offer, make_seller

CLOCK = FixedClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
BUYERS, ROUNDS = 12, 5


async def shop(buyer: Actor, offers: list[Offer], dice: random.Random) -> list[UUID]:
    """Fill a cart in an order of one's own and order it, several times."""
    placed = []
    for _ in range(ROUNDS):
        for offer in dice.sample(offers, 4):
            await carts.add(buyer, offer.id, Decimal(dice.randint(1, 3)), clock=CLOCK)
        try:
            placed += await orders.place(buyer, clock=CLOCK, accept_price_changes=True)
        except OutOfStock:
            await execute("DELETE FROM cart_line")  # everybody's: carts change under one's feet
        except CartEmpty:
            continue
    return placed


async def shop_and_regret(buyer: Actor, offers: list[Offer], dice: random.Random) -> None:
    """Shop, then cancel about half, twice each."""
    for order_id in await shop(buyer, offers, dice):
        parts = await fetch("SELECT id FROM seller_order WHERE order_id = $1", order_id)
        for part in (part["id"] for part in parts if dice.random() < 0.5):
            done = await asyncio.gather(
                orders.cancel(buyer, part, clock=CLOCK),
                orders.cancel(buyer, part, clock=CLOCK),
                return_exceptions=True,
            )
            refused = [one for one in done if one is not None]
            assert len(refused) >= 1
            assert all(isinstance(one, OrderNotCancellable) for one in refused), refused


async def sell(seller: Seller, offers: list[Offer], dice: random.Random) -> None:
    """Confirm and cancel what came in, recount, reprice."""
    own = [offer for offer in offers if offer.seller_id == seller.id]  # type: ignore[attr-defined]
    for _ in range(4 * ROUNDS):
        offer = dice.choice(own)
        try:
            on_hand = Decimal(dice.randint(10, 60))
            await inventory.set_stock(seller.actor, offer.id, seller.warehouse.id, on_hand)
        except StockBelowReserved:
            pass
        price = Decimal(dice.randint(1, 9999)) / 10000
        await execute("UPDATE offer SET list_price = $2 WHERE id = $1", offer.id, price)
        for row in await fetch(
            "SELECT id FROM seller_order WHERE seller_id = $1 AND status = 'placed' LIMIT 2",
            seller.id,
        ):
            try:
                if dice.random() < 0.5:
                    await orders.confirm(seller.actor, row["id"], clock=CLOCK)
                else:
                    await orders.cancel(seller.actor, row["id"], clock=CLOCK)
            except (OrderNotConfirmable, OrderNotCancellable):
                continue


async def test_the_books_agree_after_a_busy_day(database: Database) -> None:
    dice = random.Random(7)
    sellers = [await make_seller() for _ in range(3)]
    offers = [await make_offer(seller, stock="40") for seller in sellers for _ in range(3)]
    buyers = [await make_buyer() for _ in range(BUYERS)]

    await asyncio.gather(
        *(shop_and_regret(buyer, offers, random.Random(dice.random())) for buyer in buyers),
        *(sell(seller, offers, random.Random(dice.random())) for seller in sellers),
    )

    cancelled = "SELECT count(*) FROM seller_order WHERE status = 'cancelled'"
    assert await fetch_value(cancelled) > 0
    assert await fetch_value(OWED) > 0  # and some are left: the day was busy indeed
    assert await fetch("SELECT 1 FROM stock_item WHERE reserved > on_hand OR reserved < 0") == []
    assert await fetch(HELD_OTHERWISE) == []
    assert await fetch(HELD_FOR_NOTHING) == []
    assert await fetch(UNBALANCED) == []
    assert await fetch_value(OWED) == await fetch_value(ORDERED)
    assert await fetch(NUMBERS_WITH_GAPS) == []
    assert await fetch(SUMS_THAT_DIFFER) == []


HELD_OTHERWISE = """
SELECT s.id, s.reserved, r.held FROM stock_item s
  LEFT JOIN LATERAL (SELECT coalesce(sum(quantity), 0) AS held FROM reservation
                      WHERE stock_item_id = s.id AND released_at IS NULL) r ON true
 WHERE s.reserved <> r.held
"""
HELD_FOR_NOTHING = """
SELECT l.id FROM order_line l JOIN seller_order s ON s.id = l.seller_order_id
 WHERE l.quantity * (s.status <> 'cancelled')::int <>
       (SELECT coalesce(sum(r.quantity), 0) FROM reservation r
         WHERE r.order_line_id = l.id AND r.released_at IS NULL)
"""
UNBALANCED = """
SELECT transaction_id FROM ledger_posting GROUP BY 1 HAVING sum(amount_minor) <> 0
"""
OWED = """
SELECT coalesce(sum(p.amount_minor), 0)::bigint FROM ledger_posting p
  JOIN ledger_account a ON a.id = p.account_id WHERE a.kind = 'receivable'
"""
ORDERED = """
SELECT coalesce(sum(gross) * 100, 0)::bigint FROM seller_order WHERE status <> 'cancelled'
"""
NUMBERS_WITH_GAPS = """
SELECT legal_entity_id, count(*), max(right(number, 6)::int)
  FROM (SELECT legal_entity_id, number FROM seller_order
         UNION ALL SELECT legal_entity_id, number FROM purchase_order) AS numbered
 GROUP BY legal_entity_id, left(number, 2)
HAVING count(*) <> max(right(number, 6)::int) OR count(*) <> count(DISTINCT number)
"""
SUMS_THAT_DIFFER = """
SELECT s.id FROM seller_order s JOIN order_line l ON l.seller_order_id = s.id
 GROUP BY s.id HAVING (s.net, s.tax, s.gross) <> (sum(l.net), sum(l.tax), sum(l.gross))
"""
