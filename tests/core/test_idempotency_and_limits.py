"""Idempotency keys and rate limits, on the real database and Redis."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from entrepot.platform.database import Database, transaction
from entrepot.platform.errors import IdempotencyConflict, InvalidInput, TooManyAttempts
from entrepot.platform.idempotency import check_key, earlier_result, remember, request_hash
from entrepot.platform.limits import RateLimit


async def test_the_second_request_waits_for_the_first_and_gets_its_answer(
    database: Database,
) -> None:
    digest = request_hash({"cart": 1})
    done: list[str] = []

    async def ask(name: str) -> object:
        async with transaction():
            earlier = await earlier_result("placeOrder", "k1", digest)
            if earlier is None:
                await asyncio.sleep(0.05)
                done.append(name)
                await remember("placeOrder", "k1", digest, {"by": name})
            return earlier or {"by": name}

    first, second = await asyncio.gather(ask("a"), ask("b"))
    assert first == second == {"by": done[0]}
    assert len(done) == 1


async def test_one_key_for_two_requests_is_refused(database: Database) -> None:
    async with transaction():
        await remember("placeOrder", "k1", request_hash({"cart": 1}), {})
    with pytest.raises(IdempotencyConflict):
        async with transaction():
            await earlier_result("placeOrder", "k1", request_hash({"cart": 2}))
    async with transaction():
        assert await earlier_result("addToCart", "k1", request_hash({"cart": 2})) is None


@pytest.mark.parametrize("key", ["", "x" * 101, "a\nb", "a\0"])
def test_unusable_keys(key: str) -> None:
    with pytest.raises(InvalidInput):
        check_key(key)


async def test_the_limit_counts_each_subject_alone(redis: Redis) -> None:
    limit = RateLimit(redis, "login", attempts=3, window_seconds=60)
    for _ in range(3):
        await limit.spend("ann")
    with pytest.raises(TooManyAttempts) as refused:
        await limit.spend("ann")
    assert 1 <= refused.value.retry_after_seconds <= 60
    await limit.spend("bob")
    await limit.forget("ann")
    await limit.spend("ann")
