"""What identity's services work with, built once by a composition root."""

from __future__ import annotations

from dataclasses import dataclass

from redis.asyncio import Redis

from entrepot.platform.clock import Clock, SystemClock
from entrepot.platform.config import Settings
from entrepot.platform.identity.passwords import PasswordHasher
from entrepot.platform.identity.throttles import Allowances, Throttles


class SecretKeyMissing(RuntimeError):
    """`ENTREPOT_SECRET_KEY` is needed to derive the tokens of links."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The clock, the password hasher, the throttles and the key that links are derived from."""

    clock: Clock
    passwords: PasswordHasher
    throttles: Throttles
    secret_key: bytes


def secret_key_of(settings: Settings) -> bytes:
    """Return the key that links are derived from. Raises `SecretKeyMissing`."""
    if settings.secret_key is None:
        raise SecretKeyMissing(
            "set ENTREPOT_SECRET_KEY to the same 32 or more characters for web and workers"
        )
    return settings.secret_key.get_secret_value().encode()


def open_identity(
    settings: Settings,
    redis: Redis,
    *,
    clock: Clock | None = None,
    passwords: PasswordHasher | None = None,
    allowances: Allowances | None = None,
) -> Identity:
    """Build identity's resources; whatever is not passed is the production kind.

    Raises `SecretKeyMissing`.
    """
    return Identity(
        clock=clock or SystemClock(),
        passwords=passwords or PasswordHasher(),
        throttles=Throttles(redis, allowances or Allowances()),
        secret_key=secret_key_of(settings),
    )
