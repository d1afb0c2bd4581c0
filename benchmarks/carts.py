"""A cart of 500 lines from 20 sellers: its total at the buyer's prices, and filling it.

Prices, discounts, taxes, delivery, stock, visibility and what changed, as `cart` answers them.
Beside it, in the same run: one statement a line for the offer and its stock and one for the price,
which know the company's fixed lists and nothing else.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from uuid import UUID

from entrepot.platform.carts import queries, service
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import (
    connection,
    execute,
    fetch_one,
    fetch_value,
    migrate,
    open_database,
)
from entrepot.platform.embedded import running
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import Company, LegalEntity, User
from entrepot.platform.identity.permissions import Role, permissions_of
from entrepot.platform.ids import new_id
from entrepot.platform.inventory.models import Warehouse
from entrepot.platform.orders.rules import ZERO, line_amounts
from entrepot.platform.pricing.models import PriceList, PriceListAssignment, SellerTerms
from entrepot.platform.pricing.promotions.models import Promotion

SELLERS, LINES, LISTS, ROUNDS = 20, 500, 5, 15
QUANTITY = Decimal(12)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
CLOCK = FixedClock(NOW)
ONE_OFFER = """
SELECT o.article_number, o.tax_rate, o.currency, o.list_price, c.name AS seller_name, o.active,
       (SELECT sum(s.on_hand - s.reserved) FROM stock_item s WHERE s.offer_id = o.id) AS available
  FROM offer o JOIN company c ON c.id = o.seller_id WHERE o.id = $1
"""
ONE_PRICE = """
SELECT t.unit_price FROM price_list_assignment a
  JOIN price_list l ON l.id = a.price_list_id AND l.active
  JOIN price_tier t ON t.price_list_id = l.id AND t.offer_id = $1
 WHERE a.company_id = $2 AND t.min_quantity <= $3
 ORDER BY l.priority DESC, t.min_quantity DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Run:
    """The median of `ROUNDS` rounds; CPU is this process's, without PostgreSQL's."""

    name: str
    milliseconds: float
    cpu_milliseconds: float


async def _offers(sellers: list[Company], warehouses: list[Warehouse]) -> list[UUID]:
    keys = [new_id() for _ in range(LINES)]
    products = "id brand brand_key manufacturer_number number_key gtins title_en title_ru"
    offers = "id product_id seller_id external_id article_number list_price currency tax_included"
    stock = "id offer_id warehouse_id on_hand reserved incoming updated_at"
    async with connection() as borrowed:
        await borrowed.copy_records_to_table(
            "product",
            columns=[*products.split(), "description", "unit", "attributes", "created_at",
                     "updated_at"],
            records=[(key, "B", "b", f"N-{n}", f"n{n}", [], "T", "T", "", "PCE", "{}", NOW, NOW)
                     for n, key in enumerate(keys)],
        )  # fmt: skip
        await borrowed.copy_records_to_table(
            "offer",
            columns=[*offers.split(), "tax_rate", "pack_quantity", "min_order_quantity",
                     "order_step", "lead_time_days", "active", "created_at", "updated_at"],
            records=[(key, key, sellers[n % SELLERS].id, str(n), f"N-{n}", 100 + n, "RUB", False,
                      20, 1, 1, 1, 3, True, NOW, NOW) for n, key in enumerate(keys)],
        )  # fmt: skip
        await borrowed.copy_records_to_table(
            "stock_item",
            columns=stock.split(),
            records=[(new_id(), key, warehouses[n % SELLERS].id, 1000, 0, 0, NOW)
                     for n, key in enumerate(keys)],
        )  # fmt: skip
    return keys


async def _lists(sellers: list[Company], buyer: Company, offers: list[UUID]) -> None:
    """Give the buyer lists of each seller; the one of the highest priority has all its offers."""
    for number, seller in enumerate(sellers):
        own = offers[number::SELLERS]
        for priority in range(LISTS):
            made = await PriceList.create(
                seller=seller, name=f"List {priority}", currency="RUB", priority=priority
            )
            await PriceListAssignment.create(price_list=made, company=buyer)
            async with connection() as borrowed:
                await borrowed.copy_records_to_table(
                    "price_tier",
                    columns=["id", "price_list_id", "offer_id", "min_quantity", "unit_price"],
                    records=[(new_id(), made.id, key, minimum, 99 - priority - minimum)
                             for key in own for minimum in (1, 10)],
                )  # fmt: skip


