"""The relay on a real Redis: nothing doubled by two of them, nothing lost with Redis's data."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from redis.asyncio import Redis

from entrepot.platform.database import execute, fetch, fetch_value, transaction
from entrepot.platform.outbox import record
from entrepot.platform.outbox_queries import DELIVERY_LOCKS, lag, purge, route_events, take_unsent
from entrepot.workers.broker import OutboxBroker, make_broker
from entrepot.workers.consumers import Delivery
from entrepot.workers.relay import BrokerRefused, Relay
from entrepot.workers.resources import WorkerResources
from tests.workers.conftest import Bench, until
from tests.workers.effects import Counted, Poisoned


async def nothing(happened: Counted, delivery: Delivery, resources: WorkerResources) -> None:
    raise AssertionError("these tests send messages; nobody takes them")


async def nothing_at_all(happened: Sequence[Counted], resources: WorkerResources) -> None:
    raise AssertionError("these tests send messages; nobody takes them")


def relay_of(bench: Bench, redis_url: str) -> tuple[Relay, OutboxBroker]:
    broker = make_broker(redis_url, bench.consumers, lambda consumer, delivery: None)
    return Relay(broker, bench.consumers), broker


async def waiting(redis: Redis) -> int:
    return await redis.llen("dramatiq:bench")


async def record_many(count: int) -> None:
    async with transaction():
        await record(*(Counted(number) for number in range(count)))


async def test_two_relays_side_by_side_double_nothing(
    bench: Bench, redis: Redis, redis_url: str
) -> None:
    bench.add(nothing, Counted, name="first")
    bench.add(nothing, Counted, name="second")
    relays = [relay_of(bench, redis_url)[0] for _ in range(2)]
    await record_many(1200)

    async def drain(relay: Relay) -> int:
        moved = 0
        while turned := await relay.turn():
            moved += turned
        return moved

    moved = await asyncio.gather(*(drain(relay) for relay in relays))
    await relays[0].turn()  # what one held while the other looked
    assert sum(moved) <= 1200 + 2400
    assert await waiting(redis) == 2400
    rows = await fetch("SELECT consumer, count(*) AS n FROM outbox_delivery GROUP BY 1 ORDER BY 1")
    assert [(row["consumer"], row["n"]) for row in rows] == [("first", 1200), ("second", 1200)]
    assert (await lag()).unrelayed == 0


async def test_events_go_to_their_consumers_only(bench: Bench) -> None:
    bench.add(nothing, Counted, name="first")
    bench.add(nothing, Poisoned, name="second")
    bench.add(nothing, Counted, Poisoned, name="both")
    await bench.record(Counted(1), Poisoned(2, deadly=False))
    rows = await fetch("SELECT event_id, consumer FROM outbox_delivery ORDER BY 1, 2")
    first, second = sorted({row["event_id"] for row in rows})
    assert [(row["event_id"], row["consumer"]) for row in rows] == [
        (first, "both"),
        (first, "first"),
        (second, "both"),
        (second, "second"),
    ]


async def test_an_event_rolled_back_is_never_relayed(bench: Bench) -> None:
    bench.add(nothing, Counted)
    try:
        async with transaction():
            await record(Counted(1))
            raise RuntimeError("the order was refused")
    except RuntimeError:
        pass
    assert await route_events(bench.consumers.routes) == 0
    assert await fetch_value("SELECT count(*) FROM outbox_delivery") == 0


async def test_a_batch_consumer_gets_one_message_for_many(
    bench: Bench, redis: Redis, redis_url: str
) -> None:
    bench.add(nothing_at_all, Counted, batch=True)
    await record_many(300)
    relay, _ = relay_of(bench, redis_url)
    await relay.turn()
    assert await waiting(redis) == 1


async def test_all_pending_is_sent_again_when_redis_has_lost_its_data(
    bench: Bench, redis: Redis, redis_url: str
) -> None:
    bench.add(nothing, Counted)
    relay, _ = relay_of(bench, redis_url)
    await relay.take_over()
    await record_many(20)
    await relay.turn()
    await execute("UPDATE outbox_delivery SET done_at = now() WHERE id % 2 = 0")
    assert await relay.sweep() == 0
    await redis.flushall()
    assert await relay.sweep() == 10
    await relay.turn()
    assert await waiting(redis) == 10
    assert await relay.sweep() == 0


async def test_what_redis_refuses_is_sent_at_the_next_turn(bench: Bench, redis: Redis) -> None:
    bench.add(nothing, Counted)
    await record_many(3)
    relay, _ = relay_of(bench, "redis://127.0.0.1:1/0")
    for _ in range(2):
        try:
            await relay.turn()
        except BrokerRefused:
            continue
        raise AssertionError("there is no Redis there")
    assert len(await take_unsent(["one"])) == 3


async def test_the_attempt_of_a_dead_worker_is_sent_again_and_a_running_one_is_not(
    bench: Bench, redis: Redis, redis_url: str
) -> None:
    bench.add(nothing, Counted)
    relay, _ = relay_of(bench, redis_url)
    await relay.take_over()
    crashed, running, untouched = await bench.record(Counted(1), Counted(2), Counted(3))
    await relay.turn()
    _, dying = bench.worker()
    _, living = bench.worker()
    for claims, delivery in ((dying, crashed), (living, running)):
        assert await claims.claim(delivery) is False
        await claims.count([delivery])
    await dying.close()

    async def noticed() -> bool:
        held = await fetch_value("SELECT count(*) FROM pg_locks WHERE classid = $1", DELIVERY_LOCKS)
        return bool(held == 1)

    await until(noticed)  # the server sees the closed session a moment later
    assert await relay.sweep() == 1
    assert [one.id for one in await take_unsent(["one"])] == [crashed]
    assert untouched not in {one.id for one in await take_unsent(["one"])}


async def test_messages_that_redis_lost_one_by_one_are_found_by_counting(
    bench: Bench, redis: Redis, redis_url: str
) -> None:
    bench.add(nothing, Counted)
    relay, _ = relay_of(bench, redis_url)
    await relay.take_over()
    await record_many(3)
    await relay.turn()
    await execute("UPDATE outbox_delivery SET enqueued_at = now() - interval '1 minute'")
    assert await relay.sweep() == 0  # Redis holds three messages for three deliveries
    (lost, *_rest) = await redis.hkeys("dramatiq:bench.msgs")
    await redis.hdel("dramatiq:bench.msgs", lost)
    assert await relay.sweep() == 3


async def test_only_old_events_whose_deliveries_are_all_done_are_purged(bench: Bench) -> None:
    bench.add(nothing, Counted)
    done, dead, pending, fresh = await bench.record(*(Counted(number) for number in range(4)))
    await execute("UPDATE outbox_delivery SET done_at = now() WHERE id = ANY ($1)", [done, fresh])
    await execute("UPDATE outbox_delivery SET dead_at = now() WHERE id = $1", dead)
    await execute(
        "UPDATE outbox_event SET recorded_at = now() - interval '31 days' WHERE id <>"
        " (SELECT event_id FROM outbox_delivery WHERE id = $1)",
        fresh,
    )
    cutoff = await fetch_value("SELECT now() - interval '30 days'")
    assert await purge(cutoff) == 1
    assert await purge(cutoff) == 0
    rows = await fetch("SELECT id FROM outbox_delivery ORDER BY id")
    assert [row["id"] for row in rows] == [dead, pending, fresh]
