"""The market under test: `entrepot demo` in a folder of its own, and the bare server beside it."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import psutil

from entrepot.platform.database import credentials
from entrepot.platform.home import Home
from entrepot.platform.identity.tokens import digest, new_session_token
from entrepot.platform.ids import new_id

START_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Buyer:
    """A signed-in buyer of the demo."""

    user_id: UUID
    company_id: UUID
    entity_id: UUID
    token: str


@dataclass(frozen=True, slots=True)
class Seller:
    """A signed-in seller, and their offers by article number and id."""

    person: Buyer
    offers: list[tuple[str, UUID]]


@dataclass(frozen=True, slots=True)
class Market:
    """Two servers on one database, and what there is to ask them for."""

    port: int
    pid: int
    bare_port: int
    bare_pid: int
    buyers: list[Buyer]
    product_ids: list[UUID]
    offer_ids: list[UUID]
    seller: Seller


def _start(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **environment})


def _wait_for(process: subprocess.Popen[bytes], port: int | None, home: Home) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"a server ended with {process.returncode}")
        if port is None:
            services = home.published()
            if services is not None and services.address:
                return
        else:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
        time.sleep(0.2)
    raise TimeoutError("a server did not start")


def _web_pid(parent: int) -> int:
    for child in psutil.Process(parent).children(recursive=True):
        if "serve" in child.cmdline() and "entrepot" in child.cmdline():
            return int(child.pid)
    raise RuntimeError("the demo has no web process")


async def _seller(connection: Any) -> Seller:
    (person,) = await _signed_in(connection, "c.is_seller AND 'seller_manager' = ANY(m.roles)", 1)
    rows = await connection.fetch(
        "SELECT article_number, id FROM offer WHERE seller_id = $1 ORDER BY article_number, id",
        person.company_id,
    )
    return Seller(person, [tuple(row) for row in rows])


async def _buyers(connection: Any) -> list[Buyer]:
    return await _signed_in(connection, "c.is_buyer AND 'buyer' = ANY(m.roles)", 1000)


async def _signed_in(connection: Any, who: str, most: int) -> list[Buyer]:
    rows = await connection.fetch(
        "SELECT DISTINCT ON (c.id) u.id AS user_id, c.id AS company_id, e.id AS entity_id"
        "  FROM company c JOIN membership m ON m.company_id = c.id"
        "  JOIN user_account u ON u.id = m.user_id JOIN legal_entity e ON e.company_id = c.id"
        f" WHERE {who} ORDER BY c.id LIMIT {most}"
    )
    found = [Buyer(**row, token=new_session_token()) for row in rows]
    now = datetime.now(UTC)
    await connection.executemany(
        "INSERT INTO session (id, token_hash, user_id, legal_entity_id, created_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        [
            (new_id(), digest(one.token), one.user_id, one.entity_id, now, now + timedelta(days=1))
            for one in found
        ],
    )
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running_market(folder: Path) -> AsyncIterator[Market]:
    """Start both servers on the demo market (20,000 offers); stop them after the block."""
    home = Home.at(folder)
    demo = _start(["entrepot", "demo", "--port", "0", "--home", str(folder)], {})
    bare_port, bare = _free_port(), None
    try:
        await asyncio.to_thread(_wait_for, demo, None, home)
        services = home.published()
        if services is None:
            raise RuntimeError("the demo ended")
        arguments = ["uvicorn", "--factory", "benchmarks.bare:create_app"]
        arguments += ["--port", str(bare_port), "--log-level", "warning", "--no-access-log"]
        bare = _start(arguments, {"ENTREPOT_DATABASE_URL": services.database_url})
        await asyncio.to_thread(_wait_for, bare, bare_port, home)
        connection = await asyncpg.connect(**credentials(services.database_url))
        buyers, seller = await _buyers(connection), await _seller(connection)
        # plenty of everything: refusals are not what is measured
        await connection.execute("UPDATE stock_item SET on_hand = on_hand + 100000000")
        products = await connection.fetch("SELECT id FROM product ORDER BY id LIMIT 5000")
        offers = await connection.fetch("SELECT id FROM offer ORDER BY id")
        await connection.close()
        yield Market(
            port=int(services.address.rsplit(":", 1)[1]),
            pid=_web_pid(demo.pid),
            bare_port=bare_port,
            bare_pid=bare.pid,
            buyers=buyers,
            product_ids=[row["id"] for row in products],
            offer_ids=[row["id"] for row in offers],
            seller=seller,
        )
    finally:
        for process in (bare, demo):
            if process is not None:
                process.terminate()
                process.wait(timeout=60)
