"""One question on one state of a tantivy index: what is found by number, and what by words.

The two are searched apart, each in its own order, and put together in pages. Ranks within the
first `WINDOW` are ordered by `ranking.rank`, as for every engine; later ones stay as tantivy has
them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import tantivy
from tantivy import Occur, Query

from entrepot.search.backends import tantivy_numbers as numbers
from entrepot.search.backends.tantivy_filters import filter_clauses
from entrepot.search.backends.tantivy_order import sorted_places
from entrepot.search.backends.tantivy_reader import Snapshot
from entrepot.search.backends.tantivy_schema import OFFER_ID
from entrepot.search.backends.tantivy_sight import any_of, count, either
from entrepot.search.backends.tantivy_words import ALL_WORDS, WordQueries, WordQuery
from entrepot.search.engine import Hit, ListedHit
from entrepot.search.number_levels import perhaps_words, without_guesses
from entrepot.search.query import ENOUGH, AnalysedQuery, MatchReason, Sort
from entrepot.search.ranking import WINDOW, rank

#: An offer found by words has a score of so many digits after the point; the rest is noise.
_DIGITS = 4


Scored = tuple[float, tantivy.DocAddress]


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of an answer: its query with scores, the same without, how many it finds, the best.

    The best are of the first `WINDOW` ranks, kept from counting: most pages need no more.
    """

    scored: Query
    silent: Query
    total: int
    best: Sequence[Scored] = ()


_NONE = Stage(Query.empty_query(), Query.empty_query(), 0)


