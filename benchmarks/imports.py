"""Import of a catalogue of 100,000 lines: memory that does not grow with the file, and its time.

Beside it, in the same run: a script that reads the file into memory and copies it into a bare
table, which checks nothing and keeps no outcome a line.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from entrepot.platform.database import migrate, open_database
from entrepot.platform.embedded import running
from entrepot.platform.identity.models import Company, LegalEntity, Membership, User
from entrepot.platform.identity.permissions import Role

SMALL, LARGE = 10_000, 100_000
SELLER = "Bench Seller"
BARE = """
import asyncio, csv, sys
import asyncpg
from entrepot.platform.database import credentials
async def main(url, path):
    with open(path, encoding="utf-8") as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file, delimiter=";")]
    connection = await asyncpg.connect(**credentials(url))
    await connection.execute("DROP TABLE IF EXISTS bare_line")
    columns = ", ".join(f"c{n} text" for n in range(6))
    await connection.execute(f"CREATE TABLE bare_line ({columns})")
    await connection.copy_records_to_table("bare_line", records=rows)
    await connection.close()
asyncio.run(main(*sys.argv[1:]))
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took."""

    name: str
    lines: int
    seconds: float
    cpu: float
    peak_mib: float


def write_catalogue(path: Path, lines: int) -> None:
    """Write a catalogue of generated articles."""
    with path.open("w", encoding="utf-8") as file:
        file.write("external_id;article_number;brand;title;price;quantity\n")
        for n in range(lines):
            brand, price = f"Brand {n % 50}", f"{n % 900 + 1},50"
            file.write(f"E{n};BN-{n:06d}/{n % 97};{brand};Article number {n};{price};7\n")


def measured(name: str, lines: int, command: list[str], url: str, home: Path) -> Run:
    """Run a process to its end and ask the system what it took."""
    environment = {**os.environ, "ENTREPOT_DATABASE_URL": url, "ENTREPOT_HOME": str(home)}
    began = os.times().elapsed
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise RuntimeError(f"{name} ended with {os.waitstatus_to_exitcode(status)}")
    took = os.times().elapsed - began
    return Run(name, lines, took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


async def _prepare(url: str) -> None:
    await migrate(url)
    database = await open_database(url)
    company = await Company.create(name=SELLER, is_seller=True)
    await LegalEntity.create(
        company=company, name=SELLER, country="RU", tax_id="7707083893", currency="RUB"
    )
    user = await User.create(email="bench@x.test", name="Bench", password_hash="!")
    await Membership.create(user=user, company=company, roles=[Role.SELLER_MANAGER.value])
    await database.close()


async def measure() -> list[Run]:
    """Import both files, then copy the large one by the bare script."""
    runs: list[Run] = []
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-") as folder:
        home = Path(folder) / "home"
        async with running(home) as services:
            await _prepare(services.database_url)
            for lines in (SMALL, LARGE):
                path = Path(folder) / f"{lines}.csv"
                write_catalogue(path, lines)
                command = [sys.executable, "-m", "entrepot", "import", "catalog", str(path)]
                command += ["--seller", SELLER]
                sys.stderr.write(f"{lines} lines …\n")
                runs.append(
                    await asyncio.to_thread(
                        measured, "import catalog", lines, command, services.database_url, home
                    )
                )
            bare = [sys.executable, "-c", BARE, services.database_url, str(path)]
            runs.append(
                await asyncio.to_thread(
                    measured, "bare copy", LARGE, bare, services.database_url, home
                )
            )
    return runs


def table(runs: list[Run]) -> str:
    """Return the runs and their ratios as a Markdown table."""
    lines = ["| run | lines | s | CPU s | peak MiB |", "|---|---|---|---|---|"]
    lines += [
        f"| {one.name} | {one.lines:,} | {one.seconds:.1f} | {one.cpu:.1f} | {one.peak_mib:.0f} |"
        for one in runs
    ]
    small, large, bare = runs
    lines.append(
        f"\nTen times the lines take {large.peak_mib / small.peak_mib:.2f} × the memory; beside the"
        f" bare copy {large.peak_mib / bare.peak_mib:.2f} × the memory and"
        f" {large.cpu / bare.cpu:.1f} × the CPU."
    )
    return "\n".join(lines)
