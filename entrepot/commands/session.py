"""What every command shares: the settings, the services, the database."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from entrepot.platform.database import Database

from entrepot.platform import embedded
from entrepot.platform.child_process import ChildProcess, ProcessSpec
from entrepot.platform.config import InvalidSettings, Settings, load_settings
from entrepot.platform.home import Home, Services

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        readable=False,  # asked at use: this check would judge by the wrong capabilities
        help="Data folder of the embedded services [default: ENTREPOT_HOME, else "
        "~/.local/share/entrepot].",
        show_default=False,
    ),
]


def settings_for(home: Path | None) -> Settings:
    """Read the settings; `home` wins over the environment, and is made absolute.

    Raises `InvalidSettings`.
    """
    return load_settings(home=Home.at(home or load_settings().home).path)


def child_environment(home: Home, services: Services, settings: Settings) -> dict[str, str]:
    """Return the variables by which a child process finds the services of this run."""
    secret = settings.secret_key.get_secret_value() if settings.secret_key else home.secret_key()
    return {
        **home.environment(),
        "ENTREPOT_DATABASE_URL": services.database_url,
        "ENTREPOT_REDIS_URL": services.redis_url,
        "ENTREPOT_SECRET_KEY": secret,
    }


@asynccontextmanager
async def reached(home: Path | None) -> AsyncIterator[Settings]:
    """Give settings whose URLs are set: those configured, those of a running demo on the folder,
    or embedded services started for this block. The environment of this process is set to match,
    for code that reads it. Raises what `embedded.reach` raises.
    """
    settings = settings_for(home)
    async with embedded.reach(
        settings.home, database_url=settings.database_url, redis_url=settings.redis_url
    ) as services:
        folder = Home.at(settings.home)
        folder.prepare()
        os.environ.update(child_environment(folder, services, settings))
        yield load_settings()


def database_url(settings: Settings) -> str:
    """Return the database's address of settings given by `reached`."""
    if settings.database_url is None:
        raise InvalidSettings("ENTREPOT_DATABASE_URL: not set")
    return settings.database_url


@asynccontextmanager
async def database(home: Path | None) -> AsyncIterator[tuple[Settings, Database]]:
    """Reach the services, bring the schema up to date and open the database."""
    from entrepot.platform.database import migrate, open_database

    async with reached(home) as settings:
        url = database_url(settings)
        await migrate(url)
        opened = await open_database(url, settings.database_pool_size)
        try:
            yield settings, opened
        finally:
            await opened.close()


async def in_child(name: str, *arguments: str, home: Path | None, files: tuple[int, ...]) -> int:
    """Run `entrepot NAME` as a child with the services reached, and return its exit code.

    For commands that block and own their signals (web server, worker) where no URLs are set: this
    process then holds the embedded services. SIGINT and SIGTERM are passed on as SIGTERM.
    """
    loop = asyncio.get_running_loop()
    async with reached(home):
        command = (sys.executable, "-m", "entrepot", name, *arguments)
        child = await ChildProcess.start(
            ProcessSpec(name, command, log_path=None, inherited_files=files, stop_seconds=20)
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, child.signal, signal.SIGTERM)
        try:
            return await child.wait()
        finally:
            await child.stop()
