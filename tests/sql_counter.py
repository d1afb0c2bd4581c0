"""Counts the SQL statements that a piece of code sends, to catch N+1 reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from tortoise.connection import get_connection

from entrepot.platform.database import connection as borrowed_connection

_HOUSEKEEPING = (
    *("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SELECT pg_advisory_unlock"),
    # asyncpg learns a type of array the first time a connection meets it
    *("SELECT current_setting('jit')", "SELECT set_config('jit'", "WITH RECURSIVE typeinfo_tree"),
)


class Statements(list[str]):
    """The texts of the statements sent, in order, without transactions' brackets and lookups."""

    def hear(self, record: Any) -> None:
        """Take one statement from asyncpg's query log."""
        text = " ".join(record.query.split())
        if not text.startswith(_HOUSEKEEPING):
            self.append(text)


@asynccontextmanager
async def counted_sql() -> AsyncIterator[Statements]:
    """Yield the list that fills with every statement sent through the open database's pool.

    async with counted_sql() as statements:
        await graphql.run(...)
    assert len(statements) == 2, statements
    """
    async with borrowed_connection():
        pass  # the pool opens with its first use
    pool: Any = get_connection("default")._pool
    statements = Statements()
    hear = statements.hear  # one object: asyncpg forgets a logger by identity
    async with AsyncExitStack() as stack:  # every connection at once, so that none stays unheard
        connections = [
            await stack.enter_async_context(pool.acquire()) for _ in range(pool.get_max_size())
        ]
        for connection in connections:
            connection.add_query_logger(hear)
    statements.clear()
    try:
        yield statements
    finally:
        async with AsyncExitStack() as stack:
            for _ in range(pool.get_max_size()):
                connection = await stack.enter_async_context(pool.acquire())
                connection.remove_query_logger(hear)
