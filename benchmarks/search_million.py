"""A million offers: the whole rebuild, its memory and disk, and the cost of one update.

Beside it, in the same run: plain titles and numbers into SQLite's full-text index (FTS5), which
analyses nothing, ranks nothing and hides nothing.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path

import psutil

from benchmarks.million import million_rows, offer_id
from benchmarks.million_database import load
from entrepot.platform.database import execute, migrate, open_database
from entrepot.platform.embedded import running
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.reindex import update_offers

__all__ = ["measure", "million_rows", "table"]

UPDATES = 300


@dataclass(frozen=True, slots=True)
class Size:
    """What an index of `offers` took. Times in seconds, memory and disk in MiB, costs in ms."""

    offers: int
    wall: float
    cpu: float
    peak: float
    disk: float
    update_median: float
    update_longest: float
    verify_cpu: float
    verify_peak: float


@dataclass(frozen=True, slots=True)
class Results:
    """All sizes, and the baseline at the largest one."""

    sizes: tuple[Size, ...]
    plain_cpu: float
    plain_disk: float


def _ran(command: str, home: Path, url: str) -> tuple[float, float, float]:
    """Run `entrepot search COMMAND`; wall and CPU seconds, and the most memory at any time.

    Of all its processes together: the peak is sampled, each process's share of shared pages told
    apart.
    """
    environment = {**os.environ, "ENTREPOT_DATABASE_URL": url, "ENTREPOT_HOME": str(home)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    arguments = [sys.executable, "-m", "entrepot", "search", command]
    process = subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        try:
            parent = psutil.Process(process.pid)
            used = [one.memory_full_info().pss for one in (parent, *parent.children(True))]
            peak = max(peak, sum(used) / 2**20)
        except psutil.Error:
            pass
        time.sleep(0.25)
    took = time.perf_counter() - began
    if process.returncode != 0:
        raise RuntimeError(f"search {command} ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took, cpu, peak


async def _updates(engine: TantivyEngine, offers: int) -> list[float]:
    """CPU in ms of one price each, indexed at once."""
    costs = []
    for number in range(UPDATES):
        one = offer_id(number * 7_919 % offers)
        await execute(
            "UPDATE offer SET list_price = $2 WHERE id = $1", one, Decimal(number).scaleb(-2)
        )
        began = time.process_time()
        await update_offers(engine, [one])
        costs.append((time.process_time() - began) * 1000)
    return costs


async def _size(offers: int, folder: Path) -> Size:
    home = folder / str(offers)
    sys.stderr.write(f"{offers} offers: load …\n")
    async with running(home, redis_url="redis://not-used", durable=False) as services:
        url = services.database_url
        await migrate(url)
        await load(url, offers)
        sys.stderr.write("rebuild …\n")
        wall, cpu, peak = await asyncio.to_thread(_ran, "rebuild", home, url)
        database = await open_database(url)
        engine = TantivyEngine(home / "search")
        disk = sum(path.stat().st_size for path in (home / "search").rglob("*") if path.is_file())
        sys.stderr.write(f"{wall:.0f} s, CPU {cpu:.0f} s, {peak:.0f} MiB; updates …\n")
        costs = await _updates(engine, offers)
        sys.stderr.write("verify …\n")
        # Fails where the index is not equal to the database.
        _, verify_cpu, verify_peak = await asyncio.to_thread(_ran, "verify", home, url)
        await engine.close()
        await database.close()
    return Size(
        offers, wall, cpu, peak, disk / 2**20, statistics.median(costs), max(costs), verify_cpu,
        verify_peak,
    )  # fmt: skip


def _plain(offers: int, path: Path) -> tuple[float, float]:
    """CPU seconds and MiB of titles and numbers in FTS5, without making up the rows."""
    spent = 0.0
    connection = sqlite3.connect(path)
    connection.execute("CREATE VIRTUAL TABLE offer USING fts5(number, title, content='')")
    rows = million_rows(offers)
    number = 0
    while chunk := list(islice(rows, 10_000)):
        plain = [
            (number + place, row.article_number, f"{row.title_en} {row.title_ru}")
            for place, row in enumerate(chunk, start=1)
        ]
        number += len(chunk)
        began = time.process_time()
        connection.executemany("INSERT INTO offer (rowid, number, title) VALUES (?, ?, ?)", plain)
        connection.commit()
        spent += time.process_time() - began
    connection.close()
    return spent, path.stat().st_size / 2**20


async def measure(offers: int = 1_000_000) -> Results:
    """Rebuild at a hundredth, a tenth and all of the offers, each in a database of its own."""
    sizes = []
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-") as folder:
        for part in sorted({max(1_000, offers // 100), max(1_000, offers // 10), offers}):
            sizes.append(await _size(part, Path(folder)))
        spent, disk = await asyncio.to_thread(_plain, offers, Path(folder) / "plain.sqlite")
    return Results(tuple(sizes), spent, disk)


def table(results: Results) -> str:
    """Return the figures as Markdown."""
    return "\n".join([*_lines(results.sizes), *_beside(results)])


def _lines(sizes: Sequence[Size]) -> list[str]:
    return [
        "| offers | rebuild s | CPU s | peak MiB | disk MiB | one update, CPU ms: median | longest"
        " | verify CPU s | verify MiB |",
        "|---|---|---|---|---|---|---|---|---|",
        *(
            f"| {one.offers:,} | {one.wall:.0f} | {one.cpu:.0f} | {one.peak:.0f} | {one.disk:.0f}"
            f" | {one.update_median:.1f} | {one.update_longest:.1f} | {one.verify_cpu:.0f}"
            f" | {one.verify_peak:.0f} |"
            for one in sizes
        ),
    ]


def _beside(results: Results) -> list[str]:
    largest = results.sizes[-1]
    return [
        "",
        f"Plain titles and numbers of {largest.offers:,} offers into SQLite FTS5:"
        f" {results.plain_cpu:.0f} s CPU, {results.plain_disk:.0f} MiB.",
    ]
