"""`entrepot worker`: background work."""

from __future__ import annotations

import asyncio
import os

import typer

from entrepot.commands.session import HomeOption, in_child, require_secret, settings_for


def worker(home: HomeOption = None) -> None:
    """Run a worker: outbox relay, schedule, invoices, e-mail, search index.

    Start as many as you like, on any host that reaches the database and Redis: work is shared
    and each delivery is done once. It may be killed at any moment; nothing is lost. Threads:
    ENTREPOT_WORKER_THREADS. SIGTERM finishes the work in hand, then stops.

    \b
    Example:
      ENTREPOT_DATABASE_URL=… ENTREPOT_REDIS_URL=… entrepot worker
    """
    settings = settings_for(home)
    if not (settings.database_url and settings.redis_url):
        raise typer.Exit(asyncio.run(in_child("worker", home=home, files=())))
    require_secret(settings)
    os.environ["ENTREPOT_HOME"] = str(settings.home)
    from entrepot.workers.main import run

    run(settings)
