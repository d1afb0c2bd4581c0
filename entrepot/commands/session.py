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

from entrepot.platform import embedded
from entrepot.platform.child_process import ChildProcess, ProcessSpec
from entrepot.platform.config import InvalidSettings, Settings, load_settings
from entrepot.platform.home import Home, Services

if TYPE_CHECKING:
    from entrepot.platform.database import Database

SCHEMES = {
    "database_url": ("postgresql", "postgres"),
    "redis_url": ("redis", "rediss", "unix"),
    "meili_url": ("http", "https"),
}

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
    settings = load_settings(home=Home.at(home or load_settings().home).path)
    for name, schemes in SCHEMES.items():
        address = getattr(settings, name)
        if address and address.partition("://")[0] not in schemes:
            wanted = " or ".join(f"{scheme}://…" for scheme in schemes)
            raise InvalidSettings(f"ENTREPOT_{name.upper()}: not an address like {wanted}")
    return settings


def require_secret(settings: Settings) -> None:
    """Raise `InvalidSettings` where servers of one's own are used without a secret of one's own."""
    if settings.secret_key is None:
        raise InvalidSettings(
            "ENTREPOT_SECRET_KEY: not set. Make one of 32 characters or more, the same for every "
            "web and worker process: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )


def child_environment(home: Home, services: Services, settings: Settings) -> dict[str, str]:
    """Return the variables by which a child process finds the services of this run."""
    secret = settings.secret_key.get_secret_value() if settings.secret_key else home.secret_key()
    environment = {
        **home.environment(),
        "ENTREPOT_DATABASE_URL": services.database_url,
        "ENTREPOT_SECRET_KEY": secret,
    }
    if services.redis_url:
        environment["ENTREPOT_REDIS_URL"] = services.redis_url
    return environment


@asynccontextmanager
async def reached(home: Path | None, *, needs_redis: bool = True) -> AsyncIterator[Settings]:
    """Give settings whose URLs are set: those configured, those of a running demo on the folder,
    or embedded services started for this block; no Redis where none is needed. The environment of
    this process is set to match, for code that reads it. Raises what `embedded.reach` raises.
    """
    settings = settings_for(home)
    redis_url = settings.redis_url or (None if needs_redis else "")
    async with embedded.reach(
        settings.home, database_url=settings.database_url, redis_url=redis_url
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
    """Reach the database and open it; an embedded one is brought up to date first.

    One by URL is left as it is: when it moves on is for `entrepot migrate` to say.
    """
    from entrepot.platform.database import migrate, open_database

    embedded_one = settings_for(home).database_url is None
    async with reached(home, needs_redis=False) as settings:
        url = database_url(settings)
        if embedded_one:
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
