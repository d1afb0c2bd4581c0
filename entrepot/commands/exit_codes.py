"""What the exit codes of `entrepot` mean. Scripts rely on them: numbers never change."""

from __future__ import annotations

from enum import IntEnum

from entrepot.demo_run import PreparationFailed
from entrepot.platform.child_process import PartFailed
from entrepot.platform.config import InvalidSettings
from entrepot.platform.embedded_postgres import PostgresDataOfOtherVersion, PostgresMissing
from entrepot.platform.embedded_redis import RedisMissing
from entrepot.platform.home import HomeInUse, HomeUnusable
from entrepot.serving import AddressUnusable, PortTaken


class ExitCode(IntEnum):
    """The code and, in `MEANINGS`, its sentence."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    CHECK_FAILED = 3
    PORT_TAKEN = 4
    HOME_IN_USE = 5
    PART_FAILED = 6
    LINES_REJECTED = 7


MEANINGS = {
    ExitCode.OK: "done, or stopped as asked (Ctrl-C, SIGTERM)",
    ExitCode.FAILURE: "failed; the reason is on standard error",
    ExitCode.USAGE: "wrong option, argument or ENTREPOT_ variable",
    ExitCode.CHECK_FAILED: "`doctor` found a part that fails, or `search verify` a fault",
    ExitCode.PORT_TAKEN: "the port is taken or the address cannot be used",
    ExitCode.HOME_IN_USE: "another process holds the data folder, or it cannot be used",
    ExitCode.PART_FAILED: "PostgreSQL, Redis, web or worker is missing or did not start",
    ExitCode.LINES_REJECTED: "imported, but some lines were rejected",
}

_CODES: dict[type[Exception], ExitCode] = {
    InvalidSettings: ExitCode.USAGE,
    PortTaken: ExitCode.PORT_TAKEN,
    AddressUnusable: ExitCode.PORT_TAKEN,
    HomeInUse: ExitCode.HOME_IN_USE,
    HomeUnusable: ExitCode.HOME_IN_USE,
    PartFailed: ExitCode.PART_FAILED,
    PreparationFailed: ExitCode.PART_FAILED,
    PostgresMissing: ExitCode.PART_FAILED,
    PostgresDataOfOtherVersion: ExitCode.PART_FAILED,
    RedisMissing: ExitCode.PART_FAILED,
}


def code_of(error: Exception) -> ExitCode:
    """Return the exit code that tells of this error."""
    return _CODES.get(type(error), ExitCode.FAILURE)


def comes_from_outside(error: Exception) -> bool:
    """Say whether a service or the disk raised it: then a trace of our calls helps nobody."""
    import asyncpg
    from redis.exceptions import RedisError

    from entrepot.search.engine import EngineUnavailable, IndexBusy

    return isinstance(
        error, OSError | asyncpg.PostgresError | RedisError | IndexBusy | EngineUnavailable
    )
