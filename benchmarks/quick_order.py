"""Quick order: a pasted list of 1,000 lines, beside one that looks each line up by itself."""

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

from entrepot.demo.load import load
from entrepot.platform.carts.quick_order import service
from entrepot.platform.carts.quick_order.matching import match
from entrepot.platform.carts.quick_order.outcomes import GOOD
from entrepot.platform.carts.quick_order.queries import counts_of
from entrepot.platform.catalog.article_numbers import number_key
from entrepot.platform.database import execute, fetch, fetch_one, migrate, open_database
from entrepot.platform.embedded import running
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.inventory.queries import availability
from entrepot.platform.pricing.queries import prices_for

LINES, ROUNDS = 1000, 7
SHAPES = ("{};{}", "{}\t{} шт", "{}, {}", "{} x{}", "{} {} pcs")
PRODUCT = "SELECT id FROM product WHERE number_key = $1"
OFFERS = "SELECT id FROM offer WHERE product_id = $1 AND active"
KEEP = """
INSERT INTO quick_order_line (quick_order_id, line_number, text, number, quantity, outcome,
                              offer_id, proposed_quantity, details, taken)
VALUES ($1, $2, $3, $4, $5, 'EXACT', $6, $5, '{}', false)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """The median of the rounds of one way to do it."""

    name: str
    milliseconds: float
    cpu_milliseconds: float
    found: int


async def pasted() -> str:
    """Write 1,000 lines of the demo's catalogue: clean, folded, by GTIN, unknown, repeated."""
    rows = await fetch(
        "SELECT p.manufacturer_number AS number, p.gtins[1] AS gtin FROM product p"
        " WHERE EXISTS (SELECT 1 FROM offer o WHERE o.product_id = p.id) ORDER BY p.id LIMIT $1",
        LINES,
    )
    lines = []
    for n, row in enumerate(rows):
        number = row["number"]
        if n % 10 == 7:
            number = number_key(number).upper()
        elif n % 20 == 9:
            number = row["gtin"]
        elif n % 25 == 13:
            number = f"NO-{n}"
        elif n % 50 == 31:
            number = rows[0]["number"]
        lines.append(SHAPES[n % len(SHAPES)].format(number, n % 40 + 1))
    return "\n".join(lines)


async def one_by_one(actor: Actor, text: str, now: datetime) -> int:
    """Do it naively: for each line its product, offers, stock, prices; one insert each.

    It knows neither aliases nor GTINs, cross-references, visibility, units, packs or repetitions.
    """
    order_id, found = new_id(), 0
    await execute(
        "INSERT INTO quick_order (id, legal_entity_id, created_by_id, source, created_at)"
        " VALUES ($1, $2, $3, 'paste', $4)",
        order_id,
        actor.legal_entity_id,
        actor.user_id,
        now,
    )
    for line in service.wanted_of_text(text):
        reading = line.readings[0]
        quantity = reading.amount.quantity or Decimal(1)
        chosen: UUID | None = None
        product = await fetch_one(PRODUCT, number_key(reading.number))
        if product is not None:
            offers = [row["id"] for row in await fetch(OFFERS, product["id"])]
            stock = await availability(offers)
            wanted = [(offer, quantity) for offer in offers]
            prices = await prices_for(actor.legal_entity_id, wanted, now)
            enough = [one for one in offers if stock[one].available >= quantity] or offers
            chosen = min(enough, key=lambda one: prices[one].unit_price, default=None)
            found += chosen is not None
        await execute(KEEP, order_id, line.line_number, line.text, reading.number, quantity, chosen)
    return found


async def at_once(actor: Actor, text: str, now: datetime) -> int:
    """Do it as `prepareQuickOrder` does, without the search for suggestions."""
    wanted = service.wanted_of_text(text)
    made = await service.prepare(actor, wanted, "paste", now=now)
    counted = (await counts_of([made]))[made]
    return sum(count for outcome, count in counted.by_outcome.items() if outcome in GOOD)


async def only_match(actor: Actor, text: str, now: datetime) -> int:
    """Find the offers and propose; keep nothing."""
    wanted = service.wanted_of_text(text)
    lines = await match(actor.legal_entity_id, actor.company_id, wanted, now)
    return sum(line.outcome in GOOD for line in lines)


async def only_read(_actor: Actor, text: str, _now: datetime) -> int:
    """Read the text."""
    return len(service.wanted_of_text(text))


WAYS: tuple[tuple[str, Callable[[Actor, str, datetime], Awaitable[int]]], ...] = (
    ("read the text", only_read),
    ("read and match", only_match),
    ("read, match, keep", at_once),
    ("line by line", one_by_one),
)


async def _buyer() -> Actor:
    row = await fetch_one(
        "SELECT m.user_id, m.company_id, e.id AS legal_entity_id FROM membership m"
        " JOIN company c ON c.id = m.company_id JOIN legal_entity e ON e.company_id = c.id"
        " JOIN price_list_assignment a ON a.company_id = c.id"
        " WHERE c.is_buyer AND 'buyer' = ANY(m.roles) ORDER BY c.id LIMIT 1"
    )
    if row is None:
        raise RuntimeError("the demo has no buyer")
    return Actor(**row, permissions=frozenset(Permission))


async def measure() -> list[Run]:
    """Load the demo market (20,000 offers) and do it every way, in turn."""
    runs: list[Run] = []
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-") as folder:
        async with running(Path(folder) / "home") as services:
            await migrate(services.database_url)
            await load(services.database_url, lambda _done, _total, _table: None)
            database = await open_database(services.database_url)
            actor, text, now = await _buyer(), await pasted(), datetime.now(UTC)
            taken: dict[str, list[tuple[float, float]]] = {name: [] for name, _ in WAYS}
            found: dict[str, int] = {}
            for number in range(ROUNDS + 1):
                sys.stderr.write(f"round {number} of {ROUNDS} …\n")
                for name, way in WAYS:
                    began, cpu = time.perf_counter(), time.process_time()
                    found[name] = await way(actor, text, now)
                    if number:  # the first round warms the caches
                        taken[name].append((time.perf_counter() - began, time.process_time() - cpu))
            await database.close()
    for name, _ in WAYS:
        wall = median(one for one, _ in taken[name]) * 1000
        cpu = median(one for _, one in taken[name]) * 1000
        runs.append(Run(name, wall, cpu, found[name]))
    return runs


def table(runs: list[Run]) -> str:
    """Return the runs and their ratio as a Markdown table."""
    lines = ["| 1,000 lines | ms | CPU ms | lines found and fine |", "|---|---|---|---|"]
    lines += [
        f"| {one.name} | {one.milliseconds:.0f} | {one.cpu_milliseconds:.0f} | {one.found} |"
        for one in runs
    ]
    ours, naive = runs[-2], runs[-1]
    lines.append(
        f"\nLine by line takes {naive.milliseconds / ours.milliseconds:.1f} × the time and"
        f" {naive.cpu_milliseconds / ours.cpu_milliseconds:.1f} × the CPU."
    )
    return "\n".join(lines)
