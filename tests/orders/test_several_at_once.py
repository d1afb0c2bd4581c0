"""Several carts, budgets, limited promotions and payments, all at once; then the books agree."""

from __future__ import annotations

import asyncio
import random
from datetime import date
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.budgets.errors import BudgetExceeded
from entrepot.platform.carts.budgets.models import Budget
from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import Database, execute, fetch, fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from entrepot.platform.inventory.errors import OutOfStock
from entrepot.platform.orders import service
from entrepot.platform.orders.errors import OrderNotCancellable
from entrepot.platform.orders.paying import record_payment
from entrepot.platform.payments.errors import OrderNotPayable, PaymentExceedsOpenAmount
from entrepot.platform.pricing.promotions.errors import PromotionUsedUp
from entrepot.platform.pricing.promotions.models import Promotion
from tests.factories import make_actor, make_company, make_offer, make_seller
from tests.orders.test_several_carts import CLOCK, cart, two_entities

EXPECTED = (OutOfStock, BudgetExceeded, PromotionUsedUp)


async def buy(north: Actor, south: Actor, offers: list[Offer], dice: random.Random) -> None:
    """Order carts of both entities together, several times, and call about half off."""
    for _ in range(4):
        wanted = [
            await cart(actor, *[(one, str(dice.randint(1, 3))) for one in dice.sample(offers, 2)])
            for actor in dice.sample([north, north, south], 2)
        ]
        try:
            placed = await service.place(
                north, clock=CLOCK, cart_ids=wanted, accept_price_changes=True
            )
        except EXPECTED:
            continue
        for row in await fetch(
            "SELECT s.id, o.legal_entity_id FROM seller_order s"
            " JOIN purchase_order o ON o.id = s.order_id WHERE o.id = ANY($1::uuid[])",
            placed,
        ):
            if dice.random() < 0.5:
                own = north if row["legal_entity_id"] == north.legal_entity_id else south
                try:
                    await service.cancel(own, row["id"], clock=CLOCK)
                except OrderNotCancellable:
                    continue


async def record(operator: Actor, dice: random.Random) -> None:
    """Record payments in parts for whatever is open, some of them twice."""
    for number in range(40):
        rows = await fetch("SELECT id, gross, currency FROM seller_order ORDER BY random() LIMIT 1")
        for row in rows:
            part: UUID = row["id"]
            amount = max(round(row["gross"] / dice.randint(1, 2), 2), Decimal("0.01"))
            for _ in range(dice.randint(1, 2)):
                try:
                    await record_payment(
                        operator, part, amount, row["currency"], f"r{number}",
                        CLOCK.now().date(), clock=CLOCK,
                    )  # fmt: skip
                except (OrderNotPayable, PaymentExceedsOpenAmount):
                    break
        await asyncio.sleep(0.02)


async def test_the_books_agree(database: Database) -> None:
    dice = random.Random(11)
    sellers = [await make_seller() for _ in range(3)]
    offers = [await make_offer(one, price="10", stock="60") for one in sellers for _ in range(2)]
    for seller in sellers:
        await Promotion.create(
            owner=seller.company, seller=seller.company, name_en="Sale", name_ru="Sale",
            kind="percent", percent=Decimal(10), max_uses=6,
        )  # fmt: skip
    buyers = [await two_entities() for _ in range(6)]
    await execute(
        "UPDATE company SET pays_in_advance = true WHERE id = $1", buyers[0][0].company_id
    )
    for north, _ in buyers[:3]:
        await Budget.create(
            legal_entity_id=north.legal_entity_id, name="plan", currency="RUB",
            amount=Decimal(120), period="month", starts_on=date(2026, 11, 1), mode="block",
        )  # fmt: skip
    company, entity = await make_company(operator=True)
    operator = await make_actor(company, entity, Role.OPERATOR)

    await asyncio.gather(
        *(buy(north, south, offers, random.Random(dice.random())) for north, south in buyers),
        record(operator, random.Random(dice.random())),
    )

    assert await fetch_value("SELECT count(*) FROM seller_order WHERE status = 'cancelled'") > 0
    assert await fetch_value("SELECT count(*) FROM payment") > 0
    for name, wrong in WRONG.items():
        assert await fetch(wrong) == [], name


