"""Completing an unfinished question from a Meilisearch index."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from entrepot.search.backends.meilisearch_document import (
    HIT_FIELDS,
    plain,
    read_hit,
    read_weight,
)
from entrepot.search.backends.meilisearch_facets import most_frequent
from entrepot.search.backends.meilisearch_filters import among, visible
from entrepot.search.backends.meilisearch_server import Row, Server, asked
from entrepot.search.engine import FacetCount, Hit, Suggested
from entrepot.search.number_levels import nearness
from entrepot.search.query import MatchReason, Prefix

#: Numbers and words that a beginning may become: the shortest, and those of most offers.
_NUMBERS: Final = 100
_WORDS: Final = 200
#: Categories looked at, to find those that are called so themselves.
_CANDIDATES: Final = 30


class Suggesting:
    """The suggestions for one unfinished question."""

    def __init__(self, server: Server, index: str, prefix: Prefix) -> None:
        self._server = server
        self._index = index
        self._prefix = prefix
        self._sight = visible(prefix.visible_to)

    async def suggested(self, limit: int) -> Suggested:
        """The best of each kind, at most `limit`."""
        numbers, names, categories = await asyncio.gather(
            self._numbers(limit), self._names(limit), self._categories(limit)
        )
        return Suggested(numbers, names, categories)

    async def _search(self, search: Row) -> Sequence[Row]:
        (answer,) = await self._server.search(self._index, [search])
        return answer.rows

    async def _beginning(
        self, field: str, starts: Sequence[str], conditions: Sequence[str]
    ) -> list[str]:
        """Values of a field that begin with any of the starts, those of most offers first."""
        found = await asyncio.gather(
            *(self._server.values(self._index, field, start, conditions) for start in starts)
        )
        values = [
            value
            for start, counts in zip(starts, found, strict=True)
            for value in counts
            if value.startswith(start) and plain(value) == value
        ]
        return list(dict.fromkeys(values))

    async def _numbers(self, limit: int) -> tuple[Hit, ...]:
        """Offers with a number that begins so, those with the shortest rest first."""
        keys = self._prefix.keys
        found = await self._beginning("number_key", keys, [self._sight])
        shortest = sorted(found, key=lambda key: (len(key), key))[:_NUMBERS]
        if not shortest:
            return ()
        conditions = [self._sight, among("number_key", shortest)]
        search = asked(conditions, limit=_NUMBERS, fields=(*HIT_FIELDS, "number_key"))
        hits = [
            read_hit(
                row, MatchReason.PARTIAL, 1 + nearness(map(len, row["number_key"]), map(len, keys))
            )
            for row in await self._search(search)
        ]
        return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.offer_id))[:limit])

    async def _names(self, limit: int) -> tuple[Hit, ...]:
        """Offers with all finished words in their titles and one that the unfinished may become."""
        conditions = await self._words("title_term")
        if conditions is None:
            return ()
        rows = await self._search(asked(conditions, limit=limit, fields=HIT_FIELDS))
        return tuple(read_hit(row, MatchReason.TEXT, read_weight(row)) for row in rows)

    async def _categories(self, limit: int) -> tuple[FacetCount, ...]:
        """Categories called so: all of their offers hold the words, of those above not all do."""
        conditions = await self._words("category_term")
        if conditions is None:
            return ()
        search = asked(conditions, facets=("category",))
        (answer,) = await self._server.search(self._index, [search])
        candidates = most_frequent(answer.counts.get("category", {}), _CANDIDATES)
        held = [asked([self._sight, among("category", [one.value])]) for one in candidates]
        wholes = await self._server.search(self._index, held)
        found = [
            FacetCount(str(UUID(one.value)), one.count)
            for one, whole in zip(candidates, wholes, strict=True)
            if whole.total == one.count
        ]
        return tuple(found[:limit])

    async def _words(self, field: str) -> list[str] | None:
        """Conditions: a field holds all finished words and what the unfinished may become."""
        prefix = self._prefix
        if not prefix.words and not prefix.unfinished:
            return None
        conditions = [self._sight, *(among(field, [word.text]) for word in prefix.words)]
        if prefix.unfinished:
            begun = await self._beginning(field, prefix.unfinished, conditions)
            conditions.append(among(field, begun[:_WORDS]))
        return conditions
