"""Analysed queries as tantivy queries, with scores that say why an offer matched.

An offer's score is the base of its best reason plus its text score (BM25 of its words, far
below the distance between two bases), so one search ranks and explains at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tantivy
from tantivy import Occur, Query

from entrepot.search.query import ENOUGH, AnalysedQuery, MatchReason, Term

_BASES = (
    (50_000.0, MatchReason.EXACT),
    (40_000.0, MatchReason.NORMALIZED),
    (30_000.0, MatchReason.CROSS_REFERENCE),
    (20_000.0, MatchReason.FUZZY),
)
#: Added to offers that hold all words, where offers that hold some are found too.
_ALL_WORDS = 1_000.0
#: Added to a number of the same length as the one that was mistyped.
_SAME_LENGTH = 2_000.0
_TITLE_BOOST = 2.0
#: From so many tokens on, one automaton over them is cheaper than a query for each.
_MANY_TOKENS = 16
_TYPO_BOOST = 0.3


def reason_of(score: float) -> MatchReason:
    """Why an offer with this score was found."""
    return next((reason for base, reason in _BASES if score >= base), MatchReason.TEXT)


class QueryBuilder:
    """Builds queries for one schema; `frequency` says how many offers hold a stem."""

    def __init__(self, schema: tantivy.Schema, frequency: Callable[[str], int]) -> None:
        self._schema = schema
        self._frequency = frequency

    def _any(self, field: str, values: Sequence[str]) -> list[Query]:
        return [Query.term_query(self._schema, field, value, "basic") for value in values]

    def _reasons(self, query: AnalysedQuery) -> Query | None:
        """Numbers in all their forms, each form worth its base."""
        alternatives = {
            MatchReason.EXACT: self._any("number", query.numbers) + self._any("gtin", query.gtins),
            MatchReason.NORMALIZED: self._any("number_key", query.keys),
            MatchReason.CROSS_REFERENCE: self._any("cross_key", query.keys),
            MatchReason.FUZZY: [self._sloppy(key) for key in query.sloppy_keys],
        }
        scored = [
            _worth(base, alternatives[reason]) for base, reason in _BASES if alternatives[reason]
        ]
        return Query.disjunction_max_query(scored) if scored else None

    def _sloppy(self, key: str) -> Query:
        """One edit away; wrong and swapped characters are likelier than missing ones."""
        near = Query.fuzzy_term_query(self._schema, "number_key", key, 1)
        same_length = self._any("key_length", [str(len(key))])
        return Query.boolean_query(
            [
                (Occur.Must, Query.const_score_query(near, 0.0)),
                (Occur.Should, Query.const_score_query(_either(same_length), _SAME_LENGTH)),
            ]
        )

    def _word(self, term: Term) -> Query:
        """One stem in the title or elsewhere; rare stems also with typos."""
        found = [
            Query.boost_query(
                Query.term_query(self._schema, "title", term.text, "freq"), _TITLE_BOOST
            ),
            Query.term_query(self._schema, "other", term.text, "freq"),
        ]
        if term.typos and self._frequency(term.text) < ENOUGH:
            found += [
                Query.boost_query(
                    Query.fuzzy_term_query(self._schema, field, term.text, term.typos),
                    _TYPO_BOOST,
                )
                for field in ("title", "other")
            ]
        return Query.disjunction_max_query(found)

    def _words(self, query: AnalysedQuery, all_suffice: Callable[[Query], bool]) -> Query | None:
        """All words, or from half of them up where too few offers hold all."""
        words = [self._word(term) for term in query.words]
        if not words:
            return None
        together = Query.boolean_query([(Occur.Must, word) for word in words])
        if len(words) == 1 or all_suffice(self._filtered(query, together)):
            return together
        some = Query.boolean_query(
            [(Occur.Should, word) for word in words],
            minimum_number_should_match=(len(words) + 1) // 2,
        )
        first = Query.const_score_query(together, _ALL_WORDS)
        return Query.boolean_query([(Occur.Must, some), (Occur.Should, first)])

    def _filtered(self, query: AnalysedQuery, wanted: Query) -> Query:
        filters = query.filters
        conditions = [self._visible(query)]
        if filters.category_id is not None:
            conditions += self._any("category", [filters.category_id.hex])
        if filters.brands:
            conditions.append(_either(self._any("brand", filters.brands)))
        if filters.seller_id is not None:
            conditions += self._any("seller", [filters.seller_id.hex])
        if filters.in_stock:
            conditions.append(Query.term_query(self._schema, "in_stock", True, "basic"))
        if query.price_range is not None and filters.currency is not None:
            low, high = query.price_range
            conditions += self._any("currency", [filters.currency])
            conditions.append(
                Query.range_query(self._schema, "list_price", tantivy.FieldType.Integer, low, high)
            )
        silent = [(Occur.Must, Query.const_score_query(each, 0.0)) for each in conditions]
        return Query.boolean_query([(Occur.Must, wanted), *silent])

    def _visible(self, query: AnalysedQuery) -> Query:
        """What the actor may see: documents with any of their tokens, which may be hundreds."""
        if len(query.visible_to) > _MANY_TOKENS:
            return Query.term_set_query(self._schema, "visible_to", list(query.visible_to))
        return _either(self._any("visible_to", query.visible_to))

    def holding(self, query: AnalysedQuery, stem: str) -> list[Query]:
        """Queries of the offers the actor sees that hold a stem, one for each field of words."""
        return [
            Query.boolean_query(
                [
                    (Occur.Must, Query.term_query(self._schema, field, stem, "basic")),
                    (Occur.Must, Query.const_score_query(self._visible(query), 0.0)),
                ]
            )
            for field in ("title", "other")
        ]

    def build(self, query: AnalysedQuery, all_suffice: Callable[[Query], bool]) -> Query:
        """The whole query. `all_suffice` says whether a query finds `ENOUGH` offers."""
        if query.is_empty:
            return Query.empty_query()
        if query.browse:
            return self._filtered(query, Query.all_query())
        parts = [self._reasons(query), self._words(query, all_suffice)]
        return self._filtered(query, _either([part for part in parts if part is not None]))


def _worth(base: float, alternatives: Sequence[Query]) -> Query:
    """The base for any of the alternatives, and the best of what they add themselves."""
    best = Query.disjunction_max_query(alternatives)
    return Query.boolean_query(
        [(Occur.Must, best), (Occur.Must, Query.const_score_query(_either(alternatives), base))]
    )


def _either(queries: Sequence[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])
