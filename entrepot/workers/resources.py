"""The workers' composition root: what a worker process opens once and hands to every consumer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.clock import Clock, SystemClock
from entrepot.platform.config import InvalidSettings, Settings
from entrepot.platform.database import Database, open_database
from entrepot.search.engine import SearchEngine
from entrepot.search.opening import open_engine


@dataclass(frozen=True)
class WorkerResources:
    """Shared by all consumers of the process. They run on one event loop: work that computes or
    blocks for more than some milliseconds belongs into `asyncio.to_thread`."""

    settings: Settings
    clock: Clock
    database: Database
    redis: Redis
    search: SearchEngine
    blobs: FolderBlobs


def addresses(settings: Settings) -> tuple[str, str]:
    """Return the addresses of database and Redis. Raises `InvalidSettings` where one is unset."""
    if settings.database_url is None or settings.redis_url is None:
        raise InvalidSettings(
            "ENTREPOT_DATABASE_URL and ENTREPOT_REDIS_URL must be set for a worker; "
            "`entrepot worker` and `entrepot demo` start the embedded services and set both"
        )
    return settings.database_url, settings.redis_url


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[WorkerResources]:
    """Open everything on the running loop, close it in reverse order.

    Raises `InvalidSettings` and what a database that is away raises.
    """
    database_url, redis_url = addresses(settings)
    async with AsyncExitStack() as stack:
        database = await open_database(database_url, settings.database_pool_size)
        stack.push_async_callback(database.close)
        redis = Redis.from_url(redis_url)
        stack.push_async_callback(redis.aclose)
        search = open_engine(settings)
        stack.push_async_callback(search.close)
        yield WorkerResources(
            settings=settings,
            clock=SystemClock(),
            database=database,
            redis=redis,
            search=search,
            blobs=FolderBlobs(settings.home / "blobs"),
        )
