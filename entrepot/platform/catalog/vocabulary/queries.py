"""Reads of the marketplace's own words: all of them for search, pages of them for the operator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from entrepot.platform.catalog.vocabulary.rules import (
    NO_WORDS,
    Entry,
    SearchWordKind,
    Vocabulary,
    vocabulary_of,
)
from entrepot.platform.database import Row, fetch, fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission

#: A scalar subquery whose text differs when any entry does; other statements may hold it.
VERSION: Final = "(SELECT count(*) || '@' || coalesce(max(updated_at)::text, '') FROM search_word)"

_kept: list[Vocabulary] = [NO_WORDS]


async def vocabulary(version: str | None = None) -> Vocabulary:
    """Return all entries as search reads them, kept in the process while they stay the same.

    `version` is what `VERSION` was where the caller has read it with something else; without it
    one statement reads it. One more statement where anything has changed.
    """
    if version is None:
        version = await fetch_value(f"SELECT {VERSION}")
    kept = _kept[0]
    if kept.version != version:
        rows = await fetch(
            f"SELECT kind, words, means, {VERSION} AS version FROM search_word ORDER BY id"
        )
        read = str(rows[0]["version"]) if rows else str(version)
        kept = _kept[0] = vocabulary_of(map(_entry, rows), read)
    return kept


def _entry(row: Row) -> Entry:
    return Entry(SearchWordKind(row["kind"]), tuple(row["words"]), tuple(row["means"]))


@dataclass(frozen=True, slots=True)
class SearchWordRow:
    """One entry as the operator wrote it."""

    id: UUID
    kind: SearchWordKind
    words: tuple[str, ...]
    means: tuple[str, ...]
    updated_at: datetime


def _row(row: Row) -> SearchWordRow:
    entry = _entry(row)
    return SearchWordRow(row["id"], entry.kind, entry.words, entry.means, row["updated_at"])


async def search_words(
    actor: Actor, kind: SearchWordKind | None, *, after: tuple[str, UUID] | None, limit: int
) -> list[SearchWordRow]:
    """Return entries by (first word, id), after that pair. Needs `category.manage`."""
    actor.require(Permission.CATEGORY_MANAGE)
    word, last = after or ("", UUID(int=0))
    rows = await fetch(
        "SELECT id, kind, words, means, updated_at FROM search_word"
        " WHERE (words[1], id) > ($1, $2) AND ($3::text IS NULL OR kind = $3)"
        " ORDER BY words[1], id LIMIT $4",
        word,
        last,
        kind.value if kind else None,
        limit,
    )
    return [_row(row) for row in rows]


async def search_words_by_ids(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, SearchWordRow]:
    """Return entries by id; none without `category.manage`."""
    if not actor.may(Permission.CATEGORY_MANAGE):
        return {}
    rows = await fetch(
        "SELECT id, kind, words, means, updated_at FROM search_word WHERE id = ANY($1::uuid[])",
        list(ids),
    )
    return {row["id"]: _row(row) for row in rows}
