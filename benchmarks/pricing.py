"""Prices of 500 lines for a buyer with 20 lists, out of 5,000 lists and 2,000,000 prices.

All lines and lists are one seller's, the dearest case: every line meets every list. Beside the
batch, in the same run: one statement a line. For fixed lists that is a plain join which knows
nothing else; where rules are computed it is our own statement with a single line.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from entrepot.platform.database import connection, fetch, migrate, open_database
from entrepot.platform.embedded import running
from entrepot.platform.identity.models import Company, LegalEntity
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.buyer_lists import candidate_of
from entrepot.platform.pricing.queries import price_many
from entrepot.platform.pricing.rules import ListedPrice, resolve

SELLERS, OFFERS, LISTS, TIERS = 10, 20_000, 5_000, 2_000_000
LINES, GIVEN = 500, 20
ROUNDS = 15
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ONE_LINE = """
SELECT o.list_price, o.currency, pl.id AS price_list_id, pl.priority,
       pl.currency AS list_currency, pl.valid_from, pl.valid_until, t.min_quantity, t.unit_price,
       false AS by_group, pl.min_order_value, NULL AS percents
  FROM offer o
  LEFT JOIN (price_list_assignment a
             JOIN price_list pl ON pl.id = a.price_list_id AND a.company_id = $2 AND pl.active
             JOIN price_tier t ON t.price_list_id = pl.id) ON t.offer_id = o.id
 WHERE o.id = $1
"""


@dataclass(frozen=True, slots=True)
class Buyer:
    """A buyer and how its lists are made."""

    name: str
    company_id: UUID
    entity_id: UUID
    has_rules: bool


@dataclass(frozen=True, slots=True)
class Run:
    """The median of `ROUNDS` rounds; CPU is this process's, without PostgreSQL's."""

    name: str
    statements: int
    milliseconds: float
    cpu_milliseconds: float


async def _copy(table: str, columns: str, records: Iterator[tuple[Any, ...]]) -> None:
    async with connection() as borrowed:
        await borrowed.copy_records_to_table(table, records=records, columns=columns.split())


async def _market() -> tuple[list[UUID], list[UUID], list[UUID]]:
    """Fill the tables; returns sellers, offers and lists. Offer and list n are seller n % 10's."""
    sellers = [await Company.create(name=f"Seller {n}", is_seller=True) for n in range(SELLERS)]
    offers = [new_id() for _ in range(OFFERS)]
    lists = [new_id() for _ in range(LISTS)]
    await _copy(
        "product",
        "id brand brand_key manufacturer_number number_key gtins title_en title_ru description unit"
        " attributes created_at updated_at",
        ((key, "B", "b", f"N-{n}", f"n{n}", [], "T", "T", "", "PCE", "{}", NOW, NOW)
         for n, key in enumerate(offers)),
    )  # fmt: skip
    await _copy(
        "offer",
        "id product_id seller_id external_id article_number list_price currency tax_included"
        " tax_rate pack_quantity min_order_quantity order_step lead_time_days active created_at"
        " updated_at",
        ((key, key, sellers[n % SELLERS].id, str(n), f"N-{n}", 100, "RUB", False, 20, 1, 1, 1, 3,
          True, NOW, NOW) for n, key in enumerate(offers)),
    )  # fmt: skip
    await _copy(
        "price_list",
        "id seller_id name currency priority active created_at",
        ((key, sellers[n % SELLERS].id, f"List {n}", "RUB", n % 3, True, NOW)
         for n, key in enumerate(lists)),
    )  # fmt: skip
    chance = random.Random(1)

    def tiers() -> Iterator[tuple[Any, ...]]:
        for n, price_list in enumerate(lists):
            own = offers[n % SELLERS :: SELLERS]
            half = TIERS // LISTS // 2
            wanted = own[:half] if n < GIVEN * SELLERS else chance.sample(own, half)
            for offer in wanted:
                price = Decimal(chance.randint(5000, 9900)) / 100
                yield new_id(), price_list, offer, Decimal(1), price
                yield new_id(), price_list, offer, Decimal(10), price * Decimal("0.9")

    await _copy("price_tier", "id price_list_id offer_id min_quantity unit_price", tiers())
    async with connection() as borrowed:
        await borrowed.execute("ANALYZE")
    return [one.id for one in sellers], offers, lists


