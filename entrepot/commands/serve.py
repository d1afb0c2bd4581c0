"""`entrepot serve`: the web server alone."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Annotated

import typer

from entrepot import serving
from entrepot.commands.messages import say
from entrepot.commands.session import HomeOption, in_child, require_secret, settings_for


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0: any free one.", min=0, max=65535)] = 8000,
    home: HomeOption = None,
    fd: Annotated[
        int | None, typer.Option(help="A listening socket, inherited.", hidden=True)
    ] = None,
) -> None:
    """Run the web server: GraphQL, account pages, files, health, metrics.

    One process. For more, start it again on other ports behind a balancer, or give every process
    the same host name with its own container. Uses ENTREPOT_DATABASE_URL and ENTREPOT_REDIS_URL;
    without them the services of a demo running on the data folder, or its own while it runs.
    Start `entrepot migrate` first and `entrepot worker` beside it.

    \b
    Examples:
      entrepot serve --host 0.0.0.0 --port 8000
      ENTREPOT_DATABASE_URL=postgresql://entrepot:…@db/entrepot entrepot serve
    """
    if fd is not None:
        serving.run(socket.socket(fileno=fd))
        return
    settings = settings_for(home)
    grown_up = bool(settings.database_url and settings.redis_url)
    if grown_up:
        require_secret(settings)
    with serving.listen(host, port) as listener:
        say("serving", address=serving.address_of(listener))
        if grown_up:
            os.environ["ENTREPOT_HOME"] = str(settings.home)
            serving.run(listener)
            return
        number = listener.fileno()
        code = asyncio.run(in_child("serve", "--fd", str(number), home=home, files=(number,)))
    raise typer.Exit(code)
