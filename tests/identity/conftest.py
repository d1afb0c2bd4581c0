"""Identity's resources with cheap password hashing and a clock that stands still."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from entrepot.platform.clock import FixedClock
from entrepot.platform.config import Settings
from entrepot.platform.database import Database
from entrepot.platform.identity.passwords import Cost, PasswordHasher
from entrepot.platform.identity.service import Identity, open_identity

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHEAP = Cost(memory_kib=8, passes=1, lanes=1)


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at a Monday morning."""
    return FixedClock(NOW)


@pytest.fixture
async def identity(
    database: Database, redis: Redis, settings: Settings, clock: FixedClock
) -> Identity:
    """Identity on a database and Redis of this test's own, argon2 at its cheapest."""
    return open_identity(settings, redis, clock=clock, passwords=PasswordHasher(CHEAP))
