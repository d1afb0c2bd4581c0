"""What `doctor` asks of the database: version, rights, clock, schema, outbox.

Each check answers with what it found and, where something is wrong, how to mend it. Checks read
only; `retry_dead_deliveries` is the one remedy that is ours to carry out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import asyncpg

from entrepot.platform import migrations, outbox_queries
from entrepot.platform.database import APP, credentials
from entrepot.platform.errors import DomainError

OLDEST_POSTGRES = 15
CLOCK_WARN = timedelta(seconds=2)
CLOCK_FAIL = timedelta(seconds=30)
WAITING_WARN = timedelta(minutes=1)
WAITING_FAIL = timedelta(minutes=30)


class Level(StrEnum):
    """How bad it is."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


class Words(NamedTuple):
    """A text in both languages."""

    en: str
    ru: str

    def of(self, locale: str) -> str:
        """Return the text for the reader."""
        return self.ru if locale == "ru" else self.en


@dataclass(frozen=True)
class Check:
    """One answer. `name` is stable (`database.version`); `mend` is there unless all is well."""

    name: str
    level: Level
    found: Words
    mend: Words | None = None


Question = Callable[[asyncpg.Connection], Awaitable[Check]]

UNREACHABLE_MEND = Words(
    "Start PostgreSQL, or correct ENTREPOT_DATABASE_URL; embedded: see logs/postgres.log.",
    "Запустите PostgreSQL или исправьте ENTREPOT_DATABASE_URL; встроенный: logs/postgres.log.",
)
MIGRATE_MEND = Words("Run `entrepot migrate`.", "Выполните `entrepot migrate`.")


async def check_database(url: str) -> list[Check]:
    """Ask everything; one failing answer where the database cannot be reached."""
    try:
        connection = await asyncpg.connect(**credentials(url), timeout=10)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError) as error:
        reason = str(error) or type(error).__name__
        return [Check("database.reach", Level.FAIL, Words(reason, reason), UNREACHABLE_MEND)]
    try:
        checks = [await question(connection) for question in (_version, _role, _clock)]
        checks.append(await _migrations(connection))
        return checks
    finally:
        await connection.close()


def not_started(error: DomainError) -> Check:
    """Tell that the embedded services did not start; the error's own text says why."""
    mend = Words(
        "Read the logs in the folder logs of the data folder, or use servers of your own: "
        "ENTREPOT_DATABASE_URL, ENTREPOT_REDIS_URL.",
        "Прочитайте журналы в папке logs или укажите свои серверы: ENTREPOT_DATABASE_URL, "
        "ENTREPOT_REDIS_URL.",
    )
    found = Words(error.message("en"), error.message("ru"))
    return Check("services.start", Level.FAIL, found, mend)


async def _version(connection: asyncpg.Connection) -> Check:
    number = int(await connection.fetchval("SHOW server_version_num"))
    found = Words(*2 * (f"PostgreSQL {number // 10000}.{number % 10000}",))
    if number // 10000 >= OLDEST_POSTGRES:
        return Check("database.version", Level.OK, found)
    mend = Words(
        f"Move to PostgreSQL {OLDEST_POSTGRES} or later.",
        f"Перейдите на PostgreSQL {OLDEST_POSTGRES} или новее.",
    )
    return Check("database.version", Level.FAIL, found, mend)


async def _role(connection: asyncpg.Connection) -> Check:
    """A superuser's mistake reaches the whole server, not only the marketplace's tables."""
    role, superuser = await connection.fetchrow(
        "SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user"
    )
    if not superuser:
        return Check("database.role", Level.OK, Words(role, role))
    mend = Words(
        "Connect as a role that owns the database and is no superuser.",
        "Подключайтесь ролью-владельцем базы без прав суперпользователя.",
    )
    found = Words(f"{role} is a superuser", f"{role} — суперпользователь")
    return Check("database.role", Level.WARN, found, mend)


