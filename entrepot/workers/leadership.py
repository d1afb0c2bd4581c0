"""Leadership: of all workers on all hosts, one runs the relay and the schedule.

The leader holds an advisory lock of PostgreSQL on a connection of its own. When it dies the lock
is free at once, and another worker takes it within `STANDBY_SECONDS`.
"""

from __future__ import annotations

import asyncpg
import structlog

from entrepot.platform.database import credentials

LEADER_LOCK = 0x656E7473  # any constant that no other code uses
STANDBY_SECONDS = 2.0

log = structlog.get_logger("entrepot.relay")


class Leadership:
    """This process's candidacy."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._leads = False

    async def ask(self) -> bool:
        """True while this process leads; asks for it where it does not.

        A leader whose session was cut may think so for a moment longer than it is true, which
        the relay and the schedule bear.

        Raises what a database that is away raises.
        """
        if self._connection is None or self._connection.is_closed():
            self._leads = False
            self._connection = await asyncpg.connect(**credentials(self._url))
        if not self._leads:
            self._leads = await self._connection.fetchval(
                "SELECT pg_try_advisory_lock($1)", LEADER_LOCK
            )
            if self._leads:
                log.info("leads the relay and the schedule")
        return self._leads

    async def close(self) -> None:
        """Step down."""
        if self._connection is not None:
            await self._connection.close()
