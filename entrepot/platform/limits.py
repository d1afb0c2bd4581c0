"""Rate limits in Redis: fixed windows that start with the first attempt."""

from __future__ import annotations

from redis.asyncio import Redis

from entrepot.platform.errors import TooManyAttempts


class RateLimit:
    """At most `attempts` a `window_seconds` for each key."""

    def __init__(self, redis: Redis, name: str, attempts: int, window_seconds: int) -> None:
        self._redis = redis
        self._name = name
        self._attempts = attempts
        self._window = window_seconds

    def _key(self, subject: str) -> str:
        return f"entrepot:limit:{self._name}:{subject}"

    async def spend(self, subject: str) -> None:
        """Count one attempt before it is made. Raises `TooManyAttempts` past the limit."""
        key = self._key(subject)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(key, 0, ex=self._window, nx=True)  # EXPIRE … NX needs Redis 7
            pipe.incr(key)
            pipe.ttl(key)
            _, count, ttl = await pipe.execute()
        if count > self._attempts:
            raise TooManyAttempts(max(1, int(ttl)))

    async def forget(self, subject: str) -> None:
        """Start anew for this subject, e.g. after a successful sign-in."""
        await self._redis.delete(self._key(subject))
