"""A client of the whole web application in one process: real routes, real SQL, no socket.

@pytest.fixture from tests/conftest.py: `graphql`

reply = await graphql.run("query { … }", actor=buyer, first=3)
assert reply.data["offers"] == …          # raises AssertionError when there are errors
assert (await graphql.run(…)).codes == ["UNAUTHENTICATED"]
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from redis.asyncio import Redis
from tortoise.context import TortoiseContext

from entrepot.asgi import create_app
from entrepot.graphql.context import Authenticate, Resources
from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.clock import Clock, SystemClock
from entrepot.platform.config import Settings, load_settings
from entrepot.platform.database import Database
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.passwords import Cost, PasswordHasher
from entrepot.platform.identity.service import authenticate, open_identity
from entrepot.search.opening import open_engine


def resources_for(
    settings: Settings,
    database: Database,
    redis: Redis,
    clock: Clock | None = None,
    authenticate: Authenticate = authenticate,
) -> Resources:
    """Everything that the web process opens, on a test's own services; passwords hash fast."""
    clock = clock or SystemClock()
    passwords = PasswordHasher(Cost(passes=1, memory_kib=8, lanes=1))
    return Resources(
        settings=settings,
        clock=clock,
        database=database,
        redis=redis,
        search=open_engine(settings),
        blobs=FolderBlobs(settings.home / "blobs"),
        identity=open_identity(settings, redis, clock=clock, passwords=passwords),
        authenticate=authenticate,
    )


def offline_resources(home: Path) -> Resources:
    """Resources for what needs no service: nothing in them connects until it is used."""
    secret = "a-secret-for-tests-of-more-than-32-characters"
    return resources_for(
        load_settings(home=home, secret_key=secret),
        Database("postgresql://127.0.0.1:1/none", TortoiseContext()),
        Redis.from_url("redis://127.0.0.1:1/0"),
        authenticate=_nobody,
    )


async def _nobody(_token: str) -> Actor | None:
    return None


@dataclass(frozen=True)
class Reply:
    """A response: its status and body."""

    status: int
    body: dict[str, Any]
    headers: httpx.Headers

    @property
    def data(self) -> Any:
        """The `data`, of a response without errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def codes(self) -> list[str]:
        """The codes of all errors, in order."""
        return [error["extensions"]["code"] for error in self.body.get("errors", [])]


class GraphQLClient:
    """Sends operations as any actor: `actor=` logs in without a password."""

    def __init__(
        self, settings: Settings, database: Database, redis: Redis, clock: Clock | None = None
    ) -> None:
        self._actors: dict[str, Actor] = {}
        self.resources = resources_for(settings, database, redis, clock, self._actor_of)
        self.app = create_app(resources=self.resources)
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://entrepot.test")

    async def _actor_of(self, token: str) -> Actor | None:
        return self._actors.get(token) or await authenticate(token, self.resources.clock)

    def headers(self, actor: Actor | None) -> dict[str, str]:
        """The headers of a request by `actor`, for bodies that `run` would not send."""
        headers = {"accept": "application/graphql-response+json"}
        if actor is not None:
            token = f"{actor.user_id}.{actor.legal_entity_id}.{id(actor)}"
            self._actors[token] = actor
            headers["authorization"] = f"Bearer {token}"
        return headers

    async def run(
        self,
        query: str,
        /,
        *,
        actor: Actor | None = None,
        locale: str = "en",
        idempotency_key: str | None = None,
        **variables: Any,
    ) -> Reply:
        """Run a document with `variables` as `actor` (None: anonymous)."""
        headers = self.headers(actor) | {"accept-language": locale}
        if idempotency_key is not None:
            headers["idempotency-key"] = idempotency_key
        response = await self.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers=headers
        )
        return Reply(response.status_code, response.json(), response.headers)

    async def close(self) -> None:
        """Close the client and the search index."""
        await self.http.aclose()
        await self.resources.search.close()
