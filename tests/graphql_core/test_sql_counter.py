"""The counter that other tests lean on hears every statement, and nothing else."""

import asyncio

from entrepot.platform.database import Database, fetch, fetch_value, transaction
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql


async def test_counts_plain_concurrent_and_transactional_statements(database: Database) -> None:
    async with counted_sql() as statements:
        await fetch("SELECT 1")
        await asyncio.gather(*(fetch_value(f"SELECT {number}") for number in (2, 3)))
        async with transaction():
            await fetch("SELECT 4")
    assert sorted(statements) == ["SELECT 1", "SELECT 2", "SELECT 3", "SELECT 4"]
    await fetch("SELECT 5")
    assert len(statements) == 4


async def test_a_query_without_data_sends_none(graphql: GraphQLClient) -> None:
    async with counted_sql() as statements:
        reply = await graphql.run("{ apiVersion }")
    assert reply.data == {"apiVersion": "0.2.0"}
    assert statements == []