class Search:
    """The stages of one question; each is worked out when first asked for."""

    def __init__(self, snapshot: Snapshot, query: AnalysedQuery) -> None:
        self._snapshot = snapshot
        self._sight = snapshot.sight(query.visible_to)
        held = {key for key in perhaps_words(query.numbers) if self._sight.holding(key)}
        self._query = replace(query, numbers=without_guesses(query.numbers, held))
        self._narrowed = [*self._sight.clauses, *filter_clauses(snapshot.schema, query)]

    @property
    def total(self) -> int:
        """How many offers are found."""
        return self._everything[1]

    @property
    def everything(self) -> Query:
        """All offers found, without scores."""
        return self._everything[0]

    @cached_property
    def _everything(self) -> tuple[Query, int]:
        if self._query.browse:
            query = self._filtered(Query.all_query())
            if len(self._narrowed) == len(self._sight.clauses):
                return query, self._sight.documents
            return query, self._count(query)
        found = [stage for stage in (self._numbers, self._texts) if stage.total]
        if not found:
            return Query.empty_query(), 0
        query = self._filtered(either([stage.silent for stage in found]))
        return query, sum(stage.total for stage in found)

    def page(self, offset: int, limit: int) -> list[Hit]:
        """The hits of these ranks in the order of the question."""
        if limit <= 0 or offset >= self.total:
            return []
        if self._query.sort is not Sort.RELEVANCE:
            return self._sorted_page(offset, limit)
        if offset >= WINDOW:
            return self._ranked(offset, limit)
        window = rank(self._query, self._ranked(0, WINDOW), {})
        found = window[offset : offset + limit]
        beyond = offset + limit - WINDOW
        return found + self._ranked(WINDOW, beyond) if beyond > 0 else found

    def listed(self, limit: int) -> list[ListedHit]:
        """Offers found with their list prices, in no certain order."""
        found = self._snapshot.searcher.search(self.everything, limit=limit, count=False).hits
        places = [address for _, address in found]
        ids = self._snapshot.ids(OFFER_ID, places)
        prices = self._snapshot.column("list_price", places)
        return [ListedHit(offer_id, price) for offer_id, price in zip(ids, prices, strict=True)]

    def _filtered(self, query: Query) -> Query:
        if not self._narrowed:
            return query
        return Query.boolean_query([(Occur.Must, query), *self._narrowed])

    def _count(self, query: Query) -> int:
        return count(self._snapshot.searcher, [(Occur.Must, query)])

    @cached_property
    def _words(self) -> tuple[WordQueries, list[WordQuery]]:
        queries = WordQueries(self._snapshot.schema, self._sight)

        def in_sight(query: Query) -> bool:
            return self._in_sight(query) > 0

        return queries, [queries.word(word, in_sight) for word in self._query.words]

    def _in_sight(self, query: Query) -> int:
        """How many offers a query finds without the filters.

        What is looked for is decided by these: narrowing finds what its facet counted, no more.
        """
        return count(self._snapshot.searcher, [(Occur.Must, query), *self._sight.clauses])

    @cached_property
    def _numbers(self) -> Stage:
        """Offers found by number; in the dear ways only where the others find none."""
        for ways in (numbers.likely, numbers.unlikely):
            levels = ways(self._snapshot.schema, self._query)
            if not levels:
                continue
            words = [word.plain for word in self._words[1]]
            scored = numbers.scored(self._snapshot.schema, self._query, levels, words)
            anyhow = numbers.anyhow(levels)
            stage = self._stage(self._filtered(scored), anyhow, None)
            filtered = len(self._narrowed) > len(self._sight.clauses)
            if stage.total or (filtered and self._in_sight(anyhow)):
                return stage
        return _NONE

    @cached_property
    def _texts(self) -> Stage:
        """Offers found by words and not by number."""
        queries, words = self._words
        found = queries.together(words, lambda every: self._in_sight(every) >= ENOUGH)
        if found is None:
            return _NONE
        scored, silent = self._filtered(found[0]), found[1]
        if self._numbers.total:
            but = (Occur.MustNot, self._numbers.silent)
            scored = Query.boolean_query([(Occur.Must, scored), but])
        return self._stage(scored, silent, "order_weight")

    def _stage(self, scored: Query, silent: Query, weight: str | None) -> Stage:
        found = self._snapshot.searcher.search(scored, limit=WINDOW, weight_by_field=weight)
        # The stub of `SearchResult` omits `count`, which `count=True` sets.
        total: int = found.count  # type: ignore[attr-defined]
        if 0 < total <= WINDOW:
            # Naming the offers is cheaper than finding them again for counts and other stages.
            ids = self._snapshot.ids(OFFER_ID, [place for _, place in found.hits])
            silent = any_of(self._snapshot.schema, "offer", [offer.hex for offer in ids])
        return Stage(scored, silent, total, found.hits)

    def _scored(self, stage: Stage, offset: int, limit: int, weight: str | None) -> list[Scored]:
        """Places of these ranks within a stage."""
        if offset + limit <= WINDOW or stage.total <= WINDOW:
            return list(stage.best[offset : offset + limit])
        found: list[Scored] = self._snapshot.searcher.search(
            stage.scored, limit=limit, offset=offset, count=False, weight_by_field=weight
        ).hits
        return found

    def _ranked(self, offset: int, limit: int) -> list[Hit]:
        """Hits by relevance from a rank on, as tantivy orders them."""
        if self._query.browse:
            return self._heaviest(offset, limit)
        found = self._by_number(offset, limit)
        return found + self._by_words(max(offset - self._numbers.total, 0), limit - len(found))

    def _heaviest(self, offset: int, limit: int) -> list[Hit]:
        """Every offer, what is most worth showing first."""
        found = self._snapshot.searcher.search(
            self.everything,
            limit=limit,
            offset=offset,
            count=False,
            order_by_field="order_weight",
        ).hits
        places = [place for _, place in found]
        weights = self._snapshot.fractions("weight", places)
        return self._snapshot.hits(
            [
                (place, MatchReason.TEXT, round(weight, _DIGITS))
                for place, weight in zip(places, weights, strict=True)
            ]
        )

    def _by_number(self, offset: int, limit: int) -> list[Hit]:
        if offset >= self._numbers.total:
            return []
        found = self._scored(self._numbers, offset, limit, None)
        weights = self._snapshot.fractions("weight", [place for _, place in found])
        return self._snapshot.hits(
            [
                (place, *numbers.read_score(score, weight))
                for (score, place), weight in zip(found, weights, strict=True)
            ]
        )

    def _by_words(self, offset: int, limit: int) -> list[Hit]:
        if limit <= 0 or offset >= self._texts.total:
            return []
        found = self._scored(self._texts, offset, limit, "order_weight")
        places = [place for _, place in found]
        weights = self._snapshot.fractions("weight", places)
        columns = self._snapshot.fractions("order_weight", places)
        texts = [
            score / math.log2(2 + column) for (score, _), column in zip(found, columns, strict=True)
        ]
        hits = self._snapshot.hits(
            [
                (place, MatchReason.TEXT, round(_without_bonus(text) * weight, _DIGITS))
                for place, text, weight in zip(places, texts, weights, strict=True)
            ]
        )
        return [
            replace(hit, all_words=_without_bonus(text) != text)
            for hit, text in zip(hits, texts, strict=True)
        ]

    def _sorted_page(self, offset: int, limit: int) -> list[Hit]:
        """Hits in an order other than relevance, with why each was found."""
        snapshot = self._snapshot
        places = sorted_places(snapshot, self.everything, self._query.sort, offset, limit)
        ids = snapshot.ids(OFFER_ID, places)
        why = dict.fromkeys(ids, (MatchReason.TEXT, 0.0))
        if not self._query.browse and self._numbers.total:
            shown = any_of(snapshot.schema, "offer", [offer.hex for offer in ids])
            both = Query.boolean_query([(Occur.Must, self._numbers.scored), (Occur.Must, shown)])
            found = snapshot.searcher.search(both, limit=len(ids), count=False).hits
            matched = snapshot.ids(OFFER_ID, [place for _, place in found])
            for offer, (score, _) in zip(matched, found, strict=True):
                why[offer] = numbers.read_score(score, 0.0)
        return snapshot.hits(
            [(place, *why[offer]) for place, offer in zip(places, ids, strict=True)]
        )


def _without_bonus(text: float) -> float:
    """A text score without what holding all words added to it, which rounding may have cut."""
    return text if text < ALL_WORDS - 1 else max(text - ALL_WORDS, 0.0)