async def _clock(connection: asyncpg.Connection) -> Check:
    before = datetime.now(UTC)
    theirs: datetime = await connection.fetchval("SELECT clock_timestamp()")
    difference = theirs - (before + (datetime.now(UTC) - before) / 2)
    seconds = f"{difference.total_seconds():+.3f}"
    found = Words(f"database {seconds} s", f"база {seconds} с")
    level = graded(abs(difference), CLOCK_WARN, CLOCK_FAIL)
    if level is Level.OK:
        return Check("clock", level, found)
    mend = Words(
        "Synchronise both machines by NTP (chrony, systemd-timesyncd).",
        "Синхронизируйте часы обеих машин по NTP (chrony, systemd-timesyncd).",
    )
    return Check("clock", level, found, mend)


async def _migrations(connection: asyncpg.Connection) -> Check:
    folder = Path(migrations.__file__).parent
    expected = {path.stem for path in folder.glob("[0-9]*.py")}
    applied: set[str] = set()
    if await connection.fetchval("SELECT to_regclass('tortoise_migrations')") is not None:
        rows = await connection.fetch("SELECT name FROM tortoise_migrations WHERE app = $1", APP)
        applied = {row["name"] for row in rows}
    count = f"{len(expected & applied)}/{len(expected)}"
    missing, unknown = sorted(expected - applied), sorted(applied - expected)
    if missing:
        names = ", ".join(missing)
        found = Words(f"{count} applied; missing {names}", f"{count}; не применены {names}")
        return Check("database.migrations", Level.FAIL, found, MIGRATE_MEND)
    if unknown:
        names = ", ".join(unknown)
        found = Words(f"{count}; unknown here: {names}", f"{count}; здесь неизвестны: {names}")
        mend = Words(
            "The database is newer than this program: install the newer Entrepôt.",
            "База новее программы: установите более новый Entrepôt.",
        )
        return Check("database.migrations", Level.FAIL, found, mend)
    found = Words(f"{count} applied", f"применено {count}")
    return Check("database.migrations", Level.OK, found)


async def check_outbox() -> list[Check]:
    """Ask how far behind the deliveries are; the database is open and its schema up to date."""
    lag = await outbox_queries.lag()
    given_up = await outbox_queries.dead()
    return [_waiting(lag), _dead(lag, given_up)]


def _waiting(lag: outbox_queries.Lag) -> Check:
    waiting, seconds = lag.unrelayed + lag.pending, int(lag.oldest_seconds)
    found = Words(f"{waiting} waiting, oldest {seconds} s", f"ждут {waiting}, старшая {seconds} с")
    level = graded(timedelta(seconds=lag.oldest_seconds), WAITING_WARN, WAITING_FAIL)
    if level is Level.OK:
        return Check("outbox.waiting", level, found)
    mend = Words(
        "Start a worker (`entrepot worker`), or more of them; see logs/worker.log.",
        "Запустите обработчик (`entrepot worker`) или несколько; смотрите logs/worker.log.",
    )
    return Check("outbox.waiting", level, found, mend)


def _dead(lag: outbox_queries.Lag, given_up: Sequence[outbox_queries.Dead]) -> Check:
    if lag.dead == 0:
        return Check("outbox.dead", Level.OK, Words("0", "0"))
    latest = given_up[0]
    facts = f"{lag.dead}; {latest.kind} → {latest.consumer}: {latest.last_error[:200]}"
    mend = Words(
        "Mend the cause, then `entrepot doctor --retry-dead` sends them again.",
        "Устраните причину, затем `entrepot doctor --retry-dead` отправит их снова.",
    )
    return Check("outbox.dead", Level.WARN, Words(facts, facts), mend)


def graded(size: timedelta, warn: timedelta, fail: timedelta) -> Level:
    """Say how bad a delay or a difference is."""
    if size >= fail:
        return Level.FAIL
    return Level.WARN if size >= warn else Level.OK


async def retry_dead_deliveries() -> int:
    """Give every dead delivery its attempts back; return how many. The database is open."""
    count = 0
    while given_up := await outbox_queries.dead():
        for delivery in given_up:
            count += await outbox_queries.revive(delivery.id)
    return count
