"""Reads the letters that recorded events call for, as the notification worker would."""

from __future__ import annotations

from datetime import datetime

from entrepot.platform.config import Settings
from entrepot.platform.database import fetch
from entrepot.platform.identity.service import Letter, letter_for
from entrepot.platform.outbox import Event, load


async def recorded() -> list[Event]:
    """Every event of the outbox, oldest first."""
    rows = await fetch("SELECT kind, payload FROM outbox_event ORDER BY id")
    return [load(row["kind"], row["payload"]) for row in rows]


async def letters(settings: Settings, now: datetime) -> list[Letter]:
    """The letters due for all recorded events, oldest first."""
    made = [await letter_for(event, settings, now) for event in await recorded()]
    return [letter for letter in made if letter is not None]


async def last_token(settings: Settings, now: datetime) -> str:
    """The token in the latest letter."""
    token = (await letters(settings, now))[-1].token
    assert token is not None
    return token