WRONG = {
    "stock": """
SELECT s.id FROM stock_item s
 WHERE s.reserved > s.on_hand OR s.reserved <> (
       SELECT coalesce(sum(l.quantity), 0) FROM order_line l
         JOIN seller_order o ON o.id = l.seller_order_id
        WHERE l.offer_id = s.offer_id AND o.status <> 'cancelled')""",
    "promotions": """
SELECT p.id FROM promotion p
 WHERE p.used_count > 6 OR p.used_count <> (
       SELECT count(DISTINCT u.order_id) FROM promotion_use u
        WHERE u.promotion_id = p.id AND u.returned_at IS NULL)""",
    "promotions of cancelled orders": """
SELECT u.id FROM promotion_use u JOIN seller_order s ON s.id = u.seller_order_id
 WHERE (s.status = 'cancelled') <> (u.returned_at IS NOT NULL)""",
    "discounts": """
SELECT s.id FROM seller_order s
 WHERE (SELECT coalesce(sum(discount), 0) FROM order_line l WHERE l.seller_order_id = s.id) <>
       (SELECT coalesce(sum(amount), 0) FROM promotion_use u WHERE u.seller_order_id = s.id)""",
    "budgets": """
SELECT b.id FROM budget b JOIN budget_period p ON p.budget_id = b.id
 WHERE p.spent > b.amount OR p.spent <> (
       SELECT coalesce(sum(s.net), 0) FROM seller_order s JOIN purchase_order o ON o.id = s.order_id
        WHERE o.legal_entity_id = b.legal_entity_id AND s.status <> 'cancelled')""",
    "ledger": "SELECT 1 FROM ledger_posting GROUP BY transaction_id HAVING sum(amount_minor) <> 0",
    "receivables": """
SELECT o.legal_entity_id FROM purchase_order o JOIN seller_order s ON s.order_id = o.id
 GROUP BY 1
HAVING 100 * (coalesce(sum(s.gross) FILTER (WHERE s.status <> 'cancelled'), 0)
              - coalesce(sum((SELECT sum(amount) FROM payment m
                               WHERE m.seller_order_id = s.id)), 0))
       <> (SELECT sum(p.amount_minor) FROM ledger_posting p
             JOIN ledger_account a ON a.id = p.account_id
            WHERE a.legal_entity_id = o.legal_entity_id AND a.kind = 'receivable')""",
    "paid": """
SELECT s.id FROM seller_order s
  LEFT JOIN (SELECT seller_order_id, sum(amount) AS paid FROM payment GROUP BY 1) m
    ON m.seller_order_id = s.id
 WHERE (s.paid_at IS NOT NULL) <> (coalesce(m.paid, 0) = s.gross)
    OR coalesce(m.paid, 0) > s.gross
    OR (s.status = 'awaiting_payment' AND s.paid_at IS NOT NULL)
    OR (s.status = 'placed' AND s.payment = 'advance' AND s.paid_at IS NULL)""",
    "carts": """
SELECT c.id FROM cart c LEFT JOIN order_cart k ON k.cart_id = c.id
 WHERE (c.status = 'placed') <> (k.id IS NOT NULL)""",
    "numbers": """
SELECT n.id FROM number_sequence n
 WHERE n.series = 'SO' AND n.last_value <>
       (SELECT count(*) FROM seller_order s WHERE s.legal_entity_id = n.legal_entity_id)
    OR n.series = 'PO' AND n.last_value <>
       (SELECT count(*) FROM purchase_order o WHERE o.legal_entity_id = n.legal_entity_id)""",
}
