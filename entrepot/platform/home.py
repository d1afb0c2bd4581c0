"""The data folder: its layout, the lock that gives it to one supervisor, and leftovers.

HOME/lock            held (flock) by the one process that runs the embedded services
HOME/services.json   how to reach them; true only while the lock is held
HOME/postgres  redis  search  blobs  mail  logs  run  secret.key
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from entrepot.platform.child_process import MARK
from entrepot.platform.errors import DomainError

SOCKET_PATH_LIMIT = 100
"""Bytes; the kernel allows 107 for the whole path of a Unix socket."""


class HomeInUse(DomainError):
    """Another process holds the data folder; `pid` names its web address too, if it has one."""

    code = "HOME_IN_USE"
    en = (
        "The data folder {home} is in use by process {pid}. Stop it, or choose another folder "
        "with --home or ENTREPOT_HOME."
    )
    ru = (
        "Папка данных {home} занята процессом {pid}. Остановите его или укажите другую папку: "
        "--home или ENTREPOT_HOME."
    )
    home: str
    pid: str


class HomeUnusable(DomainError):
    """The data folder cannot be made or written."""

    code = "HOME_UNUSABLE"
    en = "The data folder {home} cannot be used: {reason}. Choose another with --home."
    ru = "Папку данных {home} использовать нельзя: {reason}. Укажите другую: --home."
    home: str
    reason: str


@dataclass(frozen=True)
class Services:
    """Addresses of the running database and broker; `address` of the web server, if any."""

    database_url: str
    redis_url: str
    address: str = ""


@dataclass(frozen=True)
class Home:
    """Paths inside one data folder. Nothing is created until `prepare`."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> Home:
        """Return the folder by its absolute, symlink-free path."""
        return cls(path.expanduser().resolve())

    def prepare(self) -> None:
        """Create the folder. Raises `HomeUnusable`."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.logs.mkdir(exist_ok=True)
        except OSError as error:
            raise HomeUnusable(str(self.path), error.strerror or str(error)) from None

    def environment(self) -> dict[str, str]:
        """Return the variables that tie a child to this folder."""
        return {MARK: str(self.path), "ENTREPOT_HOME": str(self.path)}

    @property
    def logs(self) -> Path:
        """Folder of the logs of child processes, one file each."""
        return self.path / "logs"

    def log(self, name: str) -> Path:
        """Path of one child's log."""
        return self.logs / f"{name}.log"

    def secret_key(self) -> str:
        """Return the secret of this folder, made at the first call and readable by us alone."""
        path = self.path / "secret.key"
        with suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text()

    def sockets(self) -> Path:
        """Create and return the folder of Unix sockets, writable by us alone.

        It is `HOME/run`, or, where that path is too long for a socket, a folder in the system's
        temporary folder named after a digest of the path. Raises `HomeUnusable` where somebody
        else owns that name.
        """
        folder = self.path / "run"
        if len(os.fsencode(folder / "pg" / ".s.PGSQL.5432.lock")) > SOCKET_PATH_LIMIT:
            digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
            folder = Path(tempfile.gettempdir()) / f"entrepot-{os.geteuid()}-{digest}"
        with suppress(FileExistsError):
            folder.mkdir()
            folder.chmod(0o711)  # the account of PostgreSQL passes through; nobody lists it
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise HomeUnusable(str(folder), "it belongs to another account")
        return folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder until the block ends. Raises `HomeInUse`, `HomeUnusable`.

        The lock is the kernel's (flock): it falls with the process, however that ends.
        """
        self.prepare()
        try:
            descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise HomeUnusable(str(self.path), error.strerror or str(error)) from None
        with os.fdopen(descriptor, "r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = file.read().strip() or "?"
                if (services := self.published()) and services.address:
                    holder = f"{holder} ({services.address})"
                raise HomeInUse(str(self.path), holder) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            try:
                yield
            finally:
                self._services_path.unlink(missing_ok=True)
                if (sockets := self.sockets()).parent != self.path:
                    shutil.rmtree(sockets, ignore_errors=True)  # the one thing kept elsewhere

    @property
    def _services_path(self) -> Path:
        return self.path / "services.json"

    def publish(self, services: Services) -> None:
        """Write down how to reach the services, for other commands on this folder."""
        fresh = self._services_path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(asdict(services)))
        fresh.replace(self._services_path)

    def published(self) -> Services | None:
        """Return what the holder of the lock published; None before it did."""
        try:
            return Services(**json.loads(self._services_path.read_text()))
        except FileNotFoundError:
            return None

    def leftovers(self) -> list[psutil.Process]:
        """Return processes of an earlier supervisor of this folder that are still there.

        Call with the lock held: then whatever runs on the folder has lost its supervisor.
        """
        ours = {os.getpid(), *(process.pid for process in psutil.Process().parents())}
        return [
            process
            for process in psutil.process_iter()
            if process.pid not in ours and self._owns(process)
        ]

    def _owns(self, process: psutil.Process) -> bool:
        try:
            name, arguments = process.name(), process.cmdline()
            # The two servers overwrite the memory that held their environment.
            if name.startswith("postgres"):
                return any(argument == str(self.path / "postgres") for argument in arguments)
            if name.startswith(("redis", "valkey")):
                return process.cwd() == str(self.path / "redis")
            return process.environ().get(MARK) == str(self.path)
        except (psutil.Error, OSError):
            return False


def reclaim(home: Home, patience_seconds: float = 15.0) -> int:
    """End the leftovers of a killed supervisor and return how many there were.

    PostgreSQL and Redis get a request to stop, some time, then SIGKILL, from which they recover by
    the write-ahead log and the append-only file. Web and worker processes are killed at once: they
    bear that at any moment, and without their database an orderly end only takes long. Call with
    the lock held.
    """
    processes = home.leftovers()
    for process in processes:
        with suppress(psutil.Error):
            name = process.name()
            if name.startswith("postgres"):
                process.send_signal(signal.SIGINT)  # the fast way: sessions are ended
            elif name.startswith(("redis", "valkey")):
                process.terminate()
            else:
                process.kill()
    alive = _still_there(processes, patience_seconds)
    for process in alive:
        with suppress(psutil.Error):
            process.kill()
    _still_there(alive, 5.0)
    return len(processes)


def _still_there(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until all have ended, at most `seconds`; return those that have not.

    In a container nobody may reap orphans: a zombie has ended, though its number stays taken.
    """
    deadline = time.monotonic() + seconds
    while True:
        processes = [process for process in processes if _runs(process)]
        if not processes or time.monotonic() > deadline:
            return processes
        time.sleep(0.02)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
