"""What an actor sees of an index: the conditions of every query and the counts of words.

Counts are those of visible offers only, so that neither a word's worth nor whether it may be
mistyped tells what others offer. What is open to all is counted in fields of its own, so the
usual case costs one look into a dictionary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import tantivy
from tantivy import Occur, Query

from entrepot.search.article_numbers import has_digit
from entrepot.search.backends.tantivy_schema import CLOSED, CLOSED_DIGITS, OPEN, OPEN_DIGITS
from entrepot.search.document import VISIBLE_TO_ALL, VISIBLE_TO_OPERATORS

Clause = tuple[Occur, Query]
#: From so many values on, one automaton over them is cheaper than a query for each.
MANY: Final = 16
#: A longer beginning is nobody's.
_START_MAX: Final = 256
#: A dictionary counts offers replaced but not yet merged away; below this it matters.
_EXACT_BELOW: Final = 1_000


def any_of(schema: tantivy.Schema, field: str, values: Sequence[str]) -> Query:
    """Offers with any of the values, without scores."""
    if len(values) > MANY:
        return Query.const_score_query(Query.term_set_query(schema, field, list(values)), 0.0)
    return Query.const_score_query(
        either([Query.term_query(schema, field, value, "basic") for value in values]), 0.0
    )


def either(queries: Sequence[Query]) -> Query:
    """Offers that any of the queries finds."""
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def starting(schema: tantivy.Schema, field: str, start: str) -> Query:
    """Offers with a value that begins so."""
    if not start or len(start) > _START_MAX:
        return Query.empty_query()
    # No edit away from a beginning: an automaton that is made six times faster than of a pattern.
    return Query.fuzzy_term_query(schema, field, start, 0, prefix=True)


def count(searcher: tantivy.Searcher, clauses: Sequence[Clause]) -> int:
    """How many offers pass all clauses."""
    # The stub of `SearchResult` omits `count`, which `count=True` sets.
    found: int = searcher.search(Query.boolean_query(list(clauses)), limit=1).count  # type: ignore[attr-defined]
    return found


class Sight:
    """One actor's view of one state of the index."""

    def __init__(
        self, searcher: tantivy.Searcher, schema: tantivy.Schema, visible_to: tuple[str, ...]
    ) -> None:
        self.searcher = searcher
        self._schema = schema
        self._sees_open = VISIBLE_TO_ALL in visible_to
        self._some_closed = searcher.doc_freq("visible_to", VISIBLE_TO_OPERATORS) > 0
        self._mine = tuple(token for token in visible_to if token != VISIBLE_TO_ALL)
        self.clauses = self._clauses()
        self.documents = self._documents()

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of words that an offer in sight may be held in."""
        return (OPEN, CLOSED) if self._some_closed else (OPEN,)

    @property
    def digit_fields(self) -> tuple[str, ...]:
        """The same for words with digits."""
        return (OPEN_DIGITS, CLOSED_DIGITS) if self._some_closed else (OPEN_DIGITS,)

    def _tokens(self) -> Query:
        return any_of(self._schema, "visible_to", self._mine)

    def _closed(self) -> Query:
        return any_of(self._schema, "visible_to", (VISIBLE_TO_OPERATORS,))

    def _clauses(self) -> list[Clause]:
        """The conditions that keep offers out of sight out of answers."""
        if not self._sees_open:
            return [(Occur.Must, self._tokens() if self._mine else Query.empty_query())]
        if not self._some_closed or VISIBLE_TO_OPERATORS in self._mine:
            return []
        hidden = [(Occur.Must, self._closed())]
        if self._mine:
            hidden.append((Occur.MustNot, self._tokens()))
        return [(Occur.MustNot, Query.boolean_query(hidden))]

    def _documents(self) -> int:
        if not self.clauses:
            return self.searcher.num_docs
        return count(self.searcher, [(Occur.Must, Query.all_query()), *self.clauses])

    def holding(self, stem: str) -> int:
        """How many offers in sight hold a stem; from a thousand on, replaced ones may count too."""
        digits = has_digit(stem)
        open_field, closed_field = (OPEN_DIGITS, CLOSED_DIGITS) if digits else (OPEN, CLOSED)
        found = 0
        if self._sees_open:
            found = self.searcher.doc_freq(open_field, stem)
            if 0 < found < _EXACT_BELOW:
                found = count(self.searcher, [(Occur.Must, self._term(open_field, stem))])
        elif self._mine:
            found = count(
                self.searcher, [(Occur.Must, self._term(open_field, stem)), *self.clauses]
            )
        if self._some_closed and self._mine and self.searcher.doc_freq(closed_field, stem):
            clauses = [(Occur.Must, self._term(closed_field, stem)), *self.clauses]
            found += count(self.searcher, clauses)
        return min(found, self.documents)

    def _term(self, field: str, value: str) -> Query:
        return Query.term_query(self._schema, field, value, "basic")
