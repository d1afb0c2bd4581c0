"""The PostgreSQL connection: models for writes, plain SQL for hot reads, transactions, migrations.

One pool a process. `fetch` and `transaction` use the connection of the transaction they are called
in, so SQL and models see the same state.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.api import migrate as run_migrations
from tortoise.transactions import in_transaction

APP = "entrepot"
MODEL_MODULES = [
    f"entrepot.platform.{name}"
    for name in (
        "outbox_models",
        "identity.models",
        "catalog.models",
        "catalog.aliases.models",
        "catalog.assortments.models",
        "catalog.vocabulary.models",
        "catalog.unmet_demand.models",
        "pricing.groups.models",
        "pricing.models",
        "pricing.promotions.models",
        "pricing.price_imports.models",
        "inventory.models",
        "carts.models",
        "carts.shopping_lists.models",
        "carts.quick_order.models",
        "carts.approvals.models",
        "carts.budgets.models",
        "orders.models",
        "orders.standing.models",
        "orders.behalf.models",
        "orders.signals.models",
        "payments.models",
        "documents.models",
        "notifications.models",
        "forecasts.models",
    )
]
MIGRATIONS = "entrepot.platform.migrations"
MIGRATION_LOCK = 0x656E7472  # any constant: one migrating process at a time

Row = Mapping[str, Any]
"""What `fetch` returns a row as: values by column name."""


def credentials(url: str) -> dict[str, Any]:
    """Take a `postgresql://` URL apart; `?host=/folder` names a Unix socket's folder."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError(f"not a PostgreSQL address: {parts.scheme}://…")
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    found: dict[str, Any] = {
        "host": options.pop("host", None) or parts.hostname or "127.0.0.1",
        "port": int(options.pop("port", None) or parts.port or 5432),
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password or ""),
        "database": unquote(parts.path.lstrip("/")) or "postgres",
    }
    if "sslmode" in options:
        found["ssl"] = options["sslmode"]
    return found


async def _keep_session(_connection: asyncpg.Connection) -> None:
    """Give a connection back as it is.

    asyncpg would reset it with one more round trip for each statement outside a transaction. The
    pool's connections hold no session state to reset: settings and locks end with a transaction,
    and listening and advisory session locks have connections of their own. An open transaction is
    rolled back all the same.
    """


def orm_config(url: str, pool_size: int = 10) -> dict[str, Any]:
    """Return the ORM's configuration for this database."""
    connection = credentials(url) | {"minsize": 1, "maxsize": pool_size, "reset": _keep_session}
    return {
        "connections": {
            "default": {"engine": "tortoise.backends.asyncpg", "credentials": connection}
        },
        "apps": {
            APP: {
                "models": MODEL_MODULES,
                "default_connection": "default",
                "migrations": MIGRATIONS,
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


MIGRATION_CONFIG = orm_config("postgresql://127.0.0.1/entrepot")
"""For `tortoise -c entrepot.platform.database.MIGRATION_CONFIG makemigrations`, which only reads
the models; review what `sqlmigrate` prints before you commit."""


class Database:
    """An open pool. Get one from `open_database`, close it with `close`."""

    def __init__(self, url: str, context: TortoiseContext) -> None:
        self.url = url
        self._context = context

    async def close(self) -> None:
        """Close every connection of the pool."""
        await self._context.close_connections()


async def open_database(url: str, pool_size: int = 10) -> Database:
    """Open the pool and make it the one of this process.

    Requests run in tasks that do not inherit the context of the start-up task, hence the global
    fallback.
    """
    context = await Tortoise.init(config=orm_config(url, pool_size), _enable_global_fallback=True)
    return Database(url, context)


def connection() -> AbstractAsyncContextManager[asyncpg.Connection]:
    """Borrow the asyncpg connection of the running transaction, or one of the pool."""
    borrowed: AbstractAsyncContextManager[asyncpg.Connection]
    borrowed = get_connection("default").acquire_connection()
    return borrowed


async def fetch(sql: str, *arguments: object) -> list[Row]:
    """Run a query and return its rows. `jsonb` columns come as text."""
    async with connection() as borrowed:
        return cast("list[Row]", await borrowed.fetch(sql, *arguments))


async def fetch_one(sql: str, *arguments: object) -> Row | None:
    """Run a query and return its first row, or `None`."""
    async with connection() as borrowed:
        return cast("Row | None", await borrowed.fetchrow(sql, *arguments))


async def fetch_value(sql: str, *arguments: object) -> Any:
    """Run a query and return the first column of its first row, or `None`."""
    async with connection() as borrowed:
        return await borrowed.fetchval(sql, *arguments)


async def execute(sql: str, *arguments: object) -> int:
    """Run a statement and return how many rows it touched."""
    async with connection() as borrowed:
        status: str = await borrowed.execute(sql, *arguments)
    count = status.rsplit(" ", 1)[-1]
    return int(count) if count.isdigit() else 0


async def execute_many(sql: str, arguments: Sequence[Sequence[object]]) -> None:
    """Run a statement once for each row of arguments, in one round trip."""
    async with connection() as borrowed:
        await borrowed.executemany(sql, arguments)


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """Run the block in one transaction; nested blocks become savepoints.

    Never `asyncio.gather` inside: a transaction has one connection.
    """
    async with in_transaction("default"):
        yield


async def migrate(url: str) -> None:
    """Bring the schema up to date; safe to call from several processes at once."""
    lock = await asyncpg.connect(**credentials(url))
    try:
        await lock.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        await run_migrations(config=orm_config(url, pool_size=2))
        await Tortoise.close_connections()
    finally:
        await lock.close()
    await asyncio.sleep(0)  # lets the closed transports finish before the loop may end
