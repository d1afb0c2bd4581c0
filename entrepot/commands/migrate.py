"""`entrepot migrate`: the database schema."""

from __future__ import annotations

import asyncio
from pathlib import Path

from entrepot.commands.messages import say
from entrepot.commands.session import HomeOption, database_url, reached


def migrate(home: HomeOption = None) -> None:
    """Bring the database schema up to date.

    Safe to repeat and to run from several hosts at once (one waits for the other). Run it before
    you start a new version of `serve` and `worker`; `demo` does it by itself.

    \b
    Example:
      ENTREPOT_DATABASE_URL=postgresql://… entrepot migrate
    """
    asyncio.run(_migrate(home))
    say("migrated")


async def _migrate(home: Path | None) -> None:
    from entrepot.platform import database

    async with reached(home, needs_redis=False) as settings:
        await database.migrate(database_url(settings))
