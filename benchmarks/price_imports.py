"""Import of a price list of 200,000 lines, and what buyers feel of it meanwhile.

A seller has 50,000 articles; the file has four prices by quantity for each. While the command runs,
a buyer asks for the prices of twenty articles again and again: the latency is compared with the one
before the import, and every answer must be all old or all new. Beside it, in the same run: a script
that reads the same file into memory and copies it into a bare table, which checks nothing.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from benchmarks.imports import BARE, SELLER, Run, measured
from entrepot.platform.clock import SystemClock
from entrepot.platform.database import execute, fetch, migrate, open_database
from entrepot.platform.embedded import running
from entrepot.platform.identity.models import Company, LegalEntity, Membership, User
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.pricing.models import PriceList, PriceListAssignment
from entrepot.platform.pricing.queries import prices_for

OFFERS, TIERS = 50_000, 4
LIST = "Dealers"
WATCHED = 20


@dataclass(frozen=True, slots=True)
class Result:
    """The import, the bare copy, and a buyer's latencies in ms before and meanwhile."""

    imported: Run
    again: Run
    bare: Run
    before: list[float]
    meanwhile: list[float]
    mixed: int


def write_prices(path: Path) -> None:
    """Write four prices by quantity for each article."""
    with path.open("w", encoding="utf-8") as file:
        file.write("article_number;price;from;brand;a;b\n")
        for n in range(OFFERS):
            for tier in range(TIERS):
                price = 900 - tier * 100 + n % 90
                file.write(f"BN-{n:06d};{price},50;{10**tier};;;\n")


async def _prepare() -> tuple[UUID, list[UUID]]:
    """Create the articles, a list with a price of 1 for the watched ones, and a buyer of it."""
    seller = await Company.create(name=SELLER, is_seller=True)
    buyer = await Company.create(name="Bench Buyer", is_buyer=True)
    entities = [
        await LegalEntity.create(
            company=company, name=company.name, country="RU", tax_id=number, currency="RUB"
        )
        for company, number in ((seller, "7707083893"), (buyer, "7736050003"))
    ]
    user = await User.create(email="bench@x.test", name="Bench", password_hash="!")
    await Membership.create(user=user, company=seller, roles=[Role.SELLER_MANAGER.value])
    ids = [new_id() for _ in range(OFFERS)]
    numbers = [f"BN-{n:06d}" for n in range(OFFERS)]
    keys = [number.replace("-", "").lower() for number in numbers]
    await execute(
        "INSERT INTO product (id, brand, brand_key, manufacturer_number, number_key, gtins,"
        " title_en, title_ru, description, unit, attributes, created_at, updated_at)"
        " SELECT id, 'B', 'b', number, key, '{}', number, number, '', 'PCE', '{}', now(), now()"
        "  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS t(id, number, key)",
        ids,
        numbers,
        keys,
    )
    await execute(
        "INSERT INTO offer (id, product_id, seller_id, external_id, article_number, number_key,"
        " list_price, currency, tax_included, tax_rate, pack_quantity, min_order_quantity,"
        " order_step, lead_time_days, active, created_at, updated_at)"
        " SELECT id, id, $4, number, number, key, 1000, 'RUB', false, 20, 1, 1, 1, 3, true, now(),"
        " now() FROM unnest($1::uuid[], $2::text[], $3::text[]) AS t(id, number, key)",
        ids,
        numbers,
        keys,
        seller.id,
    )
    listed = await PriceList.create(seller=seller, name=LIST, currency="RUB")
    await PriceListAssignment.create(price_list=listed, company=buyer)
    watched = ids[:: OFFERS // WATCHED]
    await execute(
        "INSERT INTO price_tier (id, price_list_id, offer_id, min_quantity, unit_price)"
        " SELECT gen_random_uuid(), $1, t.id, 1, 1 FROM unnest($2::uuid[]) AS t(id)",
        listed.id,
        watched,
    )
    await execute("ANALYZE")
    return entities[1].id, watched


async def _watch(
    entity_id: UUID, watched: list[UUID], until: asyncio.Event
) -> tuple[list[float], int]:
    """Ask for prices until told to stop; returns latencies and how many answers were mixed."""
    took: list[float] = []
    mixed = 0
    wanted = [(offer_id, Decimal(1)) for offer_id in watched]
    while not until.is_set():
        began = time.perf_counter()
        prices = await prices_for(entity_id, wanted, SystemClock().now())
        took.append((time.perf_counter() - began) * 1000)
        old = sum(price.unit_price == 1 for price in prices.values())
        mixed += old not in (0, len(wanted))
        await asyncio.sleep(0.005)
    return took, mixed


async def measure() -> Result:
    """Import the file twice, then copy it by the bare script."""
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-") as folder:
        home, path = Path(folder) / "home", Path(folder) / "prices.csv"
        await asyncio.to_thread(write_prices, path)
        async with running(home) as services:
            url = services.database_url
            await migrate(url)
            database = await open_database(url)
            entity_id, watched = await _prepare()
            enough = asyncio.Event()
            asyncio.get_running_loop().call_later(3, enough.set)
            before, _ = await _watch(entity_id, watched, enough)
            command = [sys.executable, "-m", "entrepot", "import", "prices", str(path)]
            command += ["--seller", SELLER, "--list", LIST]
            done = asyncio.Event()
            watching = asyncio.create_task(_watch(entity_id, watched, done))
            imported = await _run("import prices", command, url, home)
            done.set()
            meanwhile, mixed = await watching
            count = await fetch("SELECT count(*) AS tiers FROM price_tier")
            assert count[0]["tiers"] == OFFERS * TIERS, count
            again = await _run("the same again", command, url, home)
            bare = await _run("bare copy", [sys.executable, "-c", BARE, url, str(path)], url, home)
            await database.close()
    return Result(imported, again, bare, before, meanwhile, mixed)


async def _run(name: str, command: list[str], url: str, home: Path) -> Run:
    sys.stderr.write(f"{name} …\n")
    return await asyncio.to_thread(measured, name, OFFERS * TIERS, command, url, home)


def _quantile(values: list[float], share: float) -> float:
    return statistics.quantiles(values, n=1000)[int(share * 1000) - 1]


def table(result: Result) -> str:
    """Return the runs and their ratios as a Markdown table."""
    lines = ["| run | lines | s | CPU s | peak MiB |", "|---|---|---|---|---|"]
    lines += [
        f"| {one.name} | {one.lines:,} | {one.seconds:.1f} | {one.cpu:.1f} | {one.peak_mib:.0f} |"
        for one in (result.imported, result.again, result.bare)
    ]
    lines += [
        "",
        "| a buyer's 20 prices | asked | p50 ms | p99 ms | longest ms |",
        "|---|---|---|---|---|",
    ]
    for name, took in (("before", result.before), ("meanwhile", result.meanwhile)):
        lines.append(
            f"| {name} | {len(took)} | {_quantile(took, 0.5):.1f} | {_quantile(took, 0.99):.1f}"
            f" | {max(took):.1f} |"
        )
    ratio = _quantile(result.meanwhile, 0.5) / _quantile(result.before, 0.5)
    lines.append(
        f"\nThe import takes {result.imported.cpu / result.bare.cpu:.1f} × the CPU of the bare copy"
        f" (its share in the database server not counted in either); a buyer's prices take"
        f" {ratio:.1f} × as long meanwhile on {os.cpu_count()} cores. Answers half old, half new:"
        f" {result.mixed}."
    )
    return "\n".join(lines)
