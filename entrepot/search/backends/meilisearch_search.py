"""One question to a Meilisearch index: what is found by number, and what by words.

The server's part is to find, count, and put what is most worth showing first; how well an offer
was found is worked out here from its document, for the first ranks of each part. Later ones stay
in the server's order: by level of number or by how many words, then by weight.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from entrepot.search.backends import meilisearch_numbers as numbers
from entrepot.search.backends import meilisearch_words as words
from entrepot.search.backends.meilisearch_document import (
    HIT_FIELDS,
    one_edit,
    read_hit,
    read_weight,
    two_edits,
    unmarked,
)
from entrepot.search.backends.meilisearch_filters import (
    NEVER,
    all_of,
    among,
    any_of,
    at_least,
    but_not,
    narrowed,
    visible,
)
from entrepot.search.backends.meilisearch_server import Row, Server, asked
from entrepot.search.engine import Hit, ListedHit
from entrepot.search.number_levels import (
    Level,
    nearness,
    perhaps_words,
    placed,
    without_guesses,
)
from entrepot.search.query import ENOUGH, AnalysedQuery, MatchReason, Sort
from entrepot.search.ranking import WINDOW, rank

#: So many of the first offers found by number, and by words, are put in order by their documents.
CANDIDATES: Final = 2 * WINDOW
_DIGITS: Final = 4
_SORTS: Final = {
    Sort.PRICE_ASC: "list_price:asc",
    Sort.PRICE_DESC: "list_price:desc",
    Sort.DELIVERY: "lead_time:asc",
    Sort.NEWEST: "created:desc",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of an answer: the offers that pass `condition` and none of `excluded`.

    `tiers` part them, the best first; `nested` where each holds those before it.
    """

    condition: str = NEVER
    tiers: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    nested: bool = False
    total: int = 0


