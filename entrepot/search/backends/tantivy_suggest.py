"""Completing an unfinished question from a tantivy index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from tantivy import Occur, Query

from entrepot.search.backends import tantivy_numbers as numbers
from entrepot.search.backends.tantivy_facets import count_categories
from entrepot.search.backends.tantivy_reader import Snapshot
from entrepot.search.backends.tantivy_schema import (
    CATEGORY_WORDS,
    TITLE,
)
from entrepot.search.backends.tantivy_sight import count, either, starting
from entrepot.search.engine import FacetCount, Hit, Suggested
from entrepot.search.query import MatchReason, Prefix

#: Categories looked at, to find those that are called so themselves.
_CANDIDATES: Final = 30
#: A single letter begins half of all names: it suggests none.
_LETTERS_MIN: Final = 2


class Suggesting:
    """The suggestions for one unfinished question."""

    def __init__(self, snapshot: Snapshot, prefix: Prefix) -> None:
        self._snapshot = snapshot
        self._prefix = prefix
        self._sight = snapshot.sight(prefix.visible_to)

    def suggested(self, limit: int) -> Suggested:
        """The best of each kind, at most `limit`."""
        return Suggested(self._numbers(limit), self._names(limit), self._categories(limit))

    def _seen(self, query: Query) -> Query:
        return Query.boolean_query([(Occur.Must, query), *self._sight.clauses])

    def _numbers(self, limit: int) -> tuple[Hit, ...]:
        if not self._prefix.keys:
            return ()
        query = numbers.beginning(self._snapshot.schema, self._prefix.keys)
        found = self._snapshot.searcher.search(self._seen(query), limit=limit, count=False).hits
        return tuple(
            self._snapshot.hits([(place, MatchReason.PARTIAL, score) for score, place in found])
        )

    def _names(self, limit: int) -> tuple[Hit, ...]:
        query = self._words((TITLE,))
        if query is None:
            return ()
        found = self._snapshot.searcher.search(
            self._seen(query), limit=limit, count=False, order_by_field="order_weight"
        ).hits
        return tuple(
            self._snapshot.hits([(place, MatchReason.TEXT, weight) for weight, place in found])
        )

    def _categories(self, limit: int) -> tuple[FacetCount, ...]:
        """Categories called so: all of their offers hold the words, of those above not all do."""
        query = self._words((CATEGORY_WORDS,))
        if query is None:
            return ()
        found = []
        for one in count_categories(self._snapshot.searcher, self._seen(query))[:_CANDIDATES]:
            key = UUID(one.value).hex
            held = Query.term_query(self._snapshot.schema, "category", key, "basic")
            if count(self._snapshot.searcher, [(Occur.Must, self._seen(held))]) == one.count:
                found.append(one)
        return tuple(found[:limit])

    def _words(self, fields: Sequence[str]) -> Query | None:
        """Offers with all finished words and one that the unfinished may become."""
        schema, prefix = self._snapshot.schema, self._prefix
        asked = [
            either([Query.term_query(schema, field, word.text, "basic") for field in fields])
            for word in prefix.words
        ]
        if prefix.unfinished:
            asked.append(
                either(
                    [
                        starting(schema, field, start)
                        for field in fields
                        for start in prefix.unfinished
                    ]
                )
            )
        if not asked or not (prefix.words or max(map(len, prefix.unfinished)) >= _LETTERS_MIN):
            return None
        return Query.boolean_query([(Occur.Must, one) for one in asked])
