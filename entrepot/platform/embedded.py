"""The embedded services together: what a process runs when no URL says otherwise.

`parts` is for a supervisor that restarts them; `running` starts them for one block of code
(a command, a test); `reach` uses whatever is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from entrepot.platform.child_process import Part, start_part
from entrepot.platform.embedded_postgres import EmbeddedPostgres
from entrepot.platform.embedded_redis import EmbeddedRedis
from entrepot.platform.home import Home, HomeInUse, Services, reclaim


async def parts(
    home: Home, database_url: str | None, redis_url: str | None, *, durable: bool = True
) -> tuple[Services, list[Part]]:
    """Return the addresses and the parts to start, those without a URL; none is started.

    End what an earlier supervisor left behind. Call with the folder's lock held. Raises what
    `EmbeddedPostgres.part` and `EmbeddedRedis.part` raise.
    """
    await asyncio.to_thread(reclaim, home)
    wanted = []
    if redis_url is None:
        server = EmbeddedRedis(home)
        redis_url = server.url()
        wanted.append(server.part())
    if database_url is None:
        database = EmbeddedPostgres(home, durable)
        database_url = database.url()
        wanted.append(await database.part())
    return Services(database_url, redis_url), wanted


@asynccontextmanager
async def running(
    home_path: Path,
    *,
    database_url: str | None = None,
    redis_url: str | None = None,
    durable: bool = True,
) -> AsyncIterator[Services]:
    """Run the embedded services for the block, each one only where its URL is None.

    Call from the main thread: the servers die with the thread that started them. `durable=False`
    trades safety on a power cut for speed (tests). Raises `HomeInUse`, `HomeUnusable`,
    `PartFailed`, `PostgresMissing`, `RedisMissing`.
    """
    if database_url is not None and redis_url is not None:
        yield Services(database_url, redis_url)
        return
    home = Home.at(home_path)
    async with AsyncExitStack() as stack:
        stack.enter_context(home.locked())
        services, wanted = await parts(home, database_url, redis_url, durable=durable)
        for part in wanted:
            child = await start_part(part)
            stack.push_async_callback(child.stop)
        home.publish(services)
        yield services


@asynccontextmanager
async def reach(
    home_path: Path, *, database_url: str | None = None, redis_url: str | None = None
) -> AsyncIterator[Services]:
    """Use the services that already run on the folder, else run them for the block.

    Raises as `running`; `HomeInUse` only where the holder has not got its services up yet.
    """
    async with AsyncExitStack() as stack:
        try:
            services = await stack.enter_async_context(
                running(home_path, database_url=database_url, redis_url=redis_url)
            )
        except HomeInUse:
            published = Home.at(home_path).published()
            if published is None:
                raise
            services = Services(
                database_url or published.database_url, redis_url or published.redis_url
            )
        yield services
