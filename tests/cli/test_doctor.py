"""`entrepot doctor`: names what is broken and says how to mend it."""

from __future__ import annotations

import json
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from entrepot.commands.exit_codes import ExitCode
from entrepot.platform import diagnostics, machine_diagnostics
from entrepot.platform.database import Database, credentials, execute
from entrepot.platform.diagnostics import Check, Level
from entrepot.search.backends.tantivy import TantivyEngine
from tests.cli.conftest import run_command
from tests.factories import make_offer, make_seller


async def checks_of(home: Path, *flags: str, **extra: str) -> tuple[int, dict[str, dict[str, str]]]:
    outcome = await run_command("doctor", "--json", "--home", str(home), *flags, **extra)
    assert outcome.err == ""
    return outcome.code, {check["name"]: check for check in json.loads(outcome.out)["checks"]}


@pytest.fixture
def addresses(database_url: str, redis_url: str) -> dict[str, str]:
    return {"ENTREPOT_DATABASE_URL": database_url, "ENTREPOT_REDIS_URL": redis_url}


async def test_a_well_instance_passes(tmp_path: Path, addresses: dict[str, str]) -> None:
    code, checks = await checks_of(tmp_path / "home", **addresses)
    assert code == ExitCode.OK
    assert {name for name in checks if not name.startswith("library.")} == {
        "disk", "redis.version", "redis.append_only", "redis.queue", "database.version",
        "database.role", "clock", "database.migrations", "outbox.waiting", "outbox.dead",
        "search.index", "search.changes",
    }  # fmt: skip
    # The tests' own server knows only a superuser, which is worth a word.
    assert {name for name, check in checks.items() if check["level"] != "OK"} == {"database.role"}


async def test_unreachable_services_fail_each_with_its_remedy() -> None:
    [database] = await diagnostics.check_database("postgresql://nobody@127.0.0.1:1/none")
    assert (database.name, database.level) == ("database.reach", Level.FAIL)
    assert "ENTREPOT_DATABASE_URL" in database.mend.en  # type: ignore[union-attr]  # or fail
    [redis] = await machine_diagnostics.check_redis("redis://127.0.0.1:1/0")
    assert (redis.name, redis.level) == ("redis.reach", Level.FAIL)
    assert "ENTREPOT_REDIS_URL" in redis.mend.ru  # type: ignore[union-attr]  # or fail


async def test_a_missing_migration_fails_in_russian_too(
    tmp_path: Path, addresses: dict[str, str], database: Database
) -> None:
    await execute("DELETE FROM tortoise_migrations WHERE name = '0002_guards'")
    outcome = await run_command("--lang", "ru", "doctor", "--home", str(tmp_path), **addresses)
    assert outcome.code == ExitCode.CHECK_FAILED
    assert "не применены 0002_guards" in outcome.out
    assert "исправить: Выполните `entrepot migrate`." in outcome.out
    assert "search.index" not in outcome.out


async def test_an_index_that_lost_the_offers_fails_and_rebuild_mends_it(
    tmp_path: Path, addresses: dict[str, str], database: Database
) -> None:
    seller = await make_seller()
    await make_offer(seller)
    code, checks = await checks_of(tmp_path, **addresses)
    assert code == ExitCode.CHECK_FAILED
    assert checks["search.index"]["found"] == "0 of 1 offers indexed"
    assert checks["search.index"]["mend"] == "Run `entrepot search rebuild`."
    rebuilt = await run_command("search", "rebuild", "--home", str(tmp_path), **addresses)
    assert (rebuilt.code, rebuilt.out.splitlines()[-1]) == (0, "Search index: 1 offers.")
    engine = TantivyEngine(tmp_path / "search")
    assert await engine.indexed_count() == 1
    await engine.close()


async def test_a_search_server_that_is_away_is_not_mended_by_a_rebuild(
    tmp_path: Path, addresses: dict[str, str], database: Database
) -> None:
    away = {"ENTREPOT_MEILI_URL": "http://127.0.0.1:1", "ENTREPOT_MEILI_KEY": "k"}
    code, checks = await checks_of(tmp_path, **addresses, **away)
    assert code == ExitCode.CHECK_FAILED
    assert checks["search.index"]["level"] == "FAIL"
    assert checks["search.index"]["mend"] == (
        "Start Meilisearch, or correct ENTREPOT_MEILI_URL and ENTREPOT_MEILI_KEY."
    )


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


async def test_waiting_and_dead_deliveries_are_told_and_the_dead_sent_again(
    database: Database,
) -> None:
    assert [check.level for check in await diagnostics.check_outbox()] == [Level.OK, Level.OK]
    await execute(
        "INSERT INTO outbox_event (kind, version, payload, recorded_at, relayed_at)"
        " VALUES ('OrderPlaced', 1, '{}', now() - interval '2 hours', now())"
    )
    await execute(
        "INSERT INTO outbox_delivery (event_id, consumer, attempts, last_error, dead_at)"
        " SELECT id, 'notify', 5, 'no such mailbox', now() FROM outbox_event"
    )
    checks = by_name(await diagnostics.check_outbox())
    assert checks["outbox.waiting"].level is Level.OK
    assert checks["outbox.dead"].level is Level.WARN
    assert checks["outbox.dead"].found.en == "1; OrderPlaced → notify: no such mailbox"
    assert "--retry-dead" in checks["outbox.dead"].mend.ru  # type: ignore[union-attr]  # or fail

    assert await diagnostics.retry_dead_deliveries() == 1
    checks = by_name(await diagnostics.check_outbox())
    assert checks["outbox.dead"].level is Level.OK
    assert checks["outbox.waiting"].level is Level.FAIL
    assert checks["outbox.waiting"].found.en.startswith("1 waiting, oldest 72")
    assert "entrepot worker" in checks["outbox.waiting"].mend.en  # type: ignore[union-attr]


async def test_redis_without_its_append_only_file_is_worth_a_word(
    redis_url: str, redis: Redis
) -> None:
    await redis.rpush("dramatiq:jobs", "one", "two")
    await redis.config_set("appendonly", "no")
    try:
        checks = by_name(await machine_diagnostics.check_redis(redis_url))
    finally:
        await redis.config_set("appendonly", "yes")
    assert checks["redis.append_only"].level is Level.WARN
    assert "appendonly yes" in checks["redis.append_only"].mend.en  # type: ignore[union-attr]
    assert checks["redis.queue"].found.en == "2 (jobs 2)"


async def test_embedded_services_that_do_not_start_are_an_answer(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("16\n")
    code, checks = await checks_of(tmp_path)
    assert code == ExitCode.CHECK_FAILED
    assert "PostgreSQL 16" in checks["services.start"]["found"]


async def test_a_role_of_its_own_passes_where_a_superuser_does_not(database_url: str) -> None:
    async def role_check(url: str) -> Check:
        [check] = [c for c in await diagnostics.check_database(url) if c.name == "database.role"]
        return check

    assert (await role_check(database_url)).level is Level.WARN
    connection = await asyncpg.connect(**credentials(database_url))
    await connection.execute("CREATE ROLE plain LOGIN")
    await connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO plain")
    try:
        plain = database_url.replace("://postgres@", "://plain@")
        assert (await role_check(plain)).level is Level.OK
    finally:
        await connection.execute("DROP OWNED BY plain")
        await connection.execute("DROP ROLE plain")
        await connection.close()
