"""The embedded PostgreSQL and Redis: start, stop, survive, refuse."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest
from redis.asyncio import Redis

from entrepot.platform import embedded
from entrepot.platform.child_process import MARK
from entrepot.platform.embedded_postgres import PostgresDataOfOtherVersion
from entrepot.platform.home import Home, HomeInUse, HomeUnusable, Services, reclaim
from tests.running_processes import none_left, on_folder

HOLDER = """
import asyncio, sys
from pathlib import Path
from entrepot.platform import embedded

async def main():
    async with embedded.running(Path(sys.argv[1]), durable=False) as services:
        print("up", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def ask(services: Services, sql: str) -> object:
    connection = await asyncpg.connect(services.database_url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def push(services: Services, value: str) -> list[bytes]:
    client = Redis.from_url(services.redis_url)
    try:
        await client.rpush("kept", value)
        return await client.lrange("kept", 0, -1)
    finally:
        await client.aclose()


async def test_they_run_stop_and_keep_what_was_written(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with embedded.running(home) as services:
        assert str(await ask(services, "SHOW server_version")).startswith("18.")
        assert await ask(
            services, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        ) is (False)
        assert await ask(services, "SELECT upper('ёлка')") == "ЁЛКА"
        assert await ask(services, "SHOW listen_addresses") == ""
        await ask(services, "CREATE TABLE kept AS SELECT 1 AS one")
        assert await push(services, "a") == [b"a"]
        assert Home.at(home).published() == services
    assert on_folder(home) == {}
    assert Home.at(home).published() is None
    async with embedded.running(home) as services:
        assert await ask(services, "SELECT one FROM kept") == 1
        assert await push(services, "b") == [b"a", b"b"]
    assert on_folder(home) == {}


async def test_configured_urls_start_nothing_and_touch_no_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with embedded.running(home, database_url="postgresql://d", redis_url="redis://r") as got:
        assert got == Services("postgresql://d", "redis://r")
    assert not home.exists()


async def test_only_the_part_without_an_address_is_started(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with embedded.running(home, database_url="postgresql://elsewhere") as services:
        assert services.database_url == "postgresql://elsewhere"
        assert await push(services, "a") == [b"a"]
        assert not (home / "postgres").exists()


async def test_a_killed_holder_takes_its_servers_along_and_the_next_start_works(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    holder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDER, str(home)), stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"up\n"
    with pytest.raises(HomeInUse) as refused:
        async with embedded.running(home):
            pass
    assert refused.value.pid == str(holder.pid)
    async with embedded.reach(home) as services:
        await ask(services, "CREATE TABLE kept AS SELECT 1 AS one")
        await push(services, "a")
    holder.kill()
    await holder.wait()
    assert await none_left(home) == {}
    # What SIGKILL of PostgreSQL itself leaves: a pid file naming a process that is someone else's.
    stale = home / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{home}/postgres\n1\n5432\n{home}/run/pg\n\n0 0\nready\n")
    async with embedded.running(home, durable=False) as services:
        assert await ask(services, "SELECT one FROM kept") == 1
        assert await push(services, "b") == [b"a", b"b"]


async def test_two_folders_run_side_by_side(tmp_path: Path) -> None:
    async with (
        embedded.running(tmp_path / "one", durable=False) as one,
        embedded.running(tmp_path / "two", durable=False) as two,
    ):
        await ask(one, "CREATE TABLE mine AS SELECT 1 AS one")
        assert await ask(two, "SELECT to_regclass('mine') IS NULL") is True
        await push(one, "a")
        assert await push(two, "b") == [b"b"]


async def test_a_folder_with_a_long_path_works_and_leaves_nothing_elsewhere(tmp_path: Path) -> None:
    home = tmp_path / ("x" * 120)
    async with embedded.running(home, durable=False) as services:
        sockets = Home.at(home).sockets()
        assert not sockets.is_relative_to(home)
        assert await ask(services, "SELECT 1") == 1
        assert await push(services, "a") == [b"a"]
    assert not sockets.exists()


async def test_a_closed_folder_above_stays_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    async with embedded.running(closed / "home", durable=False) as services:
        assert await ask(services, "SELECT 1") == 1
    assert closed.stat().st_mode & 0o777 == 0o700


async def test_data_of_another_major_version_is_refused_untouched(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(PostgresDataOfOtherVersion) as refused:
        async with embedded.running(home):
            pass
    assert "PostgreSQL 16" in refused.value.message("en")
    assert [path.name for path in (home / "postgres").iterdir()] == ["PG_VERSION"]
    assert on_folder(home) == {}


async def test_a_folder_that_cannot_be_made_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeUnusable):
        async with embedded.running(tmp_path / "file" / "home"):
            pass


async def test_a_leftover_that_ignores_requests_is_ended_and_strangers_are_not(
    tmp_path: Path,
) -> None:
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True)"
    stubborn += "; time.sleep(600)"
    home = Home.at(tmp_path / "home")

    async def start(mark: Path) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", stubborn),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, MARK: str(mark)},
        )
        assert process.stdout is not None
        await process.stdout.readline()
        return process

    ours, strange = await start(home.path), await start(tmp_path / "other")
    with home.locked():
        ended = await asyncio.to_thread(reclaim, home, 0.2)
    assert ended == 1
    assert await ours.wait() == -signal.SIGKILL
    assert psutil.pid_exists(strange.pid)
    strange.kill()
    await strange.wait()