async def _buyer(name: str, lists: list[UUID], *, has_rules: bool = False) -> Buyer:
    company = await Company.create(name=name, is_buyer=True)
    entity = await LegalEntity.create(
        company=company, name=name, country="RU", tax_id=name[:20], currency="RUB"
    )
    await _copy(
        "price_list_assignment",
        "id price_list_id company_id",
        ((new_id(), key, company.id) for key in lists),
    )
    return Buyer(name, company.id, entity.id, has_rules)


async def _computed(seller: UUID, bases: list[UUID]) -> list[UUID]:
    """Make a rule list on each base, each with a second rule on top; returns the tops."""
    tops = []
    for number, base in enumerate(bases):
        middle, top = new_id(), new_id()
        await _copy(
            "price_list",
            "id seller_id name currency kind base_list_id percent rounding priority active"
            " created_at",
            iter([
                (middle, seller, f"M {number}", "RUB", "rule", base, -3, "none", 0, True, NOW),
                (top, seller, f"T {number}", "RUB", "rule", middle, 5, "to_99", 0, True, NOW),
            ]),
        )  # fmt: skip
        tops.append(top)
    return tops


async def _by_line(company_id: UUID, wanted: list[tuple[UUID, Decimal]]) -> dict[UUID, Decimal]:
    found = {}
    for offer_id, quantity in wanted:
        rows = await fetch(ONE_LINE, offer_id, company_id)
        listed = ListedPrice(rows[0]["list_price"], rows[0]["currency"])
        tiers = [candidate_of(row) for row in rows if row["price_list_id"] is not None]
        found[offer_id] = resolve(listed, tiers, quantity, NOW).unit_price
    return found


async def _timed(name: str, statements: int, work: Callable[[], Awaitable[object]]) -> Run:
    walls, cpus = [], []
    for _ in range(ROUNDS):
        began, busy = time.perf_counter(), time.process_time()
        await work()
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - busy)
    return Run(name, statements, median(walls) * 1000, median(cpus) * 1000)


async def _compared(buyer: Buyer, wanted: list[tuple[UUID, Decimal]]) -> list[Run]:
    """Price the lines in one batch and line by line; both must say the same."""

    async def batch() -> dict[UUID, Decimal]:
        found = await price_many(buyer.entity_id, wanted, NOW)
        return {offer_id: price.unit_price for (offer_id, _), price in found.items()}

    async def line_by_line() -> dict[UUID, Decimal]:
        if not buyer.has_rules:
            return await _by_line(buyer.company_id, wanted)
        found: dict[tuple[UUID, Decimal], Any] = {}
        for line in wanted:
            found |= await price_many(buyer.entity_id, [line], NOW)
        return {offer_id: price.unit_price for (offer_id, _), price in found.items()}

    if await batch() != await line_by_line():
        raise AssertionError(f"{buyer.name}: line by line other prices than in the batch")
    return [
        await _timed(buyer.name, 1, batch),
        await _timed(f"{buyer.name}, line by line", LINES, line_by_line),
    ]


async def measure() -> list[Run]:
    """Make the market and price the lines of three buyers, each in the batch and line by line."""
    runs: list[Run] = []
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-") as folder:
        async with running(Path(folder) / "home") as services:
            await migrate(services.database_url)
            database = await open_database(services.database_url)
            sys.stderr.write(f"{TIERS:,} prices in {LISTS:,} lists …\n")
            sellers, offers, lists = await _market()
            own = lists[0 : GIVEN * SELLERS : SELLERS]
            tops = await _computed(sellers[0], own)
            buyers = [
                await _buyer("20 fixed lists", own),
                await _buyer(
                    "12 fixed lists, 8 chains of two rules", own[:12] + tops[12:], has_rules=True
                ),
                await _buyer("no lists", []),
            ]
            wanted = [(key, Decimal(12)) for key in offers[0 : LINES * SELLERS : SELLERS]]
            for one in buyers:
                sys.stderr.write(f"{one.name} …\n")
                runs += await _compared(one, wanted)
            await database.close()
    return runs


def table(runs: list[Run]) -> str:
    """Return the runs and their ratios as a Markdown table."""
    lines = ["| 500 lines | statements | ms | CPU ms |", "|---|---|---|---|"]
    lines += [
        f"| {one.name} | {one.statements} | {one.milliseconds:.0f} | {one.cpu_milliseconds:.0f} |"
        for one in runs
    ]
    lines.append("")
    for batch, single in zip(runs[::2], runs[1::2], strict=True):
        lines.append(
            f"{batch.name}: line by line takes {single.milliseconds / batch.milliseconds:.1f} ×"
            f" the time and {single.cpu_milliseconds / batch.cpu_milliseconds:.1f} × the CPU."
        )
    return "\n".join(lines)
