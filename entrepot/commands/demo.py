"""`entrepot demo` and the hidden `prepare` that it runs as a child."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import traceback
from datetime import UTC, datetime
from typing import Annotated

import typer

from entrepot import serving
from entrepot.commands.messages import complain, locale, say, say_text, text
from entrepot.commands.progress import Progress
from entrepot.commands.search import rebuild_index
from entrepot.commands.session import HomeOption, child_environment, settings_for
from entrepot.platform.config import Settings, load_settings
from entrepot.platform.home import Home, Services, reclaim
from entrepot.processes import Fall


def demo(
    port: Annotated[
        int, typer.Option(help="Port of the web server; 0: any free one.", min=0, max=65535)
    ] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    home: HomeOption = None,
    data: Annotated[
        bool, typer.Option("--data/--no-data", help="Load the demo market, once.")
    ] = True,
) -> None:
    """Run the whole marketplace from one command, with demo data.

    Starts PostgreSQL and Redis (or uses ENTREPOT_DATABASE_URL and ENTREPOT_REDIS_URL), loads a
    demo market once, then runs the web server and a worker until Ctrl-C. All data stays in the
    data folder; start it again and it is all there. Needs no root and no installed server.

    \b
    Examples:
      entrepot demo
      entrepot demo --port 0 --home /tmp/market --no-data
    """
    from entrepot.demo_run import DemoRun

    settings = settings_for(home)
    folder = Home.at(settings.home)
    listener = _listen(folder, host, port)
    address = serving.address_of(listener)

    def on_fall(fall: Fall) -> None:
        say("fall", part=fall.part, code=fall.exit_code, delay=fall.delay, log=fall.log)

    def on_ready(services: Services) -> None:
        say("ready", address=services.address)
        say("endpoints", address=services.address, logs=folder.logs)
        if data:
            from entrepot import demo as market

            say_text(market.guide(services.address, str(folder.path), locale()))
        say("stop_hint")

    def environment_for(services: Services) -> dict[str, str]:
        environment = child_environment(folder, services, settings)
        environment["ENTREPOT_LOCALE"] = locale()
        if "public_url" not in settings.model_fields_set:
            environment["ENTREPOT_PUBLIC_URL"] = address
        return environment

    say("starting", home=folder.path, address=address)
    run = DemoRun(
        home=folder,
        listener=listener,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        with_data=data,
        environment_for=environment_for,
        on_fall=on_fall,
        on_ready=on_ready,
        on_stopping=lambda: say("stopping"),
    )
    with listener:
        asyncio.run(run.until_stopped())
    say("stopped")


def _listen(folder: Home, host: str, port: int) -> socket.socket:
    """Take the port. Raises `PortTaken`, or `HomeInUse` where a demo on this folder has both.

    After SIGKILL of a demo its web server holds the port for as long as it finishes requests.
    """
    try:
        return serving.listen(host, port)
    except serving.PortTaken:
        if not folder.path.exists():
            raise
        with folder.locked():
            if reclaim(folder) == 0:
                raise
        return serving.listen(host, port)


def prepare(data: Annotated[bool, typer.Option("--data/--no-data")] = True) -> None:
    """Migrate, load the demo market once, build the search index. Run by `demo`."""
    settings = settings_for(None)
    folder = Home.at(settings.home)
    try:
        asyncio.run(_prepare(folder, settings.database_url or "", data))
    except Exception as error:
        # The person sees one line; this log, which `demo` names, says where it happened.
        folder.log("prepare").write_text(traceback.format_exc())
        complain(str(error) or type(error).__name__)
        sys.stdout.flush()
        os._exit(1)  # threads of a half-done load must not keep the demo waiting


async def _prepare(folder: Home, database_url: str, data: bool) -> None:
    from entrepot.platform.database import migrate, open_database

    say("migrating")
    await migrate(database_url)
    loaded = False
    if data:
        from entrepot import demo as market

        with Progress(text("loading")) as progress:
            loaded = await market.load(
                database_url, lambda done, total, _table: progress.update(done, total)
            )
    opened = await open_database(database_url)
    try:
        if loaded:
            from entrepot.demo.searching import prepare_search

            await prepare_search(datetime.now(UTC))
        await _index(load_settings(), loaded)
    finally:
        await opened.close()


async def _index(settings: Settings, loaded: bool) -> None:
    """Build the index after a load, and where offers are there but no index of them."""
    from entrepot.search.opening import open_engine
    from entrepot.search.reindex import drift

    engine = open_engine(settings)
    try:
        found = await drift(engine)
    finally:
        await engine.close()
    if loaded or (found.indexed == 0 and found.listed > 0):
        say("indexed", count=await rebuild_index(settings))
