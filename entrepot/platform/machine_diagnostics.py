"""What `doctor` asks of Redis, the disk and the compiled libraries."""

from __future__ import annotations

import shutil
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import redis.asyncio
from redis.exceptions import RedisError

from entrepot.platform.diagnostics import Check, Level, Words

OLDEST_REDIS = (6, 2)
DISK_WARN_BYTES = 5 * 1024**3
DISK_FAIL_BYTES = 500 * 1024**2
QUEUE_WARN = 10_000
COMPILED = ("tantivy", "typst", "polars", "sklearn", "lxml", "asyncpg", "argon2")
DISTRIBUTIONS = {"sklearn": "scikit-learn", "argon2": "argon2-cffi"}


async def check_redis(url: str) -> list[Check]:
    """Ask for version, append-only file and queue length; one answer where it is unreachable."""
    try:
        client = redis.asyncio.Redis.from_url(url, socket_timeout=10, decode_responses=True)
    except ValueError as error:
        return [_unreachable(str(error))]
    try:
        info = await client.info()
        lengths = [
            (key.removeprefix("dramatiq:"), await client.llen(key))
            async for key in client.scan_iter("dramatiq:*", _type="list")
        ]
    except (OSError, RedisError) as error:
        return [_unreachable(str(error) or type(error).__name__)]
    finally:
        await client.aclose()
    return [
        _redis_version(str(info["redis_version"])),
        _append_only(bool(info["aof_enabled"]), str(info.get("aof_last_write_status", "ok"))),
        _queues(dict(lengths)),
    ]


def _unreachable(reason: str) -> Check:
    mend = Words(
        "Start Redis, or correct ENTREPOT_REDIS_URL; embedded: see logs/redis.log.",
        "Запустите Redis или исправьте ENTREPOT_REDIS_URL; встроенный: logs/redis.log.",
    )
    return Check("redis.reach", Level.FAIL, Words(reason, reason), mend)


def _redis_version(text: str) -> Check:
    found = Words(f"Redis {text}", f"Redis {text}")
    if tuple(int(part) for part in text.split(".")[:2]) >= OLDEST_REDIS:
        return Check("redis.version", Level.OK, found)
    mend = Words("Move to Redis 6.2 or later.", "Перейдите на Redis 6.2 или новее.")
    return Check("redis.version", Level.FAIL, found, mend)


def _append_only(enabled: bool, last_write: str) -> Check:
    if not enabled:
        mend = Words(
            "Run `redis-cli CONFIG SET appendonly yes` and put it into redis.conf.",
            "Выполните `redis-cli CONFIG SET appendonly yes` и впишите это в redis.conf.",
        )
        found = Words("off: a restart empties the queue", "выключен: перезапуск опустошит очередь")
        return Check("redis.append_only", Level.WARN, found, mend)
    if last_write != "ok":
        mend = Words("Free disk space for Redis.", "Освободите место на диске Redis.")
        found = Words(f"last write: {last_write}", f"последняя запись: {last_write}")
        return Check("redis.append_only", Level.FAIL, found, mend)
    return Check("redis.append_only", Level.OK, Words("on", "включён"))


def _queues(lengths: dict[str, int]) -> Check:
    total = sum(lengths.values())
    detail = ", ".join(f"{name} {length}" for name, length in sorted(lengths.items()) if length)
    found = Words(*2 * (f"{total} ({detail})" if detail else str(total),))
    if total < QUEUE_WARN:
        return Check("redis.queue", Level.OK, found)
    mend = Words("Start more workers: `entrepot worker`.", "Добавьте обработчики: entrepot worker.")
    return Check("redis.queue", Level.WARN, found, mend)


def check_disk(home: Path) -> Check:
    """Ask how much room is left where the data folder is, or will be."""
    folder = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    size = f"{free / 1024**3:.1f}"
    found = Words(f"{size} GiB free at {folder}", f"свободно {size} ГиБ, {folder}")
    if free >= DISK_WARN_BYTES:
        return Check("disk", Level.OK, found)
    mend = Words(
        "Free some space, or move the data folder: ENTREPOT_HOME.",
        "Освободите место или перенесите папку данных: ENTREPOT_HOME.",
    )
    return Check("disk", Level.FAIL if free < DISK_FAIL_BYTES else Level.WARN, found, mend)


def check_libraries() -> list[Check]:
    """Import each compiled library: a wheel for another processor fails only then."""
    return [_library(name) for name in COMPILED]


def _library(name: str) -> Check:
    try:
        import_module(name)
    except Exception as error:  # whatever the library raises is what `doctor` has to report
        reason = f"{type(error).__name__}: {error}"
        mend = Words("Install again: `uv sync --reinstall`.", "Переустановите: uv sync --reinstall")
        return Check(f"library.{name}", Level.FAIL, Words(reason, reason), mend)
    number = version(DISTRIBUTIONS.get(name, name))
    return Check(f"library.{name}", Level.OK, Words(number, number))
