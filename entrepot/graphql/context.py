"""What a resolver gets as `info.context`: who asks, in which language, with which resources."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias, TypeVar, cast

import strawberry
from redis.asyncio import Redis

from entrepot.graphql.loader import Loader
from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.clock import Clock
from entrepot.platform.config import Settings
from entrepot.platform.database import Database
from entrepot.platform.errors import Unauthenticated
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.service import Identity
from entrepot.search.engine import SearchEngine

K = TypeVar("K")
V = TypeVar("V")

Batch: TypeAlias = "Callable[[RequestContext, Sequence[K]], Awaitable[Mapping[K, V]]]"
"""Loads many keys at once; keys that the actor may not see are simply absent from the answer."""

Authenticate: TypeAlias = Callable[[str], Awaitable[Actor | None]]
"""Turns a session token or API key into an actor; None when it is unknown, expired or revoked."""


@dataclass(frozen=True, slots=True)
class Resources:
    """Connections and services opened once a process by the composition root."""

    settings: Settings
    clock: Clock
    database: Database
    redis: Redis
    search: SearchEngine
    blobs: FolderBlobs
    identity: Identity
    authenticate: Authenticate


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request. `actor` is None for anonymous callers; `locale` is `en` or `ru`.

    What resolvers append to `set_cookies` goes out as `Set-Cookie` headers.
    """

    resources: Resources
    actor: Actor | None
    locale: str
    request_id: str
    client_address: str
    idempotency_key: str | None = None
    token: str | None = field(default=None, repr=False)
    set_cookies: list[str] = field(default_factory=list, repr=False)
    _loaders: dict[Any, Loader] = field(default_factory=dict, repr=False)

    def require_actor(self) -> Actor:
        """Return the actor, or raise `Unauthenticated`."""
        if self.actor is None:
            raise Unauthenticated
        return self.actor

    async def load(self, batch: Batch[K, V], key: K) -> V | None:
        """Return `batch`'s value for `key`, joined with all loads of the same tick into one call.

        Values are kept until the request ends or the next mutation field starts.
        """
        return cast("V | None", await self._loader(batch).load(key))

    async def load_many(self, batch: Batch[K, V], keys: Sequence[K]) -> list[V | None]:
        """Return `batch`'s values for `keys`, in their order, None where there is none."""
        load = self._loader(batch).load
        return list(await gather(*[load(key) for key in keys]))

    def _loader(self, batch: Any) -> Loader:
        loader = self._loaders.get(batch)
        if loader is None:
            loader = self._loaders[batch] = Loader(partial(batch, self))
        return loader

    def forget_loaded(self) -> None:
        """Drop loaded values; done before every mutation field, so payloads show fresh rows."""
        self._loaders.clear()


Info: TypeAlias = strawberry.Info[RequestContext, None]
"""The type of every resolver's `info` argument."""
