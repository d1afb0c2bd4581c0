"""Dramatiq on Redis: messages that carry a delivery's id and nothing else.

Attempts, delays and results live in the outbox's table, so Dramatiq's middleware for them is left
out, and with it the delay queues and their polling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from redis import Redis, RedisError

from entrepot.platform.outbox_queries import Unsent
from entrepot.workers.consumers import Consumers

HEARTBEAT_MILLISECONDS = 5000
"""A worker silent for this long is dead: its messages go back to their queues."""
IDLE_MILLISECONDS = 300
"""The longest sleep between two looks at an empty queue."""
THREAD_SECONDS = 2.0
MAINTENANCE_CHANCE = 100_000  # of a million commands; the check is cheap where all workers live
MARKER = "entrepot:outbox:marker"


class OutboxBroker(RedisBroker):
    """Dramatiq's Redis broker without delay queues."""

    def declare_queue(self, queue_name: str) -> None:
        """Declare a queue and have the worker consume it."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues.add(queue_name)
            self.emit_after("declare_queue", queue_name)


def make_broker(
    redis_url: str, consumers: Consumers, deliver: Callable[[str, int], None]
) -> OutboxBroker:
    """Return a broker with one actor a consumer; each calls `deliver(consumer, delivery id)`.

    `deliver` runs in Dramatiq's threads and blocks until the delivery has been dealt with.
    """
    client = Redis.from_url(
        redis_url, socket_timeout=10, socket_connect_timeout=5, health_check_interval=30
    )
    broker = OutboxBroker(  # type: ignore[no-untyped-call]  # its parent has no annotations
        client=client,
        middleware=[],
        heartbeat_timeout=HEARTBEAT_MILLISECONDS,
        maintenance_chance=MAINTENANCE_CHANCE,
    )
    for consumer in consumers:

        def perform(delivery_id: int, name: str = consumer.name) -> None:
            deliver(name, delivery_id)

        declare = dramatiq.actor(actor_name=consumer.name, queue_name=consumer.queue, broker=broker)
        declare(perform)
    return broker


def send(broker: OutboxBroker, consumers: Consumers, deliveries: Sequence[Unsent]) -> list[Unsent]:
    """Send a message a delivery, one for all where the consumer takes batches. Blocks.

    Returns those not accepted by Redis.
    """
    batches: set[str] = set()
    for position, delivery in enumerate(deliveries):
        consumer = consumers[delivery.consumer]
        if consumer.batch and consumer.name in batches:
            continue
        actor = broker.get_actor(consumer.name)
        try:
            broker.enqueue(actor.message(delivery.id))
        except (RedisError, OSError):
            return list(deliveries[position:])
        batches.add(consumer.name)
    return []


def messages_held(broker: OutboxBroker, queue: str) -> int:
    """Return how many messages of a queue Redis holds, in work or waiting. Blocks."""
    held: int = broker.client.hlen(f"{broker.namespace}:{queue}.msgs")
    return held


def mark(broker: OutboxBroker) -> bool:
    """Leave a mark in Redis; False where it was gone, so what Redis held may be too. Blocks."""
    return not broker.client.set(MARKER, "1", nx=True)


def start_worker(broker: OutboxBroker, queues: Sequence[str], concurrency: int) -> dramatiq.Worker:
    """Start a worker that holds at most `2 * concurrency` messages of each queue.

    Half of them are for the deliverer to work at, half are fetched ahead: a consumer that may
    fetch nothing sleeps. Threads only wait for the event loop, so there is one for each message
    and a queue of long work never holds up another.
    """
    held = 2 * concurrency
    worker = dramatiq.Worker(
        broker, worker_threads=held * len(queues), worker_timeout=IDLE_MILLISECONDS
    )
    worker.queue_prefetch = held
    worker.start()
    for thread in worker.workers:  # woken by a message; they look up only to see whether to stop
        thread.timeout = THREAD_SECONDS
    return worker
