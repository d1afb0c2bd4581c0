"""The schema in the database is the one the models describe."""

from __future__ import annotations

import asyncpg
import pytest
from tortoise import Tortoise
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from entrepot.platform.database import Database, execute, fetch, fetch_value, migrate, transaction
from entrepot.platform.ids import new_id
from tests.factories import make_company, make_offer, make_seller


async def test_every_constraint_of_the_models_is_in_the_database(database: Database) -> None:
    found = {
        row["name"]
        for row in await fetch(
            "SELECT conname AS name FROM pg_constraint UNION SELECT indexname FROM pg_indexes"
        )
    }
    declared = {
        constraint.name
        for model in Tortoise.apps["entrepot"].values()
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint | UniqueConstraint)
    }
    assert declared - found == set()
    assert len(declared) > 40


async def test_migrating_twice_changes_nothing(database_url: str) -> None:
    await migrate(database_url)


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await make_company("Gone")
            raise ZeroDivisionError
    assert await fetch_value("SELECT count(*) FROM company") == 0


async def test_sql_sees_what_the_models_wrote_in_the_same_transaction(database: Database) -> None:
    async with transaction():
        company, _ = await make_company("Here")
        assert await fetch_value("SELECT name FROM company WHERE id = $1", company.id) == "Here"


async def test_stock_can_not_be_oversold_by_sql_either(database: Database) -> None:
    offer = await make_offer(await make_seller(), stock="5")
    with pytest.raises(asyncpg.CheckViolationError):
        await execute("UPDATE stock_item SET reserved = 6 WHERE offer_id = $1", offer.id)
    assert await fetch_value("SELECT reserved FROM stock_item WHERE offer_id = $1", offer.id) == 0


async def _account(entity_id: object, kind: str, currency: str = "RUB") -> object:
    account = new_id()
    await execute(
        "INSERT INTO ledger_account (id, legal_entity_id, kind, currency) VALUES ($1, $2, $3, $4)",
        account, entity_id, kind, currency,
    )  # fmt: skip
    return account


async def _post(postings: list[tuple[object, int]]) -> None:
    transaction_id = new_id()
    async with transaction():
        await execute(
            "INSERT INTO ledger_transaction (id, kind, subject_id, currency, posted_at)"
            " VALUES ($1, 'order_placed', $2, 'RUB', now())",
            transaction_id, new_id(),
        )  # fmt: skip
        for account, amount in postings:
            await execute(
                "INSERT INTO ledger_posting (id, transaction_id, account_id, amount_minor)"
                " VALUES ($1, $2, $3, $4)",
                new_id(), transaction_id, account, amount,
            )  # fmt: skip


async def test_the_ledger_refuses_imbalance_mixed_currencies_and_changes(
    database: Database,
) -> None:
    _, entity = await make_company()
    receivable = await _account(entity.id, "receivable")
    escrow = await _account(entity.id, "escrow")
    dollars = await _account(entity.id, "escrow", "USD")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="sums to 1"):
        await _post([(receivable, 100), (escrow, -99)])
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="mixes currencies"):
        await _post([(receivable, 100), (dollars, -100)])
    assert await fetch_value("SELECT count(*) FROM ledger_posting") == 0
    assert await fetch_value("SELECT count(*) FROM ledger_transaction") == 0

    await _post([(receivable, 100), (escrow, -100)])
    for statement in (
        "UPDATE ledger_posting SET amount_minor = 1",
        "DELETE FROM ledger_posting",
        "UPDATE ledger_transaction SET kind = 'x'",
        "TRUNCATE ledger_posting CASCADE",
    ):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="append-only"):
            await execute(statement)
    assert await fetch_value("SELECT sum(amount_minor) FROM ledger_posting") == 0
    assert await fetch_value("SELECT count(*) FROM ledger_posting") == 2
