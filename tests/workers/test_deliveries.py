"""Deliveries on a real database: claimed once, counted first, done with their effects or not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from entrepot.platform.database import execute, fetch_value
from entrepot.platform.outbox import current_request_id
from entrepot.platform.outbox_queries import dead, lag, revive
from entrepot.workers.claims import ATTEMPTS_MAX
from entrepot.workers.consumers import Delivery, Postpone, Undeliverable
from entrepot.workers.resources import WorkerResources
from tests.workers.conftest import Bench, effects, state
from tests.workers.effects import INSERT, Counted


async def leave(happened: Counted, delivery: Delivery, resources: WorkerResources) -> None:
    await execute(INSERT, delivery.consumer, happened.number)


async def leave_and_fail(happened: Counted, delivery: Delivery, resources: WorkerResources) -> None:
    await execute(INSERT, delivery.consumer, happened.number)
    raise RuntimeError("not today")


async def test_a_delivery_is_done_once_however_often_it_is_asked_for(bench: Bench) -> None:
    bench.add(leave, Counted)
    (delivery,) = await bench.record(Counted(1))
    workers = [bench.worker()[0] for _ in range(4)]
    await asyncio.gather(*(worker.deliver("one", delivery) for worker in workers for _ in range(5)))
    assert await effects() == [("one", 1)]
    assert await state(delivery) == ("done", 1)


async def test_the_event_comes_with_its_request_and_attempt(bench: Bench) -> None:
    seen: list[tuple[Counted, int, str | None, str | None]] = []

    async def see(happened: Counted, delivery: Delivery, resources: WorkerResources) -> None:
        seen.append((happened, delivery.attempt, delivery.request_id, current_request_id.get()))

    bench.add(see, Counted)
    token = current_request_id.set("request-1")
    (delivery,) = await bench.record(Counted(7))
    current_request_id.reset(token)
    await bench.worker()[0].deliver("one", delivery)
    assert seen == [(Counted(7), 1, "request-1", "request-1")]
    assert current_request_id.get() is None


async def test_a_failure_undoes_the_effects_and_the_fifth_is_the_last(bench: Bench) -> None:
    bench.add(leave_and_fail, Counted)
    (delivery,) = await bench.record(Counted(1))
    worker, _ = bench.worker()
    for attempt in range(1, ATTEMPTS_MAX):
        await worker.deliver("one", delivery)
        assert await state(delivery) == ("pending", attempt)
    for _ in range(3):
        await worker.deliver("one", delivery)
        assert await state(delivery) == ("dead", ATTEMPTS_MAX)
    assert await effects() == []
    (given_up,) = await dead()
    assert (given_up.consumer, given_up.kind, given_up.attempts) == ("one", "Counted", 5)
    assert "RuntimeError: not today" in given_up.last_error
    measured = await lag()
    assert (measured.unrelayed, measured.pending, measured.dead) == (0, 0, 1)


async def test_a_revived_delivery_has_its_attempts_again(bench: Bench) -> None:
    bench.add(leave_and_fail, Counted)
    (delivery,) = await bench.record(Counted(1))
    assert not await revive(delivery)
    worker, _ = bench.worker()
    for _ in range(ATTEMPTS_MAX):
        await worker.deliver("one", delivery)
    assert await revive(delivery)
    assert await state(delivery) == ("pending", 0)


async def test_undeliverable_is_dead_at_once(bench: Bench) -> None:
    async def refuse(happened: Counted, delivery: Delivery, resources: WorkerResources) -> None:
        raise Undeliverable("there is no such mailbox")

    bench.add(refuse, Counted)
    (delivery,) = await bench.record(Counted(1))
    await bench.worker()[0].deliver("one", delivery)
    assert await state(delivery) == ("dead", 1)


async def test_postponing_counts_no_attempt(bench: Bench) -> None:
    async def wait(happened: Counted, delivery: Delivery, resources: WorkerResources) -> None:
        await execute(INSERT, "one", happened.number)
        raise Postpone("the mail server is away", seconds=0)

    bench.add(wait, Counted)
    (delivery,) = await bench.record(Counted(1))
    worker, _ = bench.worker()
    for _ in range(ATTEMPTS_MAX * 2):
        await worker.deliver("one", delivery)
    assert await state(delivery) == ("pending", 0)
    assert await effects() == []


async def test_work_over_its_time_fails(bench: Bench) -> None:
    async def linger(happened: Counted, delivery: Delivery, resources: WorkerResources) -> None:
        await execute(INSERT, "one", happened.number)
        await asyncio.sleep(60)

    bench.add(linger, Counted, seconds=0.05)
    (delivery,) = await bench.record(Counted(1))
    await bench.worker()[0].deliver("one", delivery)
    assert await state(delivery) == ("pending", 1)
    assert await effects() == []


async def test_interrupted_work_gives_its_attempt_back(bench: Bench) -> None:
    begun = asyncio.Event()

    async def linger(happened: Counted, delivery: Delivery, resources: WorkerResources) -> None:
        await execute(INSERT, "one", happened.number)
        begun.set()
        await asyncio.sleep(60)

    bench.add(linger, Counted)
    (delivery,) = await bench.record(Counted(1))
    task = asyncio.create_task(bench.worker()[0].deliver("one", delivery))
    await begun.wait()
    assert await state(delivery) == ("pending", 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await state(delivery) == ("pending", 0)
    assert await effects() == []
    assert await bench.worker()[1].claim(delivery) is False  # free, and not suspect


async def test_a_broken_session_loses_its_claim_and_its_work_is_undone(bench: Bench) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def linger(happened: Counted, delivery: Delivery, resources: WorkerResources) -> None:
        await execute(INSERT, "one", happened.number)
        if delivery.attempt == 1:
            begun.set()
            await go_on.wait()

    bench.add(linger, Counted)
    (delivery,) = await bench.record(Counted(1))
    slow = asyncio.create_task(bench.worker()[0].deliver("one", delivery))
    await begun.wait()
    await execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    quick, _ = bench.worker()
    while await state(delivery) != ("done", 2):
        await quick.deliver("one", delivery)
    go_on.set()
    await slow
    assert await effects() == [("one", 1)]
    assert await state(delivery) == ("done", 2)


async def test_work_whose_worker_died_every_time_is_dead(bench: Bench) -> None:
    bench.add(leave, Counted)
    (delivery,) = await bench.record(Counted(1))
    for death in range(ATTEMPTS_MAX):
        _, dying = bench.worker()
        assert await dying.claim(delivery) is (death >= 2)
        assert [one.attempts for one in await dying.count([delivery])] == [death + 1]
        await dying.close()  # what PostgreSQL sees of a kill -9
    await bench.worker()[0].deliver("one", delivery)
    assert await state(delivery) == ("dead", ATTEMPTS_MAX)
    assert await effects() == []
    assert "died" in await fetch_value("SELECT last_error FROM outbox_delivery")


async def test_a_batch_takes_everything_and_a_bad_one_spoils_only_itself(bench: Bench) -> None:
    sizes: list[int] = []

    async def leave_all(happened: Sequence[Counted], resources: WorkerResources) -> None:
        sizes.append(len(happened))
        for one in happened:
            if one.number == 3:
                raise RuntimeError("three")
            await execute(INSERT, "one", one.number)

    bench.add(leave_all, Counted, batch=True)
    deliveries = await bench.record(*(Counted(number) for number in range(6)))
    worker, _ = bench.worker()
    for _ in range(20):
        await worker.deliver("one", deliveries[-1])
    assert sizes[0] == 6
    assert set(sizes[1:]) == {1}
    assert await effects() == [("one", number) for number in (0, 1, 2, 4, 5)]
    assert await state(deliveries[3]) == ("dead", ATTEMPTS_MAX)
    assert await state(deliveries[4]) == ("done", 2)


async def test_batches_of_a_consumer_never_overlap_and_none_is_missed(bench: Bench) -> None:
    running, most = 0, 0

    async def leave_all(happened: Sequence[Counted], resources: WorkerResources) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for one in happened:
            await execute(INSERT, "one", one.number)
        running -= 1

    bench.add(leave_all, Counted, batch=True)
    workers = [bench.worker()[0] for _ in range(3)]

    async def arrive(number: int) -> None:
        # The relay's order of things: the delivery is committed, then its message is worked at.
        for delivery in await bench.record(Counted(number)):
            await workers[number % 3].deliver("one", delivery)

    await asyncio.gather(*(arrive(number) for number in range(60)))
    assert most == 1
    assert await effects() == [("one", number) for number in range(60)]