async def _market() -> tuple[Actor, list[UUID]]:
    sellers, warehouses = [], []
    for number in range(SELLERS):
        seller = await Company.create(name=f"Seller {number}", is_seller=True)
        await LegalEntity.create(
            company=seller, name=f"S {number}", country="RU", tax_id=f"{number}", currency="RUB"
        )
        warehouses.append(await Warehouse.create(seller=seller, code="MAIN", name="Main"))
        await SellerTerms.create(
            seller=seller, currency="RUB", min_order_value=Decimal(1000),
            delivery_charge=Decimal(300),
        )  # fmt: skip
        sellers.append(seller)
    buyer = await Company.create(name="Buyer", is_buyer=True)
    entity = await LegalEntity.create(
        company=buyer, name="Buyer", country="RU", tax_id="7707083893", currency="RUB"
    )
    user = await User.create(email="buyer@x.test", name="B", password_hash="!")
    offers = await _offers(sellers, warehouses)
    await _lists(sellers, buyer, offers)
    await execute("ANALYZE")
    may = permissions_of([Role.BUYER.value])
    return Actor(user.id, buyer.id, entity.id, may), offers


async def _by_line(buyer: Actor, offers: list[UUID]) -> Decimal:
    """Sum a cart up the naive way; returns its net value."""
    total = ZERO
    for offer_id in offers:
        row = await fetch_one(ONE_OFFER, offer_id)
        assert row is not None
        price = await fetch_value(ONE_PRICE, offer_id, buyer.company_id, QUANTITY)
        rate = row["tax_rate"]
        total += line_amounts(
            QUANTITY, price or row["list_price"], offer_rate=rate, charged_rate=rate,
            tax_included=False, currency=row["currency"],
        )  # fmt: skip
    return total.net


async def _timed(name: str, work: Callable[[], Awaitable[object]]) -> Run:
    walls, cpus = [], []
    for _ in range(ROUNDS):
        began, busy = time.perf_counter(), time.process_time()
        await work()
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - busy)
    return Run(name, median(walls) * 1000, median(cpus) * 1000)


async def _fill(buyer: Actor, offers: list[UUID]) -> UUID:
    cart = await service.create(buyer, "Bench", clock=CLOCK)
    lines = [service.NewCartLine(offer, QUANTITY) for offer in offers]
    return await service.add_lines(buyer, cart, lines, clock=CLOCK)


async def measure() -> list[Run]:
    """Fill a cart and read it, without and with promotions; the naive way in the same run."""
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-") as folder:
        async with running(Path(folder) / "home") as services:
            await migrate(services.database_url)
            database = await open_database(services.database_url)
            sys.stderr.write(f"{LINES} lines from {SELLERS} sellers …\n")
            buyer, offers = await _market()
            cart = await _fill(buyer, offers)
            shown = await queries.cart_view(buyer, cart, NOW)
            assert shown is not None
            goods = sum((total.amounts.net for total in shown.totals), Decimal(0))
            assert goods == await _by_line(buyer, offers), "both say the same"
            runs = [
                await _timed("the cart", lambda: queries.cart_view(buyer, cart, NOW)),
                await _timed("line by line", lambda: _by_line(buyer, offers)),
                await _timed("filling a cart at once", lambda: _fill(buyer, offers)),
            ]
            for seller_id in {line.seller_id for line in shown.lines}:
                await Promotion.create(
                    owner_id=seller_id, seller_id=seller_id, name_en="P", name_ru="P",
                    kind="percent", percent=Decimal(5),
                )  # fmt: skip
            runs.append(
                await _timed(
                    "the cart, a promotion a seller", lambda: queries.cart_view(buyer, cart, NOW)
                )
            )
            await database.close()
    first, naive, *rest = runs
    return [first, rest[1], naive, rest[0]]


def table(runs: list[Run]) -> str:
    """Return the runs and the ratio as a Markdown table."""
    lines = ["| 500 lines | ms | CPU ms |", "|---|---|---|"]
    lines += [
        f"| {one.name} | {one.milliseconds:.0f} | {one.cpu_milliseconds:.0f} |" for one in runs
    ]
    ours, _, naive, _ = runs
    lines.append(
        f"\nLine by line takes {naive.milliseconds / ours.milliseconds:.1f} × the time and"
        f" {naive.cpu_milliseconds / ours.cpu_milliseconds:.1f} × the CPU of the cart."
    )
    return "\n".join(lines)
