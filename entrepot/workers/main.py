"""`entrepot worker`: a small parent that keeps one worker process alive.

Work that kills its process (out of memory, a fault in native code) takes the child only; the
parent starts it again, with a growing pause, and the delivery dies after its fifth attempt.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

import structlog
from pydantic import SecretStr

from entrepot.observability.logging import configure_logging
from entrepot.platform.child_process import Part, ProcessSpec
from entrepot.platform.config import Settings
from entrepot.processes import Fall, Supervisor
from entrepot.workers.resources import addresses

MODULES = (
    "entrepot.workers.carts",
    "entrepot.workers.catalog",
    "entrepot.workers.documents",
    "entrepot.workers.forecasts",
    "entrepot.workers.housekeeping",
    "entrepot.workers.notifications",
    "entrepot.workers.pricing",
    "entrepot.workers.orders",
    "entrepot.workers.price_imports",
    "entrepot.workers.search_index",
    "entrepot.workers.search_signals",
    "entrepot.workers.standing_orders",
)
"""Modules whose consumers and jobs every worker runs."""

STOP_SECONDS = 12.0
LONGEST_DELAY_SECONDS = 2.0
"""A fall is most often one delivery's fault, and others wait: start again soon."""

log = structlog.get_logger("entrepot.worker")


def run(settings: Settings, modules: Sequence[str] = MODULES) -> None:
    """Work until SIGTERM or SIGINT. Raises `InvalidSettings`, `PartFailed`."""
    addresses(settings)
    configure_logging(settings)
    asyncio.run(_supervise(settings, modules))


async def _supervise(settings: Settings, modules: Sequence[str]) -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, asked.set)
    supervisor = Supervisor(_tell, LONGEST_DELAY_SECONDS)
    try:
        await supervisor.start(Part(_command(settings, modules)))
        await asked.wait()
    finally:
        await supervisor.stop()


def _command(settings: Settings, modules: Sequence[str]) -> ProcessSpec:
    return ProcessSpec(
        name="worker process",
        command=(sys.executable, "-m", "entrepot.workers.process", *modules),
        log_path=None,
        environment={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **_variables(settings)},
        stop_seconds=STOP_SECONDS,
    )


def _variables(settings: Settings) -> dict[str, str]:
    """Return the environment from which the child reads the same settings."""
    found: dict[str, str] = {}
    for name, value in settings:
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if value is not None:
            found[f"ENTREPOT_{name.upper()}"] = str(value)
    return found


def _tell(fall: Fall) -> None:
    log.error("the worker process fell", exit_code=fall.exit_code, again_in_seconds=fall.delay)
