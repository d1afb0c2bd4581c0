"""`entrepot demo`: every part from one command, and none left behind.

Order: port, data folder, broker and database, then a child that brings the database up to date
and fills it, then worker and web. A signal at any point stops what has been started, in reverse.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from entrepot import serving
from entrepot.platform import embedded
from entrepot.platform.child_process import ChildProcess, Part, ProcessSpec
from entrepot.platform.errors import DomainError
from entrepot.platform.home import Home, Services
from entrepot.processes import Fall, Supervisor

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class PreparationFailed(DomainError):
    """Migrating, loading or indexing failed; the child has printed the reason."""

    code = "PREPARATION_FAILED"
    en = "The database could not be prepared, for the reason above. Details: {log}"
    ru = "Подготовить базу данных не удалось, причина указана выше. Подробности: {log}"
    log: str


@dataclass(frozen=True)
class DemoRun:
    """One run: where, on which socket, with whose services; what to tell the person."""

    home: Home
    listener: socket.socket
    database_url: str | None
    redis_url: str | None
    with_data: bool
    environment_for: Callable[[Services], dict[str, str]]
    on_fall: Callable[[Fall], None]
    on_ready: Callable[[Services], None]
    on_stopping: Callable[[], None]

    async def until_stopped(self) -> None:
        """Start everything, tell `on_ready`, stop everything at SIGINT, SIGTERM or SIGHUP.

        Raises `HomeInUse`, `HomeUnusable`, `PartFailed`, `PreparationFailed`, `PostgresMissing`,
        `RedisMissing`; then too nothing is left running.
        """
        stop_asked = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # `nohup entrepot demo` means it
            loop.add_signal_handler(number, stop_asked.set)
        supervisor = Supervisor(self.on_fall)
        with self.home.locked():
            try:
                asked = asyncio.create_task(stop_asked.wait())
                start = asyncio.create_task(self._start(supervisor))
                await asyncio.wait({asked, start}, return_when=asyncio.FIRST_COMPLETED)
                if not start.done():
                    start.cancel()
                    with suppress(asyncio.CancelledError):
                        await start
                else:
                    self.on_ready(start.result())
                    await asked
                self.on_stopping()
            finally:
                asked.cancel()
                await supervisor.stop()

    async def _start(self, supervisor: Supervisor) -> Services:
        services, parts = await embedded.parts(self.home, self.database_url, self.redis_url)
        for part in parts:
            await supervisor.start(part)
        address = serving.address_of(self.listener)
        environment = self.environment_for(services)
        await self._prepare_data(environment)
        worker = self._command("worker", environment)
        # A forecast in hand may take long; what is cut off is delivered again at the next start.
        await supervisor.start(Part(replace(worker, stop_seconds=5)))
        await supervisor.start(self._web(environment, address))
        services = replace(services, address=address)
        self.home.publish(services)
        return services

    async def _prepare_data(self, environment: dict[str, str]) -> None:
        """Migrate, load, index in a process of its own: this one stays small and answers signals.

        Its progress goes to our standard output, its errors to a log.
        """
        flags = () if self.with_data else ("--no-data",)
        spec = self._command("prepare", environment, *flags)
        child = await ChildProcess.start(replace(spec, log_path=None))
        try:
            if await child.wait() != 0:
                raise PreparationFailed(str(self.home.log("prepare")))
        finally:
            await child.stop()

    def _web(self, environment: dict[str, str], address: str) -> Part:
        number = self.listener.fileno()
        spec = self._command("serve", environment, "--fd", str(number))

        async def ready() -> bool:
            return await serving.answers(address)

        return Part(
            replace(spec, name="web", log_path=self.home.log("web"), inherited_files=(number,)),
            ready=ready,
        )

    def _command(self, name: str, environment: dict[str, str], *arguments: str) -> ProcessSpec:
        return ProcessSpec(
            name=name,
            command=(sys.executable, "-m", "entrepot", name, *arguments),
            log_path=self.home.log(name),
            environment=environment,
            stop_seconds=15,
        )
