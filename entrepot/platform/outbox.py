"""The outbox: events are rows written in the transaction of what happened.

The relay (`workers.relay`) turns each into one delivery a consumer. The table, not the broker, is
the truth: a lost message is sent again from here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar, get_type_hints
from uuid import UUID

import orjson

from entrepot.platform.database import execute

current_request_id: ContextVar[str | None] = ContextVar("current_request_id", default=None)


@dataclass(frozen=True)
class Event:
    """Something that happened. Subclasses are frozen dataclasses of plain values."""

    version: ClassVar[int] = 1


E = TypeVar("E", bound=Event)
_kinds: dict[str, type[Event]] = {}


def event(cls: type[E]) -> type[E]:
    """Register an event class under its name, so that stored rows can be read back."""
    if not is_dataclass(cls):
        raise TypeError(f"{cls.__name__} must be a frozen dataclass")
    _kinds[cls.__name__] = cls
    return cls


def registered_kinds() -> dict[str, type[Event]]:
    """Return every registered event class by name."""
    return dict(_kinds)


def _plain(value: object) -> Any:
    if isinstance(value, Decimal | UUID):  # rows hold the driver's own subclass of UUID
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot stand in an event")


def dump(happened: Event) -> str:
    """Return the event's values as JSON; decimals as strings."""
    values = {field.name: getattr(happened, field.name) for field in fields(happened)}
    return orjson.dumps(values, default=_plain).decode()


async def record(*happened: Event) -> None:
    """Write events; call it inside the transaction that they tell of."""
    for one in happened:
        await execute(
            "INSERT INTO outbox_event (kind, version, payload, request_id, recorded_at)"
            " VALUES ($1, $2, $3::jsonb, $4, now())",
            type(one).__name__,
            one.version,
            dump(one),
            current_request_id.get(),
        )


_READERS: dict[Any, Callable[[Any], Any]] = {
    UUID: UUID,
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
}


def load(kind: str, payload: str | dict[str, Any]) -> Event:
    """Rebuild a stored event. Raises `KeyError` for a kind nobody registered."""
    cls = _kinds[kind]
    values = orjson.loads(payload) if isinstance(payload, str) else payload
    hints = get_type_hints(cls)
    read: dict[str, Any] = {}
    for field in fields(cls):
        value = values.get(field.name)
        hint = hints[field.name]
        if value is None:
            read[field.name] = None
        elif hint in _READERS:
            read[field.name] = _READERS[hint](value)
        elif hint == tuple[UUID, ...]:
            read[field.name] = tuple(UUID(item) for item in value)
        elif hint == UUID | None:
            read[field.name] = UUID(value)
        elif hint == tuple[str, ...]:
            read[field.name] = tuple(value)
        else:
            read[field.name] = value
    return cls(**read)
