"""One worker process: relay, schedule and Dramatiq's threads around one event loop.

`python -m entrepot.workers.process MODULE...` with the settings in the environment; `main.run`
starts it and starts it again when it falls.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from importlib import import_module

import structlog

from entrepot.observability.logging import configure_logging
from entrepot.platform.config import Settings, load_settings
from entrepot.workers.broker import make_broker, start_worker
from entrepot.workers.claims import Claims
from entrepot.workers.consumers import registry
from entrepot.workers.deliveries import Deliverer
from entrepot.workers.leadership import STANDBY_SECONDS, Leadership
from entrepot.workers.relay import Relay
from entrepot.workers.resources import WorkerResources, addresses, open_resources
from entrepot.workers.schedule import Schedule, registered_jobs

log = structlog.get_logger("entrepot.worker")

RELAY_SECONDS = 0.15
"""Between two looks for events where there are none. Polled, not notified: transactions that
NOTIFY commit one after another, on all databases of the server, and orders would pay for it."""
SWEEP_SECONDS = 2.0
TROUBLE_SECONDS = 1.0
FINISH_SECONDS = 10


class WorkerProcess:
    """Everything a worker process runs. `until_stopped` returns after a clean stop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = asyncio.Event()

    async def until_stopped(self) -> None:
        """Work until `stop`, then let work in hand finish for at most 10 seconds."""
        registry.check()
        async with open_resources(self._settings) as resources:
            database_url, redis_url = addresses(self._settings)
            claims = Claims(database_url)
            concurrency = self._settings.worker_threads
            deliverer = Deliverer(registry, claims, resources, concurrency)
            loop = asyncio.get_running_loop()

            def deliver(consumer: str, delivery_id: int) -> None:
                asyncio.run_coroutine_threadsafe(
                    deliverer.deliver(consumer, delivery_id), loop
                ).result()

            broker = make_broker(redis_url, registry, deliver)
            try:
                worker = start_worker(broker, registry.queues, concurrency)
                log.info("works", consumers=registry.names, jobs=len(registered_jobs()))
                await self._lead(Relay(broker, registry), resources, Leadership(database_url))
                log.info("stopping: no new work, the work in hand has 10 s")
                await asyncio.to_thread(worker.stop, FINISH_SECONDS * 1000)
                await _cancel_rest()
            finally:
                await claims.close()
                broker.client.close()

    def stop(self) -> None:
        """Ask for the end."""
        self._stopping.set()

    async def _lead(self, relay: Relay, resources: WorkerResources, leadership: Leadership) -> None:
        """Relay, sweep and keep the schedule whenever this process leads."""
        schedule = Schedule(registered_jobs(), resources.clock)
        led, next_sweep = False, 0.0
        clock = asyncio.get_running_loop().time
        try:
            while not self._stopping.is_set():
                try:
                    leads = await leadership.ask()
                    if leads and not led:
                        await relay.take_over()
                        await schedule.load()
                    led = leads
                    if leads and clock() >= next_sweep:
                        next_sweep = clock() + SWEEP_SECONDS
                        await relay.sweep()
                        await schedule.turn()
                    moved = await relay.turn() if leads else 0
                    pause = 0.0 if moved else RELAY_SECONDS if leads else STANDBY_SECONDS
                except Exception as error:
                    # Database or Redis away, or a fault of ours: what is not relayed waits in
                    # the table, so the right thing is to try again.
                    log.warning(
                        "the relay could not go on", error=f"{type(error).__name__}: {error}"
                    )
                    led, pause = False, TROUBLE_SECONDS
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)
        finally:
            await leadership.close()


async def _cancel_rest() -> None:
    """Cancel handlers that did not end in time; each gives its attempt back."""
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


async def _main(settings: Settings) -> None:
    process = WorkerProcess(settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, process.stop)
    await process.until_stopped()


def main(modules: list[str]) -> None:
    """Import the actor modules and work until SIGTERM or SIGINT."""
    settings = load_settings()
    configure_logging(settings)
    for module in modules:
        import_module(module)
    asyncio.run(_main(settings))


if __name__ == "__main__":
    main(sys.argv[1:])
