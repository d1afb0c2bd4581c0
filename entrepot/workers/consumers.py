"""Who hears of which event: the routing table, filled by the decorators of the actor modules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from entrepot.platform.outbox import Event, registered_kinds
from entrepot.workers.resources import WorkerResources

BATCH_LIMIT = 500


@dataclass(frozen=True)
class Delivery:
    """One attempt at handing one event to one consumer; `attempt` counts from 1."""

    id: int
    event_id: int
    consumer: str
    attempt: int
    request_id: str | None
    recorded_at: datetime


class Postpone(Exception):
    """Raise from a handler when something outside is not there now (SMTP, the search engine).

    The attempt is not counted and the delivery comes again after `seconds`, for ever.
    """

    def __init__(self, reason: str, seconds: float = 10.0) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Undeliverable(Exception):
    """Raise from a handler when no further attempt can help: the delivery is dead at once."""


Handler = Callable[[Any, Delivery, WorkerResources], Awaitable[None]]
BatchHandler = Callable[[Sequence[Any], WorkerResources], Awaitable[None]]


@dataclass(frozen=True)
class Consumer:
    """A handler with what it listens to and how it is to be run. Times in seconds."""

    name: str
    kinds: tuple[str, ...]
    queue: str
    handle: Handler | None
    handle_batch: BatchHandler | None
    transactional: bool
    seconds: float
    retry_seconds: float

    @property
    def batch(self) -> bool:
        """True where one call takes many events."""
        return self.handle_batch is not None


class Consumers:
    """Consumers by name; the process has one registry, tests make their own."""

    def __init__(self) -> None:
        self._by_name: dict[str, Consumer] = {}

    def add(self, consumer: Consumer) -> None:
        """Register a consumer. Raises `ValueError` for a name that is taken."""
        if consumer.name in self._by_name:
            raise ValueError(f"two consumers are called {consumer.name}")
        if len(consumer.name) > 60:
            raise ValueError(f"the consumer's name {consumer.name} has more than 60 characters")
        self._by_name[consumer.name] = consumer

    def __getitem__(self, name: str) -> Consumer:
        return self._by_name[name]

    def __iter__(self) -> Iterator[Consumer]:
        return iter(self._by_name.values())

    @property
    def names(self) -> list[str]:
        """Names in order of registration."""
        return list(self._by_name)

    @property
    def queues(self) -> list[str]:
        """Queues in use, each once."""
        return sorted({consumer.queue for consumer in self._by_name.values()})

    @property
    def routes(self) -> list[tuple[str, str]]:
        """Pairs of event kind and consumer."""
        return [(kind, one.name) for one in self._by_name.values() for kind in one.kinds]

    def check(self) -> None:
        """Raise `ValueError` where a consumer listens to an event that nobody defines."""
        known = registered_kinds()
        for kind, name in self.routes:
            if kind not in known:
                raise ValueError(
                    f"consumer {name} listens to {kind}, which is no registered event: "
                    "import the module that defines it"
                )


registry = Consumers()


def consumer(
    name: str,
    *,
    on: Sequence[type[Event] | str],
    queue: str,
    batch: bool = False,
    transactional: bool = True,
    seconds: float = 300.0,
    retry_seconds: float = 1.0,
) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """Register the decorated coroutine function as a consumer of events.

    It is `handle(event, delivery, resources)`, or with `batch` `handle_batch(events, resources)`
    for up to 500 events at once, oldest first, one batch of the consumer at a time anywhere.
    `transactional`: it runs inside a transaction that also marks the delivery done, so effects
    in the database happen exactly once. Otherwise it is called at least once and must bear
    repetition; it then opens what transactions it needs. `seconds`: cancelled after that.
    `retry_seconds`: wait before the second attempt, doubled for each further one; five in all.
    """
    kinds = tuple(one if isinstance(one, str) else one.__name__ for one in on)

    def register(handle: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        registry.add(
            Consumer(
                name=name,
                kinds=kinds,
                queue=queue,
                handle=None if batch else handle,
                handle_batch=handle if batch else None,
                transactional=transactional,
                seconds=seconds,
                retry_seconds=retry_seconds,
            )
        )
        return handle

    return register