class Search:
    """One question; `prepare` before anything else."""

    def __init__(self, server: Server, index: str, query: AnalysedQuery) -> None:
        self._server = server
        self._index = index
        self._query = query
        self._narrowed = narrowed(query)
        self._sight = [visible(query.visible_to)]
        self._words: list[words.AskedWord] = []
        self._levels: numbers.Levels = {}
        self._near: list[str] = []
        self._numbers = Stage()
        self._texts = Stage()
        #: Whether offers with some of the words are found as well.
        self._some = False
        self.total = 0

    @property
    def everything(self) -> list[str]:
        """Conditions of all offers found."""
        if self._query.browse:
            return self._narrowed
        stages = [stage.condition for stage in (self._numbers, self._texts) if stage.total]
        return [*self._narrowed, any_of(stages)]

    async def prepare(self) -> None:
        """Work out what is looked for and how many offers there are."""
        if self._query.browse:
            (self.total,) = await self._count([])
            return
        numbers_asked = without_guesses(self._query.numbers, await self._held_as_words())
        self._query = replace(self._query, numbers=numbers_asked)
        asking = words.Words(self._server, self._index, self._query)
        near = self._close(self._query.numbers.sloppy_keys, 1)
        self._words, self._near = await asyncio.gather(asking.asked(), near)
        self._levels = numbers.likely(self._query, self._near)
        every, some = self._together()
        by_number = _ways(self._levels)
        # What is looked for is decided without the filters: narrowing finds what its facet
        # counted, no more.
        anywhere, suffices = await self._count([by_number, every], self._sight)
        if not anywhere:
            self._near = await self._close(numbers.long_keys(self._query), 2)
            self._levels = numbers.unlikely(self._query, self._near)
            by_number = _ways(self._levels)
        found = anywhere
        if not anywhere or self._narrowed != self._sight:
            (found,) = await self._count([by_number])
        if found:
            self._numbers = Stage(by_number, self._number_tiers(), total=found)
        enough = len(self._words) == 1 or suffices >= ENOUGH
        excluded = (by_number,) if found else ()
        tiers = [every] if enough else some
        if tiers:
            (counted,) = await self._count([but_not(tiers[-1], excluded)])
            if enough and counted > CANDIDATES:
                tiers = [*self._in_titles(), *tiers]
            self._some = not enough
            self._texts = Stage(tiers[-1], tuple(tiers), excluded, nested=True, total=counted)
        self.total = self._numbers.total + self._texts.total

    async def _held_as_words(self) -> list[str]:
        """The short keys of the question that visible offers hold as words."""
        keys = perhaps_words(self._query.numbers)
        sight = visible(self._query.visible_to)
        searches = [asked([sight, among("term", [key])]) for key in keys]
        answers = await self._server.search(self._index, searches)
        return [key for key, answer in zip(keys, answers, strict=True) if answer.total]

    def _together(self) -> tuple[str, list[str]]:
        """All words, and so many of them from all down to half."""
        held = [one for word in self._words if (one := word.condition()) is not None]
        asked_for = len(self._words)
        every = all_of(held) if held and len(held) == asked_for else any_of([])
        counts = range(min(len(held), asked_for), (asked_for + 1) // 2 - 1, -1)
        return every, [at_least(held, count) for count in counts if count > 0]

    def _number_tiers(self) -> tuple[str, ...]:
        return tuple(any_of(self._levels[level]) for level in sorted(self._levels, reverse=True))

    def _in_titles(self) -> list[str]:
        """Offers with all words in their titles."""
        titles = [one for word in self._words if (one := word.in_title()) is not None]
        return [all_of(titles)] if len(titles) == len(self._words) else []

    async def _count(
        self, conditions: Sequence[str], among: Sequence[str] | None = None
    ) -> list[int]:
        """How many offers pass the filters and each of the conditions; all, without any."""
        passed = self._narrowed if among is None else among
        searches = [asked([*passed, one]) for one in conditions] or [asked(passed)]
        return [answer.total for answer in await self._server.search(self._index, searches)]

    async def _close(self, keys: Sequence[str], edits: int) -> list[str]:
        """Number keys of offers in sight, at most so many edits away."""
        typed = one_edit if edits == 1 else two_edits
        found = await asyncio.gather(
            *(self._server.values(self._index, "near_key", typed(key), self._sight) for key in keys)
        )
        close = [
            value
            for key, values in zip(keys, found, strict=True)
            for value in numbers.within(map(unmarked, values), key, edits)
        ]
        return list(dict.fromkeys(close))

    async def page(self, offset: int, limit: int) -> list[Hit]:
        """The hits of these ranks in the order of the question."""
        if limit <= 0 or offset >= self.total:
            return []
        if self._query.sort is not Sort.RELEVANCE:
            return await self._sorted_page(offset, limit)
        if offset >= WINDOW:
            return await self._ranked(offset, limit)
        ranked = await self._ranked(0, max(WINDOW, offset + limit))
        window = rank(self._query, ranked[:WINDOW], {})
        return [*window, *ranked[WINDOW:]][offset : offset + limit]

    async def _ranked(self, offset: int, limit: int) -> list[Hit]:
        """Hits by relevance from a rank on."""
        if self._query.browse:
            rows = await self._rows(self._narrowed, offset, limit, ())
            return [
                read_hit(row, MatchReason.TEXT, round(read_weight(row), _DIGITS)) for row in rows
            ]
        found: list[Hit] = []
        for stage in (self._numbers, self._texts):
            if len(found) < limit and offset < stage.total:
                found += await self._of_stage(stage, offset, limit - len(found))
            offset = max(offset - stage.total, 0)
        return found

    async def _of_stage(self, stage: Stage, offset: int, limit: int) -> list[Hit]:
        """Hits of a stage: the first `CANDIDATES` by score, later ones as the server has them."""
        if offset >= CANDIDATES:
            return [self._scored(row) for row in await self._tiered(stage, offset, limit)]
        wanted = max(CANDIDATES, offset + limit)
        rows = await self._tiered(stage, 0, min(wanted, stage.total))
        hits = [self._scored(row) for row in rows]
        first = rank(self._query, hits[:CANDIDATES], {})
        return [*first, *hits[CANDIDATES:]][offset : offset + limit]

    async def _tiered(self, stage: Stage, offset: int, limit: int) -> list[Row]:
        """Rows of a stage from a rank on, tier after tier, each without those before."""
        fields = (*numbers.FIELDS, *words.FIELDS)
        if stage.total <= CANDIDATES or len(stage.tiers) == 1:
            whole = but_not(stage.condition, stage.excluded)
            return list(await self._rows([*self._narrowed, whole], offset, limit, fields))
        found: list[Row] = []
        for place, tier in enumerate(stage.tiers):
            before = stage.tiers[max(place - 1, 0) : place] if stage.nested else stage.tiers[:place]
            conditions = [*self._narrowed, but_not(tier, (*before, *stage.excluded))]
            search = asked(
                conditions,
                offset=offset,
                limit=limit - len(found),
                fields=(*HIT_FIELDS, *fields),
            )
            (answer,) = await self._server.search(self._index, [search])
            found += answer.rows
            offset = max(offset - answer.total, 0)
            if len(found) >= limit:
                break
        return found

    async def _rows(
        self, conditions: Sequence[str], offset: int, limit: int, fields: Sequence[str]
    ) -> Sequence[Row]:
        search = asked(conditions, offset=offset, limit=limit, fields=(*HIT_FIELDS, *fields))
        (answer,) = await self._server.search(self._index, [search])
        return answer.rows

    def _scored(self, row: Mapping[str, Any], *, weighed: bool = True) -> Hit:
        """Why and how well an offer was found."""
        query, weight = self._query, read_weight(row) if weighed else 0.0
        held = words.Held.of(row)
        level = self._level(row)
        if level is not None:
            forms = query.numbers
            typed = map(len, (*forms.partial_keys, *forms.sloppy_keys))
            added = sum(word.plain_score(held) for word in self._words)
            added += nearness(map(len, row["number_key"]), typed)
            return read_hit(row, *placed(level, added, weight))
        worths = [word.score(held) for word in self._words]
        hit = read_hit(row, MatchReason.TEXT, round(sum(worths) * weight, _DIGITS))
        return replace(hit, all_words=self._some and all(worths))

    def _level(self, row: Mapping[str, Any]) -> Level | None:
        if not self._numbers.total:
            return None
        return numbers.found_at(row, self._query, self._levels, self._near)

    async def _sorted_page(self, offset: int, limit: int) -> list[Hit]:
        """Hits in an order other than relevance, with why each was found."""
        search = asked(
            self.everything,
            offset=offset,
            limit=limit,
            fields=(*HIT_FIELDS, *numbers.FIELDS, *words.FIELDS),
            sort=(_SORTS[self._query.sort], "offer:asc"),
        )
        (answer,) = await self._server.search(self._index, [search])
        return [self._scored(row, weighed=False) for row in answer.rows]

    async def listed(self, limit: int) -> list[ListedHit]:
        """Offers found with their list prices, in no certain order."""
        search = asked(self.everything, limit=limit, fields=("offer", "list_price"))
        (answer,) = await self._server.search(self._index, [search])
        return [ListedHit(UUID(row["offer"]), row["list_price"]) for row in answer.rows]


def _ways(levels: numbers.Levels) -> str:
    return any_of([condition for conditions in levels.values() for condition in conditions])
