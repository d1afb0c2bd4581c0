"""`entrepot search rebuild` with its second process, however few offers there are."""

from __future__ import annotations

import asyncio

from entrepot.platform.config import load_settings
from entrepot.platform.database import open_database
from entrepot.search.opening import open_engine
from entrepot.search.reindex import rebuild


async def _main() -> None:
    settings = load_settings()
    database = await open_database(settings.database_url or "", 2)
    engine = open_engine(settings)
    await rebuild(engine, alone_up_to=0)
    await engine.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(_main())
