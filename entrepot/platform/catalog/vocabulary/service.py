"""Writes of the marketplace's own words: the operator's. The next search reads them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from entrepot.platform.catalog.vocabulary.errors import TooManySearchWords
from entrepot.platform.catalog.vocabulary.rules import (
    ENTRIES_MAX,
    Entry,
    SearchWordKind,
    check_contradictions,
    checked,
)
from entrepot.platform.database import execute, fetch, transaction
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id

# Writes are one after another, and the time of each is later than that of all before: whoever
# holds the count and the latest time (`queries.VERSION`) so knows whether anything changed.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('search_word', 0))"
_SAVE = """
INSERT INTO search_word (id, kind, words, means, updated_at)
SELECT $1, $2, $3, $4, greatest(clock_timestamp(), max(updated_at) + interval '1 microsecond')
  FROM search_word
ON CONFLICT (id) DO UPDATE SET kind = EXCLUDED.kind, words = EXCLUDED.words,
   means = EXCLUDED.means, updated_at = EXCLUDED.updated_at
"""


async def save(
    actor: Actor,
    entry_id: UUID | None,
    kind: SearchWordKind,
    words: Sequence[str],
    means: Sequence[str] = (),
) -> UUID:
    """Add an entry (no id) or replace what one says; returns its id.

    Needs `category.manage`. Serialised by an advisory lock. Raises `InvalidInput`, `NotFound`,
    `SearchWordContradiction`, `TooManySearchWords`.
    """
    actor.require(Permission.CATEGORY_MANAGE)
    entry = checked(kind, words, means)
    async with transaction():
        await execute(_LOCK)
        rows = await fetch("SELECT id, kind, words, means FROM search_word ORDER BY id")
        others = {row["id"]: row for row in rows}
        if entry_id is not None and others.pop(entry_id, None) is None:
            raise NotFound("search word").at("searchWordId")
        if len(others) >= ENTRIES_MAX:
            raise TooManySearchWords(ENTRIES_MAX)
        check_contradictions(
            entry,
            (
                Entry(SearchWordKind(row["kind"]), tuple(row["words"]), tuple(row["means"]))
                for row in others.values()
            ),
        )
        saved = entry_id or new_id()
        await execute(_SAVE, saved, entry.kind.value, list(entry.words), list(entry.means))
    return saved


async def delete(actor: Actor, entry_id: UUID) -> None:
    """Delete an entry. Needs `category.manage`. Raises `NotFound`."""
    actor.require(Permission.CATEGORY_MANAGE)
    async with transaction():
        await execute(_LOCK)
        if not await execute("DELETE FROM search_word WHERE id = $1", entry_id):
            raise NotFound("search word").at("searchWordId")
